"""All results of one evaluation, as JSON and as the table of members for others to score."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from blurprint.lab.evaluation.faces.ablation import Ablation
from blurprint.lab.evaluation.faces.condition_metrics import FalseAlarms, Measured
from blurprint.lab.evaluation.faces.rows import Row
from blurprint.lab.measures.interval import Interval

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Robustness:
    """What an evaluation found.

    Attributes:
        detector: name of the card.
        sha256: of the network.
        conditions: metrics by condition.
        recipes: metrics by recipe of the fake, as it is.
        unsure: why faces have the label "unsure", as
            :func:`~blurprint.lab.evaluation.faces.condition_metrics.unsure_reasons` gives it.
        alarms: honest pictures by "held out" or "seen in training", then by kind.
        ablation: what each input is worth.
        residual: median size of the log ratio of the inner face's blur to its surround, of the
            fakes as they are and with matched blur; NaN where nothing was measured.
        has_rules: whether the card has a calibration and rules.
        settings: of the evaluation.
        notes: what a reader must know, a sentence each.
    """

    detector: str
    sha256: str
    conditions: Mapping[str, Measured]
    recipes: Mapping[str, Measured]
    unsure: Mapping[str, Mapping[str, Mapping[str, float]]]
    alarms: Mapping[str, Mapping[str, FalseAlarms]]
    ablation: Ablation
    residual: tuple[float, float]
    has_rules: bool
    settings: Mapping[str, Any]
    notes: tuple[str, ...]


def results_json(found: Robustness) -> str:
    """All numbers; None for what is not defined."""
    document = {
        "format": FORMAT,
        "detector": found.detector,
        "sha256": found.sha256,
        "settings": dict(found.settings),
        "notes": list(found.notes),
        "conditions": {name: _measured(one) for name, one in found.conditions.items()},
        "recipes": {name: _measured(one) for name, one in found.recipes.items()},
        "unsure": {
            name: {side: dict(reasons) for side, reasons in sides.items()}
            for name, sides in found.unsure.items()
        },
        "false_alarms": {
            side: {kind: _alarms(one) for kind, one in kinds.items()}
            for side, kinds in found.alarms.items()
        },
        "matched_blur": {
            "median_difference_before": _number(found.residual[0]),
            "median_difference_after": _number(found.residual[1]),
        },
        "ablation": {
            "words": found.ablation.words,
            "blur_measured": dict(found.ablation.measured),
            "entries": {
                one.name: {
                    "auc": _intervals(one.auc),
                    "difference_to_detector": _intervals(one.difference),
                }
                for one in found.ablation.entries
            },
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def members_csv(rows: Sequence[Row]) -> str:
    """Every face that was judged, a line each: fields of :class:`Row`."""
    file = io.StringIO()
    names = [one.name for one in fields(Row)]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        values = (getattr(row, name) for name in names)
        writer.writerow(["" if value is None else value for value in values])
    return file.getvalue()


def _measured(one: Measured) -> dict[str, Any]:
    return {"pairs": one.pairs, "groups": one.groups, **_intervals(one.metrics)}


def _alarms(one: FalseAlarms) -> dict[str, Any]:
    return {
        "pictures": one.pictures,
        "groups": one.groups,
        "called_fake": one.called_fake.to_json(),
        "judged": one.judged.to_json(),
    }


def _intervals(some: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: one.to_json() for name, one in some.items()}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
