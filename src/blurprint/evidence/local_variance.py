"""How much the map varies from pixel to pixel, as the paper measures it."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.evidence.confident import is_measured
from blurprint.evidence.error import is_beyond, median_error
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.variance_map import WINDOW, variance_map
from blurprint.evidence.wording import amount, in_pixels, native, number
from blurprint.optics.defocus_map import DefocusMap

STRIP_ROWS: Final = 256
"""Rows that are worked on at once, so that memory does not grow with the picture."""
NAME = "local_variance"
TITLE = "Local variance"


def local_variance(defocus: DefocusMap) -> Evidence:
    """Mean of :func:`variance_map` over the photograph, low-confidence pixels included.

    It is in the square of the map's unit. Its error is the variance that errors as large as the
    median one cause if they differ from pixel to pixel: twice the square of their mean, as for a
    Laplace distribution.
    """
    unit = f"{defocus.unit}^2"
    if not is_measured(defocus):
        sentence = "No blur could be measured in this picture, so no variance is reported."
        return Evidence(NAME, TITLE, None, unit, sentence)
    part = defocus.rectangle.cut
    variance = _mean_variance(defocus.sigma[part], defocus.mask[part])
    off = median_error(defocus)
    error = None if off is None else 2 * off * off
    varying = (
        f"Within squares of {WINDOW} by {WINDOW} pixels the map varies by "
        f"{amount(variance, defocus, power=2)} on average"
    )
    if in_pixels(defocus):
        spread = f"{number(sqrt(variance))} px"
        sentence = f"{varying}, a spread of about {spread}; low-confidence pixels included."
        if not is_beyond(variance, error):
            sentence = (
                f"{varying}: no more than the errors of its values can cause; low-confidence "
                "pixels included."
            )
    else:
        sentence = f"{varying}; this is the paper's measure, over the whole map."
    return Evidence(
        NAME,
        TITLE,
        value=variance,
        unit=unit,
        sentence=sentence,
        native=native(variance, defocus, power=2),
        error=error,
    )


def _mean_variance(sigma: FloatMap, mask: Mask) -> float:
    """Mean over the mask of the variance in the window around each pixel, strip by strip."""
    total, reach = 0.0, WINDOW // 2
    for top in range(0, len(sigma), STRIP_ROWS):
        start, end = max(0, top - reach), top + STRIP_ROWS + reach
        found = variance_map(sigma[start:end], mask=mask[start:end])
        inner = slice(top - start, top - start + STRIP_ROWS)
        shown = mask[top : top + STRIP_ROWS]
        total += float((found[inner] if shown.all() else found[inner][shown]).sum())
    return total / int(np.count_nonzero(mask))
