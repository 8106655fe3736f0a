"""One run at a time writes into a folder."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from blurprint.errors import OutputError
from blurprint.files import reason

LOCK: Final = ".lock"


class FolderLock:
    """The lock of a folder, which the system releases when its process ends, however it ends.

    The file stays; that it is there means nothing.
    """

    def __init__(self, folder: Path) -> None:
        """Take it.

        Raises:
            OutputError: if another process has it, or the folder takes no file.
        """
        path = folder / LOCK
        try:
            self._file: IO[str] = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{path}: cannot be written ({reason(error)})") from error
        if not _taken(self._file):
            self._file.seek(0)
            who = self._file.read(200)
            self._file.close()
            raise OutputError(
                f"{folder}: another scan writes into it ({_words(who)}); wait for its end, or "
                "give another folder"
            )
        with suppress(OSError):  # a full disc: the lock holds all the same
            self._file.truncate(0)
            json.dump({"pid": os.getpid(), "host": socket.gethostname()}, self._file)
            self._file.flush()

    def release(self) -> None:
        """Let the next one write."""
        self._file.close()


def _words(text: str) -> str:
    try:
        who = json.loads(text)
        return f"process {who['pid']} on {who['host']}"
    except (ValueError, KeyError, TypeError):
        return "its process is not known"


if sys.platform == "win32":

    def _taken(file: IO[str]) -> bool:
        import msvcrt

        file.seek(1 << 20)  # beyond the text, which others may then read
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _taken(file: IO[str]) -> bool:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
