"""Fit the map from a detector's logits to likelihood ratios, and its bounds, on held-out groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.few_groups import FEWEST_GROUPS, groups_of_each
from blurprint.lab.measures.log_odds import stratified_folds
from blurprint.lab.measures.ratio_bounds import elub_bounds
from blurprint.lab.measures.ratio_cost import equal_groups, pav_log10_lr
from blurprint.score.calibration import (
    Calibration,
    CalibrationTable,
    Cell,
    Condition,
    KnotMap,
    LineMap,
    diluted,
)

Values = npt.NDArray[np.float64]
Kind = Literal["line", "knots"]
"""Logistic regression, or isotonic regression (PAV)."""
_STEPS: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A calibration, and what it gives rows that it was not fitted on.

    Attributes:
        calibration: fitted on all rows.
        log10_lr: (N,) ratio of each row by the other folds, within the bounds; NaN for rows of a
            condition that has no calibration.
    """

    calibration: Calibration
    log10_lr: Values


@dataclass(frozen=True, slots=True, eq=False)
class FittedTable:
    """The same by conditions.

    Attributes:
        table: the calibrations.
        log10_lr: as of :class:`Fitted`.
        place: (N,) name of the range of sizes and qualities that each row belongs to.
    """

    table: CalibrationTable
    log10_lr: Values
    place: npt.NDArray[np.str_]

    @property
    def calibrated(self) -> npt.NDArray[np.bool_]:
        """(N,) rows of a condition that has a calibration of its own."""
        return ~np.isnan(self.log10_lr)


def fit_line(logit: npt.ArrayLike, label: npt.ArrayLike, weight: npt.ArrayLike) -> LineMap:
    """Logistic regression of the label on the logit, where both classes weigh the same.

    Maximum likelihood without a penalty, by Newton's method. The classes weigh the same, so the
    log-odds are a log likelihood ratio (Brümmer & du Preez 2006; Morrison, *Tutorial on
    logistic-regression calibration and fusion*, Australian Journal of Forensic Sciences 45, 2013).
    The slope is never negative: where the best one would be, the map says 1 of everything.

    Args:
        logit: (N,) finite.
        label: (N,) 0 real, 1 fake.
        weight: (N,) above 0.

    Raises:
        InputError: if a class is missing, or a threshold separates them: the slope would be
            infinite, and "knots" with their bounds are what such data support.
    """
    x, y = np.asarray(logit, np.float64), np.asarray(label, np.float64)
    w = np.asarray(weight, np.float64).copy()
    for one in (0, 1):
        if not (y == one).any():
            raise InputError("Expected both reals and fakes")
        w[y == one] /= 2 * w[y == one].sum()
    falls = (w * x)[y == 1].sum() <= (w * x)[y == 0].sum()  # of the likelihood, at a slope of 0
    if falls or x.min() == x.max():
        return LineMap(slope=0.0, intercept=0.0)
    if _separate(x, y):
        raise InputError('Expected reals and fakes that overlap; fit separate ones with "knots"')
    mean = float((w * x).sum())
    spread = float(np.sqrt((w * (x - mean) ** 2).sum()))
    z = (x - mean) / spread
    at = np.zeros(2)
    for _ in range(_STEPS):
        chance = _logistic(at[0] + at[1] * z)
        miss = w * (y - chance)
        curve = w * chance * (1 - chance)
        step = _solve(curve, z, miss)
        # Newton's method overshoots where the classes hardly overlap; half a step never does worse.
        before = _loss(at, z, y, w)
        while _loss(at + step, z, y, w) > before + 1e-15 and np.abs(step).max() > 1e-12:
            step = step / 2
        at = at + step
        if np.abs(step).max() < 1e-12:
            break
    slope = float(at[1]) / spread
    scale = 1 / np.log(10)
    return LineMap(slope=slope * scale, intercept=(float(at[0]) - slope * mean) * scale)


