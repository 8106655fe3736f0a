"""Rounded corners of a photograph: of a card, a screen, an icon, or a round portrait on one colour.

If the four corners of a picture, or of the part within its bars, have one even colour up to a
quarter of a circle, these corners are not photograph. A white sky in one corner has another
outline; the corners of a photograph hardly share a colour.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.photos.bars import Rectangle

# Corners found: 59 % with 4, 78 with 8, 83 with 16; no false one up to 32: docs/thresholds.md.
EVEN: Final = 8
"""Most that the colours of the four corners may differ, of 255."""
# Found: 73 % with 12, 78 with 24, 74 with 36: docs/thresholds.md.
RINGING: Final = 24
"""Most that a pixel of a corner may differ from its colour, of 255, beside an outline in JPEG."""
# 3 finds no more, 8 loses the smallest: docs/thresholds.md.
LEAST_RADIUS: Final = 6
# Found: 79 % with 0.5, 78 with 0.8, 61 with 0.95: docs/thresholds.md.
ALIKE: Final = 0.8
"""Least overlap of what is found in a corner and the corner that a circle cuts off, of both."""
# Found: 83 % with 2, 78 with 3, 65 with 4; no false one with any: docs/thresholds.md.
FITTING: Final = 3
"""Corners that must have that outline; in the others, the photograph may have their colour."""


def rounded_corners(rgb: FloatMap, part: Rectangle) -> Mask | None:
    """What lies in the rounded corners of a part of a picture.

    Args:
        rgb: float32 (H, W, 3) in [0, 1].
        part: where corners are looked for.

    Returns:
        bool of the part's height and width, True outside the photograph; None if its corners are
        square. A pixel of mixed colour beside the outline counts as photograph.

    >>> picture = np.random.default_rng(0).random((90, 120, 3), np.float32)
    >>> rounded_corners(picture, Rectangle(0, 0, 90, 120)) is None
    True
    >>> away = corners_beyond((90, 120), 20)
    >>> picture[away] = 1
    >>> found = rounded_corners(picture, Rectangle(0, 0, 90, 120))
    >>> bool((found != away).mean() < 0.001)  # pixels beside the outline may differ
    True
    """
    view = rgb[part.cut]
    reach = min(view.shape[:2]) // 2
    if reach < LEAST_RADIUS:
        return None
    corners = [view[::down, ::right][:reach, :reach] for down in (1, -1) for right in (1, -1)]
    colours = np.stack([corner[:2, :2].mean(axis=(0, 1)) for corner in corners])
    if 255 * np.ptp(colours, axis=0).max() > EVEN:
        return None
    found = [_of_colour(corner, colours.mean(axis=0)) for corner in corners]
    radii = sorted(sqrt(piece.sum() / (1 - pi / 4)) for piece in found)
    for radius in radii[:2]:  # of the four, one may run into the photograph, and enlarge its area
        cut = corners_beyond((2 * reach, 2 * reach), min(radius, reach))[:reach, :reach]
        fits = [_overlap(piece, cut) >= ALIKE for piece in found]
        covers = [(piece & cut).sum() >= ALIKE * cut.sum() for piece in found]
        if radius >= LEAST_RADIUS and sum(fits) >= FITTING and all(covers):
            fitting = [r.sum() for r, fit in zip(found, fits, strict=True) if fit]
            exact = min(sqrt(float(np.median(fitting)) / (1 - pi / 4)), reach)
            return corners_beyond((view.shape[0], view.shape[1]), exact)
    return None


def corners_beyond(shape: tuple[int, int], radius: float) -> Mask:
    """Pixels of a rectangle, bool (H, W), whose middles lie beyond corners of this radius in px."""
    beyond = [
        np.maximum(radius - np.minimum(at, side - at), 0)
        for side, at in ((side, np.arange(side) + 0.5) for side in shape)
    ]
    return np.asarray(np.hypot(beyond[0][:, None], beyond[1]) > radius, np.bool_)


def _of_colour(corner: FloatMap, colour: FloatMap) -> Mask:
    """Pixels of this colour that hang together with the corner's own, bool as `corner`."""
    even = (np.abs(corner - colour).max(axis=2) * 255 <= RINGING).astype(np.uint8)
    even = cv2.morphologyEx(even, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(even, connectivity=4)
    return np.asarray((labels == labels[0, 0]) & (even > 0), np.bool_)


def _overlap(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))
