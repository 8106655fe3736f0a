"""What `blurprint doctor` prints, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from blurprint.cli.plain import shown

if TYPE_CHECKING:
    from blurprint.doctor.line import Line

_STYLES: Final = {"ok": "green", "missing": "yellow", "wrong": "bold red"}
_NAME_WIDTH: Final = 24


class DoctorPrinter:
    """Prints each line as it comes, under the name of its group."""

    def __init__(self) -> None:
        """A printer that has printed nothing."""
        from rich.console import Console

        self._console = Console(highlight=False)
        self._group = ""

    def show(self, line: Line) -> None:
        """One line, and what to do."""
        from rich.text import Text

        if line.group != self._group:
            self._group = line.group
            self._console.print(Text(line.group.capitalize(), "bold"))
        took = "" if line.seconds is None or line.seconds < 0.1 else f" ({line.seconds:.1f} s)"
        text = Text.assemble(
            "  ",
            (f"{line.status:<8}", _STYLES[line.status]),
            f"{shown(line.name):<{_NAME_WIDTH}}",
            f"{shown(line.detail)}{took}",
        )
        self._console.print(text, soft_wrap=True)
        if line.advice:
            self._console.print(f"{'':<10}→ {shown(line.advice)}", markup=False, soft_wrap=True)

    def end(self, lines: Sequence[Line], seconds: float) -> None:
        """The counts and the time."""
        counts = Counter[str](line.status for line in lines)
        parts = [f"{counts[status]} {status}" for status in _STYLES]
        self._console.print(f"{', '.join(parts)}; {seconds:.1f} s", markup=False)
