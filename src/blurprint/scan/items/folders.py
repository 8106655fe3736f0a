"""Folders and all within them, one file at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from blurprint.files import natural_key
from blurprint.scan.first_bytes import is_picture_inside, is_video_inside
from blurprint.scan.items.account import MET_TWICE, Account
from blurprint.scan.items.archives import archive_items
from blurprint.scan.items.item import Item, Kind
from blurprint.scan.items.kinds import (
    HIDDEN,
    OTHER,
    RAW,
    UNREADABLE,
    UNREADABLE_ARCHIVES,
    kind_of_name,
)
from blurprint.scan.items.local import file_item, problem_item, why_unreadable

_RESULTS: Final = frozenset(("report.html", "report.json"))
_THUMBNAIL: Final = "thumbnail.webp"


class FolderWalk:
    """Goes through folders; none is entered twice, whatever links there are.

    In memory are the names of one folder at a time, and the number of each folder.
    """

    def __init__(self, account: Account, out: str | None) -> None:
        """Nothing was met.

        Args:
            account: of what gets no row.
            out: folder of the scan's own results, which is not entered.
        """
        self._account = account
        self._out = None if out is None else os.path.realpath(out)
        self._met: dict[tuple[int, int], str] = {}

    def items(self, root: str) -> Iterator[Item]:
        """Files of a folder in natural order, then those of its folders."""
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            inner: list[str] = []
            yield from self._folder(folder, inner)
            waiting.extend(reversed(inner))

    def _folder(self, folder: str, inner: list[str]) -> Iterator[Item]:
        account = self._account
        if self._out is not None and os.path.realpath(folder) == self._out:
            account.leave_out("folder of the results", folder)
            return
        try:
            facts = os.stat(folder)  # noqa: PTH116
            number = (facts.st_dev, facts.st_ino)
            if number in self._met:
                account.leave_out(MET_TWICE, f"{folder} (is {self._met[number]})")
                return
            self._met[number] = folder
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: natural_key(entry.name))
        except OSError as error:
            account.problem(folder, f"cannot be listed ({error.strerror})")
            return
        results = any(entry.name in _RESULTS for entry in entries)
        for entry in entries:
            path = os.path.join(folder, entry.name)  # noqa: PTH118  a Path is slow
            if results and entry.name == _THUMBNAIL:
                account.leave_out("thumbnails of earlier results", path)
            else:
                yield from self._entry(entry, path, inner)

    def _entry(self, entry: os.DirEntry[str], path: str, inner: list[str]) -> Iterator[Item]:
        kind = kind_of_name(entry.name)
        if kind == "hidden":
            self._account.leave_out(HIDDEN, path)
            return
        try:
            facts = entry.stat()
        except OSError as error:
            if kind in ("picture", "video", "zip", "tar"):
                yield problem_item(path, why_unreadable(entry, error))
            else:
                self._account.leave_out("broken links", path)
            return
        if stat.S_ISDIR(facts.st_mode):
            inner.append(path)
        elif not stat.S_ISREG(facts.st_mode):
            self._account.leave_out("pipes, sockets and devices", path)
        else:
            yield from regular_file(path, facts, self._account)


def regular_file(path: str, facts: os.stat_result, account: Account) -> Iterator[Item]:
    """The items of a file that was met in a folder: itself, its members, or none."""
    match kind_of_name(os.path.basename(path)):  # noqa: PTH119
        case "picture":
            yield file_item(path, "picture", facts)
        case "video":
            yield file_item(path, "video", facts)
        case "zip" | "tar" as kind:
            yield from archive_items(path, kind, account)
        case "raw":
            account.leave_out(RAW, path)
        case "archive":
            account.leave_out(UNREADABLE_ARCHIVES, path)
        case _:
            yield from _unknown(path, facts, account)


def _unknown(path: str, facts: os.stat_result, account: Account) -> Iterator[Item]:
    kind: Kind | None = None
    try:
        if is_picture_inside(Path(path)):
            kind = "picture"
        elif is_video_inside(Path(path)):
            kind = "video"
    except OSError as error:
        account.leave_out(UNREADABLE, f"{path} ({error.strerror})")
        return
    if kind is not None:
        account.sniffed.add(path)
        yield file_item(path, kind, facts)
    else:
        account.leave_out(OTHER, path)
