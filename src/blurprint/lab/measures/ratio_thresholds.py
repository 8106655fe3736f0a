"""Thresholds of likelihood ratios: few untouched faces above, few fakes below."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.few_groups import enough, groups_of_each
from blurprint.lab.measures.ratio_cost import group_weights
from blurprint.score.rules import Thresholds

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Names = npt.NDArray[np.str_]


def weighted_quantile(values: npt.ArrayLike, weight: npt.ArrayLike, share: float) -> float:
    """The least of the values that at most ``1 - share`` of the weight lies above.

    It is always one of the values, never between two: with fewer than ``1 / (1 - share)`` values it
    is the largest.

    Args:
        values: (N,) numbers.
        weight: (N,) above 0.
        share: in [0, 1].

    Raises:
        InputError: if there are no values, or one is NaN.

    >>> weighted_quantile([3, 1, 2, 4], [1, 1, 1, 1], 0.5)
    2.0
    """
    numbers, weights = np.asarray(values, np.float64), np.asarray(weight, np.float64)
    if not len(numbers) or numbers.shape != weights.shape or np.isnan(numbers).any():
        raise InputError(
            "Expected numbers, and a weight for each, but got "
            f"{numbers.shape} and {weights.shape}, NaN counted out"
        )
    order = np.argsort(numbers, kind="stable")
    inside = np.cumsum(weights[order])
    # The slack is for sums of thirds and the like, which lie a rounding beside a whole number.
    place = int(np.searchsorted(inside, share * inside[-1] * (1 - 1e-12)))
    return float(numbers[order][min(place, len(numbers) - 1)])


def fit_thresholds(
    label: npt.ArrayLike,
    log10_lr: npt.ArrayLike,
    groups: npt.ArrayLike,
    conditions: npt.ArrayLike | None = None,
    *,
    false_alarms: tuple[float, float] = (0.05, 0.01),
    missed: float | None = None,
) -> Thresholds:
    """Thresholds that keep false alarms low in every condition, from held-out ratios.

    Shares are of faces, where every group counts the same in its class. A threshold is set for all
    faces and for each condition with enough groups
    (:data:`~blurprint.lab.measures.few_groups.FEWEST_GROUPS`) of the class; the strictest is kept.
    "fake" is never said of a ratio below 1, nor "real" of one above.

    Args:
        label: (N,) 0 real, 1 fake.
        log10_lr: (N,) of ratios made without these rows, within their bounds, such as those of
            :class:`~blurprint.lab.measures.ratio_calibration.FittedTable` that are `calibrated`.
        groups: (N,) names.
        conditions: (N,) names of conditions, such as those of sizes and compressions.
        false_alarms: largest share of untouched faces called "fake", and called a strong one.
        missed: largest share of fakes called "real"; None sets that threshold to a ratio of 1, and
            the share is what it is.

    Raises:
        InputError: if a class is missing, the lengths differ, a ratio is NaN, or a share is not in
            [0, 1].
    """
    labels, ratios = np.asarray(label), np.asarray(log10_lr, np.float64)
    names = np.asarray(groups, str)
    kinds = np.full(len(labels), "") if conditions is None else np.asarray(conditions, str)
    if not labels.shape == ratios.shape == names.shape == kinds.shape:
        raise InputError(
            "Expected as many ratios, groups and conditions as labels, but got "
            f"{ratios.shape}, {names.shape}, {kinds.shape} and {labels.shape}"
        )
    if np.isnan(ratios).any():
        raise InputError(
            f"Expected a ratio of each row, but {int(np.isnan(ratios).sum())} are NaN: leave out "
            "rows without a calibration"
        )
    shares = (*false_alarms, 0.0 if missed is None else missed)
    if not all(0 <= share <= 1 for share in shares) or false_alarms[1] > false_alarms[0]:
        raise InputError(f"Expected shares in [0, 1], the second not above the first, got {shares}")
    reals, fakes = (_parts(labels, one, kinds, names) for one in (0, 1))
    fake, strong = (
        max(0.0, *(weighted_quantile(ratios[rows], weight, 1 - share) for rows, weight in reals))
        for share in false_alarms
    )
    real = 0.0
    if missed is not None:
        real = min(0.0, *(-weighted_quantile(-ratios[rows], w, 1 - missed) for rows, w in fakes))
    real_groups, fake_groups = groups_of_each(labels, names)
    return Thresholds(
        fake=fake,
        strong=strong,
        real=real,
        false_alarms=_largest(ratios > fake, reals),
        strong_false_alarms=_largest(ratios > strong, reals),
        missed=_largest(ratios < real, fakes),
        reals=int((labels == 0).sum()),
        real_groups=real_groups,
        fakes=int((labels == 1).sum()),
        fake_groups=fake_groups,
    )


def _parts(
    labels: npt.NDArray[np.generic], one: int, kinds: Names, names: Names
) -> list[tuple[Indices, Values]]:
    """Rows of a class and their weights: of all, and of each condition with enough groups."""
    of_class = labels == one
    if not of_class.any():
        raise InputError("Expected both reals and fakes")
    parts = [np.flatnonzero(of_class)]
    for kind in np.unique(kinds[of_class]):
        rows = np.flatnonzero(of_class & (kinds == kind))
        if enough(len(np.unique(names[rows]))):
            parts.append(rows)
    return [(rows, group_weights(names[rows])) for rows in parts]


def _largest(beyond: npt.NDArray[np.bool_], parts: list[tuple[Indices, Values]]) -> float:
    """The largest share of a part that lies beyond."""
    return min(1.0, max(float(weight[beyond[rows]].sum()) for rows, weight in parts))
