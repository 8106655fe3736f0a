"""Folders at addresses: listed one at a time, each file system with its own words for links."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from blurprint.files import natural_key
from blurprint.scan.items.account import MET_TWICE, Account
from blurprint.scan.items.file_systems import is_local, words_of

Entry = tuple[str, Mapping[str, Any]]
"""Path in the file system, and what is known of it; "type" is file, directory, other, link of a
folder or broken link."""


def listed(files: Any, folder: str) -> list[Entry]:
    """What lies in a folder, in natural order.

    Args:
        files: a file system of fsspec.
        folder: path in it.

    Raises:
        Exception: of whatever kind, if it cannot be listed.
    """
    entries = {entry["name"].rstrip("/"): entry for entry in files.ls(folder, detail=True)}
    entries.pop(folder.rstrip("/"), None)  # buckets list the mark of a folder within it
    return [(one, _followed(files, one, entries[one])) for one in sorted(entries, key=natural_key)]


def not_listed(files: Any, folder: str, error: Exception, account: Account) -> None:
    """Name a folder that cannot be listed."""
    account.problem(files.unstrip_protocol(folder), f"cannot be listed ({words_of(error)})")


def folder_number(files: Any, folder: str) -> object:
    """What is the same for one folder under whatever names, as far as they can have several."""
    if not is_local(files):
        return _plain(folder)
    try:
        facts = os.stat(folder)  # noqa: PTH116
    except (OSError, ValueError):
        return _plain(folder)
    return facts.st_dev, facts.st_ino


def _followed(files: Any, name: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a link leads to; fsspec lists it as no file and no folder."""
    if entry["type"] in ("file", "directory"):
        return entry
    try:
        facts: Mapping[str, Any] = files.info(name)
    except FileNotFoundError:
        return {**entry, "type": "broken link"}
    except Exception:  # reading it says why
        return {**entry, "type": "file"}
    if facts["type"] == "directory" and not is_local(files):
        return {**facts, "type": "link of a folder"}  # nothing tells a loop there
    return facts


def _plain(folder: str) -> str:
    return folder.rstrip("/") or folder


class AddressTree:
    """Folders at an address, for patterns.

    Attributes:
        hidden: True: hidden files that match are counted as such.
        paths: `posixpath`.
    """

    hidden = True
    paths: ModuleType = posixpath

    def __init__(self, files: Any, account: Account) -> None:
        """Nothing was met.

        Args:
            files: a file system of fsspec.
            account: of what cannot be listed.
        """
        self._files, self._account = files, account
        self._last: tuple[str, list[Entry]] | None = None
        self._named: set[str] = set()

    def entries(self, folder: str, *, ask: bool) -> Iterator[tuple[str, bool]]:
        """As :class:`blurprint.scan.items.patterns.Tree` has it."""
        for name, facts in self._entries(_plain(folder)):
            yield name.rpartition("/")[2], ask and facts["type"] == "directory"

    def exists(self, path: str) -> bool:
        """As :class:`blurprint.scan.items.patterns.Tree` has it."""
        try:
            self._files.info(path)
        except FileNotFoundError:
            return False
        except Exception as error:  # every file system raises errors of its own
            url = self._files.unstrip_protocol(path)
            self._account.problem(url, f"cannot be looked at ({words_of(error)})")
            return False
        return True

    def enters(self, folder: str, met: dict[object, str]) -> bool:
        """As :class:`blurprint.scan.items.patterns.Tree` has it, without a look."""
        number, plain = folder_number(self._files, folder), _plain(folder)
        if number in met:
            if met[number] != plain:
                first, again = map(self._files.unstrip_protocol, (met[number], plain))
                self._account.leave_out(MET_TWICE, f"{again} (is {first})")
            return False
        met[number] = plain
        return True

    def _entries(self, folder: str) -> list[Entry]:
        """The listing of a folder, which two parts of a pattern ask for one after the other."""
        if self._last is None or self._last[0] != folder:
            self._last = folder, self._listed(folder)
        return self._last[1]

    def _listed(self, folder: str) -> list[Entry]:
        try:
            return listed(self._files, folder)
        except FileNotFoundError:  # a name of the pattern that is not there
            return []
        except Exception as error:  # every file system raises errors of its own
            if folder not in self._named:
                self._named.add(folder)
                not_listed(self._files, folder, error, self._account)
            return []
