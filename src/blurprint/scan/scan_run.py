"""A whole scan: from what was given to a folder of rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from blurprint.scan.engine import Done, Engine, Work
from blurprint.scan.interrupt import first_interrupt
from blurprint.scan.items.account import Account, LeftOut
from blurprint.scan.items.find import check_addresses, check_out, find_items, may_repeat
from blurprint.scan.items.item import Item
from blurprint.scan.items.lists import NameList
from blurprint.scan.items.local import LocalFile
from blurprint.scan.items.look import looked_at
from blurprint.scan.items.written import row_path, row_path_of_file
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.store.keys import Keys
from blurprint.scan.store.layout import Output
from blurprint.scan.store.run_file import is_scan
from blurprint.scan.store.scan_folder import ScanFolder
from blurprint.scan.summary.page import write_summary
from blurprint.scan.system_errors import check_machine
from blurprint.scan.table.row import Row

OUT_OF_DATE: Final = (
    "changed since their rows were made, or to be read now where they were not; these rows were "
    "kept"
)
"""What is said of them, before their number and first names."""


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
        kept_failed: items among these whose row has no measurements, and was not tried again.
        changed: items, and archives, whose row of an earlier run does not tell of what is there
            now: the file has changed, or what could not be read can be.
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
    kept_failed: int
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
        """Whether all that was given has been gone through, and has its row as it is now."""
        return not (self.interrupted or self.limited or self.flawed)

    @property
    def flawed(self) -> bool:
        """Whether the same command cannot complete the table: something was not to be listed, or
        rows are out of date.
        """
        return bool(self.account.problems.count or self.changed.count)

    def to_json(self) -> dict[str, Any]:
        """As the last line of ``rows.jsonl`` has it."""
        return {
            "rows": self.rows,
            "complete": self.complete,
            "interrupted": self.interrupted,
            "limited": self.limited,
            "statuses": self.statuses,
            "labels": self.labels,
            "this_run": {
                "new": self.new,
                "kept": self.kept,
                "kept_failed": self.kept_failed,
                "seconds": round(self.seconds, 3),
            },
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

    A folder in which a scan was begun is resumed: items with a row keep it, and those whose row is
    out of date are counted. The first Ctrl-C lets the items that are being read finish; the folder
    is whole then, and after any other end.

    Args:
        inputs: paths and addresses; see :func:`blurprint.scan.items.find.find_items`.
        out: folder of the results.
        settings: of the rows.
        engine: that measures, such as :func:`blurprint.scan.local_engine.local_engine`.
        lists: of further names.
        output: what is written.
        limit: only the first so many items of the input are looked at.
        recompute: remove the results of an earlier scan first, once something to measure was found.
        engine_name: for ``run.json``.
        observer: receives the events.

    Raises:
        InputError: if an address or Parquet needs a package that is missing, or the folder is also
            an input; if nothing of an input can be read and there are results to remove for it.
        OutputError: if the folder cannot be written, is in use, or holds rows of other settings or
            files that are of no scan.
        MachineError: if the machine keeps items from being measured; these are not done then.
    """
    check_addresses(inputs)
    check_out(inputs, out)
    observer = observer or ScanObserver()
    account = Account()
    items = find_items(inputs, lists, account=account, out=str(out))
    if recompute and is_scan(Path(out)):
        items = looked_at(inputs, items, out)
    given = [*inputs, *(f"--list {one.name}" for one in lists)]
    with ScanFolder(
        out, settings, output=output, inputs=given, engine=engine_name, recompute=recompute
    ) as folder:
        observer.opened(len(folder), folder.repairs)
        repeats = may_repeat(inputs, lists)
        return _Run(folder, items, account, limit, observer, repeats).run(engine, settings)


class _Run:
    def __init__(
        self,
        folder: ScanFolder,
        items: Iterator[Item],
        account: Account,
        limit: int | None,
        observer: ScanObserver,
        repeats: bool,
    ) -> None:
        self._folder, self._observer = folder, observer
        self._items, self._account, self._changed = items, account, LeftOut()
        self._limit = limit
        self._new = self._kept = self._kept_failed = 0
        self._interrupted = self._limited = False
        self._out: set[int] = set()
        self._claimed = Keys() if repeats else None

    def run(self, engine: Engine, settings: ScanSettings) -> ScanTotals:
        start = time.monotonic()
        try:
            with first_interrupt(self._stop, second_ends=True):
                for done in engine(self._work(), settings):
                    self._take(done)
            if self._out:
                lost = f"{len(self._out):,} item{'s' * (len(self._out) != 1)}"
                self._account.problem(lost, "given to the engine, and came back without rows")
        except OSError as error:  # of an engine that can begin no process
            check_machine(error)
            raise
        finally:
            self._observer.ended()
        folder = self._folder
        early = self._interrupted or self._limited
        found = self._new or self._changed.count
        stands = early and not found and folder.totals.get("complete") is True
        totals = ScanTotals(
            rows=len(folder),
            new=self._new,
            kept=self._kept,
            kept_failed=self._kept_failed,
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
            changed=totals.changed.words(OUT_OF_DATE) if totals.changed.count else "",
            complete=totals.complete,
        )
        return totals

    def _stop(self) -> None:
        self._interrupted = True
        self._observer.stopping()

    def _take(self, done: Done) -> None:
        if done.work.position not in self._out:
            name = row_path(done.work.item)
            self._account.leave_out_text("results that came twice (kept once)", name)
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
            self._pass_archive(item)
            if self._is_new(item):
                self._out.add(position)
                yield Work(position, item)
        self._pass_archive(None)

    def _pass_archive(self, item: Item | None) -> None:
        earlier, itemless = self._folder.earlier, self._account.itemless
        for archive in (earlier.read_to_its_end(item), *filter(earlier.has_row, itemless)):
            if archive and self._claims(Item(archive, LocalFile(archive))):
                self._changed.add_text(row_path_of_file(archive))
        itemless.clear()

    def _is_new(self, item: Item) -> bool:
        if not self._claims(item):
            self._account.leave_out_text("files met twice (one row)", row_path(item))
            return False
        earlier = self._folder.earlier.state_of(item)
        if earlier == "changed":
            self._changed.add_text(row_path(item))
        self._kept += bool(earlier)
        self._kept_failed += earlier == "failed"
        return not earlier

    def _claims(self, item: Item) -> bool:
        """Whether something is met for the first time."""
        if self._claimed is None:
            return True
        key = self._folder.earlier.key_of(item)
        if self._claimed.get(key) is not None:
            return False
        self._claimed.put(key, 0)
        return True
