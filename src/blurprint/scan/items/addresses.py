"""Addresses as items: single files, and whatever lies below a folder of a bucket."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.files import natural_key
from blurprint.scan.items.account import Account
from blurprint.scan.items.file_systems import file_system_of, scheme_of
from blurprint.scan.items.item import Item, ItemError, too_large
from blurprint.scan.items.kinds import (
    HIDDEN,
    OTHER,
    RAW,
    UNREADABLE_ARCHIVES,
    item_kind,
    kind_of_name,
)
from blurprint.scan.items.tars import tar_items
from blurprint.scan.items.zips import zip_items

_TRIES: Final = 3
_PAUSE_S: Final = 0.5
"""Before the second try; twice as long before the third."""
_FILES_ONLY: Final = frozenset(("http", "https"))
"""Schemes without folders."""
_STAMPS: Final = ("ETag", "etag", "md5Hash", "LastModified", "mtime", "last_modified", "updated")


@dataclass(frozen=True, slots=True)
class Address:
    """A file at an address.

    Attributes:
        url: of it.
    """

    url: str

    def read(self, most_bytes: int) -> bytes:
        """As :meth:`blurprint.scan.items.item.Source.read`, tried three times."""
        for attempt in range(_TRIES):
            try:
                data = self._read(most_bytes + 1)
            except FileNotFoundError as error:
                # Without a connection, the file system of HTTP raises this as well, from its cause.
                if error.__cause__ is None:
                    raise ItemError("no such file") from None
                self._again(error.__cause__, attempt)
            except (InputError, PermissionError) as error:
                raise ItemError(f"cannot be fetched ({error})") from error
            except Exception as error:  # every file system raises errors of its own
                self._again(error, attempt)
            else:
                if len(data) > most_bytes:
                    raise too_large(None, most_bytes)
                return data
        raise AssertionError("unreachable")

    @property
    def file(self) -> str:
        """The address itself."""
        return self.url

    @property
    def local_path(self) -> None:
        """None."""
        return None

    def _again(self, error: BaseException, attempt: int) -> None:
        """Wait before the next try; after the last, give up."""
        if attempt == _TRIES - 1:
            what = " ".join(str(error).split()) or type(error).__name__
            raise ItemError(f"cannot be fetched ({what}), tried {_TRIES} times") from error
        time.sleep(_PAUSE_S * 2**attempt)

    def _read(self, most: int) -> bytes:
        files, path = file_system_of(self.url)
        with files.open(path, "rb") as file:
            data: bytes = file.read(most)
        return data


def address_items(url: str, account: Account) -> Iterator[Item]:
    """The items at an address: a file, the members of an archive, or all files below a folder.

    An address that ends like a picture, a video or an archive is taken for a file without asking;
    ``*``, ``?`` and ``[...]`` match names. Folders are listed one at a time.

    Args:
        url: with a scheme.
        account: of what gets no row.
    """
    try:
        yield from _items(url, account)
    except Exception as error:  # every file system raises errors of its own
        what = " ".join(str(error).split()) or type(error).__name__
        why = (
            "no such file" if isinstance(error, FileNotFoundError) else f"cannot be listed ({what})"
        )
        account.problem(url, why)
        yield Item(url, Address(url), problem=why)


def _items(url: str, account: Account) -> Iterator[Item]:
    last = url.rstrip("/").rpartition("/")[2]
    kind = kind_of_name(last)
    if scheme_of(url) in _FILES_ONLY:
        yield from _file(url, {}, account, asked=True)
        return
    if any(sign in url for sign in "*?["):
        files, path = file_system_of(url)
        found = sorted(files.glob(path), key=natural_key)
        if not found:
            raise FileNotFoundError
        for one in found:
            yield from _below(files, one, account)
    elif kind in ("picture", "video", "zip", "tar") and not url.endswith("/"):
        yield from _file(url, {}, account, asked=True)
    else:
        files, path = file_system_of(url)
        if files.isdir(path):
            yield from _below(files, path, account)
        else:
            yield from _file(url, files.info(path), account, asked=True)


def _below(files: Any, root: str, account: Account) -> Iterator[Item]:
    """Files below a path in natural order, then those of its folders."""
    if not files.isdir(root):
        yield from _file(files.unstrip_protocol(root), files.info(root), account)
        return
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            listing = files.ls(folder, detail=True)
        except Exception as error:  # every file system raises errors of its own
            what = " ".join(str(error).split()) or type(error).__name__
            account.problem(files.unstrip_protocol(folder), f"cannot be listed ({what})")
            continue
        inner = []
        for entry in sorted(listing, key=lambda one: natural_key(one["name"])):
            name = entry["name"].rstrip("/")
            if name == folder.rstrip("/"):
                continue  # buckets list the mark of a folder within it
            if entry["type"] == "directory":
                inner.append(name)
            else:
                yield from _file(files.unstrip_protocol(name), entry, account)
        waiting.extend(reversed(inner))


def _file(
    url: str, facts: Mapping[str, Any], account: Account, *, asked: bool = False
) -> Iterator[Item]:
    kind = kind_of_name(url.split("?", maxsplit=1)[0].rpartition("/")[2])
    if kind == "zip":
        yield from zip_items(url, account)
    elif kind == "tar":
        yield from tar_items(url, account)
    elif item_kind(kind) or asked:
        size = facts.get("size")
        stamp = str(next((facts[name] for name in _STAMPS if facts.get(name)), ""))
        yield Item(
            url,
            Address(url),
            item_kind(kind) or "unknown",
            size if isinstance(size, int) else None,
            f"{size}:{stamp}" if stamp else "",
        )
    else:
        words = {"hidden": HIDDEN, "raw": RAW, "archive": UNREADABLE_ARCHIVES}
        account.leave_out(words.get(kind, OTHER), url)
