"""A detector tested on data: refused where training saw them, scored, measured, described."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from blurprint.lab.datasets.contents import unreadable_words
from blurprint.lab.datasets.layouts.folders import few
from blurprint.lab.datasets.read import Reading
from blurprint.lab.datasets.seen import require_unseen
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.evaluation.detectors.baselines import make_baselines
from blurprint.lab.evaluation.detectors.evaluation import Evaluation, evaluate_scores
from blurprint.lab.evaluation.detectors.scoring import score_table
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import flat_words
from blurprint.lab.models.detectors import Detector


def evaluate_on(
    reading: Reading,
    source: DataSource,
    detector: Detector,
    weights: str | Path,
    *,
    part: str,
    notes: Sequence[str] = (),
    same_data: bool = False,
    allow_seen: bool = False,
    baselines: bool = True,
    threshold: float = 0.5,
    draws: int = 1000,
    batch_size: int = 32,
    workers: int = 0,
    device: str = "cpu",
    cache: MapCache | None = None,
    stepped: Callable[[str, int, int], None] | None = None,
) -> Evaluation:
    """Everything that is said of a detector on what was read.

    Args:
        reading: its table is what is tested on.
        source: where it came from.
        detector: to test.
        weights: its file, beside which the record of what training saw lies.
        part: of the data, for the description.
        notes: sentences that the results begin with.
        same_data: whether these are the data of the training, read alike.
        allow_seen: test also on what training saw, and say so.
        baselines: score metadata and edge density as well.
        threshold: scores that reach it are called fake.
        draws: of the bootstrap over groups.
        batch_size: pictures at once.
        workers: processes that load pictures.
        device: as torch names it.
        cache: where maps are kept.
        stepped: called with what is done, pictures done and wanted.

    Raises:
        InputError: if training saw some of the pictures or groups and `allow_seen` is off, over 1 %
            of the pictures cannot be read, or there is nothing to measure.
    """
    weights = Path(weights)

    def bar(name: str) -> Callable[[int, int], None] | None:
        return None if stepped is None else lambda done, wanted: stepped(name, done, wanted)

    seen = require_unseen(
        weights,
        reading,
        same_data=same_data,
        allow=allow_seen,
        workers=workers,
        progress=bar("compare"),
    )
    scored = score_table(
        detector,
        reading.table,
        cache=cache,
        batch_size=batch_size,
        workers=workers,
        device=device,
        progress=bar("score"),
    )
    others = (
        make_baselines(scored.table, workers=max(1, workers), progress=bar("baselines"))
        if baselines
        else {}
    )
    said = [*seen, *notes]
    if scored.unreadable:
        said.append(f"{unreadable_words(scored.unreadable, len(reading.table))}.")
    if scored.flat:
        said.append(f"{flat_words(len(scored.flat), len(scored.table))}: {few(scored.flat)}.")
    return evaluate_scores(
        scored.table,
        baselines=others,
        about=_about(weights, detector, source, reading, part),
        notes=said,
        source=source.to_dict() | {"part": part},
        threshold=threshold,
        draws=draws,
    )


def _about(
    weights: Path, detector: Detector, source: DataSource, reading: Reading, part: str
) -> dict[str, str]:
    """What was tested on what, as the page shows it."""
    made = "; ".join(reading.account.rules)
    return {
        "weights": str(weights),
        "model": f"{detector.config.model}, {detector.config.backbone}",
        "data": ", ".join(source.data),
        "part": part,
        "split": f"{source.split or 'as each layout has it'}" + (f" ({made})" if made else ""),
        "split_seed": str(source.split_seed),
        "compression": source.compression or "not chosen",
        "frames_of_a_clip": "all" if source.frames == 0 else f"at most {source.frames}",
        "fake_types": ", ".join(source.fake_types) or "all",
    }
