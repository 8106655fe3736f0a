"""Software and generators that a file names; texts of files, marked and bounded."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from skimage import data as samples

from blurprint import Provenance, read_provenance
from exif_data import exif, jpeg, jpeg_with

PICTURE = Image.fromarray(samples.coffee()[:120, :160])
SOFTWARE = 0x0131
A1111 = "a cat, best quality\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12, Size: 512x512"


def png(**texts: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_itxt(name, text)
    file = io.BytesIO()
    PICTURE.save(file, "PNG", pnginfo=info)
    return file.getvalue()


def with_software(text: str) -> Provenance:
    return read_provenance(jpeg_with(PICTURE, exif({SOFTWARE: text})))


@pytest.mark.parametrize(
    ("text", "kind", "lead"),
    [
        ("Adobe Photoshop 25.1 (Windows)", "editors", "Names editing software"),
        ("GIMP 2.10.34", "editors", "Names editing software"),
        ("Snapseed 2.0", "editors", "Names editing software"),
        ("ImageMagick 7.1", "writers", "converts or writes"),
        ("Ver.1.01", "others", "may be that of the camera"),
        ("17.4.1", "others", "may be that of the camera"),
    ],
)
def test_software_is_named_by_its_kind(text: str, kind: str, lead: str) -> None:
    row = with_software(text)["software"]
    assert row.status == "found"
    assert lead in row.found
    assert text in row.found
    assert row.details[kind] == (text,)


def test_software_in_xmp_and_its_history() -> None:
    packet = (
        b'<rdf:Description xmp:CreatorTool="Adobe Lightroom 7.0"><xmpMM:History><rdf:li '
        b'stEvt:softwareAgent="Adobe Photoshop 24.0"/></xmpMM:History></rdf:Description>'
        b"<xmp:CreatorTool>Other tool</xmp:CreatorTool>"
    )
    row = read_provenance(jpeg(PICTURE, xmp=packet))["software"]
    assert row.details["editors"] == ("Adobe Lightroom 7.0", "Adobe Photoshop 24.0")
    assert row.details["others"] == ("Other tool",)
    assert "XMP history" in row.found


def test_photoshop_resources_and_iptc() -> None:
    iptc = b"\x1c\x02\x41\x00\x04Prog\x1c\x02\x46\x00\x031.2"
    resources = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(iptc).to_bytes(4, "big") + iptc
    segment = b"\xff\xed" + (len(resources) + 2).to_bytes(2, "big") + resources
    data = jpeg(PICTURE)
    row = read_provenance(data[:2] + segment + data[2:])["software"]
    assert row.details["others"] == ("Prog 1.2",)
    assert "8BIM" in row.found


def test_a_comment_of_a_program() -> None:
    row = read_provenance(jpeg(PICTURE, comment=b"Created with GIMP"))["software"]
    assert row.details["editors"] == ("Created with GIMP",)


def test_without_metadata_nothing_is_known() -> None:
    rows = read_provenance(jpeg(PICTURE))
    assert rows["software"].status == rows["generator"].status == "unknown"


def test_metadata_that_name_nothing() -> None:
    rows = read_provenance(jpeg_with(PICTURE, exif({0x010F: "Box"})))
    assert rows["software"].status == rows["generator"].status == "none"


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": A1111},
        {"prompt": '{"3": {"class_type": "KSampler"}}', "workflow": "{}"},
        {"invokeai_metadata": "{}"},
        {"Software": "NovelAI"},
        {"Description": "A cat --v 6 by Midjourney"},
        {"Comment": "Steps: 30, Sampler: DPM++ 2M"},
    ],
)
def test_texts_of_generators_in_png(texts: dict[str, str]) -> None:
    row = read_provenance(png(**texts))["generator"]
    assert row.status == "found"
    assert row.brief == "names a generator"
    assert "Names a generator" in row.found


@pytest.mark.parametrize("encoding", [("UNICODE\0", "utf-16-le"), ("UNICODE\0", "utf-16-be")])
def test_settings_in_exif_comments(encoding: tuple[str, str]) -> None:
    comment = encoding[0].encode() + A1111.encode(encoding[1])
    row = read_provenance(jpeg_with(PICTURE, exif(detail={0x9286: comment})))["generator"]
    assert row.status == "found"
    assert "EXIF UserComment" in row.found


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("trainedAlgorithmicMedia", "found", "declared as made by a generative model"),
        ("compositeWithTrainedAlgorithmicMedia", "found", "parts made by a generative model"),
        ("digitalCapture", "none", "declared as taken by a digital camera"),
    ],
)
def test_the_digital_source_type_of_xmp(kind: str, status: str, words: str) -> None:
    address = f"http://cv.iptc.org/newscodes/digitalsourcetype/{kind}"
    packet = f'<rdf:Description Iptc4xmpExt:DigitalSourceType="{address}"/>'.encode()
    row = read_provenance(jpeg(PICTURE, xmp=packet))["generator"]
    assert row.status == status
    assert words in row.found
    assert "Without a signature" in row.found


@pytest.mark.parametrize(
    "texts",
    [
        {"Description": "The constellation Gemini, with fireflies and a grok"},
        {"Title": "Steps to the sea"},
        {"Author": "Dalle Ferguson"},
        {"Comment": "a seed in its pod"},
    ],
)
def test_ordinary_texts_name_no_generator(texts: dict[str, str]) -> None:
    assert read_provenance(png(**texts))["generator"].status == "none"


def test_texts_are_marked_and_bounded() -> None:
    evil = "GIMP \u202egnp.exe\x07<script>" + "y" * 9000
    rows = read_provenance(png(Software=evil, parameters=evil))
    for name in ("software", "generator"):
        text = rows[name].found
        assert "\u202e" not in text
        assert "\x07" not in text
        assert "\\u202e" in text
        assert len(text) < 400
    assert len(rows.brief) < 200


def test_a_bomb_of_texts_costs_nothing() -> None:
    rows = read_provenance(png(parameters="Steps: 1, Sampler: x" + " " * 900_000))
    assert rows["generator"].status == "found"
    assert rows["recompression"].status in ("none", "unknown")


def test_a_bomb_of_names_costs_nothing() -> None:
    """Each name could be followed to the end of the packet."""
    packet = b"xmp:CreatorTool>" * 4000
    begun = time.perf_counter()
    read_provenance(jpeg(PICTURE, xmp=packet))
    assert time.perf_counter() - begun < 5


def test_many_names_are_counted() -> None:
    agents = "".join(f'<li stEvt:softwareAgent="Tool {n}"/>' for n in range(30))
    row: Any = read_provenance(jpeg(PICTURE, xmp=agents.encode()))["software"]
    assert "and 24 more" in row.found
    assert len(row.details["others"]) == 20
