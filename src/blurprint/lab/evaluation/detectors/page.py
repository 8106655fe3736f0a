"""An evaluation as files: a page for people, numbers and scores for programs, figures."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from blurprint.files import make_folder, write_all
from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.evaluation.detectors.evaluation import Evaluation, Level, Measured
from blurprint.lab.evaluation.detectors.figures import evaluation_figures, render
from blurprint.lab.evaluation.detectors.remarks import limits, remarks, signed
from blurprint.lab.measures.interval import Interval
from blurprint.lab.measures.metrics import CONFUSION, METRICS
from blurprint.pages.page import render_page
from blurprint.pages.text import data_uri, printable
from blurprint.version import __version__

METRICS_FILE: Final = "metrics.json"
SCORES_FILE: Final = "scores.csv"
PAGE_FILE: Final = "evaluation.html"
FIGURES_FOLDER: Final = "figures"
MISTAKES: Final = 10
"""Of each kind on the page; ``scores.csv`` has all."""
_BY_METHOD: Final = ("auc", "ap", "accuracy_fake", "eer", "tpr_at_5_fpr")
_WIDE: Final = frozenset({"roc"})
_CAPTIONS: Final = {
    "roc": "Share of the fakes found against the share of the reals called fake, over all "
    "thresholds. The band is the detector's 95 % interval over groups.",
    "precision-recall": "How many of those called fake are fake, over all thresholds. It depends "
    "on how many fakes there are here.",
    "reliability": "Above, the share of fakes among {unit} of like score, with 95 % intervals over "
    "groups; below, how many {unit} have such a score.",
    "scores": "Each kind adds up to 100 %. The less the two overlap, the better.",
    "methods": "Each with its 95 % interval over groups.",
}
Cell = Mapping[str, str]


def write_evaluation(evaluation: Evaluation, out: str | Path) -> Path:
    """Write ``metrics.json``, ``scores.csv``, ``evaluation.html`` and ``figures/`` into `out`.

    All files are complete before the first takes its name.

    Args:
        evaluation: what to write.
        out: a folder; made if it is missing.

    Returns:
        The page.

    Raises:
        OutputError: if something cannot be written.
        ImportError: if matplotlib is missing.
    """
    out = Path(out)
    figures = evaluation_figures(evaluation)
    folder = out / FIGURES_FOLDER
    contents = {
        out / METRICS_FILE: evaluation.to_json().encode("utf-8", "backslashreplace"),
        out / SCORES_FILE: scores_csv(evaluation),
    }
    light = {name: render(make) for name, make in figures.items()}
    for name, make in figures.items():
        contents[folder / f"{name}.svg"] = light[name]
        contents[folder / f"{name}.png"] = render(make, "png")
    dark = {name: render(make, ink="dark") for name, make in figures.items()}
    contents[out / PAGE_FILE] = evaluation_page(evaluation, light, dark).encode("utf-8")
    make_folder(folder)
    write_all(contents)
    return out / PAGE_FILE


def scores_csv(evaluation: Evaluation) -> bytes:
    """Every row that was scored: path, label, method, group, clip, score, scores of baselines."""
    rows = evaluation.levels[0].samples
    shown = rows.rename(columns=lambda name: str(name).replace("baseline:", "baseline_"))
    buffer = io.StringIO()
    shown.to_csv(buffer, index=False, lineterminator="\n")
    # Names of files may hold bytes that are no text; they come back as they were.
    return buffer.getvalue().encode("utf-8", "surrogateescape")


def evaluation_page(
    evaluation: Evaluation, light: Mapping[str, bytes], dark: Mapping[str, bytes]
) -> str:
    """One page that holds all it shows and loads nothing.

    Args:
        evaluation: what to show.
        light: figures as SVG, by name.
        dark: the same for dark screens.
    """
    level = evaluation.headline
    return render_page(
        "blurprint.lab.pages",
        "evaluation.html.j2",
        title=_title(evaluation),
        subtitle=_amount(evaluation),
        **_headline(level),
        remarks=[printable(remark) for remark in remarks(evaluation)],
        metrics_caption=_caption(level),
        **_metric_table(evaluation),
        baselines=list(evaluation.baselines.values()),
        tables=[table for table in (_method_table(level), _source_table(level)) if table],
        figures=[
            {
                "light": data_uri(light[name], "image/svg+xml"),
                "dark": data_uri(dark[name], "image/svg+xml"),
                "wide": name in _WIDE,
                "caption": _CAPTIONS[name].format(unit=level.unit),
                "alt": f"Figure: {name.replace('-', ' ')}; its numbers are in the tables above.",
            }
            for name in light
        ],
        mistakes=_mistakes(evaluation),
        limits=limits(evaluation),
        facts=_facts(evaluation),
        siblings=[METRICS_FILE, SCORES_FILE],
        footer=f"Made by Blurprint {__version__}.",
    )


def _caption(level: Level) -> str:
    if all(math.isnan(value.low) for value in level.overall.metrics.values()):
        return f"Without intervals, for which {level.overall.groups:,} groups are too few."
    return f"Below each value, its 95 % interval over {level.overall.groups:,} groups."


def _title(evaluation: Evaluation) -> str:
    about = {name.lower(): value for name, value in evaluation.about.items()}
    weights, data = about.get("weights", "A detector"), about.get("data")
    title = Path(weights).name or weights
    return printable(f"{title} on {data}" if data else title)


def _amount(evaluation: Evaluation) -> str:
    level, measured = evaluation.headline, evaluation.headline.overall
    total = measured.reals + measured.fakes
    text = f"{total:,} {level.unit}"
    if level.unit == "videos":
        text += f" ({len(evaluation.levels[0].samples):,} frames)"
    part = {name.lower(): value for name, value in evaluation.about.items()}.get("part")
    return (
        f"{text}: {measured.reals:,} real and {measured.fakes:,} fake, "
        f"of {measured.groups:,} groups" + (f"; part “{printable(part)}”" if part else "") + "."
    )


def _headline(level: Level) -> dict[str, str]:
    metrics = level.overall.metrics
    area = metrics["auc"]
    if math.isnan(area.value):
        share = metrics["accuracy"]
        return {
            "headline_title": f"{100 * share.value:.1f} % are called what they are.",
            "headline_text": "",
        }
    ends = "" if math.isnan(area.low) else f" ({area.low:.3f} to {area.high:.3f})"
    found, cleared = metrics["accuracy_fake"].value, metrics["accuracy_real"].value
    return {
        "headline_title": f"AUC {area.value:.3f}{ends}.",
        "headline_text": f"{100 * found:.1f} % of the fakes are called fake, and "
        f"{100 * (1 - cleared):.1f} % of the reals.",
    }


def cell(value: Interval) -> Cell:
    """A value with its ends, as a table shows it."""
    if math.isnan(value.value):
        return {"value": "–", "ends": ""}
    ends = "" if math.isnan(value.low) else f"{value.low:.3f} to {value.high:.3f}"
    return {"value": f"{value.value:.3f}", "ends": ends}


def _metric_table(evaluation: Evaluation) -> dict[str, Any]:
    level = evaluation.headline
    columns: list[tuple[str, Measured]] = [
        (f"Detector, {one.unit}", one.overall) for one in reversed(evaluation.levels)
    ]
    margins: list[Cell] = [{"value": "", "ends": ""} for _ in columns]
    for name, compared in level.baselines.items():
        unit = f", {level.unit}" if len(evaluation.levels) > 1 else ""
        columns.append((f"{evaluation.baselines[name].title}{unit}", compared.measured))
        margins.append(_margin_cell(compared.margin))
    rows = [
        {
            "title": metric.title,
            "words": metric.words,
            "cells": [cell(measured.metrics[name]) for _, measured in columns],
        }
        for name, metric in METRICS.items()
    ]
    if level.baselines:
        words = "how far the detector's AUC lies above the baseline's"
        rows.insert(1, {"title": "AUC, detector ahead by", "words": words, "cells": margins})
    return {"columns": [title for title, _ in columns], "metrics": rows}


def _margin_cell(value: Interval) -> Cell:
    if math.isnan(value.value):
        return cell(value)
    ends = "" if math.isnan(value.low) else f"{signed(value.low)} to {signed(value.high)}"
    return {"value": signed(value.value), "ends": ends}


def _method_table(level: Level) -> dict[str, Any] | None:
    if not level.by_method or not level.overall.reals:
        return None
    return {
        "title": "By method of making fakes",
        "caption": f"The fakes of each method against all {level.overall.reals:,} reals.",
        "columns": ["Method", "Fakes", *(METRICS[name].title for name in _BY_METHOD)],
        "rows": [
            {
                "name": printable(method),
                "count": f"{measured.fakes:,}",
                "cells": [cell(measured.metrics[name]) for name in _BY_METHOD],
            }
            for method, measured in level.by_method.items()
        ],
    }


def _source_table(level: Level) -> dict[str, Any] | None:
    if not level.by_source:
        return None
    return {
        "title": "By source of reals",
        "caption": "A source that is called fake more often than others is mistaken for its own "
        "looks.",
        "columns": ["Source", "Reals", METRICS["accuracy_real"].title],
        "rows": [
            {
                "name": printable(source),
                "count": f"{measured.reals:,}",
                "cells": [cell(measured.metrics["accuracy_real"])],
            }
            for source, measured in level.by_source.items()
        ],
    }


def _mistakes(evaluation: Evaluation) -> list[dict[str, Any]]:
    level = evaluation.headline
    samples, unit = level.samples, level.unit
    what = unit.removesuffix("s").capitalize()
    called = samples["score"] >= evaluation.threshold
    alarms = samples[(samples["label"] == REAL) & called]
    misses = samples[(samples["label"] == FAKE) & ~called]
    return [
        {
            "title": f"Reals called fake ({len(alarms):,} of {level.overall.reals:,})",
            "what": what,
            "rows": _worst(alarms.sort_values("score", ascending=False, kind="stable")),
            "empty": "None." if level.overall.reals else "There are no reals.",
        },
        {
            "title": f"Fakes called real ({len(misses):,} of {level.overall.fakes:,})",
            "what": what,
            "rows": _worst(misses.sort_values("score", kind="stable")),
            "empty": "None." if level.overall.fakes else "There are no fakes.",
        },
    ]


def _worst(samples: pd.DataFrame) -> list[dict[str, str]]:
    shown = samples.head(MISTAKES)
    columns: Iterable[tuple[str, str, float]] = zip(
        shown["path"], shown["method"], shown["score"], strict=True
    )
    return [
        {"path": printable(path), "method": printable(method), "score": f"{score:.3f}"}
        for path, method, score in columns
    ]


def _confusion(level: Level) -> str:
    tp, fp, tn, fn = (level.overall.confusion[name] for name in CONFUSION)
    fakes = f"{tp:,} fakes called fake, {fn:,} called real"
    return f"{fakes}; {tn:,} reals called real, {fp:,} called fake"


def _facts(evaluation: Evaluation) -> list[list[tuple[str, str]]]:
    about = [
        (name.replace("_", " ").capitalize(), printable(value))
        for name, value in evaluation.about.items()
    ]
    made = [
        ("Threshold", f"{evaluation.threshold:g}"),
        ("At the threshold", _confusion(evaluation.headline)),
        ("Bootstrap", f"{evaluation.draws:,} draws of groups, seed {evaluation.seed}"),
        ("Methods", ", ".join(map(printable, evaluation.headline.by_method)) or "–"),
    ]
    return [about, made] if about else [made]
