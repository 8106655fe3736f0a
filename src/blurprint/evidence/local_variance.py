"""How restless the map is from pixel to pixel, as the paper measures it."""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from blurprint.evidence.confident import is_measured
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.wording import amount, in_pixels, native, number
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.spread import box_sum

NAME = "local_variance"
TITLE = "Local variance"

WINDOW_RADIUS = 7
"""Windows are ``2 * 7 + 1 = 15`` pixels wide, as in Jeon & Woo (CIKM 2025)."""


def mean_local_variance(sigma: npt.NDArray[np.float32], radius: int = WINDOW_RADIUS) -> float:
    """Mean over all pixels of the variance of `sigma` in the square window around each.

    ``mean(sigma^2) - mean(sigma)^2``, where windows at the border hold only the pixels that exist.

    Args:
        sigma: float32 (H, W).
        radius: windows are ``2 * radius + 1`` pixels wide.

    >>> mean_local_variance(np.float32([[1, 3]]), radius=1)
    1.0
    """
    centred = sigma - np.float32(sigma.mean())  # the same variance, with less cancellation
    count = box_sum(np.ones_like(centred), radius)
    mean = box_sum(centred, radius)
    mean /= count
    np.square(mean, out=mean)
    variance = box_sum(np.square(centred), radius)
    variance /= count
    variance -= mean
    return float(np.maximum(variance, 0).mean(dtype=np.float64))


def local_variance(defocus: DefocusMap) -> Evidence:
    """:func:`mean_local_variance` of the whole map, filled-in parts too, in its unit squared."""
    unit = f"{defocus.unit}^2"
    if not is_measured(defocus.confidence):
        sentence = "Nothing in this picture could be measured, so the map has no variance to tell."
        return Evidence(NAME, TITLE, None, unit, sentence)
    variance = mean_local_variance(defocus.sigma)
    window = 2 * WINDOW_RADIUS + 1
    varying = (
        f"Within squares of {window} by {window} pixels the map varies by "
        f"{amount(variance, defocus, power=2)} on average"
    )
    if in_pixels(defocus):
        spread = f"{number(sqrt(variance))} px"
        sentence = f"{varying}, a spread of about {spread}; unsure parts count as well."
    else:
        sentence = f"{varying}; this is the paper's measure, over the whole map."
    return Evidence(
        NAME,
        TITLE,
        value=variance,
        unit=unit,
        sentence=sentence,
        native=native(variance, defocus, power=2),
    )
