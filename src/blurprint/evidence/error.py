"""How far the values of a map, and what is made of them, may be off: in pixels, from confidence."""

from __future__ import annotations

from math import hypot, inf, log, sqrt
from typing import Final

from blurprint.evidence.confident import Region
from blurprint.evidence.percentiles import weighted_percentiles
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.edge import TOLERANCE_PX as EDGE_TOLERANCE_PX
from blurprint.optics.net import NETWORKS

NET_TOLERANCE_PX: Final = 0.25
"""Error of which the confidence of a network is the probability that it is not exceeded."""


def error_of(sigma: float, confidence: float, method: str) -> float | None:
    """Expected error in px of one value of a map; None for a method that gives none.

    Of a network, `confidence` c is the probability of an error of at most t = 0.25 px. Its errors
    are close to a Laplace distribution, whose mean absolute error b follows from
    ``c = 1 - exp(-t / b)``. Method "edge" has ``c = 1 / (1 + (e / (t max(sigma, 1)))^2)``, e the
    standard deviation that noise gives the width of an edge.

    Args:
        sigma: blur in px.
        confidence: in [0, 1]; 0 gives infinity.
        method: of the map.

    >>> round(error_of(1.0, 0.632, "net"), 2), error_of(2.0, 0.5, "edge"), error_of(1, 1, "paper")
    (0.25, 0.5, None)
    """
    if method not in NETWORKS and method != "edge":
        return None
    if confidence <= 0:
        return inf
    if confidence >= 1:
        return 0.0
    if method in NETWORKS:
        return -NET_TOLERANCE_PX / log(1 - confidence)
    return EDGE_TOLERANCE_PX * max(sigma, 1.0) * sqrt(1 / confidence - 1)


def median_error(defocus: DefocusMap, region: Region = None) -> float | None:
    """Error in px of a median or mean over a region: that of its median value.

    It does not shrink with the number of pixels: what makes a network or an edge err is shared by
    neighbours, often by a whole picture.

    Args:
        defocus: the map.
        region: bool (H, W), or None for all of it; some confidence in it must be positive.
    """
    if defocus.unit != "px":
        return None
    sigma, confidence = defocus.sigma, defocus.confidence
    if region is not None:
        sigma, confidence = sigma[region], confidence[region]
    (middle,) = weighted_percentiles(confidence, confidence, (50,))
    size = 1.0
    if defocus.method == "edge":
        (size,) = weighted_percentiles(sigma, confidence, (50,))
    return error_of(size, middle, defocus.method)


def error_of_difference(first: float | None, second: float | None) -> float | None:
    """Error of the difference of two values, px: their errors as two sides of a right angle.

    >>> error_of_difference(0.3, 0.4), error_of_difference(None, 0.4)
    (0.5, None)
    """
    return None if first is None or second is None else hypot(first, second)


def is_beyond(value: float, error: float | None) -> bool:
    """Whether `value` differs from 0 by more than its error, or by anything if none is known."""
    return abs(value) > (error or 0.0)
