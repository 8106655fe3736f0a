"""What is done in a folder: its ledger held against its rows and shards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from blurprint.errors import OutputError
from blurprint.scan.store.keys import Keys
from blurprint.scan.store.layout import LEDGER, Layout, read_lines
from blurprint.scan.store.ledger import LINE_LENGTH, Entry, entries
from blurprint.scan.store.shards import SHARD_ROWS, rows_in

Ends = tuple[int, int]
"""Lengths of the files of rows and of frames, in bytes."""
WriteShard = Callable[[int, Sequence[Entry], Ends], None]
_RECOMPUTE: Final = "--recompute starts over"


@dataclass(slots=True)
class State:
    """What was found.

    Attributes:
        keys: of all items that are done.
        statuses: number of rows of each status.
        labels: number of rows of each label.
        shard: number of shards that are full.
        start: lengths of the files of lines before the first row that is in no full shard.
        waiting: entries of the rows that fill no shard yet.
        repairs: what was half-written, a sentence each.
    """

    keys: Keys = field(default_factory=Keys)
    statuses: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    shard: int = 0
    start: Ends = (0, 0)
    waiting: list[Entry] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Number of items that are done."""
        return self.shard * SHARD_ROWS + len(self.waiting)

    @property
    def ends(self) -> Ends:
        """Lengths of the files of lines that hold the waiting rows, as far as they are whole."""
        return _ends(self.waiting[-1]) if self.waiting else self.start

    @property
    def ledger_bytes(self) -> int:
        """Length of the ledger, as far as it is whole."""
        return self.done * LINE_LENGTH


def restored(layout: Layout, write: WriteShard) -> State:
    """Go through the ledger; full shards that are missing are written from the lines.

    An entry counts as far as the rows that it names are there. After SIGKILL these are all entries
    but a half-written one; after a loss of power, all up to the last full shard, and some.

    Args:
        layout: of the folder.
        write: writes a shard of some entries, whose lines begin at a place.

    Raises:
        OutputError: if ledger and rows contradict each other, or something cannot be read.
    """
    state = State()
    ledger = layout.folder / LEDGER
    if not ledger.exists() and (any(map(rows_in, layout.shards("rows"))) or _lines(layout) > 1):
        raise OutputError(f"{ledger}: is missing, but there are rows; {_RECOMPUTE}")
    limit = _limit(layout, 0)
    for entry in entries(ledger):
        if limit is not None and (entry.rows_end > limit[0] or entry.frames_end > limit[1]):
            break
        state.waiting.append(entry)
        if len(state.waiting) == SHARD_ROWS:
            _take_shard(layout, state, write)
            limit = _limit(layout, state.shard)
    state.waiting = _sound(layout, state)
    _take(state, state.waiting)
    _check_shards(layout, state)
    return state


def _lines(layout: Layout) -> int:
    """Lines of rows, as far as more than one is to be told from one: the ledger follows each."""
    path = layout.lines_of("rows", 0)
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(1 for _, _ in zip(file, range(3), strict=False))


def _take_shard(layout: Layout, state: State, write: WriteShard) -> None:
    chunk = state.waiting
    if layout.parquet and not _is_full(layout, state.shard):
        if _limit(layout, state.shard) == (0, 0):
            raise OutputError(
                f"{layout.shard_of('rows', state.shard)}: is missing, and its rows with it; "
                f"{_RECOMPUTE}"
            )
        write(state.shard, chunk, state.start)
    _take(state, chunk)
    layout.drop_lines(state.shard)
    state.start = _ends(chunk[-1]) if layout.jsonl else (0, 0)
    state.shard, state.waiting = state.shard + 1, []


def _take(state: State, chunk: Sequence[Entry]) -> None:
    for entry in chunk:
        state.keys.put(entry.key, entry.stamp)
    state.statuses.update(entry.status for entry in chunk)
    state.labels.update(entry.label for entry in chunk if entry.label)


def _sound(layout: Layout, state: State) -> list[Entry]:
    """The waiting entries whose rows are whole."""
    sound: list[Entry] = []
    rows, start = layout.lines_of("rows", state.shard), state.start[0]
    for entry in state.waiting:
        try:
            lines = list(read_lines(rows, start, entry.rows_end))
            if len(lines) != 1 or not isinstance(json.loads(lines[0]), dict):
                break
        except (OutputError, ValueError):
            break
        sound.append(entry)
        start = entry.rows_end
    return sound


def _check_shards(layout: Layout, state: State) -> None:
    """Shards hold no more rows than the ledger names."""
    for place, path in enumerate(layout.shards("rows")):
        if path != layout.shard_of("rows", place):
            raise OutputError(f"{layout.shard_of('rows', place)}: is missing; {_RECOMPUTE}")
        most = SHARD_ROWS if place < state.shard else len(state.waiting)
        if place > state.shard or rows_in(path) > most:
            raise OutputError(
                f"{path}: holds more rows than {LEDGER} names; one of them is damaged; {_RECOMPUTE}"
            )


def _is_full(layout: Layout, shard: int) -> bool:
    path = layout.shard_of("rows", shard)
    return path.exists() and rows_in(path) == SHARD_ROWS


def _limit(layout: Layout, shard: int) -> Ends | None:
    """Lengths of the files of lines; None where the shard itself is full, and they may be gone."""
    if not layout.jsonl and _is_full(layout, shard):
        return None
    return _size(layout, "rows", shard), _size(layout, "frames", shard)


def _size(layout: Layout, table: str, shard: int) -> int:
    try:
        return layout.lines_of(table, shard).stat().st_size
    except OSError:
        return 0


def _ends(entry: Entry) -> Ends:
    return entry.rows_end, entry.frames_end
