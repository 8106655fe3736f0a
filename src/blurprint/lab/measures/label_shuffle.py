"""Labels shuffled: what a number is where there is nothing to be learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from blurprint.lab.measures.bootstrap import group_codes

Labels = npt.NDArray[np.int8]


def shuffled_labels(
    labels: npt.ArrayLike,
    groups: npt.ArrayLike,
    clips: npt.ArrayLike | None = None,
    *,
    draws: int,
    seed: int | Sequence[int] = 0,
) -> Iterator[Labels]:
    """Labellings where nothing is to be learnt, (N,) each.

    What shares its pictures' looks is shuffled as a whole, else rows that resemble each other would
    seem to be evidence. Within a group that has both classes, labels go from clip to clip; among
    all groups of one class, from group to group. Each labelling so keeps both classes.

    Args:
        labels: (N,) 0 or 1.
        groups: (N,) names.
        clips: (N,) names, each of one label; without, every row is its own clip.
        draws: number of labellings.
        seed: random seed.

    >>> [one.tolist() for one in shuffled_labels([0, 0, 1], ["a", "a", "b"], draws=2, seed=2)]
    [[0, 0, 1], [1, 1, 0]]
    """
    label, group = np.asarray(labels, np.int8), np.asarray(groups, str)
    code = group_codes(group)
    fakes, size = np.bincount(code, weights=label), np.bincount(code)
    mixed = ((fakes > 0) & (fakes < size))[code]
    clip = np.arange(len(label)).astype(str) if clips is None else np.asarray(clips, str)
    unit = np.where(mixed, np.char.add("c ", clip), np.char.add("g ", group))
    _, first, place = np.unique(unit, return_index=True, return_inverse=True)
    place = place.reshape(-1)
    stratum = np.where(mixed, code, -1)[first]
    by_stratum = np.argsort(stratum, kind="stable")
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        # Sorting by stratum and then by chance shuffles each stratum in its own place.
        drawn = np.empty(len(first), np.int8)
        drawn[by_stratum] = label[first][np.lexsort((rng.random(len(first)), stratum))]
        yield drawn[place]
