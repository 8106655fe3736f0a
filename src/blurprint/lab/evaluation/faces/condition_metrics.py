"""From rows to numbers: each condition and recipe with intervals over groups of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.evaluation.faces.conditions import AS_IT_IS, ATTACK
from blurprint.lab.evaluation.faces.rows import PictureRow, Row
from blurprint.lab.measures.bootstrap import group_codes, group_resamples
from blurprint.lab.measures.few_groups import FEWEST_GROUPS
from blurprint.lab.measures.interval import Interval, percentile_interval, wilson_interval
from blurprint.lab.measures.metrics import auc, calibration_error
from blurprint.lab.measures.ratio_cost import at_prior, chance_of_fake, cllr
from blurprint.lab.measures.ratio_thresholds import weighted_quantile
from blurprint.lab.measures.tally import count, rank, rank_values

Values = npt.NDArray[np.float64]
_CLASSES: Final = ("reals", "fakes")
PRIOR: Final = 0.5
"""P(fake) before the evidence, for the expected calibration error."""
RATES: Final = {"1": 0.01, "5": 0.05}
"""Shares of the reals as they are that two thresholds call fake at most."""
METRICS: Final = (
    "auc",
    "above",
    "tpr_at_1",
    "fpr_at_1",
    "tpr_at_5",
    "fpr_at_5",
    "tpr_of_card",
    "fpr_of_card",
    "cllr",
    "ece",
    "judged_reals",
    "judged_fakes",
    "called_fake_reals",
    "called_fake_fakes",
)
"""What :func:`condition_metrics` gives.

- auc: how often a fake scores above a real.
- above: share of the pairs whose fake scores above its own real.
- tpr_at_1, fpr_at_1: share of fakes, and of reals, above the threshold that calls at most 1 % of
  the reals *as they are* fake; the same for 5.
- tpr_of_card, fpr_of_card: share of fakes, and of reals, with a likelihood ratio above the card's
  threshold, whether the rules let the face be judged or not.
- cllr, ece: of the likelihood ratios, see :mod:`blurprint.lab.measures.ratio_cost`.
- judged_reals, judged_fakes: share whose label is not "unsure".
- called_fake_reals, called_fake_fakes: share with the label "fake".
"""


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """All pairs under one condition, in the order of their numbers; reals first, (2, P) each.

    Attributes:
        logit: of the detector.
        log10_lr: of the ratio; NaN without.
        judged: 1 where the label is not "unsure", 0 where it is; NaN without rules.
        called_fake: 1 where the label is "fake"; NaN without rules.
    """

    logit: Values
    log10_lr: Values
    judged: Values
    called_fake: Values


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows as arrays.

    Attributes:
        group: (P,) of each pair.
        recipe: (P,) of each pair.
        conditions: by name; :data:`~blurprint.lab.evaluation.faces.conditions.ATTACK` has the
            reals as they are.
    """

    group: npt.NDArray[np.str_]
    recipe: npt.NDArray[np.str_]
    conditions: Mapping[str, Members]


def table_of(rows: Sequence[Row]) -> Table:
    """Rows as arrays.

    Raises:
        InputError: if there are none, or a pair lacks a condition or a member.
    """
    names = list(dict.fromkeys(row.condition for row in rows))
    numbers = sorted({row.pair for row in rows})
    if not rows or AS_IT_IS not in names:
        raise InputError("Expected rows of pairs as they are, but got none")
    by_key = {(row.condition, row.pair, row.label): row for row in rows}
    conditions = {}
    for name in names:
        members = []
        for label in (0, 1):
            of = AS_IT_IS if name == ATTACK and label == 0 else name
            try:
                members.append([by_key[of, number, label] for number in numbers])
            except KeyError as error:
                raise InputError(f"Expected a row of each pair, but {error} is missing") from error
        conditions[name] = Members(
            _array(members, lambda row: row.logit),
            _array(members, lambda row: row.log10_lr),
            _array(members, lambda row: None if row.called is None else row.called != "unsure"),
            _array(members, lambda row: None if row.called is None else row.called == "fake"),
        )
    firsts = [by_key[AS_IT_IS, number, 1] for number in numbers]
    return Table(
        np.array([row.group for row in firsts]),
        np.array([row.recipe for row in firsts]),
        conditions,
    )


