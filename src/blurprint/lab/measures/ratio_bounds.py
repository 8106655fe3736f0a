"""How strong a likelihood ratio the data support: the empirical lower and upper bound."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.ratio_cost import equal_groups
from blurprint.lab.measures.tally import Values

STEP: Final = 0.01
"""Step of the thresholds that are tried, in log10 of the ratio."""


def elub_bounds(
    label: npt.ArrayLike, log10_lr: npt.ArrayLike, groups: npt.ArrayLike | None = None
) -> tuple[float, float]:
    """Least and largest log10 likelihood ratio that the data support.

    Vergeer, van Es, de Jongh, Alberink & Stoel, *Numerical likelihood ratios outputted by LR
    systems are often based on extrapolation: when to stop extrapolating?* (Science & Justice 56,
    2016). At each threshold t, who accepts "fake" above it pays 1 for every share of fakes missed
    and t for every share of reals accepted. One misleading result is added to each class: a fake
    with the least ratio and a real with the largest. The bounds enclose the thresholds at which the
    ratios still cost no more than deciding without them, which costs min(1, t). So 100 reals
    support no ratio above 100, however well they are separated.

    Args:
        label: (N,) 0 real, 1 fake.
        log10_lr: (N,) of ratios made without these rows; may be infinite.
        groups: (N,) names. Groups then count the same, and one misleading group is added, so that
            many pictures of few people support no more than these people do. None where every row
            is a group of its own, as in the article.

    Returns:
        The bounds, at most 0 and at least 0, in steps of :data:`STEP`.

    Raises:
        InputError: if a class is missing, the lengths differ, or a value is NaN.

    >>> elub_bounds([0] * 99 + [1] * 99, [-5.0] * 99 + [5.0] * 99)
    (-1.99, 1.99)
    """
    labels, ratios = np.asarray(label), np.asarray(log10_lr, np.float64)
    if labels.shape != ratios.shape or labels.ndim != 1:
        raise InputError(f"Expected a label for each ratio, got {labels.shape} and {ratios.shape}")
    if np.isnan(ratios).any():
        raise InputError("Expected log10 likelihood ratios that are numbers, but got NaN")
    names = np.arange(len(labels)).astype(str) if groups is None else np.asarray(groups, str)
    weight = equal_groups(labels, names)
    of_fakes, of_reals = (labels == 1), (labels == 0)
    fakes, reals = (len(np.unique(names[one])) for one in (of_fakes, of_reals))
    least = max(float(ratios.min()), -np.log10(fakes + 1))
    largest = min(float(ratios.max()), np.log10(reals + 1))
    first = min(0, int(np.floor_divide(least, STEP)))
    last = max(0, int(np.floor_divide(largest, STEP)) + 1)
    threshold: Values = np.arange(first, last + 1).astype(np.float64) * STEP
    missed = 1 - _accepted(ratios[of_fakes], weight[of_fakes], threshold) * fakes / (fakes + 1)
    alarms = (_accepted(ratios[of_reals], weight[of_reals], threshold) * reals + 1) / (reals + 1)
    cost = missed + 10**threshold * alarms
    worse = np.minimum(1, 10**threshold) / cost < 1
    left, right = threshold[(threshold <= 0) & worse], threshold[(threshold >= 0) & worse]
    lower = min(0.0, float(np.max(left + STEP, initial=threshold[0])))
    upper = max(0.0, float(np.min(right - STEP, initial=threshold[-1])))
    return round(lower, 6), round(upper, 6)


def _accepted(ratios: Values, weight: Values, threshold: Values) -> Values:
    """Weight of the ratios above each threshold; all weights add up to 1."""
    order = np.argsort(ratios, kind="stable")
    above = np.r_[np.cumsum(weight[order][::-1])[::-1], 0.0]
    return above[np.searchsorted(ratios[order], threshold, side="right")]
