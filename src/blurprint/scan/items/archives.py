"""Archives of any kind as items, with an account of those that hold nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from blurprint.scan.items.account import Account
from blurprint.scan.items.item import Item
from blurprint.scan.items.tars import tar_items
from blurprint.scan.items.zips import zip_items


def archive_items(archive: str, kind: Literal["zip", "tar"], account: Account) -> Iterator[Item]:
    """The pictures and videos in an archive; one without any file is counted itself.

    Args:
        archive: path or address.
        kind: as its name says.
        account: of what gets no row.
    """
    given = False
    before = account.met
    for item in zip_items(archive, account) if kind == "zip" else tar_items(archive, account):
        given = True
        yield item
    if not given:
        account.itemless.append(archive)
        if account.met == before:
            account.leave_out("archives without a file", archive)
