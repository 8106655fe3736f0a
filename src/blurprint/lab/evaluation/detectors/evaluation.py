"""From scores to everything that is said of a detector: by picture or frame, and by video."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.table import COLUMNS, FAKE, REAL, SampleTable
from blurprint.lab.measures.interval import LEVEL, Interval, percentile_interval
from blurprint.lab.measures.metric_intervals import (
    intervals,
    metric_draws,
)
from blurprint.lab.measures.metrics import METRICS, confusion
from blurprint.lab.measures.tally import Values, count, rank
from blurprint.version import __version__

Unit = Literal["pictures", "frames", "videos"]

SCHEMA: Final = 2
"""Of ``metrics.json``; rises when a field changes its meaning or goes."""


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Scores of something simpler than the detector, on the same pictures.

    Attributes:
        title: as tables show it.
        how: how the scores came about, in a sentence; why there are none if `score` is None.
        score: (N,) P(fake), in the order of the table.
    """

    title: str
    how: str
    score: npt.NDArray[np.floating] | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Every metric on some of the samples.

    Attributes:
        reals: samples with label 0.
        fakes: samples with label 1.
        groups: that they come from, which the bootstrap draws.
        metrics: by name, see :data:`METRICS`; NaN where one needs a class that is not there.
        confusion: counts at the threshold, see :func:`confusion`.
    """

    reals: int
    fakes: int
    groups: int
    metrics: Mapping[str, Interval]
    confusion: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """A baseline on the same samples.

    Attributes:
        measured: its metrics.
        margin: AUC of the detector minus that of the baseline, from paired draws.
    """

    measured: Measured
    margin: Interval


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """All that was measured on one kind of sample.

    Attributes:
        unit: "pictures", "frames" or "videos".
        samples: frame with path, label, method, group, clip and score, and the score of baseline
            NAME as "baseline:NAME"; of a video, `path` is the clip, and scores are means over it.
        overall: on all of them.
        by_method: each method of making fakes, against all reals.
        by_source: each source of reals by itself, where there are several.
        baselines: by name.
    """

    unit: Unit
    samples: pd.DataFrame
    overall: Measured
    by_method: Mapping[str, Measured]
    by_source: Mapping[str, Measured]
    baselines: Mapping[str, Compared]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A detector on a table of samples.

    Attributes:
        about: what was tested on what, such as "weights", "data" and "part"; shown as it is.
        threshold: scores that reach it are called fake.
        draws: of the bootstrap.
        seed: of the bootstrap.
        levels: pictures, or frames and videos.
        baselines: how their scores came about, also of those that gave none.
        notes: sentences that a reader must see first: what training saw of these samples, what
            could not be read, where the data differ from the training's.
        source: which data were read and how, see :meth:`DataSource.to_dict`; empty if not known.
    """

    about: Mapping[str, str]
    threshold: float
    draws: int
    seed: int
    levels: tuple[Level, ...]
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def headline(self) -> Level:
        """Videos where there are any, else pictures."""
        return self.levels[-1]

    def document(self) -> dict[str, Any]:
        """What ``metrics.json`` holds; None where a metric is not defined."""
        return {
            "schema": SCHEMA,
            "blurprint_version": __version__,
            "about": dict(self.about),
            "data": dict(self.source),
            "notes": list(self.notes),
            "threshold": self.threshold,
            "bootstrap": {
                "draws": self.draws,
                "seed": self.seed,
                "level": LEVEL,
                "drawn": "groups, within those of reals, of fakes and of both",
            },
            "levels": {level.unit: _level_document(level) for level in self.levels},
            "baselines": {
                name: {"title": baseline.title, "how": baseline.how}
                for name, baseline in self.baselines.items()
            },
        }

    def to_json(self) -> str:
        """:meth:`document` as text."""
        return json.dumps(self.document(), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def evaluate_scores(
    table: SampleTable,
    *,
    baselines: Mapping[str, Baseline] | None = None,
    about: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    source: Mapping[str, Any] | None = None,
    threshold: float = 0.5,
    draws: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Every metric with its interval: overall and by method, by frame and by video.

    Where each clip has one row, rows are pictures, and there is one level. Otherwise rows are
    frames, and P(fake) of a video is the mean over its frames.

    Args:
        table: with :data:`COLUMNS`, and "score", P(fake).
        baselines: by name, scored on the rows of `table`.
        about: what was tested on what, see :class:`Evaluation`.
        notes: what a reader must see first, see :class:`Evaluation`.
        source: which data were read and how, see :class:`Evaluation`.
        threshold: scores that reach it are called fake; choose it on other data than these.
        draws: of the bootstrap over groups.
        seed: of the bootstrap.

    Raises:
        InputError: if the table is empty or lacks a column, labels, scores or the threshold are out
            of range, rows of a clip differ in label, method or group, or a baseline has another
            number of scores.
    """
    baselines = dict(baselines or {})
    rows = _rows(table, baselines)
    levels = [rows] if rows["clip"].is_unique else [rows, _videos(rows)]
    units: tuple[Unit, ...] = ("pictures",) if len(levels) == 1 else ("frames", "videos")
    names = [name for name, baseline in baselines.items() if baseline.score is not None]
    return Evaluation(
        about=dict(about or {}),
        threshold=threshold,
        draws=draws,
        seed=seed,
        levels=tuple(
            _measure_level(unit, samples, names, threshold, draws, seed)
            for unit, samples in zip(units, levels, strict=True)
        ),
        baselines=baselines,
        notes=tuple(notes),
        source=dict(source or {}),
    )


def _rows(table: SampleTable, baselines: Mapping[str, Baseline]) -> pd.DataFrame:
    missing = [name for name in (*COLUMNS, "score") if name not in table.columns]
    if missing or table.empty:
        lacks = f"no column {', '.join(missing)}" if missing else "no rows"
        raise InputError(f"Expected a table of scored samples, but got one with {lacks}")
    rows = table[["path", "label", "method", "group", "clip", "score"]].reset_index(drop=True)
    for name, baseline in baselines.items():
        if baseline.score is None:
            continue
        if np.shape(baseline.score) != (len(rows),):
            raise InputError(
                f"Expected {len(rows)} scores of the baseline {name!r}, "
                f"but got {np.shape(baseline.score)}"
            )
        rows[baseline_column(name)] = baseline.score
    return rows


def baseline_column(baseline: str) -> str:
    """Name of the column of :attr:`Level.samples` that holds a baseline's scores."""
    return f"baseline:{baseline}"


def _videos(rows: pd.DataFrame) -> pd.DataFrame:
    clips = rows.groupby("clip", sort=True)
    for name in ("label", "method", "group"):
        mixed = clips[name].nunique()
        if (mixed > 1).any():
            raise InputError(
                f"Expected one {name} in each clip, but got several in {mixed.idxmax()!r}"
            )
    scores = [name for name in rows.columns if name == "score" or name.startswith("baseline:")]
    videos = clips.agg(dict.fromkeys(("label", "method", "group"), "first")).join(
        clips[scores].mean()
    )
    videos = videos.reset_index()
    videos.insert(0, "path", videos["clip"])
    return videos


def _measure_level(
    unit: Unit, samples: pd.DataFrame, names: list[str], threshold: float, draws: int, seed: int
) -> Level:
    def measured(part: pd.DataFrame, score: str = "score") -> tuple[Measured, Values]:
        return _measure(part, score, threshold, draws, seed)

    is_real = samples["label"] == REAL
    methods = sorted(samples.loc[~is_real, "method"].unique())
    sources = sorted(samples.loc[is_real, "method"].unique())
    overall, drawn = measured(samples)
    compared = {}
    for name in names:
        other, other_drawn = measured(samples, baseline_column(name))
        compared[name] = Compared(other, _margin(overall, drawn, other, other_drawn))
    return Level(
        unit=unit,
        samples=samples,
        overall=overall,
        by_method={
            method: overall
            if len(methods) == 1
            else measured(samples[is_real | (samples["method"] == method)])[0]
            for method in methods
        },
        by_source={
            source: measured(samples[is_real & (samples["method"] == source)])[0]
            for source in sources
            if len(sources) > 1
        },
        baselines=compared,
    )


def _measure(
    samples: pd.DataFrame, score: str, threshold: float, draws: int, seed: int
) -> tuple[Measured, Values]:
    ranking = rank(samples["label"].to_numpy(), samples[score].to_numpy(), threshold)
    groups = samples["group"].astype(str).to_numpy(str)
    drawn = metric_draws(ranking, groups, draws=draws, seed=seed)
    fakes = int((samples["label"] == FAKE).sum())
    measured = Measured(
        reals=len(samples) - fakes,
        fakes=fakes,
        groups=len(np.unique(groups)),
        metrics=intervals(ranking, groups, drawn),
        confusion=confusion(count(ranking)),
    )
    return measured, drawn


def _margin(
    detector: Measured, drawn: Values, baseline: Measured, baseline_drawn: Values
) -> Interval:
    """The same groups in the same draws: what both find hard cancels."""
    at = list(METRICS).index("auc")
    value = detector.metrics["auc"].value - baseline.metrics["auc"].value
    if math.isnan(detector.metrics["auc"].low):  # of too few groups
        return Interval(value, math.nan, math.nan)
    return percentile_interval(value, drawn[:, at] - baseline_drawn[:, at])


def _level_document(level: Level) -> dict[str, Any]:
    return {
        "overall": _measured_document(level.overall),
        "by_method": {name: _measured_document(m) for name, m in level.by_method.items()},
        "by_source": {name: _measured_document(m) for name, m in level.by_source.items()},
        "baselines": {
            name: _measured_document(compared.measured) | {"auc_margin": compared.margin.to_json()}
            for name, compared in level.baselines.items()
        },
    }


def _measured_document(measured: Measured) -> dict[str, Any]:
    return {
        "reals": measured.reals,
        "fakes": measured.fakes,
        "groups": measured.groups,
        "confusion": dict(measured.confusion),
        "metrics": {name: value.to_json() for name, value in measured.metrics.items()},
    }
