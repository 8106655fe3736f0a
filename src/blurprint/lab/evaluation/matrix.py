"""Train on each manipulation, test on each: does a detector know fakes that it has not seen?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from blurprint.errors import InputError
from blurprint.files import write_atomic
from blurprint.lab.datasets.map_cache import MapCache
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable
from blurprint.lab.evaluation.bootstrap import Interval
from blurprint.lab.evaluation.detector_evaluation import evaluate_scores, interval_document
from blurprint.lab.evaluation.scoring import score_table
from blurprint.lab.models.detector_weights import load_detector
from blurprint.lab.training.detector import train_detector
from blurprint.lab.training.detector_settings import DetectorTraining
from blurprint.lab.training.epoch_keeper import CHECKPOINTS, LAST, WEIGHTS

Said = Callable[[str], None]


def fake_methods(table: SampleTable) -> list[str]:
    """Methods of making fakes that the training part holds, in order."""
    return sorted(
        table.loc[(table["label"] == FAKE) & (table["split"] == "train"), "method"].unique()
    )


def train_and_test_matrix(
    table: SampleTable,
    out: Path,
    training: DetectorTraining,
    *,
    cache: MapCache | None = None,
    draws: int = 1000,
    source: Mapping[str, Any] | None = None,
    say: Said | None = None,
    stepped: Callable[[str, int, int], None] | None = None,
) -> dict[tuple[str, str], Interval]:
    """AUC of every pair (trained on, tested on), by video where there are videos.

    Trainings go to ``out/trained/METHOD``, finished cells to ``out/cells``; both are taken up
    again when the call is repeated. Each training sees all reals of its part and the fakes of one
    method; each test likewise.

    Args:
        table: with parts "train", "val" and "test".
        out: where to.
        training: how each detector is trained.
        cache: where maps are kept.
        draws: of the bootstrap over groups.
        source: where the table came from, for the settings that are saved.
        say: called with a line where something ends.
        stepped: called with what is done, batches or pictures done and wanted.

    Raises:
        InputError: if there are fewer than two methods, or a part lacks a class.
    """
    methods = fake_methods(table)
    if len(methods) < 2:
        raise InputError(f"Expected two methods of fakes or more, but got {methods or 'none'}")
    cells: dict[tuple[str, str], Interval] = {}
    for trained_on in methods:
        weights = _trained(table, out, training, trained_on, cache, source, say, stepped)
        for tested_on in methods:
            file = out / "cells" / f"{_name(trained_on)}--{_name(tested_on)}.json"
            if not file.exists():
                part = _only(table[table["split"] == "test"], tested_on)
                named = f"{trained_on} on {tested_on}"
                scores = score_table(
                    load_detector(weights),
                    part,
                    cache=cache,
                    workers=training.workers,
                    progress=None if stepped is None else _as(stepped, f"test {named}"),
                )
                evaluation = evaluate_scores(part.assign(score=scores), draws=draws)
                auc = evaluation.headline.overall.metrics["auc"]
                file.parent.mkdir(parents=True, exist_ok=True)
                content = {"trained_on": trained_on, "tested_on": tested_on}
                content["auc"] = interval_document(auc)  # type: ignore[assignment]
                write_atomic(file, (json.dumps(content) + "\n").encode())
                if say is not None:
                    say(
                        f"trained on {named}: AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f})"
                    )
            cells[trained_on, tested_on] = _read_cell(file)
    return cells


def _trained(
    table: SampleTable,
    out: Path,
    training: DetectorTraining,
    method: str,
    cache: MapCache | None,
    source: Mapping[str, Any] | None,
    say: Said | None,
    stepped: Callable[[str, int, int], None] | None,
) -> Path:
    """The weights trained on `method`; a training that had begun goes on."""
    folder = out / "trained" / _name(method)
    train, val = (_only(table[table["split"] == name], method) for name in ("train", "val"))
    best = train_detector(
        train,
        val,
        folder,
        training,
        cache=cache,
        resume=(folder / CHECKPOINTS / LAST).exists(),
        source=None if source is None else {**source, "fake_types": [method]},
        report=None
        if say is None
        else lambda e: say(f"{method}, epoch {e.epoch}: validation AUC {e.val_auc:.3f}"),
        stepped=None if stepped is None else _as(stepped, f"train on {method}"),
    )
    assert best == folder / WEIGHTS
    return best


def _only(table: SampleTable, method: str) -> SampleTable:
    kept = (table["label"] == REAL) | (table["method"] == method)
    return table[kept].reset_index(drop=True)


def _as(stepped: Callable[[str, int, int], None], name: str) -> Callable[[int, int], None]:
    return lambda done, wanted: stepped(name, done, wanted)


def _name(method: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in method)


def _read_cell(file: Path) -> Interval:
    try:
        auc = json.loads(file.read_text("utf-8"))["auc"]
        values = [
            float("nan") if auc[k] is None else float(auc[k]) for k in ("value", "low", "high")
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file}: is no cell of a matrix; remove it to measure it again"
        ) from error
    return Interval(*values)
