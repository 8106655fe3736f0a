"""Evaluations beside each other in one table, with what makes them incomparable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.lab.evaluation.detectors.page import METRICS_FILE
from blurprint.lab.pages.markdown import table

COLUMNS: Final[Mapping[str, str]] = {
    "auc": "AUC",
    "accuracy": "accuracy",
    "f1": "F1",
    "tpr_at_5_fpr": "TPR at 5 % FPR",
}
_SAME: Final = ("data", "split", "split_seed", "part", "compression", "frames", "fake_types")


@dataclass(frozen=True, slots=True)
class EvaluationTable:
    """Rows as Markdown, and sentences that a reader must know."""

    markdown: str
    notes: tuple[str, ...]


def evaluation_table(folders: Sequence[str | Path]) -> EvaluationTable:
    """A row for each evaluation in `folders`, with the AUC of its baselines beside it.

    Args:
        folders: each with the ``metrics.json`` of `blurprint evaluate detector`.

    Raises:
        InputError: if one has no such file, or it is not as expected.
    """
    documents = {folder: _read(folder / METRICS_FILE) for folder in map(Path, folders)}
    baselines = {
        name: found["title"]
        for document in documents.values()
        for name, found in document["baselines"].items()
    }
    header = ["evaluation", "split", "samples", *COLUMNS.values(), *baselines.values()]
    body, notes = [], []
    for folder, document in documents.items():
        unit, level = list(document["levels"].items())[-1]
        overall = level["overall"]
        split = document["data"].get("split") or "default"
        count = overall["reals"] + overall["fakes"]
        cells = [_interval(overall["metrics"][name]) for name in COLUMNS]
        others = level["baselines"]
        cells += [
            _interval(others[name]["metrics"]["auc"]) if name in others else "–"
            for name in baselines
        ]
        body.append([str(folder), f"{split}", f"{count:,} {unit}", *cells])
        notes += [f"{folder}: {note}" for note in document["notes"]]
    for name in _SAME:
        values = {json.dumps(document["data"].get(name)) for document in documents.values()}
        if len(values) > 1:
            notes.append(
                f"The evaluations differ in {name.replace('_', ' ')}: {', '.join(sorted(values))}."
            )
    return EvaluationTable(table(header, body), tuple(notes))


def _read(file: Path) -> Any:
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{file}: Expected the metrics of `blurprint evaluate detector`, but they cannot be"
            f" read ({reason})"
        ) from error
    wanted = {"levels", "baselines", "data", "notes"}
    if not isinstance(document, dict) or not wanted <= document.keys() or not document["levels"]:
        raise InputError(
            f"{file}: Expected the metrics of `blurprint evaluate detector`, schema 2, but got"
            f" {sorted(document)[:8] if isinstance(document, dict) else type(document).__name__}"
        )
    return document


def _interval(value: Mapping[str, float | None]) -> str:
    if value["value"] is None:
        return "–"
    ends = "" if value["low"] is None else f" ({value['low']:.3f} to {value['high']:.3f})"
    return f"{value['value']:.3f}{ends}"
