"""The pictures of a report, as files in memory: photograph, map, scale bar, samples of blur."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import absent, hatched, map_colours, reduced, viridis
from blurprint.pages.text import data_uri
from blurprint.photos.photo import Photo

Bytes8 = npt.NDArray[np.uint8]

PHOTO_SIDE: Final = 1200
MAP_SIDE: Final = PHOTO_SIDE
"""Longer sides of the pictures in a report, in pixels: alike, so that they are shown alike."""
THUMBNAIL_SIDE: Final = 360
JPEG_QUALITY: Final = 85
WEBP_QUALITY: Final = 75

SWATCH: Final = (24, 48)
"""Height and width of a patch of the legend, in pixels."""
SAMPLE_SIDE: Final = 48
SAMPLE_DISC: Final = 16
"""Side of a sample of blur, and diameter of the disc in it, in pixels."""
# Half the size of OpenCV's default for maps, in less than a tenth of a second.
_PNG_SMALL: Final = (
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    *(cv2.IMWRITE_PNG_COMPRESSION, 6),
)


def photo_jpeg(photo: Photo, max_side: int = PHOTO_SIDE) -> bytes:
    """The photograph as measured, reduced to `max_side` pixels, as JPEG."""
    return _encode(".jpg", _small_photo(photo, max_side), cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)


def map_png(defocus: DefocusMap, top: float, max_side: int = MAP_SIDE) -> bytes:
    """The map in colour from 0 to `top`, as PNG; see :func:`map_colours`."""
    # The eye does not see the two lowest bits go, and the file is half as large without them.
    colours = map_colours(defocus, top, max_side) & np.uint8(0xFC)
    return _encode(".png", colours[..., ::-1], *_PNG_SMALL)


def photo_thumbnail(photo: Photo) -> str:
    """The photograph in little, as a data URI."""
    small = _small_photo(photo, THUMBNAIL_SIDE)
    return data_uri(_encode(".webp", small, cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY), "image/webp")


def map_thumbnail(defocus: DefocusMap, top: float) -> str:
    """The map in little, as a data URI; colours as in :func:`map_png`."""
    colours = map_colours(defocus, top, THUMBNAIL_SIDE)
    data = _encode(".webp", colours[..., ::-1], cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY)
    return data_uri(data, "image/webp")


def scale_png() -> bytes:
    """The colour scale, 256 x 8 pixels, from 0 at the left to the top of the range at the right."""
    share = np.tile(np.linspace(0, 1, 256, dtype=np.float32), (8, 1))
    return _encode(".png", viridis(share)[..., ::-1])


def swatch_png(kind: str) -> bytes:
    """A patch of the map for the legend, 48 x 24 pixels.

    Args:
        kind: "measured", "unsure" (hatched and pale), "unknown" (hatched) or "absent" (no
            photograph).
    """
    share = np.tile(np.linspace(0, 1, SWATCH[1], dtype=np.float32), (SWATCH[0], 1))
    if kind == "absent":
        return _encode(".png", absent(share.shape))
    confidence = np.full_like(share, {"measured": 1.0, "unsure": 0.45, "unknown": 0.0}[kind])
    return _encode(".png", hatched(share, confidence)[..., ::-1])


@cache
def sample_png(sigma: float) -> bytes:
    """A white disc of 16 pixels on black, blurred by `sigma` pixels: 48 x 48 pixels."""
    fine = 8
    side = SAMPLE_SIDE * fine
    y, x = np.mgrid[:side, :side] + 0.5 - side / 2
    disc = (np.hypot(x, y) < SAMPLE_DISC * fine / 2).astype(np.float32)
    blurred = cv2.GaussianBlur(disc, (0, 0), sigma * fine)
    small = cv2.resize(blurred, (SAMPLE_SIDE, SAMPLE_SIDE), interpolation=cv2.INTER_AREA)
    return _encode(".png", np.rint(small * 255).astype(np.uint8))


def _small_photo(photo: Photo, max_side: int) -> Bytes8:
    """8-bit BGR, as OpenCV's encoders take it."""
    small = reduced(photo.rgb, max_side)
    eight: Bytes8 = np.rint(small[..., ::-1] * np.float32(255)).clip(0, 255).astype(np.uint8)
    return eight


def _encode(suffix: str, image: Bytes8, *options: int) -> bytes:
    done, code = cv2.imencode(suffix, np.ascontiguousarray(image), options)
    if not done:
        raise RuntimeError(f"OpenCV could not encode a {suffix} picture")
    return code.tobytes()
