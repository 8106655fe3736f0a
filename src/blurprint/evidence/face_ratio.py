"""How many times as blurred one region is as another, at equal confidence."""

from __future__ import annotations

from math import hypot
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.evidence.confident import CONFIDENT
from blurprint.evidence.error import is_beyond
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO, TITLES, FaceScene, abstained, region_blur
from blurprint.evidence.wording import more_or_less, number
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap

CLASSES: Final = 5
"""Classes of confidence, of equal width from :data:`CONFIDENT` to 1."""
FEWEST: Final = 12
"""Pixels of both regions that a class needs."""


def log_ratio(defocus: DefocusMap, first: Mask, second: Mask) -> float | None:
    """Natural logarithm of the blur of one region over that of another, at equal confidence.

    In each of five classes of confidence the medians of the logarithm of `sigma` are compared, and
    the differences are averaged, weighted by the pixels of the smaller side. Smooth skin is less
    certain than hair; without the classes that difference would count as one of blur.

    Args:
        defocus: a map in pixels.
        first: bool (H, W).
        second: bool (H, W).

    Returns:
        None where no class of confidence has :data:`FEWEST` pixels of both.

    >>> sigma = np.ones((10, 10), np.float32)
    >>> sigma[:5] = 2
    >>> first = np.zeros((10, 10), bool)
    >>> first[:5] = True
    >>> round(log_ratio(DefocusMap(sigma, np.ones_like(sigma), "edge"), first, ~first), 3)
    0.693
    """
    sides = [_by_class(defocus, region) for region in (first, second)]
    differences, weights = [], []
    for place in range(CLASSES):
        one, two = (values[classes == place] for values, classes in sides)
        count = min(one.size, two.size)
        if count >= FEWEST:
            differences.append(float(np.log(np.median(one)) - np.log(np.median(two))))
            weights.append(count)
    return float(np.average(differences, weights=weights)) if weights else None


def _by_class(defocus: DefocusMap, region: Mask) -> tuple[FloatMap, npt.NDArray[np.int_]]:
    confidence = defocus.confidence[region]
    sure = confidence >= CONFIDENT
    share = (confidence[sure] - CONFIDENT) / (1 - CONFIDENT)
    return defocus.sigma[region][sure], np.minimum((share * CLASSES).astype(int), CLASSES - 1)


def compared(scene: FaceScene, name: str, title: str, first: str, second: str) -> Evidence:
    """A row that compares the blur of two regions of a face.

    Its value is :func:`log_ratio`, its error that of the two medians; `details` has the medians.
    """
    why = scene.missing(first, second)
    if why:
        return abstained(name, title, LOG_RATIO, why)
    masks = scene.region(first), scene.region(second)
    value = log_ratio(scene.defocus, *masks)
    if value is None:
        why = "The two regions share no confidence at which their blur could be compared."
        return abstained(name, title, LOG_RATIO, why)
    one, two = (
        region_blur(scene.defocus, mask, side)
        for mask, side in zip(masks, (first, second), strict=True)
    )
    if one.median is None or two.median is None:  # missing() has excluded it
        return abstained(name, title, LOG_RATIO, "Too little could be measured.")
    error = None
    if one.error is not None and two.error is not None:
        error = hypot(one.error / one.median, two.error / two.median)
    return Evidence(
        name,
        title,
        value=value,
        unit=LOG_RATIO,
        sentence=_sentence(value, error, first, second, (one.median, two.median)),
        details=frozen(
            {
                f"{first}_px": one.median,
                f"{second}_px": two.median,
                "difference_px": one.median - two.median,
            }
        ),
        error=error,
    )


def _sentence(
    value: float, error: float | None, first: str, second: str, medians: tuple[float, float]
) -> str:
    one, two = medians
    about = f"medians {number(one)} against {number(two)} px"
    if is_beyond(value, error):
        return (
            f"At equal confidence the {TITLES[first]} is {more_or_less(value)} blurred than the "
            f"{TITLES[second]}: {about}."
        )
    return (
        f"The {TITLES[first]} is as blurred as the {TITLES[second]}, within what the errors of the "
        f"two allow: {about}."
    )
