"""Means over pictures, and ratios of means, with intervals over whole groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.bootstrap import group_codes, group_resamples
from blurprint.lab.measures.few_groups import FEWEST_GROUPS
from blurprint.lab.measures.interval import Interval, percentile_interval

Values = npt.NDArray[np.float64]
_AT_ONCE = 200
"""Resamples that are in memory."""


def ratio_interval(
    totals: npt.ArrayLike, counts: npt.ArrayLike, draws: int = 2000, seed: int = 0
) -> Interval:
    """``sum(totals) / sum(counts)`` with the 95 % interval of a bootstrap over the units.

    Each unit is a group of its own, see :func:`~blurprint.lab.measures.bootstrap.group_resamples`.
    Unlike elsewhere, few units have an interval as well: their number stands beside it.

    Args:
        totals: (N,) sum of each unit.
        counts: (N,) what each sum is over, not negative; units of zero do not matter.
        draws: number of resamples.
        seed: random seed.

    >>> ratio_interval(np.array([1.0, 1.0]), np.array([2.0, 2.0]))
    Interval(value=0.5, low=0.5, high=0.5)
    """
    of, over = np.asarray(totals, np.float64), np.asarray(counts, np.float64)
    used = over > 0
    of, over = of[used], over[used]
    if not used.any():
        return Interval(float("nan"), float("nan"), float("nan"))
    drawn = group_resamples(np.arange(len(of)), draws=draws, seed=seed)
    ratios = np.concatenate([(times @ of) / (times @ over) for times in _parts(drawn)])
    return percentile_interval(float(of.sum() / over.sum()), ratios)


def mean_interval(
    values: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    draws: int = 1000,
    seed: int = 0,
    fewest: int = FEWEST_GROUPS,
) -> Interval:
    """Mean of (N,) values with its 95 % interval over groups; see :func:`mean_and_ratio`."""
    column = np.asarray(values, np.float64)[:, None]
    found = mean_and_ratio(column, groups, [], [], draws=draws, seed=seed, fewest=fewest)
    return found["upper"][0]


def mean_and_ratio(
    upper: npt.ArrayLike,
    upper_groups: npt.ArrayLike,
    lower: npt.ArrayLike,
    lower_groups: npt.ArrayLike,
    *,
    draws: int = 1000,
    seed: int = 0,
    fewest: int = FEWEST_GROUPS,
) -> Mapping[str, list[Interval]]:
    """Means of two sets of rows and their ratio, column by column, with 95 % intervals.

    A group that is drawn brings its rows of both sets, so that what a group's pictures share is in
    both parts of the ratio. Groups are drawn among those that hold rows of the same sets, see
    :func:`~blurprint.lab.measures.bootstrap.group_resamples`.

    Args:
        upper: (N, K) values.
        upper_groups: (N,) names.
        lower: (M, K) values that the first are compared to; M may be 0.
        lower_groups: (M,) names.
        draws: number of resamples.
        seed: random seed.
        fewest: groups from which an interval has ends; see
            :mod:`blurprint.lab.measures.few_groups`. A ratio needs them in both sets.

    Returns:
        "upper", "lower" and "ratio", K intervals each. What is not defined is NaN: the ends where
        there are too few groups, all of a ratio to zero.

    Raises:
        InputError: if `upper` has no rows, or the shapes do not agree.

    >>> found = mean_and_ratio([[2.0], [4.0]], ["a", "b"], [[1.0], [1.0]], ["a", "b"], fewest=2)
    >>> found["upper"][0].value, found["lower"][0], found["ratio"][0].value
    (3.0, Interval(value=1.0, low=1.0, high=1.0), 3.0)
    """
    above = np.asarray(upper, np.float64)
    if above.ndim != 2 or not len(above):
        raise InputError(f"Expected `upper` to be (N, K) with N > 0, but got {above.shape}")
    below = np.asarray(lower, np.float64).reshape(-1, above.shape[1])
    names = np.concatenate([np.asarray(upper_groups, str), np.asarray(lower_groups, str)])
    if len(names) != len(above) + len(below):
        raise InputError(f"Expected a group for each row, but got {len(names)} groups")
    code, split = group_codes(names), len(above)
    size = int(code.max()) + 1
    sums = [_group_sums(above, code[:split], size), _group_sums(below, code[split:], size)]
    values = _means(np.ones((1, size)), sums)
    drawn = group_resamples(code, np.arange(len(code)) >= split, draws=draws, seed=seed)
    resampled = [_means(times, sums) for times in _parts(drawn)]
    counts = [len(np.unique(part)) for part in (code[:split], code[split:])]
    out = {}
    for place, (name, groups) in enumerate(
        (("upper", counts[0]), ("lower", counts[1]), ("ratio", min(counts)))
    ):
        of_draws = np.concatenate([part[place] for part in resampled])
        out[name] = [
            _interval(
                float(values[place][0, column]), of_draws[:, column], groups >= max(2, fewest)
            )
            for column in range(above.shape[1])
        ]
    return out


def _parts(drawn: Iterator[Values]) -> Iterator[Values]:
    """Some resamples at a time, (D, G)."""
    while part := list(islice(drawn, _AT_ONCE)):
        yield np.stack(part)


def _group_sums(rows: Values, code: npt.NDArray[np.intp], size: int) -> tuple[Values, Values]:
    """Sums (G, K) and counts (G,) of the rows of each group."""
    sums = np.zeros((size, rows.shape[1]))
    np.add.at(sums, code, rows)
    return sums, np.bincount(code, minlength=size).astype(np.float64)


def _means(
    times: npt.NDArray[np.number], sums: list[tuple[Values, Values]]
) -> tuple[Values, Values, Values]:
    """Both means and their ratio, (D, K) each, where groups count `times` (D, G)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        above, below = (times @ total / (times @ count)[:, None] for total, count in sums)
        ratio = np.where(below > 0, above / below, np.nan)
    return np.asarray(above), np.asarray(below), np.asarray(ratio)


def _interval(value: float, resampled: Values, has_ends: bool) -> Interval:
    kept = resampled[np.isfinite(resampled)]
    if not has_ends or not np.isfinite(value) or not len(kept):
        return Interval(value, float("nan"), float("nan"))
    return percentile_interval(value, kept)
