"""Files of this machine as items."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import IO, Final

from blurprint.files import reason
from blurprint.scan.items.file_systems import path_here
from blurprint.scan.items.item import Item, ItemError, Kind, too_large

NO_FILE: Final = "is a pipe, a socket or a device"
NO_FILE_STAMP: Final = "no file to read"
"""Another than that of any file."""
_ERRNO: Final = "errno "


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file.

    Attributes:
        path: of it.
    """

    path: str

    def read(self, most_bytes: int) -> bytes:
        """As :meth:`blurprint.scan.items.item.Source.read`."""
        try:
            with open_regular(self.path) as file:
                data = file.read(most_bytes + 1)
        except FileNotFoundError:
            raise ItemError("no such file") from None
        except IsADirectoryError:
            raise ItemError("is a folder") from None
        except (OSError, ValueError) as error:
            raise ItemError(f"cannot be read ({reason(error)})") from error
        if len(data) > most_bytes:
            raise too_large(os.stat(self.path).st_size, most_bytes)  # noqa: PTH116
        return data

    @property
    def file(self) -> str:
        """The file itself."""
        return self.path

    @property
    def local_path(self) -> str:
        """The file itself."""
        return self.path


def open_regular(path: str) -> IO[bytes]:
    """A file opened for reading, if it is one: a pipe would be waited for, and a device never ends.

    Raises:
        ItemError: if it is a pipe, a socket or a device.
        OSError: if it cannot be opened.
        ValueError: if no file can have this name.
    """
    if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):  # noqa: PTH112, PTH116
        raise ItemError(NO_FILE)  # not opened: that alone does something to some devices
    # What took its place since is opened without waiting for the other end of a pipe.
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115  Path has no opener
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ItemError(NO_FILE)
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def is_there(path: str) -> bool:
    """Whether anything has this name, a broken link as well."""
    try:
        return os.path.lexists(path)
    except ValueError:  # no file can have it
        return False


def file_item(path: str, kind: Kind, facts: os.stat_result | None = None) -> Item:
    """A file as an item; one of which nothing is known where `facts` is None."""
    if facts is None:
        return Item(path, LocalFile(path), kind)
    return Item(path, LocalFile(path), kind, facts.st_size, _stamp_of(facts))


def problem_item(path: str, why: str, kind: Kind = "unknown", size: int | None = None) -> Item:
    """An item of which it is known that it cannot be read."""
    stamp = stamp_of_file(path)
    # A file that came since the listing is another than the one that the problem is about.
    stamp = stamp if stamp.startswith(_ERRNO) else NO_FILE_STAMP
    return Item(path, LocalFile(path), kind, size, stamp, problem=why)


def stamp_of_file(path: str) -> str:
    """What changes when a file does: its size and time, or why these cannot be had.

    Args:
        path: path or address; "" is returned of what lies elsewhere.

    Raises:
        InputError: if an address of this machine is given, and fsspec is missing.
    """
    here = path_here(path)
    if here is None:
        return ""
    try:
        return _stamp_of(os.stat(here))  # noqa: PTH116
    except (OSError, ValueError) as error:
        return stamp_of_error(error)


def stamp_of_error(error: Exception) -> str:
    """The number of an error of the system; "" of any other."""
    number = getattr(error, "errno", None)
    return "" if number is None else f"{_ERRNO}{number}"


def _stamp_of(facts: os.stat_result) -> str:
    return f"{facts.st_size}:{facts.st_mtime_ns}"


def why_unreadable(entry: os.DirEntry[str], error: OSError) -> str:
    """Why an entry of a folder cannot be read; of a broken link, where it leads."""
    if not entry.is_symlink():
        return f"cannot be read ({error.strerror})"
    try:
        target = os.readlink(entry.path)  # noqa: PTH115  Path would normalise what is there
    except OSError:
        target = "?"
    return f"is a broken link to {target} ({error.strerror})"
