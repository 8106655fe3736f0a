"""What `blurprint scan` prints of a run."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from blurprint.cli.plain import shown
from blurprint.scan.items.account import Account
from blurprint.scan.scan_run import OUT_OF_DATE, ScanObserver
from blurprint.scan.table.columns import MEASURED
from blurprint.scan.table.row import Row

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from blurprint.scan.scan_run import ScanTotals

_BAD_SHOWN: Final = 10
"""Files without measurements that are named; the table has them all."""
_MARKS: Final = 12
_MARK_EVERY_S: Final = 5.0
"""The rate is that of the last minute: so many marks, so many seconds apart."""
_LINE_EVERY_S: Final = 30.0
"""Where standard error is no terminal, a line of progress that often."""


class ScanPrinter(ScanObserver):
    """Prints rate and time left, the first bad files, and the totals."""

    def __init__(
        self,
        out: Path,
        inputs: Sequence[str],
        lists: Sequence[str],
        *,
        quiet: bool,
        limit: int | None,
    ) -> None:
        """Nothing is printed yet.

        Args:
            out: folder of the results.
            inputs: as given; counted on the side, for the time left.
            lists: as given.
            quiet: print errors only.
            limit: most items of the run.
        """
        self._out, self._quiet = out, quiet
        self._bad = 0
        self._count = _Count(inputs, lists, str(out), limit)
        self._said = time.monotonic()
        self._rate = _Rate(self._said)
        self._told: set[str] = set()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def opened(self, done: int, repairs: Sequence[str]) -> None:
        """Say that a scan is resumed, and what was repaired."""
        for line in repairs:
            typer.echo(f"blurprint: {shown(line)}", err=True)
        if self._quiet:
            return
        if done:
            typer.echo(f"Resumed: {done:,} rows are in {self._out} already.", err=True)
        self._count.start()
        self._said = time.monotonic()
        self._rate = _Rate(self._said)
        self._bar = _bar()
        self._task = self._bar.add_task("Scanning", total=None, rate="", left="")
        self._bar.start()

    def added(self, row: Row, done: int, kept: int) -> None:
        """Move the bar, and name a bad file."""
        if row["status"] not in MEASURED:
            self._bad += 1
            if self._bad <= _BAD_SHOWN:
                told = f"{shown(str(row['path']))}: {shown(str(row['error']))}"
                self._told.add(told)
                self._error(told)
            if self._bad == _BAD_SHOWN:
                self._error("further files like these are in the table only")
        now = time.monotonic()
        rate = self._rate.at(now, done)
        total = self._count.total
        if self._bar is not None and self._task is not None and not self._bar.disable:
            left = "" if total is None else f"{_duration((total - done - kept) / rate)} left"
            self._bar.update(
                self._task, completed=done + kept, total=total, rate=f"{rate:.1f}/s", left=left
            )
        elif not self._quiet and now - self._said > _LINE_EVERY_S:
            self._said = now
            typer.echo(self._line(done, kept, rate, total), err=True)

    def stopping(self) -> None:
        """Say why it takes a moment."""
        self._error("stopping after the files that are being read; Ctrl-C again ends at once")

    def ended(self) -> None:
        """Take the bar away."""
        self._count.stop()
        if self._bar is not None:
            self._bar.stop()

    def say_result(self, totals: ScanTotals) -> None:
        """The last words."""
        for name in map(shown, totals.account.problems.names):
            if name not in self._told:  # as the row of the same archive
                typer.echo(f"blurprint: {name}", err=True)
        if totals.changed.count:
            what = shown(totals.changed.words(OUT_OF_DATE))
            typer.echo(
                f"blurprint: {what}; --recompute starts over, and a list of them (--list) can be "
                "scanned into another --out",
                err=True,
            )
        if not self._quiet:
            for line in totals.account.lines():
                typer.echo(shown(line))
            typer.echo(_result(totals))
            typer.echo(f"Table: {self._out}")
        if totals.interrupted:
            typer.echo(
                f"blurprint: interrupted; {totals.rows:,} rows are kept in {self._out}, and the "
                "same command goes on after them",
                err=True,
            )

    def _error(self, text: str) -> None:
        """A line on standard error, above the bar if there is one."""
        line = f"blurprint: {text}"
        if self._bar is None or self._bar.disable:
            typer.echo(line, err=True)
        else:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _line(self, done: int, kept: int, rate: float, total: int | None) -> str:
        of = "" if total is None else f" of {total:,}"
        left = "" if total is None else f", {_duration((total - done - kept) / rate)} left"
        return f"{done + kept:,}{of} scanned, {rate:.1f}/s{left}"


def say_dry_run(account: Account) -> None:
    """What a scan would look at."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(account.kinds.items()))
    for line in account.lines():
        typer.echo(shown(line))
    for name in account.problems.names:
        typer.echo(f"blurprint: {shown(name)}", err=True)
    typer.echo(
        f"{account.items:,} item{'s' * (account.items != 1)}" + (f" ({kinds})." if kinds else ".")
    )


