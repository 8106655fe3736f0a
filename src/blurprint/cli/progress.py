"""Progress on standard error, the same for every command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def progress_bar(
    *, show: bool = True, transient: bool = False, terminal_only: bool = False
) -> Progress:
    """A bar with its name, count and time left.

    Args:
        show: False for a bar that shows nothing.
        transient: it goes when it is done.
        terminal_only: nothing is shown where standard error is no terminal.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=transient,
        disable=not show or (terminal_only and not console.is_terminal),
    )


class Bars:
    """One bar for each part of a long work, made when the part first reports."""

    def __init__(self) -> None:
        """Nothing is shown before the context is entered."""
        self._progress = progress_bar()
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, part: str, done: int, wanted: int) -> None:
        """Show how far a part is."""
        if part not in self._tasks:
            self._tasks[part] = self._progress.add_task(part, total=wanted)
        self._progress.update(self._tasks[part], completed=done)

    def say(self, line: str) -> None:
        """Print a line above the bars."""
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
