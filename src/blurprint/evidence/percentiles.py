"""Weighted percentiles of maps with millions of pixels, without sorting them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import InputError

BINS = 4096


def weighted_percentiles(
    values: FloatMap, weights: FloatMap, percents: Sequence[float]
) -> tuple[float, ...]:
    """Smallest values at which the running weight reaches these percentages of the whole.

    This is the inverse of the weighted cumulative distribution: the result is always one of
    `values`. A histogram finds the bin that holds it, and only that bin is sorted, so the result
    is exact and a map of 3 megapixels takes some tens of milliseconds.

    Args:
        values: any shape, finite.
        weights: same shape, not negative; pixels of weight 0 do not count.
        percents: in [0, 100].

    Raises:
        InputError: if all weights are zero.

    >>> weighted_percentiles(np.float32([5, 1, 3]), np.float32([1, 2, 1]), (50, 75, 100))
    (1.0, 3.0, 5.0)
    """
    counts = weights > 0
    if counts.all():
        values, weights = values.ravel(), weights.ravel()
    else:
        values, weights = values[counts], weights[counts]
    if values.size == 0:
        raise InputError("Expected at least one positive weight, but all are zero")
    low, high = float(values.min()), float(values.max())
    if low == high:
        return (low,) * len(percents)
    # Divided first: the inverse of a tiny range would overflow.
    share = (values - np.float32(low)) / np.float32(high - low)
    bins = (share * np.float32(BINS - 1)).astype(np.int32)
    running = np.cumsum(np.bincount(bins, weights, minlength=BINS))

    def value_at(percent: float) -> float:
        target = percent / 100 * running[-1]
        found = int(np.searchsorted(running, target))
        inside = np.flatnonzero(bins == found)
        order = inside[np.argsort(values[inside], kind="stable")]
        before = running[found - 1] if found else 0.0
        within = before + np.cumsum(weights[order], dtype=np.float64)
        return float(values[order[min(int(np.searchsorted(within, target)), order.size - 1)]])

    return tuple(value_at(percent) for percent in percents)


def median(values: FloatMap) -> np.float32:
    """The middle of values, float32 (N,), or the mean of the two in the middle; N above 0, no NaN.

    What np.median gives, of a few hundred values in a fifth of its time.

    >>> float(median(np.float32([3, 1, 2]))), float(median(np.float32([4, 1, 2, 3])))
    (2.0, 2.5)
    """
    low, high = (values.size - 1) // 2, values.size // 2
    ordered = np.partition(values, (low, high))
    return np.float32((ordered[low] + ordered[high]) / 2)
