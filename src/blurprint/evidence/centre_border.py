"""Whether the border of the picture is softer than its centre."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from blurprint.evidence.confident import Place, is_measured
from blurprint.evidence.error import error_of_difference, is_beyond, median_with_error
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.wording import amount, in_pixels, native, number, significant, subject
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap

NAME = "centre_border"
TITLE = "Border against centre"

# A quarter of the area: docs/thresholds.md.
CENTRE_SIDE = 0.5
"""The centre is the middle rectangle with this share of the height and of the width."""


def centre_border(defocus: DefocusMap) -> Evidence:
    """Median of the measured `sigma` of the border minus that of the centre, in the map's unit.

    The centre is the middle half, each way, of the rectangle that holds the photograph (a quarter
    of its area), the border all the rest of the photograph; each median is weighted by
    `confidence`, and `details` has both. Positive values mean that the border is more blurred.
    """
    box = defocus.rectangle
    width, height = box.size
    down, right = (round(side * (1 - CENTRE_SIDE) / 2) for side in (height, width))
    inside = (
        slice(box.top + down, box.bottom - down),
        slice(box.left + right, box.right - right),
    )
    outside = np.ones(defocus.shape, np.bool_)
    outside[inside] = False

    regions: dict[str, Place] = {"centre": inside, "border": outside}
    missing = [name for name, region in regions.items() if not is_measured(defocus, region)]
    if missing:
        sentence = (
            f"Nothing in the {' or the '.join(missing)} of the {subject(defocus)} could be "
            "measured, so the two cannot be compared."
        )
        return Evidence(NAME, TITLE, None, defocus.unit, sentence)
    found = {name: median_with_error(defocus, region) for name, region in regions.items()}
    medians = {name: median for name, (median, _) in found.items()}
    difference = medians["border"] - medians["centre"]
    error = error_of_difference(*(error for _, error in found.values()))
    return Evidence(
        NAME,
        TITLE,
        value=difference,
        unit=defocus.unit,
        sentence=_sentence(defocus, difference, error, medians),
        native=native(difference, defocus),
        details=frozen(medians),
        error=error,
    )


def _sentence(
    defocus: DefocusMap, difference: float, error: float | None, found: Mapping[str, float]
) -> str:
    tell = number if in_pixels(defocus) else significant
    border, centre = tell(found["border"]), tell(found["centre"])
    medians = f"median {border} against {centre} {defocus.unit}"
    gap = amount(abs(difference), defocus)
    alike = border == centre or not is_beyond(difference, error)
    if in_pixels(defocus):
        border_is = f"The border of the {subject(defocus)} is"
        if alike:
            return (
                f"{border_is} as blurred as its centre, with no difference that can be measured: "
                f"{medians}."
            )
        more = "more" if difference > 0 else "less"
        return f"{border_is} {gap} {more} blurred than its centre: {medians}."
    if alike:
        return f"On edges, the map has the same values at the border and in the centre: {medians}."
    higher = "higher" if difference > 0 else "lower"
    return f"On edges, the map is {gap} {higher} at the border than in the centre: {medians}."
