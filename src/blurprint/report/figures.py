"""The pictures of a report, as files in memory: photograph, map, scale bar, samples of blur."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.optics.defocus_map import DefocusMap
from blurprint.photo import Photo

Bytes8 = npt.NDArray[np.uint8]

PHOTO_SIDE: Final = 1200
MAP_SIDE: Final = 1000
"""Longer sides of the pictures in a report, in pixels; the map has no finer detail to show."""
JPEG_QUALITY: Final = 85

UNKNOWN_GRAY: Final = 176
"""Where nothing is known the map shows this gray, which the colour scale does not contain."""

HATCH_GRAYS: Final = (np.uint8(124), np.uint8(222))
HATCHES: Final = 80
"""What is no photograph is drawn in dark lines on a light ground, so many along the picture."""

SAMPLE_SIDE: Final = 48
SAMPLE_DISC: Final = 16
"""Side of a sample of blur, and diameter of the disc in it, in pixels."""


def data_uri(data: bytes, mime: str) -> str:
    """A file as an address that holds it.

    >>> data_uri(b"hello", "text/plain")
    'data:text/plain;base64,aGVsbG8='
    """
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


def viridis(share: npt.NDArray[np.floating]) -> Bytes8:
    """Colours of the perceptually even, colour-blind-safe scale viridis: (..., 3) RGB.

    Args:
        share: any shape, in [0, 1].
    """
    levels = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    scale: Any = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_VIRIDIS)
    colours: Bytes8 = scale[:, 0, ::-1][levels]
    return colours


def faded(share: npt.NDArray[np.floating], confidence: npt.NDArray[np.floating]) -> Bytes8:
    """The colours of `share`, mixed with neutral gray as `confidence` falls to 0: (..., 3) RGB."""
    weight = np.asarray(confidence)[..., None]
    mixed = viridis(share) * weight + UNKNOWN_GRAY * (1 - weight)
    rounded: Bytes8 = np.rint(mixed).astype(np.uint8)
    return rounded


def photo_jpeg(photo: Photo, max_side: int = PHOTO_SIDE) -> bytes:
    """The photograph as measured, reduced to `max_side` pixels, as JPEG."""
    return _encode(".jpg", _small_photo(photo, max_side), cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)


def map_png(defocus: DefocusMap, top: float, max_side: int = MAP_SIDE) -> bytes:
    """The map in colour from 0 to `top`, fading to gray with `confidence`, as PNG.

    What is no photograph is hatched. A map without pixels as its unit is drawn whole: the paper
    defines it everywhere, although it reads the picture on edges only.
    """
    # The eye does not see the two lowest bits go, and the file is half as large without them.
    colours = map_colours(defocus, top, max_side) & np.uint8(0xFC)
    return _encode(
        ".png", colours[..., ::-1], cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY
    )


def scale_png(*, with_confidence: bool) -> bytes:
    """The colour scale, 256 x 32 pixels, from 0 at the left to the top of the range at the right.

    With confidence it fades, from 1 at the upper edge to 0 at the lower.
    """
    share = np.tile(np.linspace(0, 1, 256, dtype=np.float32), (32, 1))
    confidence = np.ones_like(share)
    if with_confidence:
        confidence *= np.linspace(1, 0, 32, dtype=np.float32)[:, None]
    return _encode(".png", faded(share, confidence)[..., ::-1])


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
    small = _reduce(photo.rgb, max_side)
    eight: Bytes8 = np.rint(small[..., ::-1] * np.float32(255)).clip(0, 255).astype(np.uint8)
    return eight


def map_colours(defocus: DefocusMap, top: float, max_side: int) -> Bytes8:
    """The map in colour from 0 to `top`, at most `max_side` px, (H, W, 3) RGB."""
    share = _reduce(defocus.sigma, max_side) / np.float32(top)
    if defocus.unit != "px":
        colours = viridis(share)
    else:
        colours = faded(share, _reduce(defocus.confidence, max_side).clip(0, 1))
    if defocus.mask.all():
        return colours
    shown = _reduce(defocus.mask.astype(np.float32), max_side) >= 0.5
    return np.where(shown[..., None], colours, hatching(shown.shape)[..., None])


def hatching(shape: tuple[int, int]) -> Bytes8:
    """Diagonal lines for what is no photograph: two grays, (H, W)."""
    period = max(6, max(shape) // HATCHES)
    place = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % period
    return np.where(place < max(2, period // 4), *HATCH_GRAYS).astype(np.uint8)


def _reduce(image: npt.NDArray[np.float32], max_side: int) -> npt.NDArray[np.float32]:
    height, width = image.shape[:2]
    ratio = max_side / max(height, width)
    if ratio >= 1:
        return image
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _encode(suffix: str, image: Bytes8, *options: int) -> bytes:
    done, code = cv2.imencode(suffix, np.ascontiguousarray(image), options)
    if not done:
        raise RuntimeError(f"OpenCV could not encode a {suffix} picture")
    return code.tobytes()