def fit_knots(logit: npt.ArrayLike, label: npt.ArrayLike, weight: npt.ArrayLike) -> KnotMap:
    """Isotonic regression: constant on each block that PAV makes, linear between blocks.

    See :func:`~blurprint.lab.measures.ratio_cost.pav_log10_lr`, which it equals at the rows it was
    fitted on, except beyond what so many rows can support (Vergeer et al. 2016): ratios lie between
    1 / (fakes + 1) and reals + 1.

    Args:
        logit: (N,) finite.
        label: (N,) 0 real, 1 fake.
        weight: (N,) above 0.

    Raises:
        InputError: if a class is missing.
    """
    x = np.asarray(logit, np.float64)
    y = np.asarray(label)
    least, largest = -np.log10((y == 1).sum() + 1), np.log10((y == 0).sum() + 1)
    ratio = np.clip(pav_log10_lr(y, x, weight), least, largest)
    knots, first = np.unique(x, return_index=True)
    values = np.maximum.accumulate(ratio[first])  # rounding may let neighbours fall by 1e-16
    ends = np.ones(len(knots), bool)
    if len(knots) > 2:
        ends[1:-1] = (values[1:-1] != values[:-2]) | (values[1:-1] != values[2:])
    return KnotMap(logits=knots[ends].tolist(), log10_lr=values[ends].tolist())


def fit_calibration(
    logit: npt.ArrayLike,
    label: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    kind: Kind = "line",
    folds: int = 5,
    seed: int = 0,
) -> Fitted:
    """Fit a map with bounds; every group counts the same in its class.

    Each row's ratio is that of a map fitted on the folds in which its group is not; the bounds are
    those of these ratios (:func:`~blurprint.lab.measures.ratio_bounds.elub_bounds`). The map that
    is kept is fitted on all rows. To classes that a threshold separates, which have no line, one
    misleading group is added each, as the bounds do: a fake with the least logit and a real with
    the largest.

    Args:
        logit: (N,) raw outputs of the detector, on faces that it was not trained on.
        label: (N,) 0 real, 1 fake.
        groups: (N,) names, such as people; a fake belongs to the group of the face it was made of.
        kind: "line" (logistic, for few groups) or "knots" (isotonic, for many).
        folds: number of parts, each held out once.
        seed: random seed of the folds.

    Raises:
        InputError: if lengths differ, a logit is NaN or infinite, or a class has fewer groups than
            :data:`~blurprint.lab.measures.few_groups.FEWEST_GROUPS`.
    """
    x, y, names = np.asarray(logit, np.float64), np.asarray(label), np.asarray(groups, str)
    if not x.shape == y.shape == names.shape or x.ndim != 1:
        raise InputError(
            f"Expected as many labels and groups as logits, but got {x.shape}, {y.shape} and "
            f"{names.shape}"
        )
    if not np.isfinite(x).all():
        raise InputError("Expected finite logits, but got NaN or infinity")
    counts = groups_of_each(y, names)
    if min(counts) < FEWEST_GROUPS:
        raise InputError(
            f"Expected at least {FEWEST_GROUPS} groups of each class, but got {counts[0]} of reals "
            f"and {counts[1]} of fakes"
        )
    held_out = np.empty(len(x))
    for known, unknown in stratified_folds(y, names, folds, seed):
        found = _fit(kind, x[known], y[known], names[known])
        held_out[unknown] = [found.at(float(one)) for one in x[unknown]]
    lower, upper = elub_bounds(y, held_out, names)
    calibration = Calibration(
        map=_fit(kind, x, y, names),
        lower=lower,
        upper=upper,
        reals=int((y == 0).sum()),
        fakes=int((y == 1).sum()),
        real_groups=counts[0],
        fake_groups=counts[1],
        without_sign=0.0,
    )
    return Fitted(calibration, np.clip(held_out, lower, upper))


