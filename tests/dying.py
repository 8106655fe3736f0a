"""Jobs for worker processes: some end their process, or the work of all."""

from __future__ import annotations

import errno
import os
import signal
import time
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path


def square_or_die(number: int) -> int:
    if number < 0:
        os._exit(9)
    time.sleep(0.02)
    return number * number


class DyingPath(type(Path())):
    """A path that ends the worker process in which anybody looks at it."""

    def __str__(self) -> str:
        if parent_process() is not None:
            os._exit(9)
        return super().__str__()


@dataclass(frozen=True, slots=True)
class DyingSource:
    """A file that kills the process in which anybody reads it: once, or each time.

    Attributes:
        path: of it.
        marker: made at the first reading, after which the file can be read; "" for never.
    """

    path: str
    marker: str = ""

    def read(self, most_bytes: int) -> bytes:
        if not self.marker or not os.path.exists(self.marker):  # noqa: PTH110
            if self.marker:
                Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Path(self.path).read_bytes()

    @property
    def file(self) -> str:
        return self.path

    @property
    def local_path(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class CrowdedSource:
    """A file that cannot be opened, as its machine has too many open.

    Attributes:
        file: it.
    """

    file: str

    def read(self, most_bytes: int) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    @property
    def local_path(self) -> None:
        return None
