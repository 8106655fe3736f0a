"""Processes that tests interrupt, also where the tests run in the background."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_heard() -> Iterator[None]:
    """A process started within it is ended by SIGINT, as one that a user starts is.

    `nohup pytest &` starts the tests with SIGINT ignored, and processes inherit that. A signal with
    a handler, in contrast, has its default action again in a new program.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
