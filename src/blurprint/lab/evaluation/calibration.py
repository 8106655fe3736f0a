"""From the scale that a network gives its error to a probability that keeps its word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class ConfidenceCurve:
    """P(error <= tolerance) as a piecewise linear, falling function of the log of the scale.

    Attributes:
        log_scale: knots, rising.
        probability: at the knots, falling.
        tolerance_px: the error meant.
    """

    log_scale: tuple[float, ...]
    probability: tuple[float, ...]
    tolerance_px: float


def fit_confidence(
    scale: Values, error: Values, tolerance_px: float = 0.25, knots: int = 24
) -> ConfidenceCurve:
    """Fit the curve to held-out pixels: shares in bins of equal count, made monotone.

    Pooling of adjacent violators (Zadrozny & Elkan, *Transforming classifier scores into accurate
    multiclass probability estimates*, KDD 2002) on `knots` bins.

    Args:
        scale: predicted scale of each pixel, in pixels.
        error: absolute error of each pixel, in pixels.
        tolerance_px: error within which a reading counts as right.
        knots: bins.
    """
    order = np.argsort(np.ravel(scale), kind="stable")
    logs = np.log(np.ravel(scale)[order])
    right = (np.ravel(error)[order] <= tolerance_px).astype(np.float64)
    bins = [part for part in np.array_split(np.arange(len(logs)), knots) if len(part)]
    centres = [float(logs[part].mean()) for part in bins]
    shares = _falling([float(right[part].mean()) for part in bins], [len(part) for part in bins])
    return ConfidenceCurve(tuple(centres), tuple(shares), tolerance_px)


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