def _array(members: Sequence[Sequence[Row]], of: Callable[[Row], float | None]) -> Values:
    # None becomes NaN, and a bool 0 or 1
    return np.array([[of(row) for row in rows] for rows in members], np.float64)


@dataclass(frozen=True, slots=True)
class Measured:
    """The metrics of a condition or recipe.

    Attributes:
        pairs: number of pairs.
        groups: number of groups of these.
        metrics: by the names of :data:`METRICS`; NaN where one is not defined or not given.
    """

    pairs: int
    groups: int
    metrics: Mapping[str, Interval]


def condition_metrics(
    table: Table, fake_above: float | None, *, draws: int = 1000, seed: int = 0
) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Metrics of every condition, and of every recipe as it is.

    Intervals (95 %) are of a bootstrap that draws whole groups of people with all their pairs. The
    thresholds at 1 and 5 % are set on the reals as they are of the same resample, so that the
    interval holds what is uncertain of them. Without interval where groups are fewer than
    :data:`~blurprint.lab.measures.few_groups.FEWEST_GROUPS`.

    Args:
        table: from :func:`table_of`.
        fake_above: log10 of the ratio above which the card calls a face fake; None without rules.
        draws: number of resamples.
        seed: random seed.
    """
    code = group_codes(table.group)
    weights = [times[code] for times in group_resamples(code, draws=draws, seed=seed)]
    base = table.conditions[AS_IT_IS]
    everything = np.ones(len(code))
    conditions = {
        name: _measured(table, members, base, everything, fake_above, weights)
        for name, members in table.conditions.items()
    }
    recipes = {
        str(name): _measured(
            table, base, base, (table.recipe == name).astype(np.float64), fake_above, weights
        )
        for name in dict.fromkeys(table.recipe)
    }
    return conditions, recipes


def _measured(
    table: Table,
    members: Members,
    base: Members,
    kept: Values,
    fake_above: float | None,
    weights: Sequence[Values],
) -> Measured:
    statistic = _Statistic(members, base, fake_above)
    values = statistic.of(np.ones(len(kept)), kept)
    drawn = np.stack([statistic.of(times, kept) for times in weights])
    groups = len(np.unique(table.group[kept > 0]))
    metrics = {}
    for place, name in enumerate(METRICS):
        column = drawn[np.isfinite(drawn[:, place]), place]
        value = float(values[place])
        if groups < FEWEST_GROUPS or not np.isfinite(value) or not len(column):
            metrics[name] = Interval(value, float("nan"), float("nan"))
        else:
            metrics[name] = percentile_interval(value, column)
    return Measured(int(kept.sum()), groups, metrics)


class _Statistic:
    """All metrics of a condition for weights of its pairs; what is sorted is sorted once."""

    def __init__(self, members: Members, base: Members, fake_above: float | None) -> None:
        self._members, self._base = members, base
        self._label = np.repeat([0, 1], members.logit.shape[1])
        self._ranking = rank_values(self._label, members.logit.reshape(-1))
        self._above = (members.logit[1] > members.logit[0]) + 0.5 * (
            members.logit[1] == members.logit[0]
        )
        ratio = members.log10_lr
        self._has_ratio = np.isfinite(ratio)
        self._by_chance = None
        if self._has_ratio.any():
            chance = np.where(self._has_ratio, chance_of_fake(np.nan_to_num(ratio), PRIOR), 0)
            self._by_chance = rank(self._label, chance.reshape(-1))
        self._beyond = np.where(
            self._has_ratio, ratio > (np.nan if fake_above is None else fake_above), np.nan
        )
        if fake_above is None:
            self._beyond[:] = np.nan

    def of(self, times: Values, kept: Values) -> Values:
        weight = times * kept
        if not weight.sum():
            return np.full(len(METRICS), np.nan)
        both = np.concatenate([weight, weight])
        parts = [auc(count(self._ranking, both)), _share(self._above, weight)]
        for rate in RATES.values():
            threshold = weighted_quantile(self._base.logit[0], times, 1 - rate)
            parts += [
                _share((self._members.logit[label] > threshold) * 1.0, weight) for label in (1, 0)
            ]
        parts += [_share(self._beyond[label], weight) for label in (1, 0)]
        parts += self._ratios(weight)
        for of in (self._members.judged, self._members.called_fake):
            parts += [_share(of[label], weight) for label in (0, 1)]
        return np.array(parts)

    def _ratios(self, weight: Values) -> list[float]:
        used = weight * self._has_ratio
        if self._by_chance is None or not (used.sum(axis=1) > 0).all():
            return [float("nan")] * 2
        ratio = np.nan_to_num(self._members.log10_lr)
        cost = cllr(ratio[1], ratio[0], used[1], used[0])
        error = calibration_error(at_prior(count(self._by_chance, used.reshape(-1)), PRIOR))
        return [cost, error]


def _share(values: Values, weight: Values) -> float:
    """Weighted mean of the values that are there; NaN if there are none."""
    used = np.isfinite(values)
    total = float(weight[used].sum())
    return float((weight[used] * values[used]).sum()) / total if total else float("nan")


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Honest pictures of a kind.

    Attributes:
        pictures: number of pictures.
        groups: number of groups of people that they show.
        called_fake: share called fake.
        judged: share whose label is not "unsure"; NaN without rules.
    """

    pictures: int
    groups: int
    called_fake: Interval
    judged: Interval


