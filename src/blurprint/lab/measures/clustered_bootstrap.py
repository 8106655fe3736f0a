"""Intervals by drawing whole groups again: pictures of one person or scene are not independent.

Groups are drawn with replacement within three strata: groups of reals only, of fakes only, and of
both. Every draw so keeps both classes, and as many groups of each kind as the data have; the
interval says nothing about other mixtures. A stratum of a single group never varies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.bootstrap import Interval
from blurprint.lab.measures.few_groups import enough, groups_of_each
from blurprint.lab.measures.metrics import METRICS
from blurprint.lab.measures.tally import Indices, Ranking, Tally, Values, count

Statistic = Callable[[Tally], Values]
"""From a tally to numbers (K,)."""

LEVEL = 0.95


def resample(
    ranking: Ranking, groups: npt.ArrayLike, statistic: Statistic, *, draws: int, seed: int
) -> Values:
    """A statistic of every draw, (draws, K).

    The clustered bootstrap of Davison & Hinkley, *Bootstrap methods and their application*
    (1997), section 3.8: whole groups, and within them nothing.

    The same groups, labels, `draws` and `seed` give the same draws, whatever the scores: two
    detectors on the same pictures can be compared draw by draw.

    Args:
        ranking: of N scores.
        groups: (N,) in the order of the unsorted scores.
        statistic: what is computed of each draw.
        draws: how many.
        seed: of the draws.

    Raises:
        InputError: if there are not as many groups as scores, or no draws.
    """
    names = np.asarray(groups)
    if names.shape != ranking.score.shape:
        raise InputError(f"Expected {ranking.score.shape} groups, but got {names.shape}")
    if draws < 1:
        raise InputError(f"Expected `draws` to be at least 1, but got {draws}")
    code = np.unique(names, return_inverse=True)[1].reshape(-1)
    label = np.empty(len(code))
    label[ranking.order] = ranking.label
    strata = _strata(code, label)
    size = int(code.max()) + 1
    return np.stack(
        [
            statistic(count(ranking, times[code]))
            for times in _multiplicities(strata, size, draws, seed)
        ]
    )


def _strata(code: Indices, label: Values) -> list[Indices]:
    """Groups of reals, of fakes, and of both, as far as there are any."""
    rows = np.bincount(code)
    fakes = np.bincount(code, weights=label)
    kinds = (fakes == 0, fakes == rows, (fakes > 0) & (fakes < rows))
    return [np.flatnonzero(kind) for kind in kinds if kind.any()]


def _multiplicities(
    strata: list[Indices], size: int, draws: int, seed: int
) -> Iterator[npt.NDArray[np.float64]]:
    """How often each group was drawn, draw by draw."""
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = [stratum[rng.integers(len(stratum), size=len(stratum))] for stratum in strata]
        yield np.bincount(np.concatenate(drawn), minlength=size).astype(np.float64)


def all_metrics(tally: Tally) -> Values:
    """All of :data:`METRICS` in their order, (len(METRICS),)."""
    return np.array([metric.of(tally) for metric in METRICS.values()])


def metric_draws(ranking: Ranking, groups: npt.ArrayLike, *, draws: int, seed: int) -> Values:
    """Every metric of every draw, (draws, len(METRICS)); see :func:`resample`."""
    return resample(ranking, groups, all_metrics, draws=draws, seed=seed)


def intervals(ranking: Ranking, groups: npt.ArrayLike, drawn: Values) -> dict[str, Interval]:
    """Each metric with the 95 % percentile interval of `drawn`; NaN ends with few groups.

    Few are less than :data:`FEWEST_GROUPS` of a class that is there.

    Args:
        ranking: of N scores.
        groups: (N,) in the order of the unsorted scores.
        drawn: from :func:`metric_draws`.
    """
    values = all_metrics(count(ranking))
    low, high = percentile_ends(drawn)
    if not enough(*groups_of_classes(ranking, groups)):
        low = high = np.full(len(values), np.nan)
    return {
        name: Interval(float(value), float(a), float(b))
        for name, value, a, b in zip(METRICS, values, low, high, strict=True)
    }


def groups_of_classes(ranking: Ranking, groups: npt.ArrayLike) -> list[int]:
    """Groups that hold a real, and groups that hold a fake, of the classes that are there."""
    label = np.empty(len(ranking.label))
    label[ranking.order] = ranking.label
    return [number for number in groups_of_each(label, groups) if number]


def percentile_ends(drawn: Values) -> tuple[Values, Values]:
    """Lower and upper end of the 95 % percentile interval along the first axis."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail), axis=0)
    return low, high


def roc_at(tally: Tally, rates: Values) -> Values:
    """True positive rate at each false positive rate, along the straight lines of the curve."""
    return np.interp(
        rates, tally.false_positives / tally.n_reals, tally.true_positives / tally.n_fakes
    )


def roc_band(
    ranking: Ranking, groups: npt.ArrayLike, rates: Values, *, draws: int, seed: int
) -> tuple[Values, Values]:
    """Pointwise 95 % band of the ROC curve at each false positive rate of `rates`.

    Both classes are needed. NaN with few groups, as for :func:`intervals`.
    """
    if not enough(*groups_of_classes(ranking, groups)):
        return np.full(len(rates), np.nan), np.full(len(rates), np.nan)
    return percentile_ends(
        resample(ranking, groups, lambda tally: roc_at(tally, rates), draws=draws, seed=seed)
    )
