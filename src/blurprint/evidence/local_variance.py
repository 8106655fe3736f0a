"""How restless the map is from pixel to pixel, as the paper measures it."""

from __future__ import annotations

from math import sqrt

from blurprint.evidence.confident import is_measured
from blurprint.evidence.error import is_beyond, median_error
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.variance_map import WINDOW, variance_map
from blurprint.evidence.wording import amount, in_pixels, native, number
from blurprint.optics.defocus_map import DefocusMap

NAME = "local_variance"
TITLE = "Local variance"


def local_variance(defocus: DefocusMap) -> Evidence:
    """Mean of :func:`variance_map` over the photograph, unsure parts too, in the unit squared.

    Its error is the variance that errors of the size of the median one make where they differ from
    pixel to pixel: twice the square of their mean, as of a Laplace distribution.
    """
    unit = f"{defocus.unit}^2"
    if not is_measured(defocus):
        sentence = "Nothing in this picture could be measured, so the map has no variance to tell."
        return Evidence(NAME, TITLE, None, unit, sentence)
    part = defocus.rectangle.cut
    mask = defocus.mask[part]
    variance = float(variance_map(defocus.sigma[part], mask=mask)[mask].mean())
    off = median_error(defocus)
    error = None if off is None else 2 * off * off
    varying = (
        f"Within squares of {WINDOW} by {WINDOW} pixels the map varies by "
        f"{amount(variance, defocus, power=2)} on average"
    )
    if in_pixels(defocus):
        spread = f"{number(sqrt(variance))} px"
        sentence = f"{varying}, a spread of about {spread}; unsure parts count as well."
        if not is_beyond(variance, error):
            sentence = (
                f"{varying}: no more than the errors of its values can make; unsure parts count as "
                "well."
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
