"""A whole scan: from what was given to a folder of rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blurprint.scan.engine import Done, Engine, Work
from blurprint.scan.interrupt import first_interrupt
from blurprint.scan.items.account import Account, LeftOut
from blurprint.scan.items.find import check_addresses, check_out, find_items, may_repeat
from blurprint.scan.items.item import Item
from blurprint.scan.items.lists import NameList
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.store.keys import Keys
from blurprint.scan.store.layout import Output
from blurprint.scan.store.scan_folder import ScanFolder
from blurprint.scan.summary.page import write_summary
from blurprint.scan.table.row import Row


class ScanObserver:
    """Receives the events of a scan. These methods do nothing: override those you need."""

    def opened(self, done: int, repairs: Sequence[str]) -> None:
        """The folder is open: `done` rows are there, and what was half-written was cut off."""

    def added(self, row: Row, done: int, kept: int) -> None:
        """A row is there; `done` of this run, and `kept` of earlier ones were met."""

    def stopping(self) -> None:
        """After Ctrl-C: the items that are being read are finished, no other is begun."""

    def ended(self) -> None:
        """No further row will come, whatever the reason."""


@dataclass(frozen=True, slots=True)
class ScanTotals:
    """What became of all that was given.

    Attributes:
        rows: in the folder, those of earlier runs included.
        new: of these, of this run.
        kept: items of this run's input with a row of an earlier run.
        changed: items among these whose file has changed since.
        statuses: number of rows of each status.
        labels: number of rows of each label.
        account: of the input.
        interrupted: whether Ctrl-C ended it early.
        limited: whether it ended at the limit, with input left.
        stands: whether an earlier run had finished the table, and this one, which ended early,
            found nothing new: totals and page stay as they were.
        seconds: that this run took.
    """

    rows: int
    new: int
    kept: int
    changed: LeftOut
    statuses: dict[str, int]
    labels: dict[str, int]
    account: Account
    interrupted: bool
    limited: bool
    stands: bool
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether all that was given has been gone through, and could be."""
        return not (self.interrupted or self.limited or self.account.problems.count)

    def to_json(self) -> dict[str, Any]:
        """As the last line of ``rows.jsonl`` has it."""
        return {
            "rows": self.rows,
            "complete": self.complete,
            "interrupted": self.interrupted,
            "limited": self.limited,
            "statuses": self.statuses,
            "labels": self.labels,
            "this_run": {"new": self.new, "kept": self.kept, "seconds": round(self.seconds, 3)},
            "changed": self.changed.to_json(),
            "input": self.account.to_json(),
        }


def run_scan(
    inputs: Sequence[str],
    out: str | Path,
    settings: ScanSettings,
    engine: Engine,
    *,
    lists: Sequence[NameList] = (),
    output: Output = "both",
    limit: int | None = None,
    recompute: bool = False,
    engine_name: str = "local",
    observer: ScanObserver | None = None,
) -> ScanTotals:
    """Give every item of the input a row in the folder `out`; one that fails stops nothing.

    A folder in which a scan was begun is resumed: items with a row keep it. The first Ctrl-C lets
    the items that are being read finish; the folder is whole then, and after any other end.

    Args:
        inputs: paths and addresses; see :func:`blurprint.scan.items.find.find_items`.
        out: folder of the results.
        settings: of the rows.
        engine: that measures, such as :func:`blurprint.scan.local_engine.local_engine`.
        lists: of further names.
        output: what is written.
        limit: only the first so many items of the input are looked at.
        recompute: remove the results of an earlier scan first.
        engine_name: for ``run.json``.
        observer: receives the events.

    Raises:
        InputError: if an address or Parquet needs a package that is missing, or the folder is also
            an input.
        OutputError: if the folder cannot be written, is in use, or holds rows of other settings.
    """
    check_addresses(inputs)
    check_out(inputs, out)
    observer = observer or ScanObserver()
    given = [*inputs, *(f"--list {one.name}" for one in lists)]
    with ScanFolder(
        out, settings, output=output, inputs=given, engine=engine_name, recompute=recompute
    ) as folder:
        observer.opened(len(folder), folder.repairs)
        return _Run(folder, inputs, lists, limit, observer).run(engine, settings)


class _Run:
    def __init__(
        self,
        folder: ScanFolder,
        inputs: Sequence[str],
        lists: Sequence[NameList],
        limit: int | None,
        observer: ScanObserver,
    ) -> None:
        self._folder, self._observer = folder, observer
        self._account, self._changed = Account(), LeftOut()
        self._items = find_items(inputs, lists, account=self._account, out=str(folder.path))
        self._limit = limit
        self._new = self._kept = 0
        self._interrupted = self._limited = False
        self._out: set[int] = set()
        self._claimed = Keys() if may_repeat(inputs, lists) else None

    def run(self, engine: Engine, settings: ScanSettings) -> ScanTotals:
        start = time.monotonic()
        try:
            with first_interrupt(self._stop, second_ends=True):
                for done in engine(self._work(), settings):
                    self._take(done)
            if self._out:
                lost = f"{len(self._out):,} item{'s' * (len(self._out) != 1)}"
                self._account.problem(lost, "given to the engine, and came back without rows")
        finally:
            self._observer.ended()
        folder = self._folder
        early = self._interrupted or self._limited
        stands = early and not self._new and folder.totals.get("complete") is True
        totals = ScanTotals(
            rows=len(folder),
            new=self._new,
            kept=self._kept,
            changed=self._changed,
            statuses=folder.statuses,
            labels=folder.labels,
            account=self._account,
            interrupted=self._interrupted,
            limited=self._limited,
            stands=stands,
            seconds=time.monotonic() - start,
        )
        if stands:
            folder.finish(folder.totals)
            return totals
        folder.finish(totals.to_json())
        write_summary(
            folder.layout,
            settings,
            statuses=totals.statuses,
            labels=totals.labels,
            account=self._account.lines(),
            problems=self._account.problems.names,
            complete=totals.complete,
        )
        return totals

    def _stop(self) -> None:
        self._interrupted = True
        self._observer.stopping()

    def _take(self, done: Done) -> None:
        if done.work.position not in self._out:
            self._account.leave_out("results that came twice (kept once)", done.work.item.path)
            return
        self._out.remove(done.work.position)
        row = self._folder.add(done)
        self._new += 1
        self._observer.added(row, self._new, self._kept)

    def _work(self) -> Iterator[Work]:
        for position, item in enumerate(self._items):
            if self._interrupted:
                return
            if position == self._limit:
                self._limited = True
                return
            if self._is_new(item):
                self._out.add(position)
                yield Work(position, item)

    def _is_new(self, item: Item) -> bool:
        if self._claimed is not None:
            key = self._folder.earlier.key_of(item)
            if self._claimed.get(key) is not None:
                self._account.leave_out("files met twice (one row)", item.path)
                return False
            self._claimed.put(key, 0)
        earlier = self._folder.earlier.state_of(item)
        if earlier == "changed":
            self._changed.add(item.path)
        self._kept += bool(earlier)
        return not earlier
