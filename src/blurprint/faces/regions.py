"""The parts of a picture that belong to a face, and what is around it, by its five landmarks.

The shapes are those of :mod:`blurprint.faces.outline`; where a face differs from them, the parts
are off by some tenths of the eye distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.faces.face import Face
from blurprint.faces.outline import FACE_HULL, INNER, OVAL, outline

SURROUND: Final = (
    (0.0, -2.03), (0.7, -1.9), (1.17, -1.45), (1.4, -0.72), (1.37, 0.17), (1.02, 0.85),
    (0.74, 1.36), (0.7, 1.79), (-0.7, 1.79), (-0.74, 1.36), (-1.02, 0.85), (-1.37, 0.17),
    (-1.4, -0.72), (-1.17, -1.45), (-0.7, -1.9),
)  # fmt: skip
"""Forehead, hair, ears and neck, in eye distances: what is about as far from the camera. A wider
shape would hold background beside many heads, and untouched portraits would seem unusual."""
MARGIN: Final = 1.05
"""The ring begins outside of the face's hull, enlarged by this factor."""
FAR: Final = 1.6
"""The background begins outside of the face's oval, enlarged by this factor."""
CHIN: Final = 1.3
"""Eye distances below the centre of a face from which the body is expected."""
NAMES: Final = ("inner", "oval", "ring", "background")
_SUBPIXEL: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Parts of a picture, bool (H, W) each.

    Attributes:
        inner: brows, eyes, nose and mouth.
        oval: the whole face, from the hairline to the chin, `inner` included.
        ring: what surrounds the face at about its depth: upper forehead, hair, ears, neck.
        background: beyond 1.6 sizes of the face and above its chin, where no body is expected.
    """

    inner: Mask
    oval: Mask
    ring: Mask
    background: Mask


def regions_of(face: Face, shape: tuple[int, int], others: Sequence[Face] = ()) -> Regions:
    """The regions of a face.

    Args:
        face: in pixels of the picture.
        shape: (H, W) of the picture.
        others: further faces of the picture: their ovals are no part of this one's ring, and what
            surrounds them is no background.

    >>> from blurprint.faces.find import FaceBox
    >>> face = Face(FaceBox(30, 20, 40, 60), np.float32([[40, 40], [60, 40], [50, 50],
    ...             [42, 62], [58, 62]]), 1.0)
    >>> parts = regions_of(face, (120, 100))
    >>> bool(parts.inner[45, 50]), bool(parts.ring[45, 50]), bool(parts.background[2, 2])
    (True, False, True)
    """
    inner = filled(outline(face, np.array(INNER, np.float32)), shape)
    oval = filled(outline(face, np.array(OVAL, np.float32)), shape)
    hull = filled(outline(face, MARGIN * np.array(FACE_HULL, np.float32)), shape)
    ring = filled(outline(face, np.array(SURROUND, np.float32)), shape) & ~hull
    near = filled(outline(face, FAR * np.array(OVAL, np.float32)), shape)
    background = ~near & ~_below(face, CHIN, shape)
    for other in others:
        ring &= ~filled(outline(other, np.array(OVAL, np.float32)), shape)
        background &= ~filled(outline(other, np.array(SURROUND, np.float32)), shape)
    return Regions(inner, oval, ring, background)


def filled(points: FloatMap, shape: tuple[int, int]) -> Mask:
    """The pixels inside a polygon.

    Args:
        points: (N, 2), x and y in pixels, the centre of the first pixel at 0.
        shape: (H, W).
    """
    mask = np.zeros(shape, np.uint8)
    fixed = np.round(points * 2**_SUBPIXEL).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 1, shift=_SUBPIXEL)
    return mask.astype(bool)


def _below(face: Face, by: float, shape: tuple[int, int]) -> Mask:
    """Where the picture is more than `by` eye distances below a face's centre."""
    height, width = shape
    x = np.arange(width, dtype=np.float32) - face.centre[0]
    y = np.arange(height, dtype=np.float32) - face.centre[1]
    down = y[:, None] * np.float32(np.cos(face.tilt)) - x * np.float32(np.sin(face.tilt))
    return np.asarray(down > by * face.eye_distance, bool)
