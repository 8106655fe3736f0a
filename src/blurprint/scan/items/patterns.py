"""Patterns to the names they match, as Python's `glob` has it, with an account of what it hides."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterator
from errno import ELOOP
from types import ModuleType
from typing import Final, Protocol

from blurprint.files import natural_key, reason
from blurprint.scan.items.account import MET_TWICE, Account
from blurprint.scan.items.kinds import kind_of_name

_MAGIC: Final = re.compile(r"[*?[]")
_ANY_FOLDERS: Final = "**"


class Tree(Protocol):
    """Folders in which names are matched; what cannot be looked at is named by it, not raised.

    Attributes:
        hidden: whether ``*``, ``?`` and ``**`` match names that begin with a dot.
        paths: how names are joined: `os.path`, or `posixpath`.
    """

    hidden: bool
    paths: ModuleType

    def entries(self, folder: str, *, ask: bool) -> Iterator[tuple[str, bool]]:
        """The names in a folder, with whether each is a folder; none if it cannot be listed.

        Args:
            folder: by its path.
            ask: whether this is wanted; else nothing is a folder.
        """
        ...

    def exists(self, path: str) -> bool:
        """Whether there is something of this name, be it a broken link."""
        ...

    def enters(self, folder: str, met: dict[object, str]) -> bool:
        """Whether this is a folder to be entered: one that is not in `met`, to which it is added.

        Args:
            folder: by its path; "" is the current one.
            met: paths by what is the same for one folder under whatever names.
        """
        ...


def has_magic(text: str) -> bool:
    """Whether a text is a pattern.

    >>> has_magic("a/*.jpg"), has_magic("a.jpg")
    (True, False)
    """
    return _MAGIC.search(text) is not None


def covers(pattern: str) -> bool:
    """Whether a pattern matches also all that is within the folders which it matches.

    >>> covers("a/**"), covers("a/**/*"), covers("a/**/b/**"), covers("a/**/*/*")
    (True, True, True, True)
    >>> covers("a/**/b/*"), covers("a/**/b"), covers("a/**/"), covers("a**")
    (False, False, False, False)
    """
    _, any_folders, after = f"/{pattern.replace(os.sep, '/')}/".rpartition(f"/{_ANY_FOLDERS}/")
    return bool(any_folders) and all(part == "*" for part in after.split("/")[:-1])


def matches(pattern: str, tree: Tree) -> list[str]:
    """What a pattern matches, each name once, in natural order.

    The rules are those of ``glob.glob(pattern, recursive=True)``, but for links: each part of the
    pattern enters a folder once, under the name by which it meets it first.

    Args:
        pattern: with ``*``, ``?``, ``[...]`` or ``**``.
        tree: in which names are matched.
    """
    found = dict.fromkeys(filter(None, _matches(pattern, tree, folders=False)))
    return sorted(found, key=natural_key)


def _matches(pattern: str, tree: Tree, *, folders: bool) -> Iterator[str]:
    """Matches of a pattern; only folders, if more of it follows."""
    head, last = tree.paths.split(pattern)
    starts = iter([head])
    if head != pattern and has_magic(head):
        starts = _matches(head, tree, folders=True)
    met: dict[object, str] = {}
    for start in starts:
        if last == _ANY_FOLDERS:
            yield from _all_below(start, tree, met, folders=folders)
        elif tree.enters(start, met):
            for name in _names(start, last, tree, folders=folders):
                yield tree.paths.join(start, name)


def _names(folder: str, part: str, tree: Tree, *, folders: bool) -> Iterator[str]:
    if not has_magic(part):
        if not part or tree.exists(tree.paths.join(folder, part)):
            yield part
        return
    fits = re.compile(fnmatch.translate(tree.paths.normcase(part))).match
    hidden = tree.hidden or part.startswith(".")
    for name, is_folder in tree.entries(folder, ask=folders):
        if folders and not is_folder:
            continue
        if fits(tree.paths.normcase(name)) and (hidden or not name.startswith(".")):
            yield name


def _all_below(start: str, tree: Tree, met: dict[object, str], *, folders: bool) -> Iterator[str]:
    waiting = [start]
    while waiting:
        folder = waiting.pop()
        if not tree.enters(folder, met):
            continue
        # As in Python, the folder itself ends with a separator, and those within do not.
        yield tree.paths.join(folder, "") if folder == start else folder
        inner = []
        entries = sorted(tree.entries(folder, ask=True), key=lambda one: natural_key(one[0]))
        for name, is_folder in entries:
            if not tree.hidden and name.startswith("."):
                continue
            path = tree.paths.join(folder, name)
            if is_folder:
                inner.append(path)
            elif not folders:
                yield path
        waiting.extend(reversed(inner))


class LocalTree:
    """The folders of this machine.

    Attributes:
        hidden: False.
        paths: `os.path`.
    """

    hidden = False
    paths: ModuleType = os.path

    def __init__(self, account: Account, out: str | None) -> None:
        """Nothing was met.

        Args:
            account: gets the folders that cannot be listed, and those that are not entered.
            out: folder of the scan's own results, which is not entered.
        """
        self._account = account
        self._out = None if out is None else _number(out)
        self._named: set[str] = set()

    def entries(self, folder: str, *, ask: bool) -> Iterator[tuple[str, bool]]:
        """As :class:`Tree` has it."""
        try:
            with os.scandir(folder or os.curdir) as listing:
                found = list(listing)
        except OSError as error:
            self._problem(folder, f"cannot be listed ({error.strerror})")
            return
        for entry in found:
            yield entry.name, ask and self._is_folder(entry)

    def exists(self, path: str) -> bool:
        """As :class:`Tree` has it."""
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return False
        except OSError as error:
            self._problem(path, f"cannot be read ({error.strerror})")
            return False
        return True

    def enters(self, folder: str, met: dict[object, str]) -> bool:
        """As :class:`Tree` has it."""
        try:
            facts = os.stat(folder or os.curdir)  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            return False  # nothing is there, or a broken link: no folder
        except (OSError, ValueError) as error:
            self._problem(folder, f"cannot be listed ({reason(error)})")
            return False
        if not stat.S_ISDIR(facts.st_mode):
            return False
        number = (facts.st_dev, facts.st_ino)
        if number == self._out:
            self._account.leave_out("folder of the results", folder)
            return False
        if number in met:
            if _plain(met[number]) != _plain(folder):
                self._account.leave_out(MET_TWICE, f"{folder} (is {met[number]})")
            return False
        met[number] = folder
        return True

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError as error:
            # A link that leads to itself is no folder; of another, nobody knows what is behind.
            # If its name matches as that of a file, its row says the same.
            if error.errno != ELOOP and kind_of_name(entry.name) == "other":
                self._problem(entry.path, f"cannot be listed ({error.strerror})")
            return False

    def _problem(self, path: str, why: str) -> None:
        """Name what several parts of a pattern meet once."""
        if _plain(path) not in self._named:
            self._named.add(_plain(path))
            self._account.problem(path, why)


def _number(folder: str) -> tuple[int, int] | None:
    try:
        facts = os.stat(folder)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return facts.st_dev, facts.st_ino


def _plain(folder: str) -> str:
    return folder.rstrip(os.sep)
