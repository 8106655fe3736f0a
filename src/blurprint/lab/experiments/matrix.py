"""Train on each manipulation, test on each: does a detector know fakes that it has not seen?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from blurprint.errors import InputError
from blurprint.files import make_folder, safe_name, write_atomic
from blurprint.lab.datasets.contents import Contents, Hashes, read_pictures
from blurprint.lab.datasets.seen import make_record, rows_digest
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.datasets.table import FAKE, REAL, SPLITS, SampleTable
from blurprint.lab.evaluation.detectors.evaluation import evaluate_scores
from blurprint.lab.evaluation.detectors.scoring import score_table
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import require_pictures
from blurprint.lab.measures.interval import Interval
from blurprint.lab.models.detector_weights import load_detector
from blurprint.lab.pages.markdown import interval
from blurprint.lab.training.detector.epoch_keeper import CHECKPOINTS, LAST, EpochResult
from blurprint.lab.training.detector.settings import DetectorTraining
from blurprint.lab.training.detector.train import train_detector

Said = Callable[[str], None]


def fake_methods(table: SampleTable) -> list[str]:
    """Methods of making fakes that the training part holds, in order."""
    return sorted(
        table.loc[(table["label"] == FAKE) & (table["split"] == "train"), "method"].unique()
    )


def train_and_test_matrix(
    table: SampleTable,
    out: str | Path,
    training: DetectorTraining,
    *,
    cache: MapCache | None = None,
    draws: int = 1000,
    source: DataSource | None = None,
    group_keys: Mapping[str, str] | None = None,
    spaces: Sequence[str] = (),
    say: Said | None = None,
    stepped: Callable[[str, int, int], None] | None = None,
) -> dict[tuple[str, str], Interval]:
    """AUC of every pair (trained on, tested on), by video where there are videos.

    Trainings go to ``out/trained/METHOD-DIGEST``, finished cells to ``out/cells``; both are used
    again when the call is repeated with equal settings and data, of which the digest is. Each
    training sees all reals of its part and the fakes of one method; each test likewise.

    Args:
        table: with parts "train", "val" and "test".
        out: where to.
        training: how each detector is trained.
        cache: where maps are kept.
        draws: of the bootstrap over groups.
        source: where the table came from, for the settings and cards that are saved.
        group_keys: see :class:`Reading`.
        spaces: see :class:`Reading`.
        say: called with a line where something ends or is left out.
        stepped: called with what is done, batches or pictures done and wanted.

    Raises:
        InputError: if there are fewer than two methods, a part lacks a class, or over 1 % of the
            pictures cannot be read.
    """
    out = Path(out)
    methods = fake_methods(table)
    if len(methods) < 2:
        raise InputError(f"Expected two methods of fakes or more, but got {methods or 'none'}")
    _require_parts(table, methods)
    paths = table["path"].astype(str).tolist()
    require_pictures(paths)
    contents = read_pictures(
        paths,
        workers=training.workers,
        say=say,
        progress=None if stepped is None else _as(stepped, "read"),
    )
    readable = contents.readable
    data = _Data(table[readable].reset_index(drop=True), contents.hashes[readable])
    run = _Run(data, out, training, cache, draws, source, group_keys, spaces, say, stepped)
    cells: dict[tuple[str, str], Interval] = {}
    for trained_on in methods:
        weights = run.trained(trained_on)
        for tested_on in methods:
            cells[trained_on, tested_on] = run.cell(weights, trained_on, tested_on)
    return cells


def _require_parts(table: SampleTable, methods: list[str]) -> None:
    """Every cell needs both classes: what lacks one is known before the first training."""
    lacking = []
    for part in SPLITS:
        rows = table[table["split"] == part]
        kinds = set(rows.loc[rows["label"] == FAKE, "method"])
        if not (rows["label"] == REAL).any():
            lacking.append(f"part {part} has no reals")
        lacking += [f"part {part} has no fakes of {name}" for name in methods if name not in kinds]
    if lacking:
        raise InputError(
            f"Expected reals and fakes of every method in every part, but {'; '.join(lacking)}."
            " Another rule of splitting or another --split-seed parts them otherwise"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """Readable rows and the hashes of their content."""

    table: SampleTable
    hashes: Hashes

    def part(self, split: str, method: str) -> tuple[SampleTable, Contents]:
        """Reals of a part and its fakes of one method."""
        table = self.table
        kept = (table["split"] == split) & ((table["label"] == REAL) | (table["method"] == method))
        rows = kept.to_numpy(bool)
        return table[rows].reset_index(drop=True), Contents(self.hashes[rows], {})


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What every training and test of a matrix shares."""

    data: _Data
    out: Path
    training: DetectorTraining
    cache: MapCache | None
    draws: int
    source: DataSource | None
    group_keys: Mapping[str, str] | None
    spaces: Sequence[str]
    say: Said | None
    stepped: Callable[[str, int, int], None] | None

    def trained(self, method: str) -> Path:
        """The weights trained on `method`; a training that had begun goes on."""
        parts = {name: self.data.part(name, method) for name in ("train", "val")}
        record = make_record(parts, self.group_keys)
        digest = _digest(record.digest, self.training.digest())
        folder = self.out / "trained" / f"{safe_name(method)}-{digest}"
        (train, _), (val, _) = parts.values()
        return train_detector(
            train,
            val,
            folder,
            self.training,
            cache=self.cache,
            resume=(folder / CHECKPOINTS / LAST).exists(),
            source=None if self.source is None else replace(self.source, fake_types=(method,)),
            group_keys=self.group_keys,
            spaces=self.spaces,
            contents={name: contents for name, (_, contents) in parts.items()},
            report=None if self.say is None else self._epoch(method),
            stepped=self._steps(f"train on {method}"),
        )

    def _epoch(self, method: str) -> Callable[[EpochResult], None]:
        def report(result: EpochResult) -> None:
            assert self.say is not None
            self.say(f"{method}, epoch {result.epoch}: validation AUC {result.val.auc:.3f}")

        return report

    def _steps(self, name: str) -> Callable[[int, int], None] | None:
        return None if self.stepped is None else _as(self.stepped, name)

    def cell(self, weights: Path, trained_on: str, tested_on: str) -> Interval:
        """AUC of `weights` on the fakes of `tested_on`; measured anew if anything has changed."""
        part, contents = self.data.part("test", tested_on)
        tested = rows_digest(part, contents.hashes)
        digest = _digest(hashlib.sha256(weights.read_bytes()).hexdigest(), tested, str(self.draws))
        file = self.out / "cells" / f"{safe_name(trained_on)}--{safe_name(tested_on)}.json"
        if (kept := _read_cell(file, digest)) is not None:
            return kept
        named = f"{trained_on} on {tested_on}"
        scored = score_table(
            load_detector(weights),
            part,
            cache=self.cache,
            workers=self.training.workers,
            progress=self._steps(f"test {named}"),
        )
        evaluation = evaluate_scores(scored.table, draws=self.draws)
        auc = evaluation.headline.overall.metrics["auc"]
        content = {
            "trained_on": trained_on,
            "tested_on": tested_on,
            "auc": auc.to_json(),
            "digest": digest,
        }
        make_folder(file.parent)
        write_atomic(file, (json.dumps(content) + "\n").encode())
        if self.say is not None:
            self.say(f"trained on {named}: AUC {interval(auc)}")
        return auc


def _as(stepped: Callable[[str, int, int], None], name: str) -> Callable[[int, int], None]:
    return lambda done, wanted: stepped(name, done, wanted)


def _digest(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:8]


def _read_cell(file: Path, digest: str) -> Interval | None:
    """A cell that was measured before, None if it belongs to other data, weights or settings."""
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_text("utf-8"))
        if content.get("digest") != digest:
            return None
        return Interval.from_json(content["auc"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{file}: is no cell of a matrix; remove it to measure it again"
        ) from error
