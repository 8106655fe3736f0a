"""How many times as blurred one region of a face is as another, at equal confidence."""

from __future__ import annotations

from math import hypot, sqrt
from typing import Final

import numpy as np

from blurprint.evidence.confident import CONFIDENT
from blurprint.evidence.error import is_beyond
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import (
    LOG_RATIO,
    SECTORS,
    TITLES,
    FaceScene,
    Sample,
    abstained,
)
from blurprint.evidence.percentiles import median
from blurprint.evidence.wording import more_or_less, number
from blurprint.frozen import frozen

CLASSES: Final = 5
"""Classes of confidence, of equal width from 0.5 to 1."""
FEWEST: Final = 12
"""Pixels of both regions that a class needs, and of a sector."""


def log_ratio(first: Sample, second: Sample) -> float | None:
    """Natural logarithm of the blur of one region over that of another, at equal confidence.

    In each of five classes of confidence the medians of the logarithm of `sigma` are compared, and
    the differences are averaged, weighted by the pixels of the smaller side. Smooth skin is less
    certain than hair; without the classes that difference would count as one of blur.

    Returns:
        None where no class of confidence has :data:`FEWEST` pixels of both.

    >>> sure, sector = np.ones(20, np.float32), np.zeros(20, int)
    >>> round(log_ratio(Sample(2 * sure, sure, sector), Sample(sure, sure, sector)), 3)
    0.693
    """
    differences, weights = [], []
    sides = [(np.log(one.sigma), _classes(one)) for one in (first, second)]
    for place in range(CLASSES):
        one, two = (values[classes == place] for values, classes in sides)
        count = min(one.size, two.size)
        if count >= FEWEST:
            differences.append(float(median(one) - median(two)))
            weights.append(count)
    return float(np.average(differences, weights=weights)) if weights else None


def log_error(sample: Sample) -> float | None:
    """Error of the median of the logarithm of `sigma`: the scatter of sectors over their root.

    What makes a map err everywhere alike, such as sharpening of the whole picture, cancels in a
    ratio; what remains differs from place to place, and eight directions show it. None with fewer
    than two sectors of :data:`FEWEST` pixels.
    """
    medians = [
        float(median(np.log(values)))
        for values in (sample.sigma[sample.sector == place] for place in range(SECTORS))
        if values.size >= FEWEST
    ]
    return float(np.std(medians, ddof=1)) / sqrt(len(medians)) if len(medians) > 1 else None


def compared(scene: FaceScene, name: str, title: str, first: str, second: str) -> Evidence:
    """A row that compares the blur of two regions of a face.

    Its value is :func:`log_ratio`, its error that of both regions; `details` has the medians.
    """
    if why := scene.missing(first, second):
        return abstained(name, title, LOG_RATIO, why)
    value = log_ratio(scene.samples[first], scene.samples[second])
    one, two = scene.blurs[first].median, scene.blurs[second].median
    if value is None or one is None or two is None:
        why = "The two regions share no confidence at which their blur could be compared."
        return abstained(name, title, LOG_RATIO, why)
    errors = [log_error(scene.samples[side]) for side in (first, second)]
    error = None if errors[0] is None or errors[1] is None else hypot(errors[0], errors[1])
    about = f"medians {number(one)} against {number(two)} px"
    if is_beyond(value, error):
        sentence = (
            f"At equal confidence the {TITLES[first]} is {more_or_less(value)} blurred than the "
            f"{TITLES[second]}: {about}."
        )
    else:
        sentence = (
            f"At equal confidence the {TITLES[first]} is as blurred as the {TITLES[second]}, "
            f"within the scatter of the comparison: {about}."
        )
    return Evidence(
        name,
        title,
        value=value,
        unit=LOG_RATIO,
        sentence=sentence,
        details=frozen({f"{first}_px": one, f"{second}_px": two, "difference_px": one - two}),
        error=error,
    )


def _classes(sample: Sample) -> np.ndarray[tuple[int], np.dtype[np.int_]]:
    share = (sample.confidence - CONFIDENT) / (1 - CONFIDENT)
    return np.minimum((share * CLASSES).astype(int), CLASSES - 1)
