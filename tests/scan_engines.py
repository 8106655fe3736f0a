"""Engines that measure nothing, for tests of all that is around the measuring."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from blurprint.scan.engine import Done, Work
from blurprint.scan.item_rows import item_rows
from blurprint.scan.items.account import Account
from blurprint.scan.items.find import find_items
from blurprint.scan.items.item import Item, ItemError
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.row import ItemRows

PLAIN = ScanSettings(method="edge", faces=False)


def inline(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
    """Measures in this process."""
    for one in work:
        yield Done(one, item_rows(one.item, settings))


def hashing(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
    """Reads each item, and makes its row of its hash; a video has three frames."""
    for one in work:
        yield Done(one, hashed(one.item, settings))


def hashed(item: Item, settings: ScanSettings) -> ItemRows:
    try:
        data = item.read(settings.max_bytes)
    except ItemError as error:
        return ItemRows({"path": item.path, "status": error.status, "error": str(error)})
    digest = hashlib.sha256(data).hexdigest()
    row = {
        "path": item.path,
        "status": "ok",
        "bytes": len(data),
        "sha256": digest,
        "blur_median_px": 0.3 + int(digest[:4], 16) / 1e4,
        "seconds": time.perf_counter(),
    }
    frames = [{"path": item.path, "frame": number} for number in range(3)]
    return ItemRows(row, tuple(frames) if item.kind == "video" else ())


def found(*inputs: str | Path, out: str | None = None) -> tuple[list[Item], Account]:
    """All items of some inputs, with the account of the rest."""
    account = Account()
    texts = [os.fspath(one) for one in inputs]
    return list(find_items(texts, account=account, out=out)), account
