"""Jobs for worker processes: some end their process."""

from __future__ import annotations

import os
import time


def square_or_die(number: int) -> int:
    if number < 0:
        os._exit(9)
    time.sleep(0.02)
    return number * number
