"""The blur of the picture in one number."""

from __future__ import annotations

from blurprint.evidence.confident import is_measured, measured_percentiles
from blurprint.evidence.error import median_error
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.wording import amount, in_pixels, native, number
from blurprint.lens.pixel import without_pixel
from blurprint.optics.defocus_map import DefocusMap

NAME = "blur_median"


def blur_median(defocus: DefocusMap) -> Evidence:
    """Median of the measured `sigma` weighted by `confidence`, in the map's unit.

    Its detail "lens" is the part of it before the pixel, whose own box is the rest.
    """
    title = "Median blur" if in_pixels(defocus) else "Median of the map"
    if not is_measured(defocus):
        sentence = "No blur could be measured in this picture, so no median blur can be given."
        return Evidence(NAME, title, None, defocus.unit, sentence)
    (median,) = measured_percentiles(defocus, (50,))
    details = {}
    if in_pixels(defocus):
        sentence = f"Half of the measured blur is at most {amount(median, defocus)}."
        if defocus.includes_pixel:
            details["lens"] = float(without_pixel(median))
            sentence += (
                " A pixel is 0.29 px wide by itself, by the same measure; without it, the lens's "
                f"part is {number(details['lens'])} px."
            )
    else:
        sentence = (
            f"Half of the map's values on edges are at most {amount(median, defocus)}; "
            "these are no widths of blur."
        )
    return Evidence(
        NAME,
        title,
        value=median,
        unit=defocus.unit,
        sentence=sentence,
        native=native(median, defocus),
        error=median_error(defocus),
        details=details,
    )
