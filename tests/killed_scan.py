"""A scan in a process of its own that is to be killed, with shards of seven rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet  # noqa: F401  imported before the processes are made

from blurprint.scan import scan_run
from blurprint.scan.engine import Done, Work
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.store import restore, scan_folder
from blurprint.scan.store.layout import Output
from scan_engines import PLAIN, hashing

SHARD = 7


def scan_slowly(source: str, out: str, output: Output, pause: float) -> None:
    """Run to the end, if it may."""
    for module in (restore, scan_folder):
        setattr(module, "SHARD_ROWS", SHARD)  # noqa: B010  mypy takes it for a constant
    setattr(scan_run, "write_summary", lambda *_, **__: Path())  # noqa: B010

    def slow(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
        for done in hashing(work, settings):
            time.sleep(pause)
            yield done

    scan_run.run_scan([source], out, PLAIN, slow, output=output)
