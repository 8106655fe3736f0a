"""The work of every engine on one item: its rows beside its place in the input."""

from __future__ import annotations

from blurprint.scan.engine import Done, Work
from blurprint.scan.item_rows import died_rows, item_rows
from blurprint.scan.scan_settings import ScanSettings


def done(settings: ScanSettings, work: Work) -> Done:
    """The item with its rows.

    Raises:
        MachineError: if the machine keeps it from being measured.
    """
    return Done(work, item_rows(work.item, settings))


def died(settings: ScanSettings, work: Work) -> Done:
    """The item with a row that says that it ended the process that read it."""
    return Done(work, died_rows(work.item, settings))
