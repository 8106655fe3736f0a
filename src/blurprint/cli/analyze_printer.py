"""What `blurprint analyze` prints of a scan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from blurprint.cli.progress import progress_bar
from blurprint.cli.summary import block, line, shown
from blurprint.scan.observer import Observer
from blurprint.scan.rows import failure_document
from blurprint.scan.settings import KEPT, Outcome, Settings

if TYPE_CHECKING:
    from rich.progress import TaskID

    from blurprint.scan.scan_pictures import ScanResult


class AnalyzePrinter(Observer):
    """Prints results as they are there, and a bar where there are several pictures."""

    def __init__(self, settings: Settings, *, several: bool, as_json: bool, quiet: bool) -> None:
        """Nothing is printed yet.

        Args:
            settings: of the scan.
            several: whether there may be more than one picture.
            as_json: print a line of JSON a picture; all else goes to standard error.
            quiet: print errors only, and JSON.
        """
        self._settings = settings
        self._several = several
        self._as_json = as_json
        self._quiet = quiet
        self._progress = progress_bar(
            show=several and not quiet, transient=True, terminal_only=True
        )
        self._bar: TaskID | None = None

    def accounted(self, lines: Sequence[str]) -> None:
        """Say what is left out."""
        self._say(lines)

    def progressed(self, done: int, wanted: int) -> None:
        """Move the bar."""
        if self._bar is None:
            self._progress.start()
            self._bar = self._progress.add_task("Analysing", total=wanted)
        self._progress.update(self._bar, completed=done)

    def ended(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def analysed(self, outcome: Outcome, folder: Path | None) -> None:
        """Print a picture's results: as JSON, in a line, or in some lines if it is the only one."""
        kept = outcome.status == KEPT
        if self._as_json:
            typer.echo(json.dumps(outcome.document, allow_nan=False))
        elif self._quiet or (self._several and kept):
            return
        elif self._several:
            typer.echo(line(outcome.document, folder))
        else:
            typer.echo(block(outcome.document, folder, self._settings.formats))
            if kept:
                typer.echo("  Kept from an earlier run.")

    def failed(self, path: str, why: str) -> None:
        """Say what failed, in JSON as well."""
        typer.echo(f"blurprint: {shown(path)}: {shown(why)}", err=True)
        if self._as_json:
            typer.echo(json.dumps(failure_document(path, why)))

    def stopping(self) -> None:
        """Say why it takes a moment."""
        typer.echo("blurprint: stopping after the pictures that are at work", err=True)

    def wrote(self, what: str, path: Path) -> None:
        """Say where the table or the overview is."""
        self._say([f"{what}: {path}"])

    def not_written(self, why: str) -> None:
        """Say why the table or the overview is not there."""
        typer.echo(f"blurprint: {shown(why)}", err=True)

    def say_result(self, result: ScanResult) -> None:
        """The last words."""
        if result.stopped:
            done, out = result.analysed + result.kept, self._settings.out
            where = (
                "printed" if out is None else f"kept in {out}; --skip-existing goes on after them"
            )
            typer.echo(
                f"blurprint: interrupted; {done} of {result.pictures} pictures are {where}",
                err=True,
            )
        elif self._several:
            self._say([result.words()])

    def _say(self, lines: Iterable[str]) -> None:
        """Lines about the run as a whole; beside JSON they go to standard error."""
        if not self._quiet:
            for text in lines:
                typer.echo(shown(text), err=self._as_json)
