"""Scores sorted once, and what lies above each of them under any weights.

A :class:`Ranking` sorts; a :class:`Tally` counts for one set of weights; every metric reads the
tally. A bootstrap draw is another tally of the same ranking, so that a thousand draws of 100,000
scores take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

ECE_BINS: Final = 15
"""Bins of the expected calibration error, of equal width (Guo et al. 2017)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Labels and scores in falling order of the score; made by :func:`rank`.

    Attributes:
        label: (N,) 0 real, 1 fake.
        score: (N,) P(fake), falling.
        order: (N,) where each entry was before sorting.
        cuts: (K + 1,) how many entries lie above each distinct threshold, from 0 to N.
        bins: (ECE_BINS + 1,) how many entries lie above each border of a bin, from N down to 0.
        called_fake: how many entries reach the threshold.
    """

    label: Values
    score: Values
    order: Indices
    cuts: Indices
    bins: Indices
    called_fake: int

    @property
    def label_as_given(self) -> Values:
        """(N,) labels in the order of the unsorted scores."""
        given = np.empty(len(self.label))
        given[self.order] = self.label
        return given


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Weighted counts above every score of a ranking; made by :func:`count`.

    Attributes:
        ranking: what was counted.
        weight: (N,) of each entry, in the order of the ranking.
        total: (N + 1,) weight of the first n entries.
        fakes: (N + 1,) weight of the fakes among the first n entries.
        false_positives: (K + 1,) weight of the reals above each distinct threshold.
        true_positives: (K + 1,) weight of the fakes above each distinct threshold.
    """

    ranking: Ranking
    weight: Values
    total: Values
    fakes: Values
    false_positives: Values
    true_positives: Values

    @property
    def n_fakes(self) -> float:
        """Weight of all fakes."""
        return float(self.fakes[-1])

    @property
    def n_reals(self) -> float:
        """Weight of all reals."""
        return float(self.total[-1] - self.fakes[-1])


def rank(label: npt.ArrayLike, score: npt.ArrayLike, threshold: float = 0.5) -> Ranking:
    """Sort once for any number of tallies.

    Args:
        label: (N,) 0 real, 1 fake.
        score: (N,) P(fake), in [0, 1].
        threshold: scores that reach it are called fake.

    Raises:
        InputError: if there is nothing, the lengths differ, a label is not 0 or 1, or a score or
            the threshold is not in [0, 1].
    """
    labels, scores = np.asarray(label, np.float64), np.asarray(score, np.float64)
    if labels.ndim != 1 or labels.shape != scores.shape or not len(labels):
        raise InputError(
            "Expected `label` and `score` to have one shape (N,) with N > 0, "
            f"but got {labels.shape} and {scores.shape}"
        )
    if not np.isin(labels, (0, 1)).all():
        raise InputError(f"Expected labels of 0 and 1, but got {np.unique(labels)[:5].tolist()}")
    if not ((scores >= 0) & (scores <= 1)).all():  # also refuses NaN
        wrong = float(scores[~((scores >= 0) & (scores <= 1))][0])
        raise InputError(f"Expected scores in [0, 1], but got {wrong}")
    if not 0 <= threshold <= 1:
        raise InputError(f"Expected `threshold` in [0, 1], but got {threshold}")
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    ends = np.flatnonzero(np.diff(falling)) + 1
    # A bin holds its lower border; the last one holds 1 as well.
    bins = np.minimum((falling * ECE_BINS).astype(np.intp), ECE_BINS - 1)
    return Ranking(
        label=labels[order],
        score=falling,
        order=order,
        cuts=np.concatenate([[0], ends, [len(falling)]]),
        bins=np.searchsorted(-bins, -np.arange(ECE_BINS + 1), side="right"),
        called_fake=int((scores >= threshold).sum()),
    )


def rank_values(label: npt.ArrayLike, value: npt.ArrayLike) -> Ranking:
    """A ranking of numbers of any size, for metrics that depend on their order alone.

    Args:
        label: (N,) 0 real, 1 fake.
        value: (N,) finite or infinite.

    Raises:
        InputError: as :func:`rank`, or if a value is NaN.

    >>> rank_values([0, 1, 1], [-7.0, 30.0, 30.0]).cuts.tolist()
    [0, 2, 3]
    """
    values = np.asarray(value, np.float64)
    if np.isnan(values).any():
        raise InputError("Expected values that are numbers, but got NaN")
    return rank(label, np.unique(values, return_inverse=True)[1].reshape(-1) / max(len(values), 1))


def count(ranking: Ranking, weight: npt.ArrayLike | None = None) -> Tally:
    """Count what lies above every score.

    Args:
        ranking: of N scores.
        weight: (N,) not negative, in the order of the *unsorted* scores, for instance how often a
            bootstrap drew each; None counts each once.
    """
    if weight is None:
        ordered = np.ones(len(ranking.score))
    else:
        ordered = np.asarray(weight, np.float64)[ranking.order]
    total, fakes = cumulate(ordered), cumulate(ordered * ranking.label)
    all_differ = len(ranking.cuts) == len(total)  # then the cuts would only copy
    above = total if all_differ else total[ranking.cuts]
    true_positives = fakes if all_differ else fakes[ranking.cuts]
    return Tally(ranking, ordered, total, fakes, above - true_positives, true_positives)


def cumulate(values: Values) -> Values:
    """Sums of the first n values, (N + 1,), from 0."""
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums
