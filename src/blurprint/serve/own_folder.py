"""The folder of the service: its own or a new one, private, used by one process at a time."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import IO, Final

from blurprint.errors import OutputError
from blurprint.files import make_folder, reason

INDEX: Final = "index.sqlite"
LOCK: Final = ".lock"
UPLOADS: Final = "uploads"
RESULTS: Final = "results"
ID: Final = re.compile(r"[A-Za-z0-9_-]{32}")
"""The form of an id: 24 random bytes in the alphabet of addresses."""

_OF_A_FILE_SYSTEM: Final = frozenset({"lost+found"})
"""What a new disk holds: no content."""
_NAMED: Final = 3
"""So many names of a foreign folder are listed in its error."""
_OTHERS: Final = 0o077
_LOG: Final = logging.getLogger("blurprint.serve")


def take_folder(folder: Path, columns: frozenset[str]) -> IO[str]:
    """Make the folder or take an earlier one of the service, for this process alone.

    A folder of others is refused before anything is written to it: the service removes what
    expires, and must find nothing of others there.

    Args:
        folder: missing, empty, or of an earlier run, however that ended.
        columns: of the table `results`, by which an index is recognised.

    Returns:
        a file that holds the lock until it is closed.

    Raises:
        OutputError: if it holds anything else, cannot be made or written to, or is in use.
    """
    try:
        _refuse_others(folder, columns)
        is_new = not folder.exists()
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder}: cannot be read ({reason(error)})") from error
    for one in (folder, folder / UPLOADS, folder / RESULTS):
        _make_private(one)
    lock = _lock(folder)
    try:
        if not is_new and folder.stat().st_mode & _OTHERS and os.name == "posix":
            mode = f"{folder.stat().st_mode & 0o777:04o}"
            _LOG.warning("folder is open to other users", extra={"facts": {"mode": mode}})
        # The journals that SQLite writes beside it have its permissions.
        os.close(os.open(folder / INDEX, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        lock.close()
        raise OutputError(f"{folder}: cannot be used for results ({reason(error)})") from error
    return lock


def _refuse_others(folder: Path, columns: frozenset[str]) -> None:
    """Raise an error if the folder holds what no run of the service has left."""
    if not folder.is_dir():
        return  # that it is a file is said where it is made
    index = folder / INDEX
    if index.is_file() and index.stat().st_size:
        tables, found = _tables(index)
        if tables and not columns <= found:
            raise OutputError(
                f"{folder}: its {INDEX} is of another version of Blurprint or of another program; "
                "give an empty or a new folder"
            )
        if tables:
            return
    foreign = sorted(path.name for path in folder.iterdir() if not _is_of_a_start(path))
    if foreign:
        more = len(foreign) - _NAMED
        names = ", ".join(foreign[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        raise OutputError(
            f"{folder}: holds {names}, but no index of `blurprint serve`, which removes files in "
            "its folder; give an empty or a new folder"
        )


def _is_of_a_start(path: Path) -> bool:
    """Whether the service makes this before its index: it may have ended in between."""
    if path.name in _OF_A_FILE_SYSTEM:
        return True
    if path.is_symlink():
        return False
    if path.name in (UPLOADS, RESULTS):
        return path.is_dir() and not any(path.iterdir())
    if path.name.startswith(f"{INDEX}-"):  # journals, which are never there before it
        return path.with_name(INDEX).is_file()
    if path.name == INDEX:
        return path.is_file()
    return path.name == LOCK and path.is_file() and not path.stat().st_size


def _tables(index: Path) -> tuple[set[str], set[str]]:
    """Tables of a database, and the columns of the one of results.

    Raises:
        OutputError: if it is no database or cannot be read.
    """
    try:
        # Of another program's database nothing is changed: one that is taken for immutable has no
        # journal rolled back and no file made beside it, but would be read without its log.
        logged = index.with_name(f"{index.name}-wal").exists()
        how = "mode=ro" if logged else "mode=ro&immutable=1"
        with closing(sqlite3.connect(f"{index.absolute().as_uri()}?{how}", uri=True)) as there:
            tables = {row[0] for row in there.execute("SELECT name FROM sqlite_master")}
            columns = {row[1] for row in there.execute("PRAGMA table_info(results)")}
    except sqlite3.Error as error:
        raise OutputError(f"{index.parent}: cannot be used for results ({error})") from error
    return tables, columns


def _make_private(folder: Path) -> None:
    """Make a folder that its owner alone can read; the mode of one that is there stays.

    Raises:
        OutputError: if it cannot be made.
    """
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise OutputError(f"{folder}: cannot be made (something else has its name)") from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder}: cannot be made ({reason(error)})") from error


def _lock(folder: Path) -> IO[str]:
    """A file that this process alone holds locked, until it is closed.

    Raises:
        OutputError: if another holds it.
    """
    try:
        file = (folder / LOCK).open("a")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written to ({reason(error)})") from error
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # Windows
        pass
    except OSError:
        file.close()
        raise OutputError(f"{folder}: is in use by another `blurprint serve`") from None
    return file
