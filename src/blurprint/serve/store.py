"""The folder of results: an index in SQLite, and a folder of files for each result."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from blurprint.errors import OutputError
from blurprint.serve.own_folder import ID, INDEX, RESULTS, UPLOADS, take_folder

QUEUED: Final = "queued"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"

_LEAST_BYTES: Final = 4096
"""What a result counts at least, so that the number of failures is bounded, too."""
_VERSION: Final = 1
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS results (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  created REAL NOT NULL,
  expires REAL NOT NULL,
  method TEXT NOT NULL,
  prior REAL NOT NULL,
  bytes INTEGER NOT NULL DEFAULT 0,
  error_code TEXT,
  error_message TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS by_age ON results (created);
"""
_COLUMNS: Final = "id, name, state, created, expires, method, prior, error_code, error_message"


@dataclass(frozen=True, slots=True)
class Entry:
    """One result in the index.

    Attributes:
        id: unguessable.
        name: of the file, as it is shown.
        state: QUEUED, RUNNING, DONE or FAILED.
        created: seconds since 1970.
        expires: the same.
        method: of the map.
        prior: P(fake) before the picture is looked at.
        error_code: of a failure.
        error_message: of a failure, a sentence.
    """

    id: str
    name: str
    state: str
    created: float
    expires: float
    method: str
    prior: float
    error_code: str | None = None
    error_message: str | None = None


