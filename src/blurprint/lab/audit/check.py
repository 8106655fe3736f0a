"""What may be wrong with a data set, before anything is trained on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np

from blurprint.errors import InputError
from blurprint.jobs import run_jobs
from blurprint.lab.audit.check_result import CheckResult, Count, Straddle, Unreadable
from blurprint.lab.audit.copies import find_copies
from blurprint.lab.audit.file_facts import InspectedFacts, Inspection, inspect_file
from blurprint.lab.audit.shortcuts import Feature, Shortcut, audit
from blurprint.lab.datasets.table import COLUMNS, SPLITS, SampleTable
from blurprint.photos.video import VIDEO_SUFFIXES

_BATCH: Final = 32
"""Pictures that go to a worker at once."""


def check_table(
    table: SampleTable,
    *,
    sample: int = 2000,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> CheckResult:
    """Counts, straddling groups and clips, unreadable files, copies, and shortcuts.

    Every picture is read once; what a file shows beside its content is looked at for a sample.

    Args:
        table: pictures, not videos.
        sample: pictures of each split and label, at most, that the shortcuts are measured on.
        seed: of the sample and the intervals.
        workers: processes that read.
        progress: called with pictures read and wanted.

    Raises:
        InputError: if the table is empty, lacks columns, holds videos, or an argument is out of
            range.
    """
    _validate(table, sample)
    sampled = _sample(table, sample, seed)
    inspections = _inspect(table, sampled, workers, progress)
    unreadable = tuple(
        Unreadable(str(path), seen.error)
        for path, seen in zip(table["path"], inspections, strict=True)
        if seen.error
    )
    return CheckResult(
        pictures=len(table),
        counts=_counts(table),
        straddles=tuple(_straddles(table)),
        unreadable=unreadable,
        copies=tuple(find_copies(table, inspections)),
        shortcuts=tuple(_shortcuts(table, inspections, seed)),
        sampled=sum(seen.facts is not None for seen in inspections),
    )


def _validate(table: SampleTable, sample: int) -> None:
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(f"Expected a table with the columns {COLUMNS}, but it lacks {missing}")
    if len(table) == 0:
        raise InputError("Expected a table with rows, but it is empty")
    if sample < 1:
        raise InputError(f"Expected `sample` to be at least 1, but got {sample}")
    for path in table["path"]:
        if Path(path).suffix.lower() in VIDEO_SUFFIXES:
            raise InputError(
                f"{path}: is a video; `blurprint dataset prepare` makes pictures of it"
            )


def _sample(table: SampleTable, sample: int, seed: int) -> set[int]:
    """Rows, the same number at most of each split and label."""
    rng = np.random.default_rng(seed)
    rows: set[int] = set()
    for _, places in sorted(table.groupby(["split", "label"]).indices.items()):
        chosen = rng.choice(places, min(sample, len(places)), replace=False)
        rows.update(int(row) for row in chosen)
    return rows


_Job = tuple[int, tuple[str, ...], tuple[bool, ...]]
"""First row, paths, and for which of them the facts are wanted."""


def _inspect(
    table: SampleTable,
    sampled: set[int],
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> list[Inspection]:
    paths = [str(path) for path in table["path"]]
    jobs = (
        (
            start,
            tuple(paths[start : start + _BATCH]),
            tuple(row in sampled for row in range(start, min(start + _BATCH, len(paths)))),
        )
        for start in range(0, len(paths), _BATCH)
    )
    inspections = [Inspection()] * len(paths)
    done = 0
    for start, seen in run_jobs(_inspect_batch, jobs, workers=workers, died=_died):
        inspections[start : start + len(seen)] = seen
        done += len(seen)
        if progress is not None:
            progress(done, len(paths))
    return inspections


def _inspect_batch(job: _Job) -> tuple[int, list[Inspection]]:
    start, paths, wanted = job
    return start, [
        inspect_file(Path(path), with_facts=facts)
        for path, facts in zip(paths, wanted, strict=True)
    ]


def _died(job: _Job) -> tuple[int, list[Inspection]]:
    start, paths, _ = job
    why = f"the process that decoded it, or one of {len(paths)} pictures with it, died"
    return start, [Inspection(error=f"{path}: {why}") for path in paths]


def _counts(table: SampleTable) -> tuple[Count, ...]:
    order = {split: place for place, split in enumerate((*SPLITS, ""))}
    return tuple(
        Count(
            split=str(split),
            label=int(label),
            method=str(method),
            pictures=len(rows),
            clips=rows["clip"].nunique(),
            groups=rows["group"].nunique(),
        )
        for (split, label, method), rows in sorted(
            table.groupby(["split", "label", "method"]),
            key=lambda item: (order.get(item[0][0], len(order)), item[0][1:]),
        )
    )


def _straddles(table: SampleTable) -> Iterator[Straddle]:
    decided = table[table["split"] != ""]
    for kind, rows, across in (
        ("group", decided, "split"),
        ("clip", decided, "split"),
        ("clip", table, "label"),
    ):
        values = rows.groupby(kind)[across].unique()
        for name, found in values[values.map(len) > 1].items():
            yield Straddle(kind, str(name), across, tuple(sorted(str(value) for value in found)))


def _shortcuts(
    table: SampleTable, inspections: Sequence[Inspection], seed: int
) -> Iterator[Shortcut]:
    rows: dict[str, list[int]] = defaultdict(list)
    splits = table["split"].astype(str).tolist()
    for row, seen in enumerate(inspections):
        if seen.facts is not None:
            rows[splits[row]].append(row)
    labels, groups = table["label"].tolist(), table["group"].astype(str).tolist()
    for split in sorted(rows, key=lambda name: (*SPLITS, name).index(name)):
        facts = [one for row in rows[split] if (one := inspections[row].facts) is not None]
        yield from audit(
            _features(facts),
            [labels[row] for row in rows[split]],
            [groups[row] for row in rows[split]],
            split=split,
            seed=seed,
        )


def _features(facts: Sequence[InspectedFacts]) -> Mapping[str, Feature]:
    return {
        field.name: [getattr(one, field.name) for one in facts] for field in fields(InspectedFacts)
    }
