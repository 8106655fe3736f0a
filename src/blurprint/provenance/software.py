"""Software and generators that a file names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from blurprint.provenance.metadata import (
    DESCRIPTION,
    EDITING_SOFTWARE,
    FIRMWARE,
    HOST,
    IMAGE_EDITOR,
    METADATA_SOFTWARE,
    PROCESSING_SOFTWARE,
    RAW_SOFTWARE,
    SOFTWARE,
    USER_COMMENT,
    Metadata,
    text_of,
    user_comment,
)
from blurprint.provenance.provenance import FOUND, NONE, UNKNOWN, ProvenanceRow, Subject
from blurprint.provenance.source_type import GENERATED, source_type_in_words
from blurprint.provenance.text import listed, plain, quoted

GENERATOR_NAMED: Final = Subject(
    "generator",
    "Generator named",
    "The file says, without a signature, that a generative model made the picture or a part of it. "
    "Few have a reason to add this to a photograph.",
    "It is no proof: texts can be copied from one file to another. And no such text does not mean "
    "that no generator was used: services and editors remove it.",
)
SOFTWARE_NAMED: Final = Subject(
    "software",
    "Software named",
    "The file was written or changed with this software, as far as its texts can be believed: "
    "every program can write or remove them.",
    "An editor does not mean that the content was changed: cropping, sorting or exporting a "
    "photograph names it too. And no name does not mean that no editor was used.",
)

_EDITORS: Final = re.compile(
    r"\b(?:photoshop|lightroom|adobe|camera raw|gimp|affinity|snapseed|picasa|paint\.?net|mspaint|"
    r"microsoft (?:windows )?photo|windows photo|pixelmator|photopea|picsart|meitu|beautycam|"
    r"facetune|faceapp|lensa|vsco|canva|pixlr|polarr|luminar|skylum|topaz|capture one|darktable|"
    r"rawtherapee|dxo|on1|acdsee|xnview|irfanview|corel|paintshop|krita|photoscape|fotor|befunky|"
    r"airbrush|remini|b612|ulike|foodie|figma|inkscape|photolab|aperture|iphoto|"
    r"apple photos|google photos|gthumb|digikam|shotwell|photodirector|fireworks|exposure x|"
    r"nik collection|silver efex|reface|deepface\w*|faceswap|roop)",
    re.IGNORECASE,
)
_WRITERS: Final = re.compile(
    r"imagemagick|graphicsmagick|ffmpeg|lavc|libav|gd-jpeg|libvips|sharp|pillow|\bpil\b|opencv|"
    r"matplotlib|exiftool|mozjpeg|jpegtran|jpegoptim|libjpeg|imageio|skia|cairo|wordpress",
    re.IGNORECASE,
)
_GENERATORS: Final = re.compile(
    r"stable[ -]?diffusion|sdxl|midjourney|dall[·\- .]?e\b|openai|gpt-?image|firefly|imagen\b|"
    r"google ai|gemini|novelai|invokeai|comfyui|automatic1111|fooocus|leonardo\.?ai|ideogram|"
    r"bing image creator|image creator|flux\.?1|black forest|nightcafe|dreamstudio|craiyon|"
    r"grok|meta ai|imagined with ai|recraft|stylegan|this ?person ?does ?not ?exist|seedream|"
    r"jimeng|kling|qwen-?image|hunyuan",
    re.IGNORECASE,
)
"""In names of software; in other texts some of these are ordinary words."""
_SAID: Final = re.compile(
    r"stable[ -]?diffusion|\bsdxl\b|midjourney|dall[·\- .]?e ?[23]|made with google ai|"
    r"imagined with ai|\bai[- ]generated\b|\bgenerated (?:by|with|using) (?:ai|artificial)\b",
    re.IGNORECASE,
)
_SETTINGS: Final = re.compile(
    r"\bsteps: ?\d+.{0,80}\bsampler:|\bcfg scale: ?\d|\bseed: ?\d+.{0,200}\b(?:model|size):",
    re.IGNORECASE | re.DOTALL,
)
"""How Stable-Diffusion interfaces write the settings of a picture."""
_KEYS: Final = frozenset(
    (
        *("parameters", "prompt", "workflow", "invokeai_metadata", "invokeai_graph", "sd-metadata"),
        *("dream", "fooocus_scheme", "generation_data", "negative_prompt", "aigc"),
    )
)
"""Names of texts in PNG files in which generators keep their settings."""
_SOURCE_TYPE: Final = "Iptc4xmpExt:DigitalSourceType"

Named = tuple[str, str]
"""A text, and where it stands."""


def software_row(metadata: Metadata) -> ProvenanceRow:
    """Editing software, or other software, that the file names."""
    if metadata.is_empty:
        return SOFTWARE_NAMED.row(UNKNOWN, "The file has no metadata to name any.")
    found = _unique(_software(metadata))
    if not found:
        return SOFTWARE_NAMED.row(NONE, "The file's metadata name no software.")
    editors = [one for one in found if _EDITORS.search(one[0])]
    writers = [one for one in found if one not in editors and _WRITERS.search(one[0])]
    others = [one for one in found if one not in editors and one not in writers]
    sentences = []
    for lead, named in (
        ("Names editing software", editors),
        ("Names software that converts or writes files", writers),
        ("Names other software, which may be that of the camera", others),
    ):
        if named:
            words = [f"{quoted(text, 80)} ({place})" for text, place in named]
            sentences.append(f"{lead}: {listed(words)}.")
    brief = f"names the editor {quoted(editors[0][0], 40)}" if editors else ""
    if not brief:
        brief = f"names the software {quoted(found[0][0], 40)}"
    return SOFTWARE_NAMED.row(
        FOUND,
        " ".join(sentences),
        {
            "editors": tuple(plain(text) for text, _ in editors[:20]),
            "writers": tuple(plain(text) for text, _ in writers[:20]),
            "others": tuple(plain(text) for text, _ in others[:20]),
        },
        brief=brief,
    )


def generator_row(metadata: Metadata) -> ProvenanceRow:
    """A generator of pictures that the file names, or a digital source type in its XMP."""
    if metadata.is_empty:
        return GENERATOR_NAMED.row(UNKNOWN, "The file has no metadata to name one.")
    kinds = _unique(
        (value.rstrip("/").rsplit("/", 1)[-1], "XMP") for value in metadata.xmp_values(_SOURCE_TYPE)
    )
    generated = [kind for kind, _ in kinds if kind in GENERATED]
    named = _unique(_generators(metadata))
    if not named and not kinds:
        return GENERATOR_NAMED.row(NONE, "The file's metadata name none.")
    sentences, brief = [], ""
    if named:
        words = [f"{quoted(text, 80)} ({place})" for text, place in named]
        sentences.append(f"Names a generator: {listed(words)}.")
        brief = "names a generator"
    if kinds:
        words = [source_type_in_words(kind) for kind, _ in kinds]
        sentences.append(f"Without a signature, the picture is {listed(words)} (XMP).")
        brief = brief or source_type_in_words((generated or [kinds[0][0]])[0])
    return GENERATOR_NAMED.row(
        FOUND if named or generated else NONE,
        " ".join(sentences),
        {
            "named": tuple(plain(text) for text, _ in named[:20]),
            "digital_source_types": tuple(plain(kind) for kind, _ in kinds[:20]),
        },
        brief=brief if named or generated else "",
    )


def _software(metadata: Metadata) -> Iterator[Named]:
    first, detail = metadata.first, metadata.detail
    for tags, tag, place in (
        (first, SOFTWARE, "EXIF Software"),
        (first, PROCESSING_SOFTWARE, "EXIF ProcessingSoftware"),
        (detail, IMAGE_EDITOR, "EXIF ImageEditor"),
        (detail, EDITING_SOFTWARE, "EXIF ImageEditingSoftware"),
        (detail, RAW_SOFTWARE, "EXIF RAWDevelopingSoftware"),
        (detail, METADATA_SOFTWARE, "EXIF MetadataEditingSoftware"),
        (detail, FIRMWARE, "EXIF CameraFirmware"),
        (first, HOST, "EXIF HostComputer"),
    ):
        if text := text_of(tags.get(tag)):
            yield text, place
    for prop, place in (
        ("xmp:CreatorTool", "XMP CreatorTool"),
        ("stEvt:softwareAgent", "XMP history"),
        ("pdf:Producer", "XMP Producer"),
    ):
        yield from ((value, place) for value in metadata.xmp_values(prop))
    if metadata.program:
        yield metadata.program, "IPTC OriginatingProgram"
    if metadata.photoshop:
        yield "Adobe Photoshop or compatible", "resource block 8BIM"
    for name, text in metadata.texts.items():
        if name.lower() in ("software", "creator tool"):
            yield text, f"text {quoted(name, 20)}"
        elif name == "comment" and (_EDITORS.search(text) or _WRITERS.search(text)):
            yield text, "comment"


def _generators(metadata: Metadata) -> Iterator[Named]:
    for text, place in _software(metadata):
        if _GENERATORS.search(text):
            yield text, place
    for value in metadata.xmp_values("photoshop:Credit"):
        if _SAID.search(value):
            yield value, "XMP Credit"
    if re.search(r"TC260:AIGC|\bAIGC\b", metadata.xmp):
        yield "AIGC", "XMP label of generated content"
    for name, text in metadata.texts.items():
        settings = name.lower() in _KEYS or _SETTINGS.search(text)
        if settings or _SAID.search(text):
            yield f"{name}: {text}", "text of the file"
    comment = user_comment(metadata.detail.get(USER_COMMENT))
    for text, place in (
        (comment, "EXIF UserComment"),
        (text_of(metadata.first.get(DESCRIPTION)), "EXIF ImageDescription"),
    ):
        if text and (_SETTINGS.search(text) or _SAID.search(text) or " Job ID: " in text):
            yield text, place


def _unique(named: Iterator[Named]) -> list[Named]:
    """Each text once, at its first place."""
    places: dict[str, str] = {}
    for text, place in named:
        places.setdefault(text, place)
    return list(places.items())
