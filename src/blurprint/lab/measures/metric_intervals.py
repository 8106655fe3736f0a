"""Metrics of a detector, and its ROC curve, with intervals over whole groups."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blurprint.lab.measures.bootstrap import resample
from blurprint.lab.measures.few_groups import enough, groups_of_each
from blurprint.lab.measures.interval import Interval, percentile_ends
from blurprint.lab.measures.metrics import METRICS
from blurprint.lab.measures.tally import Ranking, Tally, Values, count


def all_metrics(tally: Tally) -> Values:
    """All of :data:`METRICS` in their order, (len(METRICS),)."""
    return np.array([metric.of(tally) for metric in METRICS.values()])


def metric_draws(ranking: Ranking, groups: npt.ArrayLike, *, draws: int, seed: int) -> Values:
    """Every metric of every resample, (draws, len(METRICS)).

    See :func:`~blurprint.lab.measures.bootstrap.resample`.
    """
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
    return [number for number in groups_of_each(ranking.label_as_given, groups) if number]


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
