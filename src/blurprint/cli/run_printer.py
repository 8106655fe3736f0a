"""What every run over many pictures prints, whatever is done to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from blurprint.cli.plain import shown
from blurprint.cli.progress import progress_bar
from blurprint.scan.observer import Observer

if TYPE_CHECKING:
    from rich.progress import TaskID


class RunPrinter(Observer):
    """Prints what is left out, failed and written, and a bar where there are several pictures."""

    def __init__(self, doing: str, *, several: bool, quiet: bool, aside: bool = False) -> None:
        """Nothing is printed yet.

        Args:
            doing: what the bar is named, such as "Analysing".
            several: whether there may be more than one picture.
            quiet: print errors only.
            aside: lines about the run as a whole go to standard error.
        """
        self._doing = doing
        self._several = several
        self._quiet = quiet
        self._aside = aside
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
            self._bar = self._progress.add_task(self._doing, total=wanted)
        self._progress.update(self._bar, completed=done)

    def ended(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def failed(self, path: str, why: str) -> None:
        """Say what failed."""
        typer.echo(f"blurprint: {shown(path)}: {shown(why)}", err=True)

    def stopping(self) -> None:
        """Say why it takes a moment."""
        typer.echo("blurprint: stopping after the pictures that are at work", err=True)

    def wrote(self, what: str, path: Path) -> None:
        """Say where the table or the overview is."""
        self._say([f"{what}: {path}"])

    def not_written(self, why: str) -> None:
        """Say why the table or the overview is not there."""
        typer.echo(f"blurprint: {shown(why)}", err=True)

    def _say(self, lines: Iterable[str]) -> None:
        """Lines about the run as a whole."""
        if not self._quiet:
            for text in lines:
                typer.echo(shown(text), err=self._aside)
