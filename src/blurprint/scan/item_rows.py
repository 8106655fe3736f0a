"""One item to its rows, in whatever process; whatever is wrong with the item is a row too."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from typing import Final

from blurprint.errors import MachineError
from blurprint.optics.methods import weights_of
from blurprint.pages.text import printable
from blurprint.scan.bytes_row import bytes_row
from blurprint.scan.first_bytes import begins_as_video
from blurprint.scan.items.item import Item, ItemError
from blurprint.scan.items.written import row_path
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.system_errors import check_machine, is_refusal
from blurprint.scan.table.columns import MEASURED
from blurprint.scan.table.row import ItemRows, Row
from blurprint.scan.video_rows import is_local_picture, is_local_video, video_rows
from blurprint.score.photo_score import face_weights
from blurprint.version import __version__
from blurprint.weights.session import provider

_NO_BLUR: Final = "No blur could be measured: too little of it shows detail that can be trusted."
_REMEMBERED: Final = 256
"""Contents whose rows a process keeps, so that a copy of a picture is not measured again."""


def item_rows(item: Item, settings: ScanSettings) -> ItemRows:
    """Read an item, measure it, and give its rows; whatever goes wrong is a row that says so.

    A row depends on the bytes and the settings alone, but for its path and seconds: the row of a
    content that this process measured a short while ago is used again.

    Args:
        item: a picture, a video, or what is to be found out.
        settings: of the scan.

    Raises:
        MachineError: if the machine keeps it from being read; no row says that of a file.
    """
    start = time.perf_counter()
    try:
        found = _found(item, settings)
    except MachineError:
        raise
    except MemoryError:
        found = ItemRows({"status": "unreadable", "error": "not enough memory"})
    except Exception as error:
        check_machine(error)
        status, why = "failed", _unexpected(error)
        if isinstance(error, ItemError):
            status, why = error.status, printable(str(error))
        found = ItemRows({"status": status, "error": why}, refused=is_refusal(error))
    row = _with_note({**_of_item(item), **found.row})
    more = {**_of_run(settings), "seconds": round(time.perf_counter() - start, 4)}
    return found._replace(row={**row, **more})


def died_rows(item: Item, settings: ScanSettings) -> ItemRows:
    """The rows of an item that ended the process that read it."""
    why = "ended the process that read it, twice (memory ran out, or a decoder crashed)"
    return ItemRows({**_of_item(item), "status": "died", "error": why, **_of_run(settings)})


def _found(item: Item, settings: ScanSettings) -> ItemRows:
    """What a file is, is said by its content, and where that says nothing by its name."""
    if not item.problem and is_local_video(item):
        return video_rows(item, settings)
    if item.kind == "video" and not is_local_picture(item):
        return video_rows(item, settings)
    data = item.read(settings.max_bytes)
    if begins_as_video(data):
        return video_rows(item, settings)
    digest = hashlib.sha256(data).hexdigest()
    row = _measured.get((digest, settings))
    if row is None:
        row = bytes_row(data, settings)
        _measured[digest, settings] = row
        if len(_measured) > _REMEMBERED:
            _measured.popitem(last=False)
    kind = "picture" if row.get("format") else item.kind
    return ItemRows({**row, "kind": kind, "bytes": len(data), "sha256": digest})


_measured: OrderedDict[tuple[str, ScanSettings], Row] = OrderedDict()


def _with_note(row: Row) -> Row:
    """The row; where the picture was measured and shows no blur, its notes say so."""
    medians = [row.get("blur_median_px"), row.get("blur_median_map_units")]
    if row.get("status") not in MEASURED or any(one is not None for one in medians):
        return row
    return {**row, "notes": " ".join(filter(None, [str(row.get("notes") or ""), _NO_BLUR]))}


def _of_item(item: Item) -> Row:
    return {"path": row_path(item), "kind": item.kind, "bytes": item.size}


def _of_run(settings: ScanSettings) -> Row:
    return {
        "blurprint_version": __version__,
        "map_weights_sha256": weights_of(settings.method),
        "face_weights_sha256": face_weights() if settings.faces else None,
        "provider": provider(),
    }


def _unexpected(error: Exception) -> str:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return printable(f"unexpected error ({what}); please report it with the file")
