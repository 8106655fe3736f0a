"""The square around a face that a face network sees: upright, of a given width in eye distances."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8

# docs/thresholds.md.
WIDTH: Final = 3.8
"""Side of the square in eye distances: the face from chin to hairline, and what is around it."""
_SUPPORT: Final = 3
"""Pixels beyond the square, of the larger pixels, that interpolation and area average take in."""


def reach_of(face: Face, *, size: int, width: float) -> float:
    """How far from the centre of a face, across and down, :func:`upright_crop` reads; pixels.

    Args:
        face: in pixels of the picture.
        size: side of the result in pixels.
        width: side of the square in eye distances.
    """
    side = width * face.eye_distance
    turned = abs(np.cos(face.tilt)) + abs(np.sin(face.tilt))
    return float(side / 2 * turned + _SUPPORT * max(1.0, side / size))


def upright_crop(rgb: RGB8, face: Face, *, size: int, width: float = WIDTH) -> RGB8:
    """A face turned upright, centred between eyes and mouth.

    Where the square reaches over the picture's border, the picture is continued by reflection. A
    picture that must shrink is shrunk by area average before it is turned (by cubic interpolation),
    so that nothing aliases.

    Args:
        rgb: uint8 (H, W, 3).
        face: in pixels of `rgb`.
        size: side of the result in pixels.
        width: side of the square in eye distances.

    Returns:
        uint8 (size, size, 3).

    Raises:
        InputError: if the face has no extent, or `size` or `width` is not above 0.
    """
    if not (size > 0 and width > 0):
        raise InputError(f"Expected `size` and `width` above 0, but got {size} and {width}")
    side = width * face.eye_distance
    if not (np.isfinite(side) and side > 0):
        raise InputError(f"Expected a face with an extent, but its eye distance is {side / width}")
    scale = size / side
    if scale < 1:
        rgb, face = _shrunk(rgb, face, scale, reach_of(face, size=size, width=width))
        scale = size / (width * face.eye_distance)
    turn = scale * np.array(
        [[np.cos(face.tilt), np.sin(face.tilt)], [-np.sin(face.tilt), np.cos(face.tilt)]]
    )
    shift = (size - 1) / 2 - turn @ face.centre
    matrix = np.concatenate([turn, shift[:, None]], axis=1)
    crop = cv2.warpAffine(
        rgb, matrix, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(crop, np.uint8)


def _shrunk(rgb: RGB8, face: Face, scale: float, reach: float) -> tuple[RGB8, Face]:
    """The part of the picture around a face, at `scale` times its size."""
    x, y = face.centre
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    part = rgb[top : int(y + reach) + 2, left : int(x + reach) + 2]
    height, width = part.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, face.moved(-left, -top).scaled(size[0] / width)
