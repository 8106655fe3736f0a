"""In how much of a face blur is measured."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.errors import InputError
from blurprint.evidence.confident import CONFIDENT
from blurprint.faces.face import Face
from blurprint.faces.outline import OVAL, outline
from blurprint.optics.defocus_map import DefocusMap

_WIDEST: Final = 8
"""Largest oval over the longer side of the picture: a larger one is no face of it."""


def measured_share(defocus: DefocusMap, face: Face) -> float:
    """Share in [0, 1] of a face's oval whose confidence is at least :data:`CONFIDENT`.

    What lies outside the picture, or outside the photograph in it, counts as not measured.

    Args:
        defocus: the map of the picture.
        face: in pixels of the map.

    Raises:
        InputError: if the landmarks are not finite, or many times as far apart as the map is wide.
    """
    points = outline(face, np.array(OVAL, np.float32))
    if not np.isfinite(points).all():
        raise InputError("Expected finite landmarks of the face, but got NaN or infinity")
    left, top = (int(one) for one in np.floor(points.min(axis=0)))
    right, bottom = (int(one) + 1 for one in np.ceil(points.max(axis=0)))
    height, width = defocus.shape
    if max(right - left, bottom - top) > _WIDEST * max(height, width):
        raise InputError(
            "Expected a face of the picture, but the distance between its eyes is "
            f"{face.eye_distance:.3g} px in {width} x {height} px"
        )
    oval = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(oval, [np.rint(points - np.array([left, top])).astype(np.int32)], (1,))
    across = slice(*np.clip([left, right], 0, width).tolist())
    down = slice(*np.clip([top, bottom], 0, height).tolist())
    inside = oval[down.start - top : down.stop - top, across.start - left : across.stop - left]
    sure = (defocus.confidence[down, across] >= CONFIDENT) & defocus.mask[down, across]
    return int(np.count_nonzero(sure & (inside > 0))) / int(np.count_nonzero(oval))
