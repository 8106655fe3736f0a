"""The one bootstrap of the lab: whole groups are drawn again, and the class mix stays.

Pictures of one person or scene are not independent, so a resample draws groups, with replacement,
and takes each with all its rows. Groups are drawn within strata: groups of reals only, groups of
fakes only, and groups of both. Every resample so holds both classes, and as many groups of each
kind as the data; an interval says nothing about data with another mix of classes. A stratum of a
single group never varies. Where rows are of one kind, there is one stratum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.tally import Indices, Ranking, Tally, Values, count

Statistic = Callable[[Tally], Values]
"""From a tally to numbers (K,)."""


def group_codes(groups: npt.ArrayLike) -> Indices:
    """Number of each row's group, (N,), from 0 in the order of the sorted names.

    >>> group_codes(["b", "a", "b"]).tolist()
    [1, 0, 1]
    """
    return np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)


def group_resamples(
    code: Indices, kind: npt.ArrayLike | None = None, *, draws: int, seed: int
) -> Iterator[Values]:
    """How often each group is in a resample, resample by resample, (G,) each.

    The clustered bootstrap of Davison & Hinkley, *Bootstrap methods and their application* (1997),
    section 3.8: whole groups are drawn with replacement, and nothing is drawn within them. Groups
    are drawn among those that hold the same kinds of rows, so that each resample keeps the mix of
    kinds (of classes, where kinds are labels).

    The same groups, kinds, `draws` and `seed` give the same resamples, whatever is computed of
    them: two detectors on the same pictures can be compared resample by resample.

    Args:
        code: (N,) number of each row's group, from :func:`group_codes`.
        kind: (N,) 0 or 1, such as real and fake; None where all rows are of one kind.
        draws: number of resamples.
        seed: random seed.

    Raises:
        InputError: if there are no rows, not as many kinds as rows, or `draws` is not positive.

    >>> next(group_resamples(group_codes(["a", "b", "c"]), [0, 1, 1], draws=1, seed=0)).tolist()
    [1.0, 0.0, 2.0]
    """
    kinds = np.zeros(len(code), np.intp) if kind is None else np.asarray(kind).astype(np.intp)
    if not len(code) or kinds.shape != code.shape:
        raise InputError(
            f"Expected rows, and a kind for each, but got {len(code)} rows and {kinds.shape} kinds"
        )
    if draws < 1:
        raise InputError(f"Expected `draws` to be at least 1, but got {draws}")
    strata = _strata(code, kinds)
    return _draw(strata, int(code.max()) + 1, draws, seed)


def _strata(code: Indices, kind: Indices) -> list[Indices]:
    """Groups of the first kind, of the second, and of both, as far as there are any."""
    rows = np.bincount(code)
    second = np.bincount(code, weights=kind)
    holds = (second == 0, second == rows, (second > 0) & (second < rows))
    return [np.flatnonzero(one) for one in holds if one.any()]


def _draw(strata: list[Indices], size: int, draws: int, seed: int) -> Iterator[Values]:
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = [stratum[rng.integers(len(stratum), size=len(stratum))] for stratum in strata]
        yield np.bincount(np.concatenate(drawn), minlength=size).astype(np.float64)


def resample(
    ranking: Ranking, groups: npt.ArrayLike, statistic: Statistic, *, draws: int, seed: int
) -> Values:
    """A statistic of every resample, (draws, K); see :func:`group_resamples`.

    Args:
        ranking: of N scores; its labels are the kinds.
        groups: (N,) names, in the order of the unsorted scores.
        statistic: what is computed of each resample.
        draws: number of resamples.
        seed: random seed.

    Raises:
        InputError: if there are not as many groups as scores, or `draws` is not positive.
    """
    names = np.asarray(groups)
    if names.shape != ranking.score.shape:
        raise InputError(f"Expected {ranking.score.shape} groups, but got {names.shape}")
    code = group_codes(names)
    drawn = group_resamples(code, ranking.label_as_given, draws=draws, seed=seed)
    return np.stack([statistic(count(ranking, times[code])) for times in drawn])
