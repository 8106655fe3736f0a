"""What a picture's file shows beside its content: size, format, quality; and how many edges."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.errors import PhotoError
from blurprint.lab.audit.hashes import perceptual_hash, thumbnail
from blurprint.photos.photo import read_photo

_EDGE_SIDE: Final = 299
_READ_SIDE: Final = 640
"""Longer side to which large pictures are reduced: twice what the edges are counted at, or more."""
_SAMPLING: Final = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}


@dataclass(frozen=True, slots=True)
class InspectedFacts:
    """What a detector could learn instead of what it should. None where it does not apply.

    Attributes:
        file_size: bytes.
        bytes_per_pixel: file size over pixels.
        format: container, as Pillow names it.
        width: pixels.
        height: pixels.
        aspect_ratio: width over height.
        jpeg_quality: 1 to 100, see :func:`jpeg_quality`.
        chroma_subsampling: of a JPEG: "4:4:4", "4:2:2", "4:2:0" or "other".
        has_exif: whether the file has EXIF tags.
        edge_density: share of pixels on a Canny edge, at 299 x 299 pixels.
    """

    file_size: float
    bytes_per_pixel: float
    format: str
    width: float
    height: float
    aspect_ratio: float
    jpeg_quality: float | None
    chroma_subsampling: str | None
    has_exif: str
    edge_density: float


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """One picture as `blurprint dataset check` sees it.

    Attributes:
        sha256: of the file's bytes; empty if it could not be read.
        hash: perceptual; None if the picture is flat or could not be read.
        thumbnail: uint8 (16, 16), or None if it could not be read.
        facts: of the file, if they were asked for.
        error: why it could not be read; empty if it could.
    """

    sha256: str = ""
    hash: int | None = None
    thumbnail: npt.NDArray[np.uint8] | None = None
    facts: InspectedFacts | None = None
    error: str = ""


def inspect_file(path: Path, *, with_facts: bool = True) -> Inspection:
    """Read one picture, once; what is wrong with it is a field of the result."""
    try:
        data = path.read_bytes()
        photo = read_photo(data, max_side=_READ_SIDE, name=str(path))
    except PhotoError as error:
        return Inspection(error=str(error))
    except (OSError, ValueError) as error:
        return Inspection(error=f"{path}: cannot be read ({getattr(error, 'strerror', error)})")
    gray = cv2.cvtColor(np.rint(photo.rgb * 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    facts = None
    if with_facts:
        width, height = photo.native_size
        quality, sampling, exif = _header(data)
        facts = InspectedFacts(
            file_size=len(data),
            bytes_per_pixel=len(data) / (width * height),
            format=photo.format or "unknown",
            width=width,
            height=height,
            aspect_ratio=width / height,
            jpeg_quality=quality,
            chroma_subsampling=sampling,
            has_exif="yes" if exif else "no",
            edge_density=edge_density(gray),
        )
    return Inspection(photo.sha256, perceptual_hash(gray), thumbnail(gray), facts)


def edge_density(gray: npt.NDArray[np.uint8]) -> float:
    """Share of pixels on an edge (Canny 1986, thresholds 100 and 200) at 299 x 299 pixels.

    Args:
        gray: uint8 (H, W).
    """
    how = cv2.INTER_AREA if min(gray.shape) >= _EDGE_SIDE else cv2.INTER_LINEAR
    fixed = cv2.resize(gray, (_EDGE_SIDE, _EDGE_SIDE), interpolation=how)
    return float(np.count_nonzero(cv2.Canny(fixed, 100, 200)) / fixed.size)


def jpeg_quality(table: npt.NDArray[np.int64]) -> int:
    """The setting of the Independent JPEG Group's encoder whose luma table is nearest.

    Its table of quality q is ``clip((standard * s + 50) // 100, 1, 255)`` with s = 5000 // q below
    50 and 200 - 2 q from there on (libjpeg, jcparam.c, `jpeg_quality_scaling`). Cameras and other
    programs use tables of their own; for them this is the nearest setting.

    Args:
        table: (64,) quantisation steps of luma, row by row.
    """
    return int(np.abs(_tables() - table).sum(axis=1).argmin()) + 1


def quality_of_file(path: Path) -> float | None:
    """JPEG quality of a file, see :func:`jpeg_quality`; None if it is no JPEG.

    Raises:
        PhotoError: if it cannot be read.
    """
    from PIL import UnidentifiedImageError

    try:
        return _header(path.read_bytes())[0]
    except UnidentifiedImageError:  # a format that other decoders know
        return None
    except (OSError, ValueError) as error:
        raise PhotoError(f"{path}: cannot be read ({error})") from error


def _tables() -> npt.NDArray[np.int64]:
    """(100, 64): the tables of qualities 1 to 100."""
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    return np.clip((_STANDARD * scale[:, None] + 50) // 100, 1, 255)


# ITU-T T.81 (1992), table K.1: quantisation of luma, row by row.
_STANDARD: Final = np.array(
    [
        *(16, 11, 10, 16, 24, 40, 51, 61),
        *(12, 12, 14, 19, 26, 58, 60, 55),
        *(14, 13, 16, 24, 40, 57, 69, 56),
        *(14, 17, 22, 29, 51, 87, 80, 62),
        *(18, 22, 37, 56, 68, 109, 103, 77),
        *(24, 35, 55, 64, 81, 104, 113, 92),
        *(49, 64, 78, 87, 103, 121, 120, 101),
        *(72, 92, 95, 98, 112, 100, 103, 99),
    ]
)


def _header(data: bytes) -> tuple[float | None, str | None, bool]:
    """Quality, chroma subsampling, and whether there are EXIF tags, of a file that decodes."""
    from PIL import Image, JpegImagePlugin

    with Image.open(io.BytesIO(data)) as image:
        exif = bool(image.getexif())
        tables = getattr(image, "quantization", None)
        if not isinstance(image, JpegImagePlugin.JpegImageFile) or not tables:
            return None, None, exif
        sampling = _SAMPLING.get(JpegImagePlugin.get_sampling(image), "other")
        return jpeg_quality(np.array(tables[min(tables)])), sampling, exif
