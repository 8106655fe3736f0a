"""One process of a pool, with its pipe: started warm, watched, killed with what it started."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final, Protocol

from blurprint.jobs import start_worker


class Report(Protocol):
    """Told by the work at which step it is, and of how many frames how many are done."""

    def __call__(self, step: str, done: int = 0, of: int = 0, /) -> None:
        """Where there are no frames, `of` is 0."""


Work = Callable[[Any, Report], Any]
"""From a job to its result, in a process."""

LOOK_S: Final = 0.25
"""How often a process is looked at, in seconds."""
_START_S: Final = 120.0
"""Time in which a process must have become ready, in seconds."""


class Worker:
    """A process with its end of a pipe."""

    def __init__(self, process: SpawnProcess, connection: Connection) -> None:
        """See :meth:`start`."""
        self._process = process
        self.connection = connection

    @classmethod
    def start(cls, work: Work, warm: Callable[[], None], memory: int) -> Worker:
        """A new process, which runs `warm` and then waits for jobs.

        Args:
            work: what it does with each; a function of a module, as `warm` is.
            warm: what it does first.
            memory: bytes of data that it may hold; 0 for all.
        """
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_main, args=(theirs, work, warm, memory), daemon=True)
        process.start()
        theirs.close()  # so that ours tells when the process is gone
        return cls(process, ours)

    def wait_ready(self, stopped: Callable[[], bool]) -> bool:
        """Whether it says that it is warm, in time."""
        until = time.monotonic() + _START_S
        with suppress(EOFError, OSError):
            while time.monotonic() < until and not stopped():
                if self.connection.poll(LOOK_S):
                    return self.connection.recv() == ("ready", None)
        return False

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def how_it_ended(self) -> str:
        """In a few words, for a message."""
        self._process.join(1.0)
        code = self._process.exitcode
        if code is None:
            return "the connection to it broke"
        if code < 0:
            with suppress(ValueError):
                return f"ended by {signal.Signals(-code).name}"
            return f"ended by signal {-code}"
        return f"exit status {code}"

    def kill(self) -> None:
        """With the processes that it started."""
        if self._process.pid is not None:
            with suppress(OSError, AttributeError):
                if os.getpgid(self._process.pid) == self._process.pid:
                    os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def end(self) -> None:
        """Let it go: it ends when the pipe closes, or is killed."""
        self.connection.close()
        self._process.join(0.5)
        if self._process.is_alive():
            self.kill()
            self._process.join()
        self._process.close()


def _main(connection: Connection, work: Work, warm: Callable[[], None], memory: int) -> None:
    """The whole life of a process."""
    with suppress(OSError, AttributeError):
        os.setpgid(0, 0)  # a group of its own, to be killed with what it starts
    start_worker()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the parent winds up
    if memory:
        _bound_memory(memory)
    warm()
    _say_nothing()
    connection.send(("ready", None))

    def report(step: str, done: int = 0, of: int = 0, /) -> None:
        connection.send(("step", (step, done, of)))

    with suppress(EOFError, OSError):
        while True:
            connection.send(("result", work(connection.recv(), report)))


def _say_nothing() -> None:
    """Native decoders print of a file what they like, and that has no place in a log."""
    with Path(os.devnull).open("w") as nothing:
        for stream in (1, 2):
            os.dup2(nothing.fileno(), stream)


def _bound_memory(memory: int) -> None:
    """Have Python raise MemoryError, where the machine would else run out."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
