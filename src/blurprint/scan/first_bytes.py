"""Pictures and videos recognised by their first bytes, whatever their name says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_LENGTH: Final = 16
_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_TIFF: Final = (b"II*\x00", b"MM\x00*")
_EBML: Final = b"\x1aE\xdf\xa3"
"""Matroska and WebM."""
_BRANDS: Final = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")


def is_picture_inside(path: Path) -> bool:
    """Whether a file begins as JPEG, PNG, GIF, WebP, AVIF or HEIC do; without a suffix also TIFF.

    Camera raw files begin as TIFF does, and have suffixes of their own.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        return begins_as_picture(file.read(_LENGTH), suffix=bool(path.suffix))


def begins_as_picture(start: bytes, *, suffix: bool) -> bool:
    """The same of the first 16 bytes of a file whose name has a suffix or not."""
    if start.startswith(_STARTS) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        return True
    if start[4:8] == b"ftyp":
        return start[8:12] in _BRANDS
    return not suffix and start.startswith(_TIFF)


def is_video_inside(path: Path) -> bool:
    """Whether a file begins as MP4, QuickTime, Matroska, WebM and AVI do, and is no picture.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        return begins_as_video(file.read(_LENGTH))


def begins_as_video(start: bytes) -> bool:
    """The same of the first 16 bytes of a file."""
    if start[4:8] == b"ftyp":
        return start[8:12] not in _BRANDS
    return start.startswith(_EBML) or (start[:4] == b"RIFF" and start[8:12] == b"AVI ")
