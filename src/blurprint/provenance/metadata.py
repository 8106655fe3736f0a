"""What a file says of itself, in one place: EXIF, XMP, IPTC, and texts of PNG and JPEG."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from blurprint.frozen import frozen
from blurprint.photos.exif import exif_block
from blurprint.photos.tiff import XMP, Directories, Value, read_directories

ORIENTATION: Final = 0x0112
MAKE: Final = 0x010F
MODEL: Final = 0x0110
SOFTWARE: Final = 0x0131
CHANGED: Final = 0x0132
HOST: Final = 0x013C
PROCESSING_SOFTWARE: Final = 0x000B
EXPOSURE: Final = 0x829A
F_NUMBER: Final = 0x829D
TAKEN: Final = 0x9003
DIGITISED: Final = 0x9004
OFFSET_CHANGED: Final = 0x9010
OFFSET_TAKEN: Final = 0x9011
SHUTTER_SPEED: Final = 0x9201
APERTURE: Final = 0x9202
FOCAL_LENGTH: Final = 0x920A
MAKER_NOTE: Final = 0x927C
USER_COMMENT: Final = 0x9286
WIDTH: Final = 0xA002
HEIGHT: Final = 0xA003
PLANE_X: Final = 0xA20E
PLANE_UNIT: Final = 0xA210
FOCAL_LENGTH_35: Final = 0xA405
LENS_RANGE: Final = 0xA432
DESCRIPTION: Final = 0x010E
IMAGE_EDITOR: Final = 0xA438
FIRMWARE: Final = 0xA439
RAW_SOFTWARE: Final = 0xA43A
EDITING_SOFTWARE: Final = 0xA43B
METADATA_SOFTWARE: Final = 0xA43C
GPS_LATITUDE: Final = 0x0002
GPS_LONGITUDE: Final = 0x0004
GPS_TIME: Final = 0x0007
GPS_DATE: Final = 0x001D

_WANTED: Final = frozenset(
    (
        *(ORIENTATION, MAKE, MODEL, SOFTWARE, CHANGED, HOST, PROCESSING_SOFTWARE, EXPOSURE),
        *(F_NUMBER, TAKEN, DIGITISED, OFFSET_CHANGED, OFFSET_TAKEN, SHUTTER_SPEED, APERTURE),
        *(FOCAL_LENGTH, MAKER_NOTE, USER_COMMENT, WIDTH, HEIGHT, PLANE_X, PLANE_UNIT),
        *(FOCAL_LENGTH_35, LENS_RANGE, DESCRIPTION, IMAGE_EDITOR, FIRMWARE, RAW_SOFTWARE),
        *(EDITING_SOFTWARE, METADATA_SOFTWARE, GPS_LATITUDE, GPS_LONGITUDE, GPS_TIME, GPS_DATE),
        XMP,
    )
)
_LONGEST: Final = 1 << 20
"""Characters of XMP, and of a text, that are looked at."""
_IPTC: Final = 0x0404
_PROGRAM: Final = re.compile(rb"\x1c\x02[\x41\x46](..)", re.DOTALL)
"""IPTC data sets 2:65 and 2:70: the program that the file originates from, and its version."""
_NOTHING: Final[Mapping[int, Value]] = frozen({})


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself.

    Attributes:
        exif: tags of EXIF; None if the file has no EXIF data.
        xmp: text of the XMP packet; empty if there is none.
        texts: comments and texts by their names, as PNG and JPEG files hold them.
        photoshop: whether there are resources of Photoshop (8BIM).
        program: the program that IPTC data name; empty if none.
    """

    exif: Directories | None
    xmp: str
    texts: Mapping[str, str]
    photoshop: bool
    program: str

    @property
    def is_empty(self) -> bool:
        """Whether the file says nothing of itself."""
        return self.exif is None and not (self.xmp or self.texts or self.photoshop or self.program)

    @property
    def first(self) -> Mapping[int, Value]:
        """Tags of the picture."""
        return _NOTHING if self.exif is None else self.exif.first

    @property
    def detail(self) -> Mapping[int, Value]:
        """Tags of the EXIF directory."""
        return _NOTHING if self.exif is None else self.exif.detail

    def xmp_values(self, name: str) -> Iterator[str]:
        """Values of a property of XMP, as "xmp:CreatorTool", whether attribute or element.

        No XML is parsed: a packet may be damaged, or made to exhaust a parser.
        """
        text = "{0,400}"  # bounded, so that no packet takes long
        pattern = (
            rf"""{re.escape(name)}\s*(?:=\s*"([^"<]{text})|=\s*'([^'<]{text})|>\s*([^<]{text}))"""
        )
        for found in re.finditer(pattern, self.xmp):
            value = html.unescape(found[1] or found[2] or found[3] or "").strip()
            if value:
                yield value


def metadata_of(info: Mapping[Any, Any], tiff: bytes | None = None) -> Metadata:
    """From the metadata that Pillow found; never fails, also not on damaged bytes.

    Args:
        info: ``Image.info`` of Pillow, after the picture was loaded.
        tiff: the file, if it is a TIFF, whose tags are its own.
    """
    block = exif_block(info) if tiff is None else tiff
    exif = None if block is None else read_directories(block, _WANTED)
    packet: Any = info.get("xmp") or info.get("XML:com.adobe.xmp")
    if tiff is not None and exif is not None:
        packet = exif.first.get(XMP)
    texts = {
        str(name): _as_text(value)
        for name, value in info.items()
        if (isinstance(value, str) and name not in _NO_TEXTS) or name == "comment"
    }
    resources = info.get("photoshop")
    iptc = resources.get(_IPTC) if isinstance(resources, dict) else None
    return Metadata(
        exif=exif,
        xmp=_as_text(packet),
        texts=frozen({name: text for name, text in texts.items() if text}),
        photoshop=bool(resources),
        program=_program(iptc) if isinstance(iptc, bytes) else "",
    )


_NO_TEXTS: Final = frozenset(
    ("XML:com.adobe.xmp", "Raw profile type exif", "Raw profile type xmp", "version", "compression")
)
"""What Pillow, or another name here, tells as text beside the file's own."""


def text_of(value: object) -> str:
    """A tag as text; anything that is none becomes empty."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.strip(" \0\t\r\n") if isinstance(value, str) else ""


def number_of(value: object) -> float | None:
    """A tag as a finite number; the first of several."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    if isinstance(value, (int, float)) and abs(value) < 1e12:  # false of NaN
        return float(value)
    return None


def user_comment(value: object) -> str:
    """EXIF's UserComment, whose first 8 bytes name its encoding."""
    if not isinstance(value, bytes):
        return text_of(value)
    code, rest = value[:8], value[8 : 8 + _LONGEST]
    if code.startswith(b"UNICODE"):
        order = "utf-16-le" if rest[1:2] == b"\0" else "utf-16-be"
        return rest.decode(order, "replace").strip("\0 ")
    return text_of(rest if code.startswith((b"ASCII", b"\0")) else value[:_LONGEST])


def _as_text(value: object) -> str:
    if isinstance(value, tuple):  # as TIFF keeps bytes
        value = bytes(int(one) & 0xFF for one in value if isinstance(one, int))
    if isinstance(value, bytes):
        value = value[:_LONGEST].decode("utf-8", "replace")
    return value[:_LONGEST] if isinstance(value, str) else ""


def _program(iptc: bytes) -> str:
    parts = []
    for found in _PROGRAM.finditer(iptc):
        length = int.from_bytes(found[1], "big")
        parts.append(text_of(iptc[found.end() : found.end() + min(length, 64)]))
    return " ".join(part for part in parts if part)
