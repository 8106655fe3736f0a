"""Archives opened for reading anywhere: a file of this machine, or an address."""

from __future__ import annotations

import atexit
from collections import OrderedDict
from typing import IO, Final, Protocol

from blurprint.scan.items.file_systems import file_system_of, is_address, is_local, words_of
from blurprint.scan.items.local import open_regular

_OPEN_AT_ONCE: Final = 4


class Readable(Protocol):
    """Bytes in which one can go to a place."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; fewer only at the end."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to a place, counted from the beginning."""
        ...

    def tell(self) -> int:
        """The place, counted from the beginning."""
        ...


def open_place(path: str) -> IO[bytes]:
    """A file that can be sought in.

    Raises:
        OSError: if it cannot be opened.
        ItemError: if it is a pipe, a socket or a device.
        InputError: if an address needs a package that is missing.
    """
    if not is_address(path):
        return open_regular(path)
    files, inner = file_system_of(path)
    if is_local(files):
        return open_regular(inner)
    try:
        file: IO[bytes] = files.open(inner, "rb")
    except FileNotFoundError as error:
        # The file system of HTTP raises this whatever happened, from its cause.
        if error.__cause__ is None:
            raise
        raise OSError(words_of(error.__cause__)) from error
    return file


def size_of_place(file: IO[bytes]) -> int:
    """Bytes of an open file; its place stays as it was."""
    here = file.tell()
    size = file.seek(0, 2)
    file.seek(here)
    return size


class BoundedReads:
    """A file of which only headers and directories are read: a claim of more bytes is refused.

    Attributes:
        last: what was read last.
    """

    def __init__(self, file: Readable, most: int) -> None:
        """Nothing was read.

        Args:
            file: that can be sought in.
            most: bytes of one reading.
        """
        self._file, self._most = file, most
        self.seek, self.tell = file.seek, file.tell
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes; of a negative number, all.

        Raises:
            OSError: if they are more than allowed.
        """
        if size > self._most:
            raise OSError(f"it claims a header of {size:,} bytes")
        self.last = self._file.read(size if size >= 0 else self._most)
        return self.last


class OpenPlaces:
    """The files that this process has open, so that an archive is not opened for each member."""

    def __init__(self) -> None:
        """Nothing is open."""
        self._open: OrderedDict[str, IO[bytes]] = OrderedDict()

    def get(self, path: str) -> IO[bytes]:
        """The open file; see :func:`open_place`."""
        if path not in self._open:
            if not self._open:
                atexit.register(self.close)
            self._open[path] = open_place(path)
            if len(self._open) > _OPEN_AT_ONCE:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(path)
        return self._open[path]

    def close(self) -> None:
        """Close all."""
        for path in list(self._open):
            self.forget(path)

    def forget(self, path: str) -> None:
        """Close it, as after an error."""
        if path in self._open:
            self._open.pop(path).close()
