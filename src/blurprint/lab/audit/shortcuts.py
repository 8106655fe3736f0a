"""How well a file's size, format, quality and edges alone predict the label.

A detector that is trained where they do may learn them instead of what it should: GenImage's fakes
were PNG and its reals JPEG (Grommelt et al., *Fake or JPEG?*, 2024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Units = npt.NDArray[np.int64]

LIMIT: Final = 0.6
"""AUC above which a shortcut is warned about."""
CONFIDENCE: Final = 0.99
"""Of the intervals: with eleven features and three splits, 95 % would warn of chance too often."""
MIN_PICTURES: Final = 10
"""Pictures of each label, and units of each label, that a measurement needs."""
DRAWS: Final = 1000
FOLDS: Final = 5
TOGETHER: Final = "all together"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """How well one feature predicts the label in one split.

    Attributes:
        split: "train", "val", "test", or "" where there are none.
        feature: its name, or "all together".
        auc: area under the ROC curve: 0.5 chance, 1 perfect. A number's direction is chosen so that
            it is at least 0.5; what is learned (categories, all together) may fall below by chance.
        low: lower end of its interval.
        high: upper end.
        real: what the feature is for reals: the median, or the commonest category.
        fake: the same for fakes.
        count: pictures that it was measured on.
    """

    split: str
    feature: str
    auc: float
    low: float
    high: float
    real: str
    fake: str
    count: int

    @property
    def warns(self) -> bool:
        """Whether the label can be predicted, and by more than chance."""
        return self.auc > LIMIT and self.low > 0.5


Feature = Sequence[float | None] | Sequence[str | None]


def audit(
    features: Mapping[str, Feature],
    labels: Sequence[int],
    groups: Sequence[str],
    *,
    split: str = "",
    seed: int = 0,
) -> list[Shortcut]:
    """Each feature alone, and all of them together.

    Numbers are used as they are (whichever direction fits better); categories by the rate of fakes
    that other folds show; all together by gradient-boosted trees on other folds. Folds keep groups
    whole. Intervals are percentiles of a bootstrap over groups (Efron 1979), for the frames of a
    clip share its properties. A feature is left out where fewer than ten pictures of a label
    have it; all together is left out where there are fewer than ten groups of a label.

    Args:
        features: values by name, one for each picture; None where it does not apply.
        labels: 0 real, 1 fake.
        groups: that pictures belong to.
        split: for the result.
        seed: of the bootstrap and the folds.

    Returns:
        In the order of `features`, then all together.
    """
    truth = np.asarray(labels, np.int64)
    units = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
    found = []
    for name, values in features.items():
        known = np.array([value is not None for value in values], bool)
        if min(_counts(truth[known])) < MIN_PICTURES:
            continue
        chosen = [value for value in values if value is not None]
        if isinstance(chosen[0], str):
            scores = _category_scores(np.array(chosen), truth[known], units[known], seed)
            learned = True
        else:
            scores, learned = np.array(chosen, np.float64), False
        area = _measure(scores, truth[known], units[known], seed, learned=learned)
        real, fake = (
            _typical(
                [one for one, is_it in zip(chosen, truth[known] == label, strict=True) if is_it]
            )
            for label in (0, 1)
        )
        found.append(Shortcut(split, name, *area, real, fake, int(known.sum())))
    if min(len(np.unique(units[truth == label])) for label in (0, 1)) >= MIN_PICTURES:
        scores = _joint_scores(features, truth, units, seed)
        area = _measure(scores, truth, units, seed, learned=True)
        found.append(Shortcut(split, TOGETHER, *area, "", "", len(truth)))
    return found


class Area(NamedTuple):
    """An area under the curve and its interval."""

    auc: float
    low: float
    high: float


def roc_auc(scores: Numbers, labels: Labels, weights: Numbers | None = None) -> Numbers:
    """Area under the ROC curve for one or many weightings of the same pictures.

    The chance that a fake has the higher score, ties counting half (Hanley and McNeil 1982).

    Args:
        scores: (N,).
        labels: (N,) 0 or 1.
        weights: (D, N), how often each picture counts; None for once.

    Returns:
        (D,), NaN where a label has no weight.

    >>> roc_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])).tolist()
    [0.75]
    """
    weights = np.ones((1, len(scores))) if weights is None else np.asarray(weights, np.float64)
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    sorted_weights, sorted_labels = weights[:, order], labels[order]
    fakes = np.add.reduceat(sorted_weights * sorted_labels, starts, axis=1)
    reals = np.add.reduceat(sorted_weights * (1 - sorted_labels), starts, axis=1)
    below = np.cumsum(reals, axis=1) - reals
    pairs = fakes.sum(axis=1) * reals.sum(axis=1)
    wins = (fakes * (below + reals / 2)).sum(axis=1)
    return np.divide(wins, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)


def _measure(scores: Numbers, labels: Labels, units: Units, seed: int, *, learned: bool) -> Area:
    """With a bootstrap over units, or over pictures where a label has hardly any units."""
    auc = float(roc_auc(scores, labels)[0])
    if auc < 0.5 and not learned:
        scores, auc = -scores, 1 - auc
    if min(len(np.unique(units[labels == label])) for label in (0, 1)) < MIN_PICTURES:
        units = np.arange(len(labels))
    units = np.unique(units, return_inverse=True)[1]
    count = int(units.max()) + 1
    rng = np.random.default_rng(seed)
    areas = []
    for _ in range(DRAWS // 50):  # in parts, to bound the memory
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=50).astype(np.float64)
        areas.append(roc_auc(scores, labels, drawn[:, units]))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(np.concatenate(areas), (tail, 1 - tail))
    return Area(auc, float(low), float(high))


def _category_scores(
    values: npt.NDArray[np.str_], labels: Labels, units: Units, seed: int
) -> Numbers:
    """Log-odds of a category in other folds over those of the folds themselves.

    The difference keeps folds comparable: alone, the rate would be lower wherever the fold that is
    left out holds more fakes, and a constant would seem to predict.
    """
    codes = np.unique(values, return_inverse=True)[1]
    scores = np.zeros(len(labels))
    for train, test in _folds(labels, units, seed):
        fakes = np.bincount(codes[train], labels[train], minlength=codes.max() + 1)
        total = np.bincount(codes[train], minlength=codes.max() + 1)
        prior = labels[train].mean()
        rates = (fakes + prior) / (total + 1)
        scores[test] = (_log_odds(rates) - _log_odds(prior))[codes[test]]
    return scores


def _joint_scores(
    features: Mapping[str, Feature], labels: Labels, units: Units, seed: int
) -> Numbers:
    # Not the one on histograms: its threads wait for each other for minutes on busy cores.
    from sklearn.ensemble import GradientBoostingClassifier

    table = np.column_stack([_as_numbers(values) for values in features.values()])
    scores = np.zeros(len(labels))
    for train, test in _folds(labels, units, seed):
        model = GradientBoostingClassifier(
            n_estimators=60, max_depth=3, min_samples_leaf=5, random_state=seed
        )
        model.fit(table[train], labels[train])
        chance = np.clip(model.predict_proba(table[test])[:, 1], 1e-6, 1 - 1e-6)
        scores[test] = _log_odds(chance) - _log_odds(labels[train].mean())
    return scores


def _as_numbers(values: Feature) -> Numbers:
    """Categories by number; what does not apply below all others, where trees can split it off."""
    names = sorted({value for value in values if isinstance(value, str)})
    codes = {name: float(code) for code, name in enumerate(names)}
    numbers = [codes[value] if isinstance(value, str) else value for value in values]
    lowest = min((value for value in numbers if value is not None), default=0.0) - 1
    return np.array([lowest if value is None else value for value in numbers], np.float64)


def _folds(labels: Labels, units: Units, seed: int) -> list[tuple[Units, Units]]:
    """Units whole and labels in like shares; pictures of their own where units are too few."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    few = min(len(np.unique(units[labels == label])) for label in (0, 1)) < MIN_PICTURES
    kind = StratifiedKFold if few else StratifiedGroupKFold
    splitter = kind(FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(labels, labels, None if few else units))


def _log_odds(chance: Numbers) -> Numbers:
    return np.log(chance / (1 - chance))


def _counts(labels: Labels) -> tuple[int, int]:
    fakes = int(labels.sum())
    return len(labels) - fakes, fakes


def _typical(values: Sequence[float | str]) -> str:
    if isinstance(values[0], str):
        names, counts = np.unique(np.array(values), return_counts=True)
        most = int(counts.argmax())
        share = counts[most] / len(values)
        return str(names[most]) if share == 1 else f"{names[most]} ({share:.0%})"
    median = float(np.median(np.array(values, np.float64)))
    return f"{median:,.0f}" if abs(median) >= 1000 else f"{median:.4g}"
