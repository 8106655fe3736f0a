"""How far apart the sharpest and the softest measured parts lie."""

from __future__ import annotations

from blurprint.evidence.confident import is_measured, measured_percentiles
from blurprint.evidence.error import error_of_difference, is_beyond, median_error
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.wording import amount, in_pixels, native, number, significant
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap

NAME = "blur_range"


def blur_range(defocus: DefocusMap) -> Evidence:
    """P95 - P5 of the measured `sigma`, weighted by `confidence`; `details` has both."""
    title = "Blur range" if in_pixels(defocus) else "Range of the map"
    if not is_measured(defocus):
        sentence = "No blur could be measured in this picture, so no range of blur can be given."
        return Evidence(NAME, title, None, defocus.unit, sentence)
    low, high = measured_percentiles(defocus, (5, 95))
    error = error_of_difference(
        median_error(defocus, defocus.sigma <= low), median_error(defocus, defocus.sigma >= high)
    )
    if in_pixels(defocus):
        sentence = (
            f"Nine tenths of the measured blur lies between {number(low)} px and "
            f"{number(high)} px, a range of {amount(high - low, defocus)}."
        )
        if not is_beyond(high - low, error):
            sentence = (
                f"Nine tenths of the measured blur is about {number(low)} px: no range that can be "
                "measured."
            )
    else:
        sentence = (
            f"Nine tenths of the map's values on edges lie between {significant(low)} and "
            f"{significant(high)}, a range of {amount(high - low, defocus)}; "
            "these are no widths of blur."
        )
    return Evidence(
        NAME,
        title,
        value=high - low,
        unit=defocus.unit,
        sentence=sentence,
        native=native(high - low, defocus),
        details=frozen({"p05": low, "p95": high}),
        error=error,
    )
