"""How far the values of a map, and what is made of them, may be off: in pixels, from confidence."""

from __future__ import annotations

from math import hypot, inf

from blurprint.evidence.confident import Place, median_with_trust
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.methods import METHODS
from blurprint.optics.tolerance import tolerance


def error_of(sigma: float, confidence: float, method: str) -> float | None:
    """Expected error in px of one value of a map; None for a method that gives none.

    Of a network, `confidence` c is the probability of an error of at most the
    :func:`~blurprint.optics.tolerance.tolerance` t, 0.25 px or 15 %. Its errors are close to a
    Laplace distribution, whose mean absolute error b follows from ``c = 1 - exp(-t / b)``. Method
    "edge" has ``c = 1 / (1 + (e / t)^2)``, e the standard deviation that noise gives the width of
    an edge.

    Args:
        sigma: blur in px.
        confidence: in [0, 1]; 0 gives infinity.
        method: of the map.

    >>> round(error_of(1.0, 0.632, "net"), 2), error_of(1.0, 0.5, "edge"), error_of(1, 1, "paper")
    (0.25, 0.25, None)
    """
    expected = METHODS[method].error if method in METHODS else None
    if expected is None:
        return None
    if confidence <= 0:
        return inf
    if confidence >= 1:
        return 0.0
    return expected(float(tolerance(sigma)), confidence)


def median_error(defocus: DefocusMap, region: Place = None) -> float | None:
    """Error in px of a median over what is measured of a region: that of its median value.

    It does not shrink with the number of pixels: what makes a network or an edge err is shared by
    neighbours, often by a whole picture.

    Args:
        defocus: the map.
        region: bool (H, W) or slices, or None for all of it; something in it must be
            measured.
    """
    return median_with_error(defocus, region)[1] if defocus.unit == "px" else None


def median_with_error(defocus: DefocusMap, region: Place = None) -> tuple[float, float | None]:
    """The median of what is measured of a region, in the map's unit, and its :func:`median_error`.

    Raises:
        InputError: if nothing in the region is measured.
    """
    middle, trust = median_with_trust(defocus, region)
    return middle, error_of(middle, trust, defocus.method) if defocus.unit == "px" else None


def error_of_difference(first: float | None, second: float | None) -> float | None:
    """Error of the difference of two values, px: their errors as two sides of a right angle.

    >>> error_of_difference(0.3, 0.4), error_of_difference(None, 0.4)
    (0.5, None)
    """
    return None if first is None or second is None else hypot(first, second)


def is_beyond(value: float, error: float | None) -> bool:
    """Whether `value` differs from 0 by more than its error, or by anything if none is known.

    >>> is_beyond(-0.3, 0.2), is_beyond(0.1, 0.2), is_beyond(0.1, None)
    (True, False, True)
    """
    return abs(value) > (error or 0.0)
