"""Dead leaves: random discs that cover one another, with the edges of natural pictures.

Sizes follow a power law, so that there are edges at every scale and hardly a place without one: a
texture in which blur can be seen everywhere, made of nothing but numbers (Lee, Mumford & Huang,
*Occlusion models for natural images*, IJCV 2001, section 2).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap

_FINE: Final = 4


def draw_dead_leaves(
    rng: np.random.Generator, size: int, smallest: float = 1.5, largest: float = 60.0
) -> FloatMap:
    """A sharp picture, float32 (size, size, 3), linear light in [0, 1].

    Args:
        rng: source of every draw.
        size: side, in pixels.
        smallest: radius of the smallest leaves, in pixels.
        largest: radius of the largest.
    """
    side = size * _FINE
    canvas = np.full((side, side, 3), rng.random(3), np.float32)
    # P(radius) ~ radius^-3 between the ends, by its inverse distribution.
    low, high = largest**-2.0, smallest**-2.0
    count = int(1.2 * size * size / smallest**2)
    radii = rng.uniform(low, high, count) ** -0.5
    centres = rng.uniform(-0.1, 1.1, (count, 2)) * side
    colours = np.clip(rng.normal(0.5, 0.25, (count, 1)) + rng.normal(0, 0.1, (count, 3)), 0, 1)
    shift = 4  # OpenCV's fixed point: sixteenths
    for (x, y), radius, colour in zip(centres, radii, colours, strict=True):
        cv2.circle(
            canvas,
            (int(x * 2**shift), int(y * 2**shift)),
            int(radius * _FINE * 2**shift),
            colour.tolist(),
            -1,
            cv2.LINE_8,
            shift,
        )
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return np.square(small)
