"""How two samples of numbers differ: a test, and how much it is worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.measures.bootstrap import resample
from blurprint.lab.measures.few_groups import counted, enough, groups_of_each
from blurprint.lab.measures.interval import (
    Interval,
    null_interval,
    p_of_null,
    percentile_interval,
)
from blurprint.lab.measures.label_shuffle import shuffled_labels
from blurprint.lab.measures.metrics import auc
from blurprint.lab.measures.tally import Ranking, Tally, count, rank_values

Values = npt.NDArray[np.float64]
STATISTICS = ("ks_d", "cliffs_delta", "balanced_accuracy")


class Cut(NamedTuple):
    """A rule that tells two samples apart by one threshold.

    Attributes:
        accuracy: balanced: the mean of the shares of each sample that it gets right.
        threshold: values above it are called fake, or those below it.
        fake_above: which of the two.
    """

    accuracy: float
    threshold: float
    fake_above: bool


def ks_statistic(fake: npt.ArrayLike, real: npt.ArrayLike) -> tuple[float, float]:
    """Kolmogorov and Smirnov's two-sample D and its p.

    D is the largest gap between the two cumulative distributions. p takes all values as independent
    of each other; frames of one video are not, so that it is too small for them.

    Raises:
        InputError: if a sample is empty or holds NaN.

    >>> ks_statistic([1, 2, 3, 4], [3, 4, 5, 6])[0]
    0.5
    """
    from scipy.stats import ks_2samp

    found = ks_2samp(*_checked(fake, real))
    return float(found.statistic), float(found.pvalue)


def best_balanced_accuracy(fake: npt.ArrayLike, real: npt.ArrayLike) -> Cut:
    """The best that one threshold can do, chosen on these very values.

    It is ``(1 + D) / 2`` with Kolmogorov and Smirnov's D, since both look for the threshold with
    the largest gap between the shares of both samples beyond it. Chance is 0.5.

    Raises:
        InputError: if a sample is empty or holds NaN.

    >>> best_balanced_accuracy([3, 5], [1, 1, 2, 4])
    Cut(accuracy=0.875, threshold=2.5, fake_above=True)
    """
    fakes, reals = (np.sort(one) for one in _checked(fake, real))
    values = np.unique(np.concatenate([fakes, reals]))
    if len(values) == 1:
        return Cut(0.5, float(values[0]), True)
    between = values[:-1] + (values[1:] - values[:-1]) / 2
    # Counts at or below a value, not below the middle: two neighbours may have no middle.
    gap = np.searchsorted(reals, values[:-1], side="right") / len(reals) - np.searchsorted(
        fakes, values[:-1], side="right"
    ) / len(fakes)
    place = int(np.argmax(np.abs(gap)))
    return Cut(float((1 + abs(gap[place])) / 2), float(between[place]), bool(gap[place] >= 0))


class Comparison(NamedTuple):
    """Two samples compared, with what chance gives.

    Attributes:
        ks_d: Kolmogorov and Smirnov's D.
        ks_p: its p, as if all values were independent.
        cliffs_delta: P(fake > real) - P(fake < real) of one of each, in [-1, 1], which is twice the
            AUC less 1 (Cliff, *Dominance statistics: ordinal analyses to answer ordinal questions*,
            Psychological Bulletin 1993).
        balanced_accuracy: of the best single threshold.
        cut: that threshold.
        ks_d_shuffled: D with labels shuffled: mean, and the ends of 95 %.
        p_shuffled: share of the shufflings whose D is as large.
        fakes: how many.
        reals: how many.
        fake_groups: how many hold a fake.
        real_groups: how many hold a real.
    """

    ks_d: Interval
    ks_p: float
    cliffs_delta: Interval
    balanced_accuracy: Interval
    cut: Cut
    ks_d_shuffled: Interval
    p_shuffled: float
    fakes: int
    reals: int
    fake_groups: int
    real_groups: int

    @property
    def enough_groups(self) -> bool:
        """Whether there are enough groups of both classes for intervals and claims."""
        return enough(self.fake_groups, self.real_groups)

    @property
    def groups_in_words(self) -> str:
        """As :func:`too_few` takes it."""
        return (
            f"{counted(self.fake_groups, 'group')} with fakes and "
            f"{counted(self.real_groups, 'group')} with reals"
        )


def compare(
    label: npt.ArrayLike,
    value: npt.ArrayLike,
    groups: npt.ArrayLike,
    clips: npt.ArrayLike,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Compare the values of fakes to those of reals.

    Intervals draw whole groups again (:func:`resample`); their ends are NaN where groups of a class
    are too few (:mod:`blurprint.lab.measures.few_groups`). D is never negative, so that its
    interval cannot hold 0; what it is without any difference comes from shuffling the labels, see
    :func:`~blurprint.lab.measures.label_shuffle.shuffled_labels`.

    Args:
        label: (N,) 0 real, 1 fake.
        value: (N,) numbers.
        groups: (N,) names.
        clips: (N,) names; a clip is of one class.
        draws: of the bootstrap, and of shufflings.
        seed: of both.

    Raises:
        InputError: if a class is missing or a value is NaN.
    """
    labels, values = np.asarray(label, np.float64), np.asarray(value, np.float64)
    names = np.asarray(groups, str)
    fakes, reals = _checked(values[labels == FAKE], values[labels == REAL])
    ranking = rank_values(labels, values)
    drawn = resample(ranking, names, _statistics, draws=draws, seed=seed)
    real_groups, fake_groups = groups_of_each(labels, names)
    parts = {
        name: percentile_interval(found, column)
        for name, found, column in zip(
            STATISTICS, _statistics(count(ranking)), drawn.T, strict=True
        )
    }
    if not enough(real_groups, fake_groups):
        parts = {name: part.without_ends() for name, part in parts.items()}
    labellings = shuffled_labels(labels, names, clips, draws=draws, seed=[seed, 1])
    null = np.array([_d_of_labels(ranking, one) for one in labellings])
    return Comparison(
        **parts,
        ks_p=ks_statistic(fakes, reals)[1],
        cut=best_balanced_accuracy(fakes, reals),
        ks_d_shuffled=null_interval(null),
        p_shuffled=p_of_null(parts["ks_d"].value, null),
        fakes=len(fakes),
        reals=len(reals),
        fake_groups=fake_groups,
        real_groups=real_groups,
    )


