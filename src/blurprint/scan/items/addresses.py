"""Addresses as items: single files, and whatever lies below a folder of a bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final

from blurprint.errors import MachineError
from blurprint.scan.first_bytes import START, begins_as_picture, begins_as_video
from blurprint.scan.items.account import MET_TWICE, Account
from blurprint.scan.items.address_folders import AddressTree, folder_number, listed, not_listed
from blurprint.scan.items.archives import archive_items
from blurprint.scan.items.fetching import Address
from blurprint.scan.items.file_systems import LOCAL_SCHEMES, file_system_of, scheme_of, words_of
from blurprint.scan.items.item import Item, ItemError, Kind
from blurprint.scan.items.kinds import (
    HIDDEN,
    OTHER,
    RAW,
    UNREADABLE_ARCHIVES,
    item_kind,
    kind_of_name,
)
from blurprint.scan.items.local import NO_FILE_STAMP, stamp_of_error
from blurprint.scan.items.patterns import covers, has_magic, matches

_FILES_ONLY: Final = frozenset(("http", "https"))
"""Schemes without folders."""
_STAMPS: Final = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "last_modified", "updated")


def address_items(url: str, account: Account) -> Iterator[Item]:
    """The items at an address: a file, the members of an archive, or all files below a folder.

    An address that ends like a picture, a video or an archive is taken for a file without asking
    (but on this machine); ``*``, ``?`` and ``[...]`` match names. Folders are listed one at a time.
    Below them, a file that its name does not explain is recognised by its first bytes.

    Args:
        url: with a scheme.
        account: of what gets no row.
    """
    try:
        yield from _items(url, account)
    except MachineError:
        raise
    except Exception as error:  # every file system raises errors of its own
        missing = isinstance(error, FileNotFoundError)
        why = "no such file" if missing else f"cannot be listed ({words_of(error)})"
        account.problem(url, why)
        stamp = NO_FILE_STAMP if missing else stamp_of_error(error)
        yield Item(url, Address(url), stamp=stamp, problem=why)


def _items(url: str, account: Account) -> Iterator[Item]:
    scheme = scheme_of(url)
    kind = kind_of_name(url.rstrip("/").rpartition("/")[2])
    if scheme in _FILES_ONLY:
        yield from _file(url, {}, account, asked=True)
        return
    if has_magic(url):
        yield from _matching(url, account)
    elif (
        kind in ("picture", "video", "zip", "tar")
        and not url.endswith("/")
        and scheme not in LOCAL_SCHEMES
    ):
        yield from _file(url, {}, account, asked=True)
    else:
        files, path = file_system_of(url)
        if files.isdir(path):
            yield from _below(files, path, account)
        else:
            yield from _entry(url, files.info(path), account, asked=True)


def _matching(url: str, account: Account) -> Iterator[Item]:
    files, pattern = file_system_of(url)
    before = account.troubles
    found = matches(pattern, AddressTree(files, account))
    if not found and account.troubles == before:
        raise FileNotFoundError
    covered = covers(pattern)
    for one in found:
        name = files.unstrip_protocol(one)
        try:
            facts = files.info(one)
        except Exception as error:  # every file system raises errors of its own
            why, stamp = f"cannot be looked at ({words_of(error)})", stamp_of_error(error)
            yield Item(name, Address(name), stamp=stamp, problem=why)
            continue
        if facts["type"] != "directory":
            yield from _entry(name, facts, account)
        elif not covered:
            yield from _below(files, one, account)


def _below(files: Any, root: str, account: Account) -> Iterator[Item]:
    """Files below a path in natural order, then those of its folders; none is entered twice."""
    waiting = [root]
    met: dict[object, str] = {}
    while waiting:
        folder = waiting.pop()
        number = folder_number(files, folder)
        url = files.unstrip_protocol(folder)
        if number in met:
            account.leave_out(MET_TWICE, f"{url} (is {met[number]})")
            continue
        met[number] = url
        try:
            entries = listed(files, folder)
        except Exception as error:  # every file system raises errors of its own
            not_listed(files, folder, error, account)
            continue
        inner = []
        for name, facts in entries:
            if facts["type"] == "directory":
                inner.append(name)
            else:
                yield from _entry(files.unstrip_protocol(name), facts, account)
        waiting.extend(reversed(inner))


def _entry(
    url: str, facts: Mapping[str, Any], account: Account, *, asked: bool = False
) -> Iterator[Item]:
    """The items of what a listing shows, if it is a file."""
    match facts["type"]:
        case "other" if not asked:
            account.leave_out("pipes, sockets and devices", url)
        case "link of a folder":
            account.leave_out("links to folders, which are not followed there", url)
        case "broken link" if not asked and item_kind(kind_of_name(_last(url))) is None:
            account.leave_out("broken links", url)
        case _:
            yield from _file(url, facts, account, asked=asked)


def _file(
    url: str, facts: Mapping[str, Any], account: Account, *, asked: bool = False
) -> Iterator[Item]:
    kind = kind_of_name(_last(url))
    size = facts.get("size")
    stamp = str(next((facts[name] for name in _STAMPS if facts.get(name)), ""))
    own: Kind = item_kind(kind) or "unknown"
    item = Item(
        url,
        Address(url),
        own,
        size if isinstance(size, int) else None,
        f"{size}:{stamp}" if stamp else "",
    )
    if kind in ("zip", "tar"):
        yield from archive_items(url, kind, account)
    elif item_kind(kind) or asked:
        yield item
    elif kind == "other":
        yield from _unknown(item, account)
    else:
        words = {"hidden": HIDDEN, "raw": RAW, "archive": UNREADABLE_ARCHIVES}
        account.leave_out(words.get(kind, OTHER), url)


def _unknown(item: Item, account: Account) -> Iterator[Item]:
    """An item of which only its first bytes say what it is; if they cannot be read, a problem."""
    try:
        start = Address(item.path).start(START) if item.size != 0 else b""
    except ItemError as error:
        yield replace(item, problem=str(error))
        return
    suffix = bool(PurePosixPath(_last(item.path)).suffix)
    kind: Kind | None = None
    if begins_as_picture(start, suffix=suffix):
        kind = "picture"
    elif begins_as_video(start):
        kind = "video"
    if kind is None:
        account.leave_out(OTHER, item.path)
    else:
        account.sniffed.add(item.path)
        yield replace(item, kind=kind)


def _last(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rpartition("/")[2]
