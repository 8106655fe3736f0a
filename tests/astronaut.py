"""One public-domain photograph as sharp sources, for renders."""

from __future__ import annotations

import numpy as np
from skimage import data

from blurprint.lab.rendering.sharp_sources import SharpPatch
from blurprint.lens.lens import to_linear


class Astronaut:
    """Sharp patches of one public-domain photograph, shrunk to a third."""

    def __init__(self) -> None:
        linear = to_linear(data.astronaut().astype(np.float32) / 255)
        self.linear = linear[:510, :510].reshape(170, 3, 170, 3, 3).mean(axis=(1, 3))

    def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
        tiled = np.pad(self.linear, ((0, size), (0, size), (0, 0)), mode="reflect")
        top, left = rng.integers(0, 170, 2)
        patch = np.ascontiguousarray(tiled[top : top + size, left : left + size])
        return SharpPatch(patch, np.ones((size, size), np.float32))
