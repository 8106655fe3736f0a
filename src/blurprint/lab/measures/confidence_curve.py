"""From the scale that a network gives its error to a probability that keeps its word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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

    Pooling of adjacent violators (Zadrozny & Elkan, *Transforming classifier scores into accurate
    multiclass probability estimates*, KDD 2002) on `knots` bins.

    Args:
        sigma: blur read at each pixel, in pixels.
        scale: predicted scale of each pixel's error, in pixels.
        error: absolute error of each pixel, in pixels; infinite where nothing would be right.
        knots: bins.
    """
    allowed = np.ravel(tolerance(sigma))
    ratio = np.ravel(scale) / allowed
    order = np.argsort(ratio, kind="stable")
    logs = np.log(ratio[order])
    right = (np.ravel(error) <= allowed)[order].astype(np.float64)
    bins = [part for part in np.array_split(np.arange(len(logs)), knots) if len(part)]
    centres = [float(logs[part].mean()) for part in bins]
    shares = _falling([float(right[part].mean()) for part in bins], [len(part) for part in bins])
    return ConfidenceCurve(tuple(centres), tuple(shares), TOLERANCE_PX, TOLERANCE_SHARE)


def reliability(
    confidence: Values, right: npt.NDArray[np.bool_], bins: int = 10
) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, count) in equal ranges of confidence, empty ones left out."""
    confidence, right = np.ravel(confidence), np.ravel(right)
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        (float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum()))
        for inside in (which == index for index in range(bins))
        if inside.any()
    ]


def _falling(values: list[float], weights: list[int]) -> list[float]:
    blocks: list[list[float]] = []  # value, weight, length
    for value, weight in zip(values, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] < blocks[-1][0]:
            last, first = blocks.pop(), blocks.pop()
            total = first[1] + last[1]
            mean = (first[0] * first[1] + last[0] * last[1]) / total
            blocks.append([mean, total, first[2] + last[2]])
    return [value for value, _, length in blocks for _ in range(int(length))]
