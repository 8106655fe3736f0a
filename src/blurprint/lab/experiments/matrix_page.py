"""Trained on each way of making fakes, tested on each: a table, a heat map and a page."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.files import make_folder, write_all
from blurprint.lab.evaluation.detectors.evaluation import Evaluation
from blurprint.lab.evaluation.detectors.figures import render
from blurprint.lab.evaluation.detectors.page import FIGURES_FOLDER, cell
from blurprint.lab.experiments.matrix_figure import matrix_figure
from blurprint.lab.measures.interval import Interval
from blurprint.pages.page import render_page
from blurprint.pages.text import data_uri, printable
from blurprint.version import __version__

Results = Mapping[tuple[str, str], Evaluation | Interval]
"""By (trained on, tested on): an evaluation, or an AUC with its interval."""

PAGE_FILE: Final = "matrix.html"
CSV_FILE: Final = "matrix.csv"
JSON_FILE: Final = "matrix.json"
SCHEMA: Final = 1


def write_matrix(
    results: Results,
    out: str | Path,
    *,
    trained_on: Sequence[str] | None = None,
    tested_on: Sequence[str] | None = None,
    about: Mapping[str, str] | None = None,
) -> Path:
    """Write ``matrix.html``, ``matrix.csv``, ``matrix.json`` and ``figures/matrix.*`` into `out`.

    Pairs may be missing: every file then says so.

    Args:
        results: of evaluations, the AUC of the headline level is shown, and all its metrics are
            in the CSV and JSON.
        out: a folder; made if it is missing.
        trained_on: rows, in order; by default as they come in `results`.
        tested_on: columns, in order; by default those of the rows first.
        about: what was trained and tested, shown as it is.

    Returns:
        The page.

    Raises:
        InputError: if there is no row or no column, or a result lies in none.
        OutputError: if something cannot be written.
        ImportError: if matplotlib is missing.
    """
    out = Path(out)
    rows = list(trained_on or dict.fromkeys(trained for trained, _ in results))
    seen = dict.fromkeys(tested for _, tested in results)
    columns = list(
        tested_on or [*(r for r in rows if r in seen), *(s for s in seen if s not in rows)]
    )
    outside = [pair for pair in results if pair[0] not in rows or pair[1] not in columns]
    if not rows or not columns or outside:
        raise InputError(
            f"Expected a matrix of {rows} by {columns}, but got "
            + (f"a result for {outside[0]}" if outside else "no result")
        )
    areas = {pair: auc_of(result) for pair, result in results.items()}

    def draw() -> Any:
        names = [printable(name) for name in rows], [printable(name) for name in columns]
        shown = {(printable(a), printable(b)): area for (a, b), area in areas.items()}
        return matrix_figure(shown, *names, title="AUC by what was trained on and tested on")

    light, dark = render(draw), render(draw, ink="dark")
    folder = out / FIGURES_FOLDER
    page = render_page(
        "blurprint.lab.pages",
        "matrix.html.j2",
        title="Trained on one, tested on another",
        subtitle=_subtitle(rows, columns, areas),
        summary=_summary(areas),
        light=data_uri(light, "image/svg+xml"),
        dark=data_uri(dark, "image/svg+xml"),
        columns=[*map(printable, columns), "Mean of the others"],
        rows=list(_table(areas, rows, columns)),
        facts=[(name.capitalize(), printable(value)) for name, value in (about or {}).items()],
        siblings=[CSV_FILE, JSON_FILE],
        footer=f"Made by Blurprint {__version__}.",
    )
    document = _document(results, rows, columns, about or {})
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    make_folder(folder)
    write_all(
        {
            out / JSON_FILE: text.encode("utf-8", "backslashreplace"),
            out / CSV_FILE: _csv(results, rows, columns),
            folder / "matrix.svg": light,
            folder / "matrix.png": render(draw, "png"),
            out / PAGE_FILE: page.encode("utf-8"),
        }
    )
    return out / PAGE_FILE


def auc_of(result: Evaluation | Interval) -> Interval:
    """What a cell shows: of an evaluation, the AUC of videos where there are any."""
    if isinstance(result, Evaluation):
        return result.headline.overall.metrics["auc"]
    return result


def mean_auc(areas: Iterable[Interval]) -> float:
    """Mean of those that are defined; NaN of none."""
    values = [area.value for area in areas if not math.isnan(area.value)]
    return sum(values) / len(values) if values else math.nan


def _table(
    areas: Mapping[tuple[str, str], Interval], rows: Sequence[str], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        others = mean_auc(areas[row, c] for c in columns if c != row and (row, c) in areas)
        cells = [
            dict(cell(areas[row, column])) | {"own": column == row}
            if (row, column) in areas
            else {"value": "–", "ends": "not measured", "own": column == row}
            for column in columns
        ]
        mean = dict(cell(Interval(others, math.nan, math.nan))) | {"own": False}
        yield {"name": printable(row), "cells": [*cells, mean]}


def _subtitle(
    rows: Sequence[str], columns: Sequence[str], areas: Mapping[tuple[str, str], Interval]
) -> str:
    wanted = len(rows) * len(columns)
    text = f"{len(rows)} detectors, each tested on {len(columns)} ways of making fakes"
    missing = wanted - len(areas)
    return text + (f"; {missing} of {wanted} tests are missing." if missing else ".")


def _summary(areas: Mapping[tuple[str, str], Interval]) -> str:
    own = mean_auc(area for (trained, tested), area in areas.items() if trained == tested)
    other = mean_auc(area for (trained, tested), area in areas.items() if trained != tested)
    said = []
    if not math.isnan(own):
        said.append(f"{own:.3f} on what it was trained on")
    if not math.isnan(other):
        said.append(f"{other:.3f} on the others")
    return f"Mean AUC of a detector: {', '.join(said)}." if said else "Nothing was measured."


def _metrics(result: Evaluation | Interval) -> Mapping[str, Interval]:
    if isinstance(result, Evaluation):
        return result.headline.overall.metrics
    return {"auc": result}


def _csv(results: Results, rows: Sequence[str], columns: Sequence[str]) -> bytes:
    """A line for each pair and metric; of a missing pair one, without values."""
    buffer = io.StringIO()
    lines = csv.writer(buffer, lineterminator="\n")
    lines.writerow(("trained_on", "tested_on", "metric", "value", "low", "high"))
    for pair in ((row, column) for row in rows for column in columns):
        if pair not in results:
            lines.writerow((*pair, "auc", "", "", ""))
            continue
        for name, value in _metrics(results[pair]).items():
            ends = value.to_json().values()
            lines.writerow((*pair, name, *("" if end is None else end for end in ends)))
    return buffer.getvalue().encode("utf-8", "surrogateescape")


def _document(
    results: Results, rows: Sequence[str], columns: Sequence[str], about: Mapping[str, str]
) -> dict[str, Any]:
    cells = []
    for (trained, tested), result in results.items():
        entry: dict[str, Any] = {"trained_on": trained, "tested_on": tested}
        if isinstance(result, Evaluation):
            overall = result.headline.overall
            entry |= {
                "unit": result.headline.unit,
                "reals": overall.reals,
                "fakes": overall.fakes,
                "groups": overall.groups,
            }
        entry["metrics"] = {name: value.to_json() for name, value in _metrics(result).items()}
        cells.append(entry)
    return {
        "schema": SCHEMA,
        "blurprint_version": __version__,
        "about": dict(about),
        "trained_on": list(rows),
        "tested_on": list(columns),
        "missing": [
            [row, column] for row in rows for column in columns if (row, column) not in results
        ],
        "cells": cells,
    }
