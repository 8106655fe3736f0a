"""The ledger: a line of fixed length for each item that is done; an item without one is not.

A line is written after the rows of its item, and says how far these reach: rows behind the last
whole line belong to nothing, and are cut off when the next run opens the folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from blurprint.errors import OutputError
from blurprint.files import reason

_LINE: Final = re.compile(
    rb"([0-9a-f]{32}) ([0-9a-f]{64}|-{64}) ([0-9a-f]{16}) ([a-z_]+) *"
    rb" ([a-z-]+) * (\d{12}) (\d{15}) (\d{15})\n"
)
_STATUS_WIDTH: Final = 18
_LABEL_WIDTH: Final = 8
LINE_LENGTH: Final = 32 + 64 + 16 + _STATUS_WIDTH + _LABEL_WIDTH + 12 + 15 + 15 + 8
_LINES_AT_ONCE: Final = 10_000
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One item that is done.

    Attributes:
        key: of its path, 128 bits in two numbers.
        sha256: of its content; "" where that could not be read.
        stamp: of :func:`blurprint.scan.store.stamps.stamp_of`.
        status: of its row.
        label: of its row; "" for none.
        position: in the order of the input of the run that did it.
        rows_end: bytes of the file of rows up to the end of its row.
        frames_end: bytes of the file of frames up to the end of its frames.
    """

    key: tuple[int, int]
    sha256: str
    stamp: int
    status: str
    label: str
    position: int
    rows_end: int
    frames_end: int

    def line(self) -> bytes:
        """As the ledger has it."""
        return (
            f"{self.key[0]:016x}{self.key[1]:016x} {self.sha256 or '-' * 64} {self.stamp:016x} "
            f"{self.status:<{_STATUS_WIDTH}} {self.label or '-':<{_LABEL_WIDTH}} "
            f"{self.position:012d} {self.rows_end:015d} {self.frames_end:015d}\n"
        ).encode("ascii")


def read_entry(line: bytes) -> Entry | None:
    """The entry of a line; None if it is not one, as after a crash of the system."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    key, sha256, stamp, status, label, position, rows_end, frames_end = found.groups()
    return Entry(
        (int(key[:16], 16), int(key[16:], 16)),
        "" if sha256.startswith(b"-") else sha256.decode(),
        int(stamp, 16),
        status.decode(),
        "" if label == b"-" else label.decode(),
        int(position),
        int(rows_end),
        int(frames_end),
    )


def entries(path: Path) -> Iterator[Entry]:
    """The entries of a ledger up to the first line that is damaged or cut off; none of no file.

    Raises:
        OutputError: if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            while block := file.read(_LINES_AT_ONCE * LINE_LENGTH):
                for start in range(0, len(block), LINE_LENGTH):
                    entry = read_entry(block[start : start + LINE_LENGTH])
                    if entry is None:
                        return
                    yield entry
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({reason(error)})") from error


class Appended:
    """A file that grows at its end; each piece reaches the system before the call returns.

    Attributes:
        path: of the file.
        end: its length, in bytes.
        cut: bytes that were cut off when it was opened.
        cut_begins: the first of these.
    """

    def __init__(self, path: Path, keep: int) -> None:
        """Open it, and cut off what follows its first bytes.

        Args:
            path: of the file; one that is missing is made when it gets its first bytes.
            keep: bytes that stay.

        Raises:
            OutputError: if it cannot be written.
        """
        self.path, self.end = path, keep
        self.cut, self.cut_begins = 0, b""
        self._file: IO[bytes] | None = None
        if not path.exists() and not keep:
            return
        try:
            self._file = path.open("r+b", buffering=0)
            self.cut = max(self._file.seek(0, 2) - keep, 0)
            self._file.seek(keep)
            self.cut_begins = self._file.read(_SHOWN)
            self._file.truncate(keep)
            self._file.seek(keep)
        except OSError as error:
            raise self._cannot(error) from error

    def append(self, data: bytes) -> int:
        """Write at the end; the new length of the file.

        Raises:
            OutputError: if it cannot be written, such as on a full disc; what was written in part
                is cut off when the folder is opened again.
        """
        try:
            if self._file is None:
                self._file = self.path.open("xb", buffering=0)
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) or 0 :]
        except OSError as error:
            raise self._cannot(error) from error
        self.end += len(data)
        return self.end

    def sync(self) -> None:
        """Wait until all of it is on the disc."""
        try:
            if self._file is not None:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise self._cannot(error) from error

    def close(self) -> None:
        """Close it."""
        if self._file is not None:
            self._file.close()

    def _cannot(self, error: OSError) -> OutputError:
        return OutputError(f"{self.path}: cannot be written ({reason(error)})")
