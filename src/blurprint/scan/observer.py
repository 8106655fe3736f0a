"""The events of a scan, for whoever prints them or shows progress."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from blurprint.scan.settings import Outcome


class Observer:
    """Receives the events of a scan. These methods do nothing: override those you need."""

    def accounted(self, lines: Sequence[str]) -> None:
        """Before the first picture: what is not analysed and why, a line a kind."""

    def progressed(self, done: int, wanted: int) -> None:
        """`done` of `wanted` pictures are analysed or have failed; called first with 0."""

    def analysed(self, outcome: Outcome, folder: Path | None) -> None:
        """There are results of a picture, new or kept ones.

        Args:
            outcome: its document and whether it is new.
            folder: of its files; None if none are written.
        """

    def failed(self, path: str, why: str) -> None:
        """A path that was given or met cannot be analysed."""

    def stopping(self) -> None:
        """After Ctrl-C: the pictures that are being analysed are finished, no other is begun."""

    def ended(self) -> None:
        """No further picture will be analysed, whatever the reason."""

    def wrote(self, what: str, path: Path) -> None:
        """A file about the scan as a whole is written: "Table" or "Overview"."""

    def not_written(self, why: str) -> None:
        """A file about the scan as a whole is not written."""
