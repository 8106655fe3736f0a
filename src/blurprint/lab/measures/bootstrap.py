"""Intervals by resampling whole units: pictures, pairs, never single pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the ends of its 95 % interval; all NaN where there is nothing to measure."""

    value: float
    low: float
    high: float


def ratio_interval(totals: Values, counts: Values, draws: int = 2000, seed: int = 0) -> Interval:
    """``sum(totals) / sum(counts)`` with the percentile interval of a bootstrap over the units.

    Efron, *Bootstrap methods: another look at the jackknife* (Annals of Statistics 1979).

    Args:
        totals: (N,) sum of each unit.
        counts: (N,) what each sum is over, not negative; units of zero do not matter.
        draws: resamples.
        seed: of the resamples.

    >>> ratio_interval(np.array([1.0, 1.0]), np.array([2.0, 2.0]))
    Interval(value=0.5, low=0.5, high=0.5)
    """
    used = counts > 0
    totals, counts = np.asarray(totals, np.float64)[used], np.asarray(counts, np.float64)[used]
    if not used.any():
        return Interval(float("nan"), float("nan"), float("nan"))
    chosen = np.random.default_rng(seed).integers(len(totals), size=(draws, len(totals)))
    ratios = totals[chosen].sum(axis=1) / counts[chosen].sum(axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Interval(float(totals.sum() / counts.sum()), float(low), float(high))
