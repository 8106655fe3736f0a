"""Metadata of a picture: its orientation, and the EXIF tags of its optics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from blurprint.photos.tiff import MAKE, MODEL, ORIENTATION, SOFTWARE, XMP, Tags, Value, read_tags

DAMAGED: Final = "The EXIF data are damaged; what of them could not be read was left out."

_WORDS: Final = {"lens": 0xA434, "taken": 0x9003}
_NUMBERS: Final = {
    "focal_length_mm": 0x920A,
    "focal_length_35mm_mm": 0xA405,
    "f_number": 0x829D,
    "exposure_s": 0x829A,
    "iso": 0x8827,
}
_XMP_ORIENTATION: Final = re.compile(rb'tiff:Orientation(?:\s*=\s*["\']|>)\s*(\d{1,9})')


@dataclass(frozen=True, slots=True)
class Metadata:
    """Metadata of a picture.

    Attributes:
        orientation: of EXIF (tag 0x0112), from 1 to 8.
        facts: camera, lens, exposure and software, in plain words, as far as they are known.
        notes: what was wrong with the metadata, a sentence each.
    """

    orientation: int
    facts: Mapping[str, str | float]
    notes: tuple[str, ...]


def metadata_of(info: Mapping[Any, Any], tiff: Tags | None = None) -> Metadata:
    """From the metadata that Pillow found; never fails, also not on damaged bytes.

    Args:
        info: ``Image.info`` of Pillow, whose "exif", "xmp" and text of PNG files are used.
        tiff: the tags of a TIFF file, which keeps them itself.
    """
    notes: list[str] = []
    tags = _exif_tags(info) if tiff is None else tiff
    if tags is not None and tags.damaged:
        notes.append(DAMAGED)
    first: Mapping[int, Value] = {} if tags is None else tags.first
    detail: Mapping[int, Value] = {} if tags is None else tags.detail
    stated: Value | None = first.get(ORIENTATION)
    if stated is None:
        stated = _xmp_orientation(first.get(XMP) if tiff else info.get("xmp"), info)
    orientation = 1
    if isinstance(stated, int) and 1 <= stated <= 8:
        orientation = stated
    elif stated is not None:
        notes.append(
            f"The orientation that the file states ({_short(stated)}) is none of 1 to 8; "
            "the picture was measured as it is stored."
        )
    return Metadata(orientation, _facts(first, detail), tuple(notes))


def exif_block(info: Mapping[Any, Any]) -> bytes | None:
    """EXIF data from their header on ("II" or "MM"); None where there are none, b"" if damaged.

    Args:
        info: ``Image.info`` of Pillow.
    """
    block = info.get("exif")
    if not block and isinstance(text := info.get("Raw profile type exif"), str):
        # ImageMagick's way to keep EXIF in PNG: name, length, then hexadecimal digits.
        try:
            block = bytes.fromhex("".join(text.split("\n")[3:]))
        except ValueError:
            return b""
    if not isinstance(block, bytes):
        return None
    block = re.sub(rb"^(Exif\0\0){1,2}", b"", block)
    return block if block.strip(b"\0") else None


def _exif_tags(info: Mapping[Any, Any]) -> Tags | None:
    """Of an EXIF block; None where there is none."""
    block = exif_block(info)
    return None if block is None else read_tags(block)


def _xmp_orientation(xmp: Any, info: Mapping[Any, Any]) -> int | None:
    for text in (xmp, info.get("XML:com.adobe.xmp")):
        packet = text.encode("utf-8", "replace") if isinstance(text, str) else text
        if isinstance(packet, tuple):  # as TIFF keeps bytes
            packet = bytes(int(value) & 0xFF for value in packet)
        if isinstance(packet, bytes) and (found := _XMP_ORIENTATION.search(packet)):
            return int(found[1])
    return None


def _facts(first: Mapping[int, Value], detail: Mapping[int, Value]) -> dict[str, str | float]:
    facts: dict[str, str | float] = {}
    make, model = _text(first.get(MAKE)), _text(first.get(MODEL))
    camera = model if model.startswith(make) else f"{make} {model}"
    words = {
        "camera": camera.strip(),
        **{key: _text(detail.get(tag)) for key, tag in _WORDS.items()},
        "software": _text(first.get(SOFTWARE)),
    }
    facts.update({key: value for key, value in words.items() if value})
    for key, tag in _NUMBERS.items():
        value = detail.get(tag)
        number = value[0] if isinstance(value, tuple) else value
        if isinstance(number, (int, float)) and np.isfinite(number) and number > 0:
            facts[key] = float(number)
    return facts


def _short(value: Value) -> str:
    text = f'"{_text(value)}"' if isinstance(value, (str, bytes)) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _text(value: object) -> str:
    """A tag as one printable line of at most 120 characters; anything else becomes empty."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value).strip()[:120]
