"""What a reader of an evaluation must know before its numbers, in sentences."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.evaluation.detectors.evaluation import Evaluation, Level
from blurprint.lab.measures.few_groups import FEWEST_GROUPS, enough
from blurprint.lab.measures.interval import Interval

# Intervals of 95 % hold the truth in 88 % with 10 groups, 93 with 20, 92 with 40:
# docs/thresholds.md.
FEW_GROUPS: Final = 20
"""Groups of a label below which percentile intervals are known to be too narrow."""
# The same as LIMIT of lab/audit/shortcuts.py: docs/thresholds.md.
SHORTCUT: Final = 0.6
"""AUC of a baseline from which on the data set can be told apart without looking at faces."""


def remarks(evaluation: Evaluation) -> list[str]:
    """Warnings that apply, the gravest first; none where nothing is wrong."""
    level = evaluation.headline
    if not (level.overall.reals and level.overall.fakes):
        kind = "reals" if level.overall.reals else "fakes"
        return [
            *evaluation.notes,
            f"There are only {kind}: whatever needs both, such as the AUC, is not defined.",
            *_groups(level),
        ]
    return [
        *evaluation.notes,
        *_direction(level),
        *_baselines(level),
        *_groups(level),
        *_reals(level),
    ]


def limits(evaluation: Evaluation) -> list[str]:
    """What the numbers do not say, whatever they are."""
    level = evaluation.headline
    said = [
        f"A score is called fake from {evaluation.threshold:g} on. Accuracies and calibration "
        "depend on that and on how many fakes there are here; AUC, equal error rate and TPR do "
        "not.",
        "TPR counts only thresholds that these scores have: it is what could be had, never what "
        "lies between two of them.",
        "A detector that does not beat the baseline of metadata may have learnt the file format; "
        "one that does not beat the baseline of edges may have learnt how sharp pictures are.",
    ]
    ends = [(value.low, value.high) for value in level.overall.metrics.values()]
    if any(not math.isnan(low) for low, _ in ends):
        said.insert(
            0,
            "Each interval holds 95 % of the values that other groups of the same kind would give: "
            f"whole groups were drawn again {evaluation.draws:,} times, those of reals, of fakes "
            "and of both apart. It says nothing of other data sets, other cameras or other ways of "
            "making fakes, which usually cost a detector far more than the interval is wide.",
        )
        said.append(
            "Drawing again adds noise to every bin, so the interval of the calibration error lies "
            "higher than its value, sometimes wholly above it."
        )
    if any(low == high for low, high in ends):
        said.append(
            "An interval without width does not mean certainty: where no mistake was made, drawing "
            "the same samples again makes none."
        )
    if level.unit == "videos":
        said.insert(1, "The score of a video is the mean of P(fake) over its frames.")
    return said


def _direction(level: Level) -> list[str]:
    area = level.overall.metrics["auc"]
    if area.high < 0.5:
        return [
            f"The detector ranks the wrong way round: reals score above fakes (AUC {_area(area)})."
        ]
    if math.isnan(area.low) or area.low > 0.5:
        return []
    return [f"The detector cannot be told from chance on these {level.unit} (AUC {_area(area)})."]


def _baselines(level: Level) -> list[str]:
    said = []
    for name, compared in level.baselines.items():
        title = name.replace("_", " ")
        margin, area = compared.margin, compared.measured.metrics["auc"]
        if math.isnan(margin.low):  # of too few groups, which is said elsewhere
            continue
        if not margin.low > 0:
            said.append(
                f"The detector does not clearly beat {title} alone, whose AUC is {_area(area)} "
                f"(detector minus baseline {_margin(margin)}): what it has learnt may be no more."
            )
        elif area.low > SHORTCUT:
            said.append(
                f"{title.capitalize()} alone tells these {level.unit} apart (AUC {_area(area)}): "
                "part of what the detector finds may be that."
            )
    return said


def _groups(level: Level) -> list[str]:
    samples = level.samples
    groups = {
        name: len(np.unique(samples.loc[samples["label"] == label, "group"].astype(str)))
        for label, name in ((REAL, "reals"), (FAKE, "fakes"))
    }
    few = [f"the {name} from {n}" for name, n in groups.items() if 0 < n < FEW_GROUPS]
    if not few:
        return []
    if not enough(*(n for n in groups.values() if n)):
        return [
            f"Too few groups for intervals, or for saying what holds for others ({', '.join(few)};"
            f" {FEWEST_GROUPS} of each are needed): the values are those of these samples alone."
        ]
    return [
        f"Few groups stand behind the intervals ({', '.join(few)}): they are rough, and rather too "
        "narrow."
    ]


def _reals(level: Level) -> list[str]:
    if level.overall.reals >= 100:
        return []
    allowed = level.overall.reals // 20
    return [
        f"With {level.overall.reals} reals, TPR at 1 % FPR allows not one false alarm"
        + (", nor does TPR at 5 % FPR." if not allowed else f", and at 5 % FPR only {allowed}.")
    ]


def _area(value: Interval) -> str:
    if math.isnan(value.low):
        return f"{value.value:.3f}"
    return f"{value.value:.3f}, {value.low:.3f} to {value.high:.3f}"


def signed(value: float) -> str:
    """Three decimals, with a sign as it is printed.

    >>> signed(-0.0214), signed(0.1)
    ('−0.021', '+0.100')
    """
    return f"{value:+.3f}".replace("-", "−")


def _margin(value: Interval) -> str:
    if math.isnan(value.low):
        return signed(value.value)
    return f"{signed(value.value)}, {signed(value.low)} to {signed(value.high)}"