def _statistics(tally: Tally) -> Values:
    """D, Cliff's delta and balanced accuracy, from counts above every distinct value."""
    fakes = tally.true_positives / tally.n_fakes
    reals = tally.false_positives / tally.n_reals
    gap = float(np.abs(fakes - reals).max())
    return np.array([gap, 2 * auc(tally) - 1, (1 + gap) / 2])


def _d_of_labels(ranking: Ranking, label: npt.NDArray[np.int8]) -> float:
    """D where the values have other labels, (N,) in the order of the unsorted values."""
    above = np.cumsum(label[ranking.order])
    total = np.arange(1, len(label) + 1)
    gap = above / max(above[-1], 1) - (total - above) / max(total[-1] - above[-1], 1)
    return float(np.abs(gap[ranking.cuts[1:] - 1]).max())


def _checked(fake: npt.ArrayLike, real: npt.ArrayLike) -> tuple[Values, Values]:
    fakes, reals = (np.asarray(one, np.float64).ravel() for one in (fake, real))
    if not len(fakes) or not len(reals):
        raise InputError(
            f"Expected values of both classes, but got {len(fakes)} of fakes and {len(reals)} of "
            "reals"
        )
    if np.isnan(fakes).any() or np.isnan(reals).any():
        raise InputError("Expected values that are numbers, but got NaN")
    return fakes, reals
