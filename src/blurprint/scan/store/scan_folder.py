"""The folder of a scan: rows as they come, shards, and the ledger that says what is done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from blurprint.errors import OutputError
from blurprint.files import make_folder, reason, write_atomic
from blurprint.pages.text import printable
from blurprint.scan.engine import Done
from blurprint.scan.items.item import Item
from blurprint.scan.items.same_file import working_folder
from blurprint.scan.items.written import row_path
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.store.earlier import EarlierItems
from blurprint.scan.store.layout import (
    LEDGER,
    TOTALS,
    Layout,
    Output,
    check_whose,
    read_lines,
    remove_leftovers,
    remove_scan,
)
from blurprint.scan.store.ledger import Appended, Entry
from blurprint.scan.store.lock import FolderLock
from blurprint.scan.store.restore import Ends, restored
from blurprint.scan.store.run_file import open_run
from blurprint.scan.store.shards import SHARD_ROWS, check_parquet, write_shard
from blurprint.scan.store.stamps import stamp_of
from blurprint.scan.table.columns import columns_of
from blurprint.scan.table.frame_columns import frame_columns_of
from blurprint.scan.table.row import ItemRows, Row, full_row

_TOTALS_BEGIN: Final = b'{"totals"'


class ScanFolder:
    """What is done, and the files that grow. An item is done when its line of the ledger is whole.

    Attributes:
        path: of the folder.
        layout: names of its files.
        earlier: which items have a row of an earlier run.
        totals: those of an earlier run that came to its end; none after any other.
        repairs: what an earlier run had left half-written and was cut off, a sentence each.
    """

    def __init__(
        self,
        path: str | Path,
        settings: ScanSettings,
        *,
        output: Output = "both",
        inputs: Sequence[str] = (),
        engine: str = "local",
        recompute: bool = False,
    ) -> None:
        """Open it, alone, and bring it to the state of its last item that is done.

        Args:
            path: of the folder, which is made if it is missing.
            settings: of its rows.
            output: what is written.
            inputs: as they were given, for ``run.json``.
            engine: its name, for ``run.json``.
            recompute: remove what an earlier scan wrote there.

        Raises:
            OutputError: if another run writes there, the rows there were made otherwise, files
                contradict each other or are of no scan, or something cannot be written.
            InputError: if Parquet is asked for and pyarrow is missing.
        """
        self.path = Path(path)
        self.layout = Layout(self.path, output)
        if self.layout.parquet:
            check_parquet()
        self._columns = columns_of(settings.method)
        self._frame_columns = frame_columns_of(settings.method)
        here = working_folder()
        self.repairs: list[str] = []
        make_folder(self.path)
        check_whose(self.path)
        self._lock = FolderLock(self.path)
        try:
            remove_leftovers(self.path)
            if recompute:
                remove_scan(self.path)
            elsewhere = open_run(
                self.path, settings, output=output, inputs=inputs, engine=engine, here=here
            )
            self._state = restored(self.layout, self._write_shard)
            self.earlier = EarlierItems(self.path, self._state.keys, here, elsewhere)
            self.totals = _take_totals(self.path / TOTALS)
            self._ledger = Appended(self.path / LEDGER, self._state.ledger_bytes)
            self._rows, self._frames = self._open_lines()
        except BaseException:
            self._lock.release()
            raise
        self._say_repairs()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._rows, self._frames, self._ledger):
            file.close()
        self._lock.release()

    def __len__(self) -> int:
        return self._state.done

    @property
    def statuses(self) -> dict[str, int]:
        """Number of rows of each status, those of earlier runs included."""
        return dict(sorted(self._state.statuses.items()))

    @property
    def labels(self) -> dict[str, int]:
        """Number of rows of each label."""
        return dict(sorted(self._state.labels.items()))

    def add(self, done: Done) -> Row:
        """Keep the rows of an item; the row as the table has it.

        Raises:
            OutputError: if they cannot be written. The item is not done then.
        """
        item, state = done.work.item, self._state
        row, line, frames = self._lines(done.rows, item)
        rows_end = self._rows.append(line)
        frames_end = self._frames.append(frames) if frames else self._frames.end
        entry = Entry(
            key=self.earlier.key_of(item),
            sha256=str(row["sha256"] or ""),
            stamp=stamp_of(item, done.rows._replace(row=row)),
            status=str(row["status"]),
            label=str(row["label"] or ""),
            position=done.work.position,
            rows_end=rows_end,
            frames_end=frames_end,
        )
        self._ledger.append(entry.line())
        state.statuses[entry.status] += 1
        state.labels.update([entry.label] if entry.label else [])
        state.waiting.append(entry)
        if len(state.waiting) == SHARD_ROWS:
            self._finish_shard()
        return row

    def finish(self, totals: Mapping[str, Any]) -> None:
        """Write the rows that fill no shard yet, and the totals as the last line.

        Raises:
            OutputError: if something cannot be written.
        """
        state = self._state
        self._sync()
        if self.layout.parquet and (state.waiting or not state.shard):
            self._write_shard(state.shard, state.waiting, state.start)
        text = json.dumps({"totals": totals}, ensure_ascii=False) + "\n"
        if self.layout.jsonl:
            for file in (self._rows, *([self._frames] if self._frames.end else [])):
                file.append(text.encode())
                file.sync()
        write_atomic(self.path / TOTALS, text.encode())

    def _lines(self, rows: ItemRows, item: Item) -> tuple[Row, bytes, bytes]:
        try:
            row = full_row(rows.row, self._columns)
            frames = [_line(full_row(frame, self._frame_columns)) for frame in rows.frames]
            return row, _line(row), b"".join(frames)
        except ValueError as error:  # NaN, or what no column is for: a bug, and not of the file
            why = printable(f"unexpected error ({error}); please report it with the file")
            failed = {"path": row_path(item), "status": "failed", "error": why}
            row = full_row(failed, self._columns)
            return row, _line(row), b""

    def _finish_shard(self) -> None:
        state = self._state
        self._sync()
        if self.layout.parquet:
            self._write_shard(state.shard, state.waiting, state.start)
        last = state.waiting[-1]
        finished, state.shard, state.waiting = state.shard, state.shard + 1, []
        if self.layout.jsonl:
            state.start = (last.rows_end, last.frames_end)
            return
        for file in (self._rows, self._frames):
            file.close()
        self._rows, self._frames = self._open_lines()
        self.layout.drop_lines(finished)

    def _write_shard(self, shard: int, chunk: Sequence[Entry], start: Ends) -> None:
        layout, path = self.layout, self.layout.shard_of("rows", shard)
        ends = (chunk[-1].rows_end, chunk[-1].frames_end) if chunk else start
        rows = read_lines(layout.lines_of("rows", shard), start[0], ends[0])
        order = [entry.position for entry in chunk]
        if ends[1] > start[1]:
            frames = read_lines(layout.lines_of("frames", shard), start[1], ends[1])
            write_shard(layout.shard_of("frames", shard), frames, self._frame_columns)
        written = write_shard(path, rows, self._columns, order)
        if written != len(chunk):
            raise OutputError(f"{path}: holds {written:,} rows of {len(chunk):,} items")

    def _open_lines(self) -> tuple[Appended, Appended]:
        state, layout = self._state, self.layout
        rows, frames = (
            Appended(layout.lines_of(table, state.shard), end)
            for table, end in zip(("rows", "frames"), state.ends, strict=True)
        )
        return rows, frames

    def _say_repairs(self) -> None:
        for file, what in (
            (self._ledger, "the ledger"),
            (self._rows, "rows"),
            (self._frames, "frames"),
        ):
            if file.cut and not file.cut_begins.startswith(_TOTALS_BEGIN):
                self.repairs.append(
                    f"{file.path}: {file.cut:,} bytes at the end of {what} belonged to no "
                    "item that was done, and were cut off; such items are done again."
                )

    def _sync(self) -> None:
        for file in (self._rows, self._frames, self._ledger):
            file.sync()


def _take_totals(path: Path) -> dict[str, Any]:
    """The totals of an earlier run, whose file goes: while a run writes, there are none."""
    try:
        content = json.loads(path.read_text("utf-8"))
        path.unlink()
    except FileNotFoundError:
        return {}
    except ValueError:
        path.unlink()
        return {}
    except OSError as error:
        raise OutputError(f"{path}: cannot be read and removed ({reason(error)})") from error
    totals = content.get("totals") if isinstance(content, dict) else None
    return totals if isinstance(totals, dict) else {}


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