def _result(totals: ScanTotals) -> str:
    """What became of all items, in a sentence or two."""
    parts = [f"{count:,} {status}" for status, count in totals.statuses.items()]
    rows = f"{totals.rows:,} row{'s' * (totals.rows != 1)}"
    text = f"{rows}: {', '.join(parts)}." if parts else "No rows."
    if totals.labels:
        labels = ", ".join(f"{count:,} {label}" for label, count in totals.labels.items())
        text += f" Labels: {labels}."
    if totals.kept:
        text += (
            f" {totals.kept:,} {'was' if totals.kept == 1 else 'were'} there from an earlier run."
        )
    if totals.kept_failed:
        has = "has" if totals.kept_failed == 1 else "have"
        text += f" {totals.kept_failed:,} of these {has} no measurements, as before."
    if totals.limited:
        text += " The limit was reached: what follows was not looked at."
    if totals.stands:
        text += " The table was finished by an earlier run, and stays as it was."
    return text


def _duration(seconds: float) -> str:
    """A time in the two largest units.

    >>> _duration(59), _duration(3700), _duration(200_000)
    ('59 s', '1 h 1 min', '2 d 7 h')
    """
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class _Rate:
    """Items a second, of the last minute or so: the start of processes is soon forgotten."""

    def __init__(self, now: float) -> None:
        self._marks = deque([(now, 0)], maxlen=_MARKS)

    def at(self, now: float, done: int) -> float:
        """The rate, with `done` items now."""
        if now - self._marks[-1][0] > _MARK_EVERY_S:
            self._marks.append((now, done))
        since, before = self._marks[0]
        return max(done - before, 1) / max(now - since, 1e-9)


class _Count(threading.Thread):
    """Counts the items of the input while they are measured, where that costs little.

    Attributes:
        total: number of items; None until it is known.
    """

    def __init__(
        self, inputs: Sequence[str], lists: Sequence[str], out: str, limit: int | None
    ) -> None:
        super().__init__(daemon=True)
        self.total: int | None = None
        self._inputs, self._lists, self._out, self._limit = inputs, lists, out, limit
        self._stopped = threading.Event()

    def run(self) -> None:
        from blurprint.scan.items.find import can_count_aside, count_items
        from blurprint.scan.items.lists import NameList

        if not can_count_aside(self._inputs, self._lists):
            return
        with suppress(Exception):  # whatever it is, the scan meets it as well
            lists = [NameList(name) for name in self._lists]
            account = count_items(
                self._inputs,
                lists,
                limit=self._limit,
                out=self._out,
                stop=self._stopped.is_set,
                cheap=True,
            )
            if not self._stopped.is_set() and not account.passed:
                self.total = account.items

    def stop(self) -> None:
        self._stopped.set()
