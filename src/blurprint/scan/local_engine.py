"""The engine of one machine: a process for each core, and a short queue before them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from blurprint.jobs import default_jobs, run_jobs
from blurprint.scan.engine import Done, Engine, Work
from blurprint.scan.item_work import died, done
from blurprint.scan.scan_settings import ScanSettings

_AHEAD: Final = 2
"""Items that wait for each process, so that none waits for an item."""
_MOST_RESIDENT: Final = 5 << 28
"""Bytes of memory of a process between items from which all are started anew. One picture of the
default size takes up to a gigabyte while it is measured; what stays after it is what pools of
memory keep for later, by the shapes that they have met."""
_LEAST_ITEMS: Final = 500
"""Items between such starts at least: a start costs as much as some dozens of items."""


def local_engine(jobs: int | None = None) -> Engine:
    """An engine of `jobs` processes; None for as many as there are cores and memory holds.

    An item that ends its process is tried again alone; if it ends that as well, its row says so.
    Processes that have grown are replaced, so that memory stays bounded over any number of items.
    """
    workers = jobs or default_jobs()

    def run(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
        source = _UntilGrown(work)
        while not source.ended:
            source.grown = False
            results = run_jobs(
                partial(_measured, settings),
                source,
                workers=workers,
                ahead=_AHEAD * workers,
                died=partial(_lost, settings),
            )
            for count, (one, resident) in enumerate(results):
                source.grown |= resident > _MOST_RESIDENT and count >= _LEAST_ITEMS
                yield one

    return run


class _UntilGrown:
    """Work that stops while processes are replaced, and goes on after that.

    Attributes:
        grown: whether they are to be replaced.
        ended: whether there is no more work.
    """

    def __init__(self, work: Iterator[Work]) -> None:
        self._work = work
        self.grown = self.ended = False

    def __iter__(self) -> Iterator[Work]:
        while not self.grown:
            for one in self._work:
                yield one
                break
            else:
                self.ended = True
                return


Measured = tuple[Done, int]
"""A result, and the memory of its process after it, in bytes; 0 where that is not known."""


def _measured(settings: ScanSettings, work: Work) -> Measured:
    return done(settings, work), _resident()


def _lost(settings: ScanSettings, work: Work) -> Measured:
    return died(settings, work), 0


def _resident() -> int:
    """Memory of this process, where the system tells (Linux)."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0
