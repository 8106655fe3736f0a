"""Jobs for worker processes: some end their process."""

from __future__ import annotations

import os
import time
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
