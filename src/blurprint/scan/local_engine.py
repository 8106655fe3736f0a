"""The engine of one machine: a process for each core, and a short queue before them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from blurprint.jobs import run_jobs
from blurprint.scan.analyze_files import default_jobs
from blurprint.scan.engine import Done, Engine, Work
from blurprint.scan.item_rows import died_rows, item_rows
from blurprint.scan.scan_settings import ScanSettings

_AHEAD: Final = 2
"""Items that wait for each process, so that none waits for an item."""


def local_engine(jobs: int | None = None) -> Engine:
    """An engine of `jobs` processes; None for as many as there are cores and memory holds.

    An item that ends its process is tried again alone; if it ends that as well, its row says so.
    """
    workers = jobs or default_jobs()

    def run(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
        return run_jobs(
            partial(_done, settings),
            work,
            workers=workers,
            ahead=_AHEAD * workers,
            died=partial(_died, settings),
        )

    return run


def _done(settings: ScanSettings, work: Work) -> Done:
    return Done(work, item_rows(work.item, settings))


def _died(settings: ScanSettings, work: Work) -> Done:
    return Done(work, died_rows(work.item, settings))
