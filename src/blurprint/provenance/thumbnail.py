"""Compares a picture with the thumbnail that its EXIF data hold."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.provenance.provenance import FOUND, NONE, UNKNOWN, Detail, ProvenanceRow, Subject

LARGEST_BYTES: Final = 1 << 20
"""Thumbnails that are larger are not decoded."""
LARGEST_SIDE: Final = 1024
LEAST_SIDE: Final = 32
_ANOTHER: Final = 0.7
COMPARED_SIDE: Final = 80
"""Longer side at which both are compared, in pixels."""

SAME_SHAPE: Final = 0.02
"""Relative difference of width over height up to which a thumbnail shows the whole picture."""
LEAST_CORRELATION: Final = 0.9
LARGEST_PLACE: Final = 0.8
"""Bounds of a thumbnail that counts as the same. Of 300 thumbnails made of photographs in several
ways, at JPEG qualities 40 to 90, none is beyond 0.996 and 0.32 (docs/provenance.md)."""

THUMBNAIL: Final = Subject(
    "thumbnail",
    "Embedded thumbnail",
    "Cameras store a small copy of the picture as it was taken. If it differs, the picture was "
    "changed or cropped by software that kept the old copy, or the copy is of another picture.",
    "A difference does not say what was changed, or that anyone meant to deceive; a change of "
    "brightness, or sharpening, alone counts rarely (1 of 300 photographs each). "
    "And a thumbnail that agrees is no proof: most editors make a new one.",
)

Luma = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a thumbnail differs from its picture, at the best of the ways it may have been made.

    Attributes:
        correlation: of both, in [-1, 1].
        place: largest difference of a small area, after brightness and contrast were matched, in
            units of the picture's own contrast (its standard deviation).
        how: "as it is", "with bars", "cropped", "stretched", and whether it was turned.
        flat: whether one of them is even, so that nothing can be said.
    """

    correlation: float
    place: float
    how: str
    flat: bool = False


def read_thumbnail(data: bytes) -> Luma | None:
    """A thumbnail's luminance, uint8 (h, w); None where it cannot be read or is of odd size."""
    from PIL import JpegImagePlugin

    if not data.startswith(b"\xff\xd8") or len(data) > LARGEST_BYTES:
        return None
    try:
        with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as image:
            if not LEAST_SIDE <= max(image.size) <= LARGEST_SIDE or min(image.size) < 8:
                return None
            return np.asarray(image.convert("L"))
    except Exception:  # decoders raise whatever a broken file makes them raise
        return None


def thumbnail_row(picture: Luma | None, thumbnail: Luma | None, *, held: bool) -> ProvenanceRow:
    """Whether the thumbnail shows the picture.

    Args:
        picture: uint8 (H, W), as it is stored; None if it could not be decoded.
        thumbnail: uint8 (h, w); None if there is none that can be read.
        held: whether the file holds a thumbnail.
    """
    if not held:
        return THUMBNAIL.row(UNKNOWN, "The file holds no thumbnail in EXIF data.")
    if thumbnail is None:
        return THUMBNAIL.row(UNKNOWN, "The thumbnail cannot be read.")
    if picture is None:
        return THUMBNAIL.row(
            UNKNOWN, "The luminance of the picture cannot be compared in this format."
        )
    found = compare(picture, thumbnail)
    height, width = thumbnail.shape
    details: dict[str, Detail] = {
        "width": width,
        "height": height,
        "correlation": round(found.correlation, 3),
        "largest_difference": round(found.place, 2),
        "made": found.how,
    }
    if found.flat:
        return THUMBNAIL.row(
            UNKNOWN, "Picture or thumbnail are even, with nothing to compare.", details
        )
    size = f"thumbnail of {width} x {height} pixels"
    if found.correlation >= LEAST_CORRELATION and found.place <= LARGEST_PLACE:
        return THUMBNAIL.row(NONE, f"The {size} shows the picture.", details)
    shows = "differs from the picture in at least one place"
    if found.correlation < _ANOTHER:
        shows = "shows another picture, or another part of it"
    return THUMBNAIL.row(
        FOUND,
        f"The {size} {shows} (correlation {found.correlation:.2f}).",
        details,
        brief="thumbnail differs",
    )


def compare(picture: Luma, thumbnail: Luma) -> Comparison:
    """The smallest difference over the ways a thumbnail is made of a picture.

    Args:
        picture: uint8 (H, W).
        thumbnail: uint8 (h, w).
    """
    found = []
    for turns in range(4):
        turned = np.rot90(thumbnail, turns)
        for how, whole, small in _ways(picture, turned):
            found.append(_difference(whole, small, f"{how}, turned" if turns else how))
    return max(found, key=lambda one: one.correlation)


def _ways(picture: Luma, thumbnail: Luma) -> Iterator[tuple[str, Luma, Luma]]:
    """Parts of the picture and of the thumbnail that show the same."""
    height, width = picture.shape
    tall, wide = thumbnail.shape
    ratio, own = width / height, wide / tall
    if abs(ratio / own - 1) < SAME_SHAPE:
        yield "as it is", picture, thumbnail
        return
    if ratio > own:  # bars above and below, or cropped left and right
        inner = round(wide / ratio)
        top = (tall - inner) // 2
        if inner >= 8:
            yield "with bars", picture, thumbnail[top : top + inner]
        kept = round(height * own)
        left = (width - kept) // 2
        yield "cropped", picture[:, left : left + kept], thumbnail
    else:
        inner = round(tall * ratio)
        left = (wide - inner) // 2
        if inner >= 8:
            yield "with bars", picture, thumbnail[:, left : left + inner]
        kept = round(width / own)
        top = (height - kept) // 2
        yield "cropped", picture[top : top + kept], thumbnail
    yield "stretched", picture, thumbnail


def _difference(picture: Luma, thumbnail: Luma, how: str) -> Comparison:
    height, width = thumbnail.shape
    ratio = min(1.0, COMPARED_SIDE / max(height, width))
    size = (max(8, round(width * ratio)), max(8, round(height * ratio)))
    one, other = (
        _smooth(cv2.resize(luma, size, interpolation=cv2.INTER_AREA))
        for luma in (picture, thumbnail)
    )
    one, other = one - one.mean(), other - other.mean()
    spread = float(one.std()), float(other.std())
    if min(spread) < 1:
        return Comparison(0.0, 0.0, how, flat=True)
    correlation = float((one * other).mean()) / (spread[0] * spread[1])
    residual = one / spread[0] - other / spread[1]
    near = cv2.blur(residual, (7, 7))
    return Comparison(correlation, float(np.abs(near).max()), how)


def _smooth(luma: npt.NDArray[np.uint8]) -> Floats:
    return np.asarray(cv2.GaussianBlur(luma.astype(np.float32), (0, 0), 1), np.float32)
