"""Ctrl-C during work on many pictures."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


@contextmanager
def first_interrupt(stop: Callable[[], None], *, second_ends: bool = False) -> Iterator[None]:
    """Within it Ctrl-C calls `stop` and ends nothing: what is being done can be finished.

    With `second_ends` a second one raises KeyboardInterrupt, as when nothing comes from a pipe or
    another machine.

    Where SIGINT is ignored, as under nohup or in the background of a script, it stays ignored.
    """

    heard_before = False

    def heard(_number: int, _frame: FrameType | None) -> None:
        nonlocal heard_before
        if heard_before and second_ends:
            raise KeyboardInterrupt
        heard_before = True
        stop()

    before = None
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        with suppress(ValueError):  # only the main thread hears signals
            before = signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
