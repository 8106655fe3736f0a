"""What `blurprint analyze` prints of a scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from blurprint.cli.run_printer import RunPrinter
from blurprint.cli.summary import block, line
from blurprint.scan.rows import failure_document
from blurprint.scan.settings import KEPT, Outcome, Settings

if TYPE_CHECKING:
    from blurprint.scan.scan_pictures import ScanResult


class AnalyzePrinter(RunPrinter):
    """Prints results as they are there, and a bar where there are several pictures."""

    def __init__(self, settings: Settings, *, several: bool, as_json: bool, quiet: bool) -> None:
        """Nothing is printed yet.

        Args:
            settings: of the scan.
            several: whether there may be more than one picture.
            as_json: print a line of JSON a picture; all else goes to standard error.
            quiet: print errors only, and JSON.
        """
        super().__init__("Analysing", several=several, quiet=quiet, aside=as_json)
        self._settings = settings
        self._as_json = as_json

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
        super().failed(path, why)
        if self._as_json:
            typer.echo(json.dumps(failure_document(path, why)))

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
