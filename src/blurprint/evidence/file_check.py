"""What the file itself says beside its pixels: the quality of a JPEG, and the size EXIF claims."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.photos.photo import Photo

_LUMINANCE: Final = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
"""Table K.1 of ITU-T T.81 (the JPEG standard), row by row: quality 50 of the IJG's library."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts from the header of the file.

    Attributes:
        jpeg_quality: 1 to 100, as the IJG's library counts; None if the file is no JPEG.
        is_exact: whether the file's table is the library's at that quality, and not only near it.
        exif_size: (width, height) that EXIF gives for the picture, or None.
    """

    jpeg_quality: int | None
    is_exact: bool
    exif_size: tuple[int, int] | None


def file_facts(photo: Photo) -> FileFacts | None:
    """Facts of the photo's file; None if it is missing or has changed since it was read.

    Only its header is decoded.
    """
    if not photo.sha256 or photo.source.startswith("<"):
        return None
    try:
        data = Path(photo.source).read_bytes()
    except (OSError, ValueError):
        return None
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        return None
    return facts_in(data)


def facts_in(data: bytes) -> FileFacts | None:
    """Facts of a file by its bytes; None if it cannot be read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            tables: dict[int, list[int]] = getattr(image, "quantization", None) or {}
            detail = image.getexif().get_ifd(0x8769)
            size = (detail.get(0xA002), detail.get(0xA003))
    except Exception:  # decoders raise whatever a broken file makes them raise
        return None
    quality, is_exact = jpeg_quality(tables[0]) if 0 in tables else (None, False)
    width, height = (value if isinstance(value, int) else 0 for value in size)
    return FileFacts(quality, is_exact, (width, height) if width and height else None)


def jpeg_quality(table: list[int]) -> tuple[int, bool]:
    """The quality whose luminance table is nearest, and whether it is that very table.

    Args:
        table: 64 divisors, row by row, as Pillow gives them.

    >>> jpeg_quality(list(_LUMINANCE)), jpeg_quality([1] * 64)
    ((50, True), (100, True))
    """
    apart = np.abs(_tables() - np.asarray(table, np.float64)).sum(axis=1)
    nearest = int(np.argmin(apart))
    return nearest + 1, bool(apart[nearest] == 0)


@cache
def _tables() -> npt.NDArray[np.float64]:
    """The tables of qualities 1 to 100, (100, 64)."""
    return np.stack([ijg_luminance(quality) for quality in range(1, 101)])


def ijg_luminance(quality: int) -> npt.NDArray[np.float64]:
    """The IJG's luminance table at a quality from 1 to 100: 64 divisors, row by row.

    ``jpeg_quality_scaling`` and ``jpeg_add_quant_table`` of its library.
    """
    factor = 5000 // quality if quality < 50 else 200 - 2 * quality
    scaled = (np.asarray(_LUMINANCE) * factor + 50) // 100
    return np.clip(scaled, 1, 255).astype(np.float64)