class Store:
    """Results on disk, bounded by age and size; for all threads of one process.

    Args:
        folder: where: a new or an empty one, or that of an earlier run. What is made is readable
            by its owner alone.
        keep_seconds: how long a result is kept.
        keep_bytes: how much all of them may take.

    Raises:
        OutputError: if the folder cannot be used, holds anything else, or another service uses it.
    """

    def __init__(self, folder: Path, *, keep_seconds: float, keep_bytes: int) -> None:
        """See the class."""
        self.folder = folder
        self.uploads = folder / UPLOADS
        self.results = folder / RESULTS
        self._keep_seconds, self._keep_bytes = keep_seconds, keep_bytes
        self._lock_file = take_folder(folder, frozenset(_COLUMNS.split(", ")))
        self._lock = threading.RLock()
        try:
            self._index = _open_index(folder)
        except BaseException as error:
            self._lock_file.close()
            if isinstance(error, (sqlite3.Error, OSError)):
                raise OutputError(f"{folder}: cannot be used for results ({error})") from error
            raise

    def close(self) -> None:
        """Close the index; results stay."""
        with self._lock:
            self._index.close()
            self._lock_file.close()

    def upload_of(self, result: str) -> Path:
        """Where the uploaded file of a result lies until it is analysed."""
        return self.uploads / result

    def files_of(self, result: str) -> Path:
        """The folder of the files of a result."""
        return self.results / result

    def add(self, entries: Sequence[Entry]) -> None:
        """Write new results into the index."""
        with self._lock, self._index:
            self._index.execute("BEGIN")  # all of them or none
            self._index.executemany(
                f"INSERT INTO results ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",
                [
                    (
                        *(one.id, one.name, one.state, one.created, one.expires),
                        *(one.method, one.prior, one.error_code, one.error_message),
                    )
                    for one in entries
                ],
            )

    def get(self, result: str, now: float | None = None) -> Entry | None:
        """A result that is there and has not expired."""
        now = time.time() if now is None else now
        with self._lock:
            row = self._index.execute(
                f"SELECT {_COLUMNS} FROM results WHERE id = ? AND expires > ?", (result, now)
            ).fetchone()
        return None if row is None else Entry(*row)

    def set_running(self, result: str) -> None:
        """A process has it now."""
        self._set("UPDATE results SET state = ? WHERE id = ?", (RUNNING, result))

    def set_queued(self, result: str) -> None:
        """It waits."""
        self._set("UPDATE results SET state = ? WHERE id = ?", (QUEUED, result))

    def set_done(self, result: str) -> bool:
        """It is done; False if it was deleted meanwhile, with its files."""
        size = _size(self.files_of(result))
        with self._lock:
            changed = self._set(
                "UPDATE results SET state = ?, bytes = ?, expires = ? WHERE id = ?",
                (DONE, size, time.time() + self._keep_seconds, result),
            )
            self._remove_upload(result)
            if not changed:
                self._remove_files(result)
        return changed

    def set_failed(self, result: str, code: str, message: str) -> None:
        """It failed; what a killed process left of it goes."""
        with self._lock:
            self._set(
                "UPDATE results SET state = ?, error_code = ?, error_message = ?, expires = ? "
                "WHERE id = ?",
                (FAILED, code, message, time.time() + self._keep_seconds, result),
            )
            self._remove_upload(result)
            self._remove_files(result)

    def delete(self, result: str) -> bool:
        """Remove a result with its files; False if there was none."""
        with self._lock:
            there = self._set("DELETE FROM results WHERE id = ?", (result,))
            self._remove_upload(result)
            self._remove_files(result)
        return there

    def in_state(self, state: str) -> list[Entry]:
        """All results in a state, the oldest first."""
        with self._lock:
            rows = self._index.execute(
                f"SELECT {_COLUMNS} FROM results WHERE state = ? ORDER BY created, rowid", (state,)
            ).fetchall()
        return [Entry(*row) for row in rows]

    def total_bytes(self) -> int:
        """What finished results count, in bytes."""
        with self._lock:
            row = self._index.execute(
                "SELECT coalesce(sum(max(bytes, ?)), 0) FROM results WHERE state IN (?, ?)",
                (_LEAST_BYTES, DONE, FAILED),
            ).fetchone()
        return int(row[0])

    def sweep(self, now: float | None = None) -> list[str]:
        """Remove what has expired, and the oldest beyond the bound of size.

        Returns:
            ids of what went.
        """
        now = time.time() if now is None else now
        with self._lock:
            rows = self._index.execute(
                "SELECT id, max(bytes, ?), expires FROM results WHERE state IN (?, ?) "
                "ORDER BY created, rowid",
                (_LEAST_BYTES, DONE, FAILED),
            ).fetchall()
            left = sum(size for _, size, _ in rows)
            gone = []
            for result, size, expires in rows:
                if expires <= now or left > self._keep_bytes:
                    gone.append(result)
                    left -= size
        for result in gone:
            self.delete(result)
        return gone

    def remove_strays(self) -> tuple[int, int]:
        """Remove uploads and results of which the index knows nothing, as a lost process left them.

        What has no id for a name, or is of another kind, is not of the service and stays.

        Returns:
            how many were removed, and how many others stay.
        """
        removed = left = 0
        with self._lock:
            known = {row[0] for row in self._index.execute("SELECT id FROM results")}
            for folder, is_own in ((self.uploads, Path.is_file), (self.results, Path.is_dir)):
                for path in list(folder.iterdir()):
                    if path.name in known:
                        continue
                    if ID.fullmatch(path.name) and is_own(path) and not path.is_symlink():
                        _remove(path)
                        removed += 1
                    else:
                        left += 1
        return removed, left

    def _set(self, statement: str, values: Iterable[Any]) -> bool:
        with self._lock:
            return self._index.execute(statement, tuple(values)).rowcount > 0

    def _remove_upload(self, result: str) -> None:
        _remove(self.upload_of(result))

    def _remove_files(self, result: str) -> None:
        _remove(self.files_of(result))


def _open_index(folder: Path) -> sqlite3.Connection:
    """The index of a folder, made if it is missing.

    Raises:
        OutputError: if it is of another version.
    """
    index = sqlite3.connect(folder / INDEX, check_same_thread=False, isolation_level=None)
    try:
        index.execute("PRAGMA journal_mode=WAL")
        index.execute("PRAGMA synchronous=NORMAL")
        index.execute("PRAGMA secure_delete=ON")
        version = index.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise OutputError(f"{folder}: holds results of another version of Blurprint")
        index.executescript(_TABLE)
        index.execute(f"PRAGMA user_version={_VERSION}")
    except BaseException:
        index.close()
        raise
    return index


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _size(folder: Path) -> int:
    with suppress(OSError):
        return sum(entry.stat().st_size for entry in os.scandir(folder))
    return 0
