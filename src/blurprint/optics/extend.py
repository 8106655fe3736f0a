"""A photograph of any shape, carried on beyond its outline so that the outline is no edge."""

from __future__ import annotations

import cv2
import numpy as np

from blurprint.arrays import FloatMap, Mask


def inner_part(mask: Mask, by: int) -> Mask:
    """`mask` without what lies within `by` pixels of an outline; the picture's border is none."""
    square = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return cv2.erode(mask.astype(np.uint8), square).astype(np.bool_)


def extend(rgb: FloatMap, known: Mask) -> FloatMap:
    """`rgb` with what is not `known` filled by the photograph, mirrored at its outline.

    What lies there in `rgb` does not matter. A point as far outside as the photograph is wide has
    no mirror image in it, and takes the colour of the nearest pixel instead.

    Args:
        rgb: float32 (H, W, 3).
        known: bool (H, W), True on the photograph, with at least one pixel.
    """
    unknown = ~known
    _, labels = cv2.distanceTransformWithLabels(
        unknown.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    place = np.empty(int(labels.max()) + 1, np.int64)  # of each label: the known pixel it is for
    sources = np.flatnonzero(known)
    place[labels.ravel()[sources]] = sources

    height, width = known.shape
    row, column = np.nonzero(unknown)
    near_row, near_column = np.divmod(place[labels[row, column]], width)
    far_row, far_column = 2 * near_row - row, 2 * near_column - column
    inside = (far_row >= 0) & (far_row < height) & (far_column >= 0) & (far_column < width)
    inside[inside] = known[far_row[inside], far_column[inside]]
    filled = rgb.copy()
    filled[row, column] = rgb[
        np.where(inside, far_row, near_row), np.where(inside, far_column, near_column)
    ]
    return filled
