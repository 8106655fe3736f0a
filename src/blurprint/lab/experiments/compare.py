"""Detectors of every kind on one data set: trained alike, tested alike, beside the baselines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from blurprint.errors import InputError
from blurprint.files import write_atomic
from blurprint.lab.datasets.contents import Contents, read_pictures
from blurprint.lab.datasets.seen import rows_digest
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.evaluation.detectors.baselines import make_baselines
from blurprint.lab.evaluation.detectors.evaluation import Evaluation, evaluate_scores
from blurprint.lab.evaluation.detectors.scoring import score_table
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewOptions, require_pictures
from blurprint.lab.models.detector_weights import load_detector
from blurprint.lab.models.detectors import DetectorConfig
from blurprint.lab.pages.environment import machine, versions
from blurprint.lab.pages.markdown import interval, table
from blurprint.lab.training.detector.epoch_keeper import CHECKPOINTS, LAST
from blurprint.lab.training.detector.settings import DetectorTraining
from blurprint.lab.training.detector.train import train_detector
from blurprint.score.views import Frequency, MapVariant

HELD_OUT: Final = 0.15
"""Share of the training groups by which the best epoch is chosen, where no part "test" exists."""


@dataclass(frozen=True, slots=True)
class ComparedDetector:
    """A detector of the comparison; see :class:`DetectorConfig`."""

    name: str
    title: str
    model: str
    views: tuple[str, ...]
    estimator: str = "paper"
    variant: MapVariant = "minmax"
    frequency: Frequency = "fft"
    fusion: str = "concatenate"


ENTRIES: Final = (
    ComparedDetector("rgb", "RGB", "rgb", ("rgb",)),
    ComparedDetector("defocus-paper", 'defocus, "paper", min-max', "defocus", ("defocus",)),
    ComparedDetector(
        "defocus-net", 'defocus, "net", metric', "defocus", ("defocus",), "net", "metric"
    ),
    ComparedDetector("frequency-fft", "frequency, FFT", "frequency", ("frequency",)),
    ComparedDetector(
        "frequency-dct", "frequency, block DCT", "frequency", ("frequency",), frequency="dct"
    ),
    ComparedDetector(
        "multiply", 'RGB x defocus "paper"', "fusion", ("rgb", "defocus"), fusion="multiply"
    ),
    ComparedDetector("concatenate", 'RGB + defocus "paper"', "fusion", ("rgb", "defocus")),
    ComparedDetector(
        "gated",
        'RGB, defocus "net", frequency, gated',
        "fusion",
        ("rgb", "defocus", "frequency"),
        "net",
        "metric",
        fusion="gated",
    ),
)


@dataclass(frozen=True, slots=True)
class DetectorComparison:
    """What was measured.

    Attributes:
        evaluations: by name of the entry; its scores are means of P(fake) over seeds.
        single: by name, AUC of each seed's training by itself.
        rows: pictures of each class in each part.
        training: settings that all entries share.
        part: that was tested on.
    """

    evaluations: Mapping[str, Evaluation]
    single: Mapping[str, list[float]]
    rows: Mapping[str, Mapping[str, int]]
    training: DetectorTraining
    part: str


def parts_of(rows: SampleTable, seed: int) -> tuple[dict[str, SampleTable], str]:
    """Tables to train on, to choose the epoch by, and to test on; and the name of the last.

    Without a part "test", "val" is tested on, and :data:`HELD_OUT` of the training groups choose.
    """
    parts = {name: rows[rows["split"] == name] for name in ("train", "val", "test")}
    if not parts["test"].empty:
        return {"train": parts["train"], "choose": parts["val"], "test": parts["test"]}, "test"
    train = parts["train"]
    chosen: set[str] = set()
    rng = np.random.default_rng(seed)
    for label in (0, 1):  # of each class, so that none is missing
        groups = np.sort(train.loc[train["label"] == label, "group"].unique())
        count = round(HELD_OUT * len(groups))
        chosen |= set(rng.permutation(groups)[:count])
    held = train["group"].isin(chosen)
    return {"train": train[~held], "choose": train[held], "test": parts["val"]}, "val"


def compare_detectors(
    rows: SampleTable,
    out: str | Path,
    training: DetectorTraining,
    *,
    entries: Sequence[ComparedDetector] = ENTRIES,
    seeds: int = 1,
    cache: MapCache | None = None,
    draws: int = 1000,
    say: Callable[[str], None] | None = None,
    stepped: Callable[[str, int, int], None] | None = None,
) -> DetectorComparison:
    """Train and test every entry; what `out` holds of equal settings and data is used again.

    Args:
        rows: with parts "train" and "val", and "test" if there is one.
        out: where to.
        training: settings that all share; its detector's backbone, size and fit count.
        entries: what to compare.
        seeds: trainings of each entry, whose scores are averaged.
        cache: where maps are kept.
        draws: of the bootstrap over groups.
        say: called with a line where something ends.
        stepped: called with what is done, batches done and wanted.

    Raises:
        InputError: if a part is empty or lacks a class.
    """
    out = Path(out)
    paths = rows["path"].astype(str).tolist()
    require_pictures(paths)
    contents = read_pictures(
        paths,
        workers=training.workers,
        say=say,
        progress=None if stepped is None else lambda done, wanted: stepped("read", done, wanted),
    )
    hashed = rows.assign(content=contents.hashes)[contents.readable].reset_index(drop=True)
    parts, part = parts_of(hashed, training.seed)
    for name, some in parts.items():
        if some["label"].nunique() < 2:
            raise InputError(
                f"Expected reals and fakes in the part to {name}, got {len(some)} rows"
            )
    baselines = make_baselines(parts["test"], parts["train"])
    evaluations, single = {}, {}
    for entry in entries:
        scores = []
        for seed in range(seeds):
            own = _training(training, entry, training.seed + seed)
            folder = out / entry.name / f"seed-{own.seed}-{_digest(parts, own)}"
            file = folder / "scores.npy"
            if not file.exists():
                _train_and_score(parts, folder, own, cache, f"{entry.name} {own.seed}", stepped)
            scores.append(np.load(file))
        tested = [evaluate_scores(parts["test"].assign(score=s), draws=10) for s in scores]
        single[entry.name] = [e.headline.overall.metrics["auc"].value for e in tested]
        evaluations[entry.name] = evaluate_scores(
            parts["test"].assign(score=np.mean(scores, axis=0)), baselines=baselines, draws=draws
        )
        if say is not None:
            auc = evaluations[entry.name].headline.overall.metrics["auc"]
            say(f"{entry.title}: AUC {interval(auc)}")
    counts = {
        name: {"real": int((some["label"] == 0).sum()), "fake": int(some["label"].sum())}
        for name, some in parts.items()
    }
    return DetectorComparison(evaluations, single, counts, training, part)


def _training(training: DetectorTraining, entry: ComparedDetector, seed: int) -> DetectorTraining:
    shared = training.detector
    views = ViewOptions(
        entry.views,
        shared.views.size,
        shared.views.fit,
        entry.estimator,
        entry.variant,
        entry.frequency,
    )
    config = DetectorConfig(
        entry.model, shared.backbone, entry.fusion, shared.width, shared.dropout, views
    )
    return replace(training, detector=config, seed=seed)


def _train_and_score(
    parts: Mapping[str, SampleTable],
    folder: Path,
    training: DetectorTraining,
    cache: MapCache | None,
    name: str,
    stepped: Callable[[str, int, int], None] | None,
) -> None:
    import io

    contents = {
        name: Contents(parts[part]["content"].to_numpy(np.uint64), {})
        for name, part in (("train", "train"), ("val", "choose"))
    }
    weights = train_detector(
        parts["train"],
        parts["choose"],
        folder,
        training,
        cache=cache,
        resume=(folder / CHECKPOINTS / LAST).exists(),
        contents=contents,
        stepped=None if stepped is None else lambda done, wanted: stepped(name, done, wanted),
    )
    scored = score_table(
        load_detector(weights), parts["test"], cache=cache, workers=training.workers
    )
    if scored.unreadable:  # they could be read a moment ago
        raise InputError(next(iter(scored.unreadable.values())))
    buffer = io.BytesIO()
    np.save(buffer, scored.table["score"].to_numpy(np.float32))
    write_atomic(folder / "scores.npy", buffer.getvalue())


def _digest(parts: Mapping[str, SampleTable], training: DetectorTraining) -> str:
    """Of all that the scores of a training depend on."""
    data = [rows_digest(some, some["content"].to_numpy(np.uint64)) for some in parts.values()]
    # Scores are kept in the order of the rows.
    order = hashlib.sha256(parts["test"]["content"].to_numpy(np.uint64).tobytes()).hexdigest()
    return hashlib.sha256(" ".join([*data, order, training.digest()]).encode()).hexdigest()[:8]


def comparison_json(comparison: DetectorComparison) -> str:
    """All numbers."""
    content: dict[str, Any] = {
        "rows": comparison.rows,
        "tested_on": comparison.part,
        "training": comparison.training.to_dict(),
        "auc_of_single_trainings": comparison.single,
        "evaluations": {n: e.document() for n, e in comparison.evaluations.items()},
        "machine": machine(),
        "versions": versions(),
    }
    return json.dumps(content, indent=2, default=str) + "\n"


def comparison_tables(
    comparison: DetectorComparison, entries: Sequence[ComparedDetector] = ENTRIES
) -> str:
    """The comparison as Markdown."""
    shown = ("auc", "ap", "balanced_accuracy", "tpr_at_5_fpr", "brier", "ece")
    titles = ("AUC", "AP", "balanced accuracy", "TPR at 5 % FPR", "Brier", "ECE")
    seeds = len(next(iter(comparison.single.values())))
    body = []
    for entry in entries:
        if entry.name not in comparison.evaluations:
            continue
        level = comparison.evaluations[entry.name].headline
        line = [entry.title, *(interval(level.overall.metrics[name]) for name in shown)]
        if seeds > 1:
            ends = comparison.single[entry.name]
            line.append(f"{min(ends):.3f} to {max(ends):.3f}")
        body.append(line)
    last = next(iter(comparison.evaluations.values()))
    for name, compared in last.headline.baselines.items():
        line = [last.baselines[name].title]
        line += [interval(compared.measured.metrics[metric]) for metric in shown]
        body.append(line + (["–"] if seeds > 1 else []))
    extra = ["AUC of single trainings"] if seeds > 1 else []
    training, rows = comparison.training, pd.DataFrame(comparison.rows)
    counts = "; ".join(
        f"{name} {int(rows.loc['real', name])} real and {int(rows.loc['fake', name])} fake"
        for name in rows.columns
    )
    what = (
        f"Pictures: {counts}. Backbone {training.detector.backbone} of "
        f"{training.detector.views.size} px"
        f"{', from ImageNet' if training.pretrained else ', from random weights'}; "
        f"{training.epochs} epochs of batches of {training.batch_size}, learning rate "
        f"{training.learning_rate:g}, augmentation {', '.join(training.augment) or 'none'}; "
        f"{seeds} training{'s' if seeds > 1 else ''} each"
        f"{', their scores averaged' if seeds > 1 else ''}. Intervals (95 %) are of a bootstrap "
        f"over groups of the pictures tested; chance is an AUC of 0.5."
    )
    return f"{what}\n\n{table(['detector', *titles, *extra], body)}\n"
