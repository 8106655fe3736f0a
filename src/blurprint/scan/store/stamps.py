"""Whether a row still tells of what is there: 64 bits kept with it, compared with what is met now.

The row of a measured item is as good as its content: it is compared by the stamp of that. What has
no measurements may owe it to its file as a whole, such as an archive that was still being copied,
or to the machine: it is compared by the stamp of that file as well, and what stood in the way is
looked for again.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from typing import Final

from blurprint.errors import InputError
from blurprint.scan.items.file_systems import path_here
from blurprint.scan.items.item import Item, ItemError
from blurprint.scan.items.local import open_regular
from blurprint.scan.table.columns import MEASURED
from blurprint.scan.table.row import ItemRows

_WELL: Final = 0
_FAILED: Final = 1
_REFUSED: Final = 2
_NO_PACKAGE: Final = 3
_KINDS: Final = 4
"""What became of the item is in the two lowest bits of a stamp; the others are 0 for no stamp."""


def stamp_of(item: Item, rows: ItemRows) -> int:
    """64 bits that change when the content does, and of what failed when its file does.

    Args:
        item: as it was listed.
        rows: that it has become.
    """
    status = rows.row["status"]
    if status in MEASURED:
        return _stamp(item, _WELL)
    if status == "video_unsupported":
        return _stamp(item, _NO_PACKAGE)
    return _stamp(item, _REFUSED if rows.refused else _FAILED)


def differs(stamp: int, item: Item) -> bool:
    """Whether an item is another than the one of a stamp, as far as listings show."""
    now = _stamp(item, stamp % _KINDS)
    return min(stamp, now) >= _KINDS and stamp != now


def is_measured(stamp: int) -> bool:
    """Whether the row of a stamp has measurements."""
    return stamp % _KINDS == _WELL


def can_be_read_now(stamp: int, item: Item) -> bool:
    """Whether what kept an item from being read, and was not in the file, is gone.

    Only files of this machine are opened; nobody else is asked.
    """
    kind = stamp % _KINDS
    if kind == _NO_PACKAGE:
        return find_spec("av") is not None
    return kind == _REFUSED and _opens(item.source.file)


def _stamp(item: Item, kind: int) -> int:
    text = item.stamp
    if kind != _WELL and item.file_stamp:
        text += f"|{item.file_stamp}"
    if not text:
        return kind
    digest = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return max(int.from_bytes(digest, "big") // _KINDS, 1) * _KINDS + kind


def _opens(file: str) -> bool:
    try:
        here = path_here(file)
        if here is None:
            return False
        with open_regular(here) as opened:
            opened.read(1)
    except (OSError, ValueError, ItemError, InputError):
        return False
    return True
