"""Public-domain photographs, shrunk until they are sharp, and what a lens makes of them."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data

from blurprint.lens.aperture import DISK, Aperture
from blurprint.lens.lens import blur, to_linear, to_srgb

RGB = npt.NDArray[np.float32]

_LOADED = {
    "astronaut": data.astronaut,
    "coffee": data.coffee,
    "rocket": data.rocket,
    "motorcycle": lambda: data.stereo_motorcycle()[0],
}
NAMES = tuple(_LOADED)


@cache
def sharp_photograph(name: str, size: int = 128) -> RGB:
    """The upper left of a photograph, a third as large, linear light (size, size, 3)."""
    corner = _LOADED[name]()[: 3 * size, : 3 * size].astype(np.float32) / 255
    assert corner.shape[:2] == (3 * size, 3 * size), "the photograph has no more pixels"
    small = cv2.resize(to_linear(corner), (size, size), interpolation=cv2.INTER_AREA)
    small.flags.writeable = False
    return small


def photographed(
    linear: RGB, sigma: float, aperture: Aperture = DISK, *, noise: float = 0.0, seed: int = 0
) -> RGB:
    """`linear` behind a lens, with noise of this standard deviation, in 8 bits; [0, 1]."""
    seen = to_srgb(blur(linear, sigma, aperture))
    if noise:
        seen = seen + np.random.default_rng(seed).normal(0, noise, seen.shape)
    return np.uint8(np.clip(seen, 0, 1) * 255 + 0.5).astype(np.float32) / 255
