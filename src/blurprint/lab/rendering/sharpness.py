"""Where a photograph is sharp, where it is not, and where nothing says.

Sharpness is the ratio of the energies of two neighbouring frequency bands, which depends neither on
contrast nor on how many edges there are. A flat place has none: a painted wall and a background far
out of focus look alike there. They differ on coarser levels, where the background still has soft
shapes, and in what joins them; see :func:`judge`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from blurprint.arrays import FloatMap, Mask

BoolMap = Mask

# Trusted: 90 % with 0.5, 87 here, 81 with 0.75; after blur of 0.7 px 48, 30, 18 %:
# docs/thresholds.md.
SHARP_RATIO: Final = 0.62
"""Ratio of band energies that counts as sharp: that of a step of sigma 0.45 px.

Area-sampled steps of sigma 0, 0.3, 0.4, 0.5, 0.6, 1 px have 1.10, 0.82, 0.69, 0.57, 0.48, 0.29.
"""
# Trusted: 87.5 % with 1e-5, 87.3 here, 85.7 with 1e-4; after blur of 1 px 1.7, 1.2, 0.4 %:
# docs/thresholds.md.
FLAT_ENERGY: Final = 3e-5
"""Mean square of the middle band, in sRGB units, under which a place is flat: no blur shows."""
WHITE_NOISE: Final = (0.628, 0.0568)
"""Energies of white noise of unit variance in the finest band and the next."""
LEVELS: Final = 3
"""Coarser levels on which a flat place is looked at: halved three times, shapes of some 40 px."""
# From 0.4 to 1.2 the trusted share goes from 87.7 to 86.6 %: docs/thresholds.md.
COARSE_RATIO: Final = 0.8
"""Ratio of band energies under which a coarser level is soft, where nothing sharper is near."""
# Trusted after blur of 2 px: 0 % up to 0.08, 1.4 with 0.2: docs/thresholds.md.
SOFT_SHARE: Final = 0.04
"""Share of a flat region that, when soft, tells that all of it is out of focus."""
_WINDOW: Final = 17
_COARSE_WINDOW: Final = 9
_REACH: Final = 11  # on a coarser level, how far an edge spills into the middle band beside it
_OPENING: Final = np.ones((5, 5), np.uint8)


class Sharpness(NamedTuple):
    """What :func:`judge` says of every pixel, (H, W).

    Attributes:
        ratio: float32, of the energies of the finest band and the next.
        flat: whether there is too little energy for the ratio to mean anything.
        trusted: whether the place is sharp, or flat with nothing that says it is not.
    """

    ratio: FloatMap
    flat: BoolMap
    trusted: BoolMap


def sharpness(gray: FloatMap) -> tuple[FloatMap, FloatMap]:
    """Ratio of the energies of the finest band and the next, and the energy of the latter.

    Args:
        gray: float32 (H, W), sRGB values in [0, 1].

    Returns:
        float32 (H, W) each, over windows of 17 pixels. With Gaussians of 0.8 and 1.6 pixels, the
        bands are what the first removes and what the second removes from the first.
    """
    high, middle = band_energies(gray, _WINDOW)
    ratio = np.divide(high, np.maximum(middle, np.float32(1e-12)), dtype=np.float32)
    return ratio, middle


def judge(gray: FloatMap) -> Sharpness:
    """Tell the sharp from the soft in `gray`, float32 (H, W), sRGB values in [0, 1].

    A textured place is trusted if its ratio exceeds :data:`SHARP_RATIO`. A flat place is soft where
    a coarser level has energy in its middle band and no fine band to go with it, neither there nor
    near by. A flat region, joined by what is textured and not sharp, is out of focus as a whole
    when more than :data:`SOFT_SHARE` of it is soft.
    """
    ratio, energy = sharpness(gray)
    flat = energy < FLAT_ENERGY
    blurred = ~flat & (ratio <= SHARP_RATIO)
    # Thin lines of it are the transition from an edge to what is flat, not a blurred surface.
    surface = cv2.morphologyEx(blurred.astype(np.uint8), cv2.MORPH_OPEN, _OPENING) > 0
    soft = surface | (flat & _soft_shapes(gray))
    count, region = cv2.connectedComponents((flat | surface).astype(np.uint8), connectivity=4)
    area = np.bincount(region.ravel(), minlength=count)
    condemned = np.bincount(region[soft], minlength=count) > SOFT_SHARE * area
    condemned[0] = False
    return Sharpness(ratio, flat, ~(blurred | soft | condemned[region]))


def _soft_shapes(gray: FloatMap) -> BoolMap:
    """Where a coarser level shows shapes, and nothing as sharp as an edge within reach."""
    height, width = gray.shape
    found = np.zeros((height, width), bool)
    for level in range(1, LEVELS + 1):
        shape = (max(1, round(width / 2**level)), max(1, round(height / 2**level)))
        gray = cv2.resize(gray, shape, interpolation=cv2.INTER_AREA)
        high, middle = band_energies(gray, _COARSE_WINDOW)
        near = cv2.dilate(high, np.ones((_REACH, _REACH), np.uint8))
        ratio = near / np.maximum(middle, np.float32(1e-12))
        middle, ratio = (cv2.resize(part, (width, height)) for part in (middle, ratio))
        found |= (middle >= FLAT_ENERGY) & (ratio < COARSE_RATIO)
    return found


def band_energies(gray: FloatMap, window: int) -> tuple[FloatMap, FloatMap]:
    """Energies of what a Gaussian of 0.8 px removes, and of what is left to one of 1.6 px.

    Mean squares over windows of `window` pixels; for those of white noise see :data:`WHITE_NOISE`.
    """
    fine = cv2.GaussianBlur(gray, (0, 0), 0.8)
    coarse = cv2.GaussianBlur(gray, (0, 0), 1.6)
    high = cv2.blur(np.square(gray - fine), (window, window))
    return high, cv2.blur(np.square(fine - coarse), (window, window))
