"""How well a file's size, format, quality and edges alone predict the label.

A detector that is trained where they do may learn them instead of what it should: GenImage's fakes
were PNG and its reals JPEG (Grommelt et al., *Fake or JPEG?*, 2024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.lab.measures.bootstrap import resample
from blurprint.lab.measures.few_groups import groups_of_each
from blurprint.lab.measures.interval import Interval, percentile_interval
from blurprint.lab.measures.log_odds import Fold, cross_validated_log_odds, stratified_folds
from blurprint.lab.measures.metrics import auc
from blurprint.lab.measures.tally import count, rank_values

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Units = npt.NDArray[np.int64]

# Of features of AUC 0.6, 82 % are warned of with 0.5, 44 here, 0 with 0.65; of 0.5, none with
# any: docs/thresholds.md.
LIMIT: Final = 0.6
"""AUC above which a shortcut is warned about."""
# Features without relation warned of: 4 % with 0.95, 1 with 0.99, and there are 33 in a data set:
# docs/thresholds.md.
CONFIDENCE: Final = 0.99
"""Of the intervals: with eleven features and three splits, 95 % would warn of chance too often."""
# The same as FEWEST_GROUPS: docs/thresholds.md.
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
    whole. Intervals are percentiles of a bootstrap over groups, for the frames of a clip share its
    properties (:mod:`blurprint.lab.measures.bootstrap`). A feature is left out where fewer than ten
    pictures of a label have it; all together is left out where there are fewer than ten groups of a
    label.

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
        found.append(_shortcut(split, name, area, real, fake, int(known.sum())))
    if not _few(truth, units):
        scores = _joint_scores(features, truth, units, seed)
        area = _measure(scores, truth, units, seed, learned=True)
        found.append(_shortcut(split, TOGETHER, area, "", "", len(truth)))
    return found


def _shortcut(
    split: str, feature: str, area: Interval, real: str, fake: str, pictures: int
) -> Shortcut:
    return Shortcut(split, feature, area.value, area.low, area.high, real, fake, pictures)


def _measure(
    scores: Numbers, labels: Labels, units: Units, seed: int, *, learned: bool
) -> Interval:
    """AUC, by a bootstrap over units, or over pictures where a label has hardly any units."""
    ranking = rank_values(labels, scores)
    if auc(count(ranking)) < 0.5 and not learned:
        ranking = rank_values(labels, -scores)
    if _few(labels, units):
        units = np.arange(len(labels))
    drawn = resample(ranking, units, lambda tally: np.array([auc(tally)]), draws=DRAWS, seed=seed)
    return percentile_interval(auc(count(ranking)), drawn[:, 0], CONFIDENCE)


def _category_scores(
    values: npt.NDArray[np.str_], labels: Labels, units: Units, seed: int
) -> Numbers:
    """Log-odds by the rate of fakes that a category has in other folds."""
    codes = np.unique(values, return_inverse=True)[1]

    def predict(train: Units, test: Units) -> Numbers:
        fakes = np.bincount(codes[train], labels[train], minlength=codes.max() + 1)
        total = np.bincount(codes[train], minlength=codes.max() + 1)
        return ((fakes + labels[train].mean()) / (total + 1))[codes[test]]

    return cross_validated_log_odds(labels, _folds(labels, units, seed), predict)


def _joint_scores(
    features: Mapping[str, Feature], labels: Labels, units: Units, seed: int
) -> Numbers:
    # Not the one on histograms: its threads wait for each other for minutes on busy cores.
    from sklearn.ensemble import GradientBoostingClassifier

    table = np.column_stack([_as_numbers(values) for values in features.values()])

    def predict(train: Units, test: Units) -> Numbers:
        model = GradientBoostingClassifier(
            n_estimators=60, max_depth=3, min_samples_leaf=5, random_state=seed
        )
        model.fit(table[train], labels[train])
        return model.predict_proba(table[test])[:, 1]

    return cross_validated_log_odds(labels, _folds(labels, units, seed), predict)


def _as_numbers(values: Feature) -> Numbers:
    """Categories by number; what does not apply below all others, where trees can split it off."""
    names = sorted({value for value in values if isinstance(value, str)})
    codes = {name: float(code) for code, name in enumerate(names)}
    numbers = [codes[value] if isinstance(value, str) else value for value in values]
    lowest = min((value for value in numbers if value is not None), default=0.0) - 1
    return np.array([lowest if value is None else value for value in numbers], np.float64)


def _folds(labels: Labels, units: Units, seed: int) -> list[Fold]:
    """Units whole; pictures of their own where units are too few."""
    return stratified_folds(labels, None if _few(labels, units) else units, FOLDS, seed)


def _few(labels: Labels, units: Units) -> bool:
    return min(groups_of_each(labels, units)) < MIN_PICTURES


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
