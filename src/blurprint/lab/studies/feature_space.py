"""How far two classes lie apart in a space of features, against shuffled labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.measures.few_groups import enough, groups_of_each
from blurprint.lab.measures.interval import Interval, null_interval, p_of_null
from blurprint.lab.measures.label_shuffle import Labels, shuffled_labels
from blurprint.lab.measures.means import mean_interval

Values = npt.NDArray[np.float64]
NEIGHBOURS: Final = (5, 10)
_AT_ONCE: Final = 256
"""Rows of the matrix of distances that are in memory."""
_DRAWS_AT_ONCE: Final = 200


def silhouettes(features: npt.ArrayLike, labels: npt.ArrayLike) -> Values:
    """Silhouette of each picture, for each of P labellings, (P, N).

    Rousseeuw, *Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis* (1987): ``(b - a) / max(a, b)`` with the mean Euclidean distances a to the others of
    its own class and b to the other class; 0 for one that is alone in its class.

    Args:
        features: (N, D).
        labels: (N,) or (P, N), 0 or 1, both in each labelling.

    Raises:
        InputError: if shapes do not agree or a class is missing.

    >>> silhouettes([[0.0], [2.0], [10.0]], [0, 0, 1]).round(3).tolist()
    [[0.8, 0.75, 0.0]]
    """
    space, classes = _checked(features, labels)
    fakes = classes.astype(np.float64).T
    sums = np.empty((2, *fakes.shape))
    for start, distance in _distances(space):
        rows = slice(start, start + len(distance))
        sums[FAKE, rows] = distance @ fakes
        sums[REAL, rows] = distance.sum(axis=1, keepdims=True) - sums[FAKE, rows]
    counts = np.stack([(1 - fakes).sum(axis=0), fakes.sum(axis=0)])[:, None, :]
    own = np.where(fakes == FAKE, sums[FAKE], sums[REAL])
    other = np.where(fakes == FAKE, sums[REAL], sums[FAKE])
    own_count = np.where(fakes == FAKE, counts[FAKE], counts[REAL])
    other_count = np.where(fakes == FAKE, counts[REAL], counts[FAKE])
    within, between = own / np.maximum(own_count - 1, 1), other / other_count
    larger = np.maximum(within, between)
    found = np.divide(between - within, larger, out=np.zeros_like(larger), where=larger > 0)
    return np.where(own_count > 1, found, 0).T


def nearest(
    features: npt.ArrayLike, k: int, groups: npt.ArrayLike | None = None
) -> npt.NDArray[np.intp]:
    """The `k` nearest others of each picture by Euclidean distance, nearest first, (N, k).

    Args:
        features: (N, D).
        k: how many.
        groups: (N,) names; none of a picture's own group is taken. Without, only it itself is not.

    Raises:
        InputError: if a picture has not so many others.
    """
    space = np.asarray(features, np.float64)
    names = np.arange(len(space)) if groups is None else np.asarray(groups, str)
    code = np.unique(names, return_inverse=True)[1].reshape(-1)
    if len(code) != len(space):
        raise InputError(f"Expected {len(space)} groups, but got {len(code)}")
    least = len(space) - int(np.bincount(code).max()) if len(space) else 0
    if not 1 <= k <= least:
        raise InputError(f"Expected `k` to be from 1 to {least}, but got {k}")
    out = np.empty((len(space), k), np.intp)
    for start, distance in _distances(space):
        rows = np.arange(start, start + len(distance))
        distance[code[rows][:, None] == code] = np.inf
        some = np.argpartition(distance, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(distance, some, axis=1), axis=1, kind="stable")
        out[rows] = np.take_along_axis(some, order, axis=1)
    return out


@dataclass(frozen=True, slots=True)
class Separation:
    """A number in the space of the features, beside what shuffled labels give.

    Attributes:
        name: of the number, as the summary has it.
        title: in words.
        found: with its 95 % interval over groups.
        null: with shuffled labels: mean, and the ends of 95 %.
        p: share of the labellings that give as much.
    """

    name: str
    title: str
    found: Interval
    null: Interval
    p: float


def measure(
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    groups: npt.ArrayLike,
    clips: npt.ArrayLike | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> list[Separation]:
    """Label agreement of neighbours of other groups, of all, and the silhouette.

    Args:
        features: (N, D).
        labels: (N,) 0 or 1.
        groups: (N,) names; intervals draw whole groups again, and have no ends where those of a
            class are too few.
        clips: see :func:`~blurprint.lab.measures.label_shuffle.shuffled_labels`.
        draws: of the bootstrap, and of labellings.
        seed: of both.

    Raises:
        InputError: if a class is missing, or too few groups are there to have neighbours.
    """
    space = np.asarray(features, np.float64)
    label = np.asarray(labels, np.int8)
    drawn = np.stack(list(shuffled_labels(label, groups, clips, draws=draws, seed=[seed, 2])))
    names = np.asarray(groups, str)
    has_ends = enough(*groups_of_each(label, names))
    out = []
    for own, k in [(own, k) for own in (False, True) for k in NEIGHBOURS]:
        try:
            near = nearest(space, k, None if own else names)
        except InputError:
            continue
        each = (label[near] == label[:, None]).mean(axis=1)
        null = np.array([(one[near] == one[:, None]).mean() for one in drawn])
        words = "all pictures" if own else "other groups"
        key = f"agreement_of_{k}_neighbours" + ("_own_group_included" if own else "")
        title = f"{k} nearest of {words}"
        out.append(_measured(key, title, each, null, names, has_ends, draws=draws, seed=seed))
    if not any("included" not in one.name for one in out):
        raise InputError(
            f"Expected {min(NEIGHBOURS)} pictures of other groups for each picture, but there are "
            "fewer"
        )
    each = silhouettes(space, label)[0]
    parts = [drawn[start : start + _DRAWS_AT_ONCE] for start in range(0, draws, _DRAWS_AT_ONCE)]
    null = np.concatenate([silhouettes(space, part).mean(axis=1) for part in parts])
    out.append(
        _measured("silhouette", "silhouette", each, null, names, has_ends, draws=draws, seed=seed)
    )
    return out


def _measured(
    name: str,
    title: str,
    each: Values,
    null: Values,
    groups: npt.NDArray[np.str_],
    has_ends: bool,
    *,
    draws: int,
    seed: int,
) -> Separation:
    """Of the value of each picture, and the mean of each labelling."""
    found = mean_interval(each, groups, draws=draws, seed=seed)
    return Separation(
        name,
        title,
        found if has_ends else found.without_ends(),
        null_interval(null),
        p_of_null(found.value, null),
    )


def _checked(features: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Values, Labels]:
    space, classes = np.asarray(features, np.float64), np.atleast_2d(np.asarray(labels, np.int8))
    if space.ndim != 2 or classes.shape[1:] != space.shape[:1]:
        raise InputError(
            f"Expected features (N, D) and labels of N, but got {space.shape} and {classes.shape}"
        )
    fakes = (classes == FAKE).sum(axis=1)
    if ((classes != FAKE) & (classes != REAL)).any() or not (
        (fakes > 0) & (fakes < len(space))
    ).all():
        raise InputError("Expected labels 0 and 1, and both of them")
    return space, classes


def _distances(space: Values) -> Iterator[tuple[int, Values]]:
    """Euclidean distances of some rows to all, with the number of the first row."""
    centred = space - space.mean(axis=0)  # keeps the digits that the squares would lose
    square = (centred * centred).sum(axis=1)
    for start in range(0, len(space), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        squared = square[rows, None] + square - 2 * (centred[rows] @ centred.T)
        some = np.arange(start, start + len(squared))
        squared[some - start, some] = 0
        yield start, np.sqrt(np.maximum(squared, 0))
