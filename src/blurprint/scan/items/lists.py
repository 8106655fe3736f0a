"""Lists of names, as `find` prints them: a name a line, or names that end with NUL."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, cast

from blurprint.errors import InputError
from blurprint.files import reason

STANDARD_INPUT: Final = "-"
_BLOCK: Final = 1 << 16


class _Blocks(Protocol):
    """A file that gives what is there, and does not wait for more."""

    def read1(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


def _opened(path: str) -> _Blocks:
    return cast("_Blocks", sys.stdin.buffer) if path == STANDARD_INPUT else Path(path).open("rb")


class NameList:
    """Names in a file or on standard input, one at a time.

    A list that holds a NUL among its first 65,536 bytes is one of names that end with NUL, as
    ``find -print0`` prints them, and names may hold newlines; any other is one of lines. A pipe is
    waited for until it has given a NUL, or that many bytes, or all.
    """

    def __init__(self, path: str) -> None:
        """Open it.

        Args:
            path: of the list; "-" for standard input.

        Raises:
            InputError: if it cannot be read.
        """
        self.name = "standard input" if path == STANDARD_INPUT else path
        try:
            self._file = _opened(path)
            self._start = self._first_block()
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: the list cannot be read ({reason(error)})") from error
        self.end = b"\0" if b"\0" in self._start else b"\n"

    @property
    def words(self) -> str:
        """How names are told apart, in a sentence."""
        how = "names that end with NUL" if self.end == b"\0" else "a name a line"
        return f"List: {self.name} ({how})."

    def __iter__(self) -> Iterator[str]:
        """The names; empty ones are left out, and a carriage return before a line's end too.

        Raises:
            InputError: if it cannot be read to its end, or a line holds a NUL.
        """
        rest = self._start
        with self._closing():
            while True:
                *whole, rest = rest.split(self.end)
                yield from filter(None, map(self._name, whole))
                block = self._block()
                if not block:
                    break
                rest += block
        if name := self._name(rest):
            yield name

    def _first_block(self) -> bytes:
        start = bytearray()
        while len(start) < _BLOCK and b"\0" not in start:
            more = self._file.read1(_BLOCK - len(start))
            if not more:
                break
            start += more
        return bytes(start)

    def _block(self) -> bytes:
        try:
            return self._file.read1(_BLOCK)
        except (OSError, ValueError) as error:
            raise InputError(f"the list cannot be read to its end ({reason(error)})") from error

    def _name(self, text: bytes) -> str:
        if self.end == b"\n":
            text = text.removesuffix(b"\r")
            if b"\0" in text:
                raise InputError(
                    f"the list has a NUL after {_BLOCK:,} bytes of names a line: names end with "
                    "one or the other; nothing is read from there on"
                )
        return os.fsdecode(text)

    @contextmanager
    def _closing(self) -> Iterator[None]:
        try:
            yield
        finally:
            if self._file is not sys.stdin.buffer:
                self._file.close()