def fit_table(
    logit: npt.ArrayLike,
    label: npt.ArrayLike,
    groups: npt.ArrayLike,
    conditions: list[Condition],
    *,
    size_borders_px: list[float],
    quality_borders: list[float],
    fewest: int = 30,
    farthest: int = 0,
    without_sign: list[float] | None = None,
    kind: Kind = "line",
    folds: int = 5,
    seed: int = 0,
) -> FittedTable:
    """Fit a calibration for each range of sizes and compressions with enough groups.

    Args:
        logit: as for :func:`fit_calibration`, like all that is not named here.
        label: the same.
        groups: the same.
        conditions: N of them.
        size_borders_px: rising borders between ranges of sizes; see :class:`CalibrationTable`.
        quality_borders: the same of JPEG qualities.
        fewest: groups of each class that a range needs; at least
            :data:`~blurprint.lab.measures.few_groups.FEWEST_GROUPS`.
        farthest: how many ranges away a calibration may be borrowed from.
        without_sign: share of fakes that are taken to leave nothing to be seen, for each range of
            sizes; see :class:`Calibration`. None for 0.
        kind: the same.
        folds: the same.
        seed: the same.

    Raises:
        InputError: as :func:`fit_calibration`; if no range has enough groups; if borders do not
            rise.
    """
    x, y, names = np.asarray(logit, np.float64), np.asarray(label), np.asarray(groups, str)
    if len(conditions) != len(x):
        raise InputError(f"Expected {len(x)} conditions, but got {len(conditions)}")
    for borders in (size_borders_px, quality_borders):
        if any(np.diff(borders) <= 0):
            raise InputError(f"Expected borders that rise, but got {borders}")
    if without_sign is not None and len(without_sign) != len(size_borders_px) + 1:
        raise InputError(
            f"Expected `without_sign` for {len(size_borders_px) + 1} ranges of sizes, "
            f"but got {len(without_sign)}"
        )
    sizes = np.searchsorted(size_borders_px, [one.face_px for one in conditions], side="right")
    qualities = np.searchsorted(
        quality_borders, [one.jpeg_quality for one in conditions], side="right"
    )
    cells, ratios = [], np.full(len(x), np.nan)
    for size, quality in product(range(len(size_borders_px) + 1), range(len(quality_borders) + 1)):
        rows = np.flatnonzero((sizes == size) & (qualities == quality))
        if min(groups_of_each(y[rows], names[rows])) < max(fewest, FEWEST_GROUPS):
            continue
        found = fit_calibration(x[rows], y[rows], names[rows], kind=kind, folds=folds, seed=seed)
        unseen = 0.0 if without_sign is None else without_sign[size]
        calibration = found.calibration.model_copy(update={"without_sign": unseen})
        cells.append(Cell(size=size, quality=quality, calibration=calibration))
        ratios[rows] = [diluted(float(one), unseen) for one in found.log10_lr]
    if not cells:
        raise InputError(f"Expected a range with at least {fewest} groups of each class, got none")
    table = CalibrationTable(
        size_borders_px=size_borders_px,
        quality_borders=quality_borders,
        cells=cells,
        farthest=farthest,
    )
    place = np.array([f"size {a}, quality {b}" for a, b in zip(sizes, qualities, strict=True)])
    return FittedTable(table, ratios, place)


def _fit(kind: Kind, x: Values, y: npt.NDArray[Any], names: npt.NDArray[Any]) -> LineMap | KnotMap:
    """A map where every group counts the same."""
    if kind == "knots":
        return fit_knots(x, y, equal_groups(y, names))
    if _separate(x, y):
        x, y = np.r_[x, x.min(), x.max()], np.r_[y, 1, 0]
        names = np.r_[np.char.add("own ", names), ["added fake", "added real"]]
    return fit_line(x, y, equal_groups(y, names))


def _separate(x: Values, y: npt.NDArray[Any]) -> bool:
    """Whether a threshold has all fakes above or on it and all reals below or on it."""
    return bool(x[y == 1].min() >= x[y == 0].max())


def _logistic(x: Values) -> Values:
    return np.exp(-np.logaddexp(0, -x))


def _loss(at: Values, z: Values, y: Values, w: Values) -> float:
    """Negative log-likelihood."""
    line = at[0] + at[1] * z
    return float((w * np.logaddexp(0, np.where(y == 1, -line, line))).sum())


def _solve(curve: Values, z: Values, miss: Values) -> Values:
    """Newton's step: the inverse of the curvature times the gradient, 2 by 2."""
    a, b, c = float(curve.sum()), float((curve * z).sum()), float((curve * z * z).sum())
    first, second = float(miss.sum()), float((miss * z).sum())
    return np.array([c * first - b * second, a * second - b * first]) / (a * c - b * b)
