"""From the rows of a scan to what its page shows, in two passes and little memory."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import OutputError
from blurprint.files import reason
from blurprint.scan.store.layout import Layout
from blurprint.scan.summary.measures import Counts, Measure

Batch = Mapping[str, Sequence[Any]]
_ROWS_AT_ONCE: Final = 10_000
_MIDDLE_TO_SD: Final = 3.29
"""From the 5th to the 95th percentile of a normal distribution, in its standard deviations."""
MOST_SHOWN: Final = 24
MOST_OF_ONE: Final = 6
"""Pictures that are shown as unusual in the same measure: one with a long tail would fill all."""
# Quartiles of fewer say little: docs/thresholds.md.
LEAST_ROWS: Final = 8
"""Rows with a value below which nothing is called unusual among them."""


@dataclass(frozen=True, slots=True, order=True)
class Apart:
    """A picture that stands apart.

    Attributes:
        strength: by which they are ordered; larger is further apart.
        order: tells equal ones apart: the first row wins.
        row: its columns, as far as the page shows them.
        measure: in which it stands apart; None for the likelihood ratio of its label.
    """

    strength: float
    order: int
    row: Mapping[str, Any] = field(compare=False)
    measure: Measure | None = field(compare=False, default=None)


@dataclass(slots=True)
class Gathered:
    """What the page shows.

    Attributes:
        counts: of each measure.
        fakes: pictures with signs of a pasted face, strongest first.
        unusual: pictures that stand apart from the others in a measure, furthest first.
    """

    counts: list[Counts]
    fakes: list[Apart]
    unusual: list[Apart]


def gathered(layout: Layout, measures: Sequence[Measure], rows: int) -> Gathered:
    """Go through the rows twice: for the distributions, then for what stands apart from them.

    A value stands apart by its distance from the median of the scan on the axis of its histogram,
    in units of the scan's spread (of its middle nine tenths) and of its own expected error
    together.

    Args:
        layout: of the folder.
        measures: that the page shows.
        rows: number of rows.

    Raises:
        OutputError: if the rows cannot be read.
    """
    counts = [Counts(measure) for measure in measures]
    numbers = [name for one in measures for name in (one.column, one.error) if name]
    for batch in batches(layout, [one.column for one in measures], rows):
        for one in counts:
            one.add(_numbers(batch, one.measure.column))
    names = ["path", "status", "kind", "label", "at_bound", "abstain_code", *numbers]
    order = count(0, -1)
    fakes: list[Apart] = []
    unusual: list[list[Apart]] = [[] for _ in measures]
    for batch in batches(layout, names, rows):
        fake = np.array([label == "fake" for label in batch["label"]], bool)
        ratio = np.where(fake, _numbers(batch, "likelihood_ratio"), np.nan)
        _keep(fakes, MOST_SHOWN, batch, ratio, None, order)
        apart, which = _apart(batch, counts)
        for place, measure in enumerate(measures):
            here = np.where(which == place, apart, np.nan)
            _keep(unusual[place], MOST_OF_ONE, batch, here, measure, order)
    all_of_them = sorted((one for heap in unusual for one in heap), reverse=True)
    return Gathered(counts, sorted(fakes, reverse=True), all_of_them[:MOST_SHOWN])


def _apart(
    batch: Batch, counts: Sequence[Counts]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """How far each row stands apart where it does most, and in which measure."""
    length = len(batch["path"])
    table = np.full((len(counts), length), np.nan)
    for place, one in enumerate(counts):
        measure = one.measure
        if not measure.ranked or one.total < LEAST_ROWS:
            continue
        values = _numbers(batch, measure.column)
        error = _numbers(batch, measure.error) if measure.error else np.zeros(length)
        middle, spread = one.place(0.5), (one.place(0.95) - one.place(0.05)) / _MIDDLE_TO_SD
        at = measure.places(values)
        with np.errstate(invalid="ignore"):
            error_there = np.abs(measure.places(values + np.nan_to_num(error)) - at)
            table[place] = np.abs(at - middle) / np.hypot(max(spread, 1e-3), error_there)
    filled = np.nan_to_num(table, nan=-1.0)
    which = filled.argmax(0)
    best = filled.max(0) if len(counts) else np.full(length, -1.0)
    return np.where(best < 0, np.nan, best), which


def _keep(
    heap: list[Apart],
    most: int,
    batch: Batch,
    strengths: npt.NDArray[np.float64],
    measure: Measure | None,
    order: Iterator[int],
) -> None:
    for place in np.argsort(-np.nan_to_num(strengths, nan=-1.0), kind="stable")[:most]:
        strength = float(strengths[place])
        if not np.isfinite(strength):
            break
        row = {name: values[place] for name, values in batch.items()}
        one = Apart(strength, next(order), row, measure)
        if len(heap) < most:
            heapq.heappush(heap, one)
        else:
            heapq.heappushpop(heap, one)


def _numbers(batch: Batch, name: str) -> npt.NDArray[np.float64]:
    return np.array(batch[name], np.float64)


def batches(layout: Layout, names: Sequence[str], rows: int) -> Iterator[Batch]:
    """Some columns of all rows, a part at a time, in the order of the shards or lines.

    Raises:
        OutputError: if the rows cannot be read.
    """
    names = list(dict.fromkeys(names))
    if layout.parquet:
        yield from _of_shards(layout, names)
    else:
        yield from _of_lines(layout, names, rows)


def _of_shards(layout: Layout, names: Sequence[str]) -> Iterator[Batch]:
    from pyarrow import ArrowException, parquet

    for path in layout.shards("rows"):
        try:
            yield parquet.read_table(path, columns=names).to_pydict()
        except (OSError, ArrowException) as error:
            raise OutputError(f"{path}: cannot be read ({error})") from error


def _of_lines(layout: Layout, names: Sequence[str], rows: int) -> Iterator[Batch]:
    path = layout.lines_of("rows", 0)
    if not rows:
        return
    try:
        with path.open("rb") as file:
            lines = (line for _, line in zip(range(rows), file, strict=False))
            while found := [json.loads(line) for line in islice(lines, _ROWS_AT_ONCE)]:
                yield {name: [row[name] for row in found] for name in names}
    except (OSError, ValueError, KeyError) as error:
        what = reason(error) if isinstance(error, (OSError, ValueError)) else error
        raise OutputError(f"{path}: cannot be read ({what})") from error