def false_alarms(rows: Sequence[PictureRow], fallback: float) -> dict[str, dict[str, FalseAlarms]]:
    """Shares of honest pictures called fake: "held out" and "seen in training", by kind and "all".

    By the label of the rules, or, without rules, by a logit above `fallback`. Intervals are
    Wilson's with the number of groups for the number of pictures, since pictures of one person are
    not independent: they hold for few pictures, and where none is called fake.

    Args:
        rows: of pictures as they are.
        fallback: logit that calls at most 5 % of the reals of the pairs as they are fake.
    """
    found: dict[str, dict[str, FalseAlarms]] = {}
    for title, seen in (("held out", False), ("seen in training", True)):
        side = [row for row in rows if row.seen == seen]
        kinds: dict[str, list[PictureRow]] = {"all": side} if side else {}
        for row in sorted(side, key=lambda row: row.kind):
            kinds.setdefault(row.kind, []).append(row)
        found[title] = {kind: _false_alarms(some, fallback) for kind, some in kinds.items()}
    return found


def _false_alarms(rows: Sequence[PictureRow], fallback: float) -> FalseAlarms:
    groups = len({row.group for row in rows})
    called = [row.logit > fallback if row.called is None else row.called == "fake" for row in rows]
    judged = [row.called != "unsure" for row in rows if row.called is not None]
    return FalseAlarms(
        len(rows),
        groups,
        wilson_interval(sum(called) / len(rows), groups),
        wilson_interval(sum(judged) / len(judged), groups)
        if judged
        else Interval(float("nan"), float("nan"), float("nan")),
    )


def unsure_reasons(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, float]]]:
    """Why faces have the label "unsure": by condition, then "reals" or "fakes", then reason.

    Args:
        rows: of pairs.

    Returns:
        Shares of all faces of that condition and class; none without rules.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        if row.called is not None:
            side = found.setdefault(row.condition, {}).setdefault(_CLASSES[row.label], {})
            side[row.reason] = side.get(row.reason, 0) + 1
    for sides in found.values():
        for side in sides.values():
            total = sum(side.values())
            side.pop("", None)  # of those that have another label
            side.update({reason: number / total for reason, number in side.items()})
    return found


def threshold_at(table: Table, rate: float) -> float:
    """The logit that calls at most `rate` of the reals as they are fake."""
    logit = table.conditions[AS_IT_IS].logit[0]
    return weighted_quantile(logit, np.ones(len(logit)), 1 - rate)
