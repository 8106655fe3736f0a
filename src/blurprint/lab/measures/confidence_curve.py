"""From the scale that a network gives its error to a probability that keeps its word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blurprint.arrays import Mask
from blurprint.optics.tolerance import TOLERANCE_PX, TOLERANCE_SHARE, tolerance

Values = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class ConfidenceCurve:
    """P(error <= tolerance), piecewise linear and falling, of the log of scale over tolerance.

    Attributes:
        log_ratio: knots, rising.
        probability: at the knots, falling.
        tolerance_px: the error meant, in pixels,
        tolerance_share: or as a share of the blur that was read, whichever is larger.
    """

    log_ratio: tuple[float, ...]
    probability: tuple[float, ...]
    tolerance_px: float
    tolerance_share: float


def fit_confidence(sigma: Values, scale: Values, error: Values, knots: int = 24) -> ConfidenceCurve:
    """Fit the curve to held-out pixels: shares in bins of equal count, made monotone.

    Isotonic regression (Zadrozny & Elkan, *Transforming classifier scores into accurate multiclass
    probability estimates*, KDD 2002), scikit-learn's, on `knots` bins.

    Args:
        sigma: blur read at each pixel, in pixels.
        scale: predicted scale of each pixel's error, in pixels.
        error: absolute error of each pixel, in pixels; infinite where nothing would be right.
        knots: bins.
    """
    from sklearn.isotonic import isotonic_regression

    allowed = np.ravel(tolerance(sigma))
    ratio = np.ravel(scale) / allowed
    order = np.argsort(ratio, kind="stable")
    logs = np.log(ratio[order])
    right = (np.ravel(error) <= allowed)[order].astype(np.float64)
    bins = [part for part in np.array_split(np.arange(len(logs)), knots) if len(part)]
    centres = [float(logs[part].mean()) for part in bins]
    shares = isotonic_regression(
        [float(right[part].mean()) for part in bins],
        sample_weight=[len(part) for part in bins],
        increasing=False,
    )
    return ConfidenceCurve(tuple(centres), tuple(shares.tolist()), TOLERANCE_PX, TOLERANCE_SHARE)


def reliability(confidence: Values, right: Mask, bins: int = 10) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, count) in equal ranges of confidence, empty ones left out."""
    confidence, right = np.ravel(confidence), np.ravel(right)
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        (float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum()))
        for inside in (which == index for index in range(bins))
        if inside.any()
    ]
