"""Does a reading depend on how many edges there are? Stripes of one blur and many widths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Final, Literal

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.lens.lens import DISK, GAUSSIAN, blur, to_srgb
from blurprint.lens.pixel import with_pixel
from blurprint.optics.method import Estimator

Lens = Literal["gaussian", "disk"]

WIDTHS_PX: Final = (10, 20, 40, 80)
SIGMA_PX: Final = 2.0
"""Of the lens."""
_SIZE: Final = 320
_BORDER: Final = 20


@dataclass(frozen=True, slots=True)
class StripeReadings:
    """What one method reads on stripes of one blur.

    Attributes:
        method: its name.
        lens: "gaussian" or "disk", see :func:`stripes`.
        sigma_px: the true blur, the pixel's own box included.
        by_width_px: median of the map, by width of the stripes.
        spread: the largest of these over the smallest; NaN unless all are positive.
        weighted_by_width_px: mean of the map weighted by its confidence.
        weighted_spread: as `spread`.
    """

    method: str
    lens: Lens
    sigma_px: float
    by_width_px: Mapping[int, float]
    spread: float
    weighted_by_width_px: Mapping[int, float]
    weighted_spread: float


def stripes(width: int, lens: Lens, sigma: float = SIGMA_PX) -> FloatMap:
    """Upright stripes of `width` pixels blurred by `sigma`, float32 (160, 320, 3), sRGB values.

    "gaussian" blurs sRGB values from 0 to 1, as software does; "disk" blurs linear light from 0.05
    to 0.8, as a lens does.
    """
    unit = np.tile((np.arange(_SIZE) // width) % 2, (_SIZE // 2, 1)).astype(np.float32)
    if lens == "gaussian":
        gray = blur(unit, sigma, GAUSSIAN)
    else:
        gray = to_srgb(blur(np.float32(0.05) + np.float32(0.75) * unit, sigma, DISK))
    return np.repeat(gray[..., None], 3, axis=2)


def read_stripes(methods: Mapping[str, Estimator]) -> tuple[StripeReadings, ...]:
    """What each method reads through each lens, away from the border."""
    lenses: tuple[Lens, ...] = ("gaussian", "disk")
    return tuple(_read(name, methods[name], lens) for lens in lenses for name in methods)


def _read(name: str, method: Estimator, lens: Lens) -> StripeReadings:
    inner = slice(_BORDER, -_BORDER)
    medians, means = {}, {}
    for width in WIDTHS_PX:
        defocus = method(stripes(width, lens))
        sigma, confidence = defocus.sigma[inner, inner], defocus.confidence[inner, inner]
        medians[width] = float(np.median(sigma))
        total = float(confidence.sum(dtype=np.float64))
        means[width] = float((sigma * confidence).sum(dtype=np.float64)) / total if total else nan
    true = float(with_pixel(SIGMA_PX))
    return StripeReadings(name, lens, true, medians, _spread(medians), means, _spread(means))


def _spread(by_width: Mapping[int, float]) -> float:
    low, high = min(by_width.values()), max(by_width.values())
    return high / low if low > 0 else nan
