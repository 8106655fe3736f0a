"""Shading without an edge: nothing that a lens could have blurred, or not, can be told from it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

WIDTHS: Final = (64.0, 512.0)
"""Width of a round shade, in pixels, uniform in its logarithm."""
NOISE: Final = (0.001, 0.02)
"""Standard deviation of the noise over it, 1 = full scale, uniform in its logarithm."""


def draw_shading(rng: np.random.Generator, size: int) -> Picture:
    """A soft picture, uint8 (size, size, 3): one to four round shades and a slope, under noise.

    A shade is a Gaussian hill or a disk with a rim as soft as it is wide. In 15 % there is none: a
    flat colour under noise.
    """
    y, x = np.mgrid[:size, :size].astype(np.float32)
    base = rng.uniform(0.05, 0.95, 3).astype(np.float32)
    if rng.random() < 0.3:
        base[:] = base[0]
    value = np.broadcast_to(base, (size, size, 3)).copy()
    if rng.random() >= 0.15:
        for _ in range(int(rng.integers(1, 5))):
            centre = rng.uniform(-0.3, 1.3, 2) * size
            width = float(np.exp(rng.uniform(*np.log(WIDTHS))))
            radius = np.hypot(x - np.float32(centre[0]), y - np.float32(centre[1]))
            if rng.random() < 0.5:
                shade = np.exp(-2 * np.square(radius / np.float32(width / 2)))
            else:
                steep = (radius - np.float32(width / 2)) / np.float32(width / 8)
                shade = 1 / (1 + np.exp(np.clip(steep, -30, 30)))
            colour = rng.normal(0, 0.35) + rng.normal(0, 0.1, 3)
            value += shade[..., None] * colour.astype(np.float32)
        slope = rng.normal(0, 0.2, 2).astype(np.float32) / np.float32(size)
        value += (slope[0] * x + slope[1] * y)[..., None]
    noise = np.exp(rng.uniform(*np.log(NOISE)))
    gray = rng.random() < 0.5
    field = rng.standard_normal((size, size, 1 if gray else 3), np.float32)
    if rng.random() < 0.25:  # as after denoising
        field = cv2.GaussianBlur(field, (0, 0), float(rng.uniform(0.4, 1))).reshape(field.shape)
    return np.clip((value + np.float32(noise) * field) * 255 + 0.5, 0, 255).astype(np.uint8)
