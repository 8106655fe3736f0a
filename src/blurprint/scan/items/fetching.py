"""A file at an address, fetched with a few tries."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.scan.items.file_systems import file_system_of, is_local, words_of
from blurprint.scan.items.item import ItemError, too_large
from blurprint.scan.items.local import open_regular

_TRIES: Final = 3
_PAUSE_S: Final = 0.5
"""Before the second try; twice as long before the third."""


@dataclass(frozen=True, slots=True)
class Address:
    """A file at an address.

    Attributes:
        url: of it.
    """

    url: str

    def read(self, most_bytes: int) -> bytes:
        """As :meth:`blurprint.scan.items.item.Source.read`, tried three times."""
        data = self._tried(partial(self._read, most_bytes + 1))
        if len(data) > most_bytes:
            raise too_large(None, most_bytes)
        return data

    def start(self, length: int) -> bytes:
        """Its first bytes, and no more of it, tried three times.

        Raises:
            ItemError: if they cannot be read.
        """
        return self._tried(partial(self._start, length))

    @property
    def file(self) -> str:
        """The address itself."""
        return self.url

    @property
    def local_path(self) -> None:
        """None."""
        return None

    def _tried(self, fetch: Callable[[], bytes]) -> bytes:
        for attempt in range(_TRIES):
            try:
                return fetch()
            except FileNotFoundError as error:
                # Without a connection, the file system of HTTP raises this as well, from its cause.
                if error.__cause__ is None:
                    raise ItemError("no such file") from None
                self._again(error.__cause__, attempt)
            except ItemError:
                raise
            except (InputError, PermissionError) as error:
                raise ItemError(f"cannot be fetched ({error})") from error
            except Exception as error:  # every file system raises errors of its own
                self._again(error, attempt)
        raise AssertionError("unreachable")

    def _again(self, error: BaseException, attempt: int) -> None:
        """Wait before the next try; after the last, give up."""
        if attempt == _TRIES - 1:
            raise ItemError(
                f"cannot be fetched ({words_of(error)}), tried {_TRIES} times"
            ) from error
        time.sleep(_PAUSE_S * 2**attempt)

    def _read(self, most: int) -> bytes:
        files, path = file_system_of(self.url)
        file: Any
        with open_regular(path) if is_local(files) else files.open(path, "rb") as file:
            data = bytearray(file.read(most))
            # A server that does not say how long a file is gives it in pieces.
            while 0 < len(data) < most and (more := file.read(most - len(data))):
                data += more
        return bytes(data)

    def _start(self, length: int) -> bytes:
        files, path = file_system_of(self.url)
        if is_local(files):
            return self._read(length)
        data: bytes = files.cat_file(path, start=0, end=length)
        return data
