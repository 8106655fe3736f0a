"""Which members of an archive are items, the same for every kind of archive."""

from __future__ import annotations

from collections.abc import Callable

from blurprint.scan.first_bytes import START, begins_as_picture, begins_as_video
from blurprint.scan.items.account import Account
from blurprint.scan.items.item import ItemError, Kind
from blurprint.scan.items.kinds import (
    HIDDEN,
    OTHER,
    RAW,
    UNREADABLE,
    NameKind,
    item_kind,
    kind_of_name,
)
from blurprint.scan.system_errors import check_machine


def member_kind(
    name: str,
    path: str,
    peek: Callable[[int], bytes] | None,
    account: Account,
    met: set[str],
) -> Kind | None:
    """The kind of an item; None for a member that is none, which is then counted.

    Args:
        name: within the archive.
        path: as a row would name it.
        peek: gives its first bytes; None where these cannot be read.
        account: of what gets no row.
        met: names of items of this archive so far, which grows.

    Raises:
        MachineError: if the machine keeps them from being read.
    """
    kind = kind_of_name(name)
    if kind == "other" and peek is not None:
        try:
            kind = _kind_of_start(name, peek(START)) or kind
        except ItemError as error:
            check_machine(error)
            account.leave_out(UNREADABLE, f"{path} ({error})")
            return None
        if kind != "other":
            account.sniffed.add(path)
    one = item_kind(kind)
    if one is not None:
        if name in met:
            account.leave_out("members of a name that the archive has before", path)
            return None
        met.add(name)
        return one
    words = {"hidden": HIDDEN, "raw": RAW, "other": OTHER}
    account.leave_out(words.get(kind, "archives within archives"), path)
    return None


def _kind_of_start(name: str, start: bytes) -> NameKind | None:
    if begins_as_picture(start, suffix="." in name.rpartition("/")[2]):
        return "picture"
    return "video" if begins_as_video(start) else None
