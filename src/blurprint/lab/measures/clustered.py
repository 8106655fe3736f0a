"""Intervals of the studies: whole groups are drawn again, never single pictures or pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.bootstrap import Interval
from blurprint.lab.measures.few_groups import FEWEST_GROUPS

Values = npt.NDArray[np.float64]
_CHUNK = 200


def as_summary(interval: Interval) -> dict[str, float | None]:
    """As JSON takes it; None for what is not defined.

    >>> as_summary(Interval(2.0, 1.0, float("nan")))
    {'value': 2.0, 'low': 1.0, 'high': None}
    """
    parts = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {name: float(part) if np.isfinite(part) else None for name, part in parts.items()}


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

    The clustered bootstrap of Davison & Hinkley, *Bootstrap methods and their application* (1997),
    section 3.8, by percentiles: a group that is drawn brings its rows of both sets, so that what a
    group's pictures share is in both parts of the ratio.

    Args:
        upper: (N, K) values.
        upper_groups: (N,) names.
        lower: (M, K) values that the first are compared to; M may be 0.
        lower_groups: (M,) names.
        draws: resamples.
        seed: of the resamples.
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
    code = np.unique(names, return_inverse=True)[1].reshape(-1)
    size = int(code.max()) + 1
    split = len(above)
    sums = [_group_sums(above, code[:split], size), _group_sums(below, code[split:], size)]
    values = _means(np.ones((1, size)), sums)
    rng = np.random.default_rng(seed)
    drawn = [
        _means(rng.multinomial(size, np.full(size, 1 / size), min(_CHUNK, draws - start)), sums)
        for start in range(0, draws, _CHUNK)
    ]
    counts = [len(np.unique(part)) for part in (code[:split], code[split:])]
    out = {}
    for place, (name, groups) in enumerate(
        (("upper", counts[0]), ("lower", counts[1]), ("ratio", min(counts)))
    ):
        of_draws = np.concatenate([part[place] for part in drawn])
        out[name] = [
            _interval(
                float(values[place][0, column]), of_draws[:, column], groups >= max(2, fewest)
            )
            for column in range(above.shape[1])
        ]
    return out


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


def _interval(value: float, drawn: Values, has_ends: bool) -> Interval:
    kept = drawn[np.isfinite(drawn)]
    if not has_ends or not np.isfinite(value) or not len(kept):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(kept, (0.025, 0.975))
    return Interval(value, float(low), float(high))
