"""How two samples of numbers differ: a test, and how much it is worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.measures.bootstrap import Interval
from blurprint.lab.measures.clustered_bootstrap import percentile_ends, resample
from blurprint.lab.measures.few_groups import counted, enough, groups_of_each
from blurprint.lab.measures.tally import Ranking, Tally, count, rank

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


def cliffs_delta(fake: npt.ArrayLike, real: npt.ArrayLike) -> float:
    """P(fake > real) - P(fake < real) of one of each, in [-1, 1].

    Cliff, *Dominance statistics: ordinal analyses to answer ordinal questions* (Psychological
    Bulletin 1993). Every fake is compared to every real, in O(n log n) by sorting the reals.

    Raises:
        InputError: if a sample is empty or holds NaN.

    >>> cliffs_delta([1, 2, 3], [2])
    0.0
    >>> cliffs_delta([3, 4], [1, 3])
    0.75
    """
    fakes, reals = _checked(fake, real)
    ordered = np.sort(reals)
    below = np.searchsorted(ordered, fakes, side="left").sum()
    above = len(reals) * len(fakes) - np.searchsorted(ordered, fakes, side="right").sum()
    return float(int(below) - int(above)) / (len(fakes) * len(reals))


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
        cliffs_delta: positive where fakes are larger.
        balanced_accuracy: of the best single threshold.
        cut: that threshold.
        ks_d_shuffled: D with labels shuffled by clip: mean, and the ends of 95 %.
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
    interval cannot hold 0; what it is without any difference comes from shuffling the labels.
    Whole clips are shuffled, within a group that has both classes, and among all others together.

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
    # Every statistic here depends on the order of the values alone.
    ranking = rank(labels, np.unique(values, return_inverse=True)[1].reshape(-1) / len(values))
    drawn = resample(ranking, names, _statistics, draws=draws, seed=seed)
    low, high = percentile_ends(drawn)
    real_groups, fake_groups = groups_of_each(labels, names)
    if not enough(real_groups, fake_groups):
        low = high = np.full(len(STATISTICS), np.nan)
    found = _statistics(count(ranking))
    parts = {
        name: Interval(float(found[place]), float(low[place]), float(high[place]))
        for place, name in enumerate(STATISTICS)
    }
    shuffled = _shuffled_d(ranking, labels, names, np.asarray(clips, str), draws, seed)
    low_d, high_d = percentile_ends(shuffled)
    return Comparison(
        **parts,
        ks_p=ks_statistic(fakes, reals)[1],
        cut=best_balanced_accuracy(fakes, reals),
        ks_d_shuffled=Interval(float(shuffled.mean()), float(low_d), float(high_d)),
        p_shuffled=float((1 + (shuffled >= found[0] - 1e-12).sum()) / (1 + len(shuffled))),
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
    area = float(np.sum(np.diff(reals) * (fakes[1:] + fakes[:-1]) / 2))
    return np.array([gap, 2 * area - 1, (1 + gap) / 2])


def _shuffled_d(
    ranking: Ranking,
    labels: Values,
    groups: npt.NDArray[np.str_],
    clips: npt.NDArray[np.str_],
    draws: int,
    seed: int,
) -> Values:
    _, first, clip = np.unique(clips, return_index=True, return_inverse=True)
    clip = clip.reshape(-1)
    label, group = labels[first], np.unique(groups, return_inverse=True)[1].reshape(-1)[first]
    fakes, size = np.bincount(group, weights=label), np.bincount(group)
    mixed = (fakes > 0) & (fakes < size)
    stratum = np.where(mixed[group], group, -1)
    by_stratum = np.argsort(stratum, kind="stable")
    rng = np.random.default_rng([seed, 1])
    cuts = ranking.cuts[1:] - 1
    out = np.empty(draws)
    for draw in range(draws):
        # Sorting by stratum and then by chance shuffles each stratum in its own place.
        shuffled = np.empty_like(label)
        shuffled[by_stratum] = label[np.lexsort((rng.random(len(label)), stratum))]
        ordered = shuffled[clip][ranking.order]
        above = np.cumsum(ordered)
        total = np.arange(1, len(ordered) + 1)
        gap = above / max(above[-1], 1) - (total - above) / max(total[-1] - above[-1], 1)
        out[draw] = np.abs(gap[cuts]).max()
    return out


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
