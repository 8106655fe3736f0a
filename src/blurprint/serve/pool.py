"""A bounded number of processes that stand ready for jobs, each of which may be killed.

A process that dies loses the one job that it held, and another takes its place; one that takes too
long for a job is killed. `concurrent.futures` can do neither.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from blurprint.serve.process import LOOK_S, Work, Worker

DIED: Final = "worker_died"
TIMEOUT: Final = "timeout"
STOPPED: Final = "interrupted"

_LOG: Final = logging.getLogger("blurprint.serve")

_PAUSE_S: Final = 1.0
"""Pause after a process could not be started; the reason may pass."""
_FIRST_GUESS_S: Final = 3.0
"""Time for a job before any was measured, in seconds."""
_WEIGHT: Final = 0.2
"""Weight of the newest job in the running mean of their times."""


class Job(Protocol):
    """What a process is given; it must be picklable."""

    @property
    def id(self) -> str:
        """By which it is known."""

    @property
    def seconds(self) -> float:
        """Time for it; then its process is killed."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job.

    Attributes:
        result: what the work returned; None if it did not come to its end.
        lost: why it did not: DIED, TIMEOUT or STOPPED; "" if it did.
        detail: of that, in a few words.
        seconds: from its start to its end.
    """

    result: Any = None
    lost: str = ""
    detail: str = ""
    seconds: float = 0.0


class Listener(Protocol):
    """Hears of jobs, from threads of the pool."""

    def started(self, job: Any) -> None:
        """A process has the job now."""

    def reported(self, job: Any, step: str, done: int, of: int) -> None:
        """The job has come to a step, and in it so far: `done` of `of` frames, 0 where none are."""

    def ended(self, job: Any, done: Done) -> None:
        """What became of it."""

    def process_lost(self, reason: str) -> None:
        """A process died or was killed: DIED or TIMEOUT."""


class Pool:
    """Processes with one OpenCV thread each, and a bounded queue before them.

    Args:
        work: a function of a module, from a job and a function that reports a step, to a result.
        listener: hears what becomes of jobs.
        warm: a function of a module that a process runs before its first job.
        workers: processes.
        waiting: jobs that may wait.
        memory: bytes of data that a process may hold, where the system can bound it; 0 for all.
    """

    def __init__(
        self,
        work: Work,
        listener: Listener,
        *,
        warm: Callable[[], None],
        workers: int,
        waiting: int,
        memory: int = 0,
    ) -> None:
        """See the class."""
        self._work, self._warm, self._listener = work, warm, listener
        self._workers, self._waiting_bound = workers, waiting
        self._memory = memory
        self._queue: deque[Job] = deque()
        self._changed = threading.Condition()
        self._running: set[str] = set()
        self._ready = 0
        self._stopping = False
        self._give_up_at = float("inf")
        self._mean = _FIRST_GUESS_S
        self._keepers = [
            threading.Thread(target=self._keep, name=f"keeper-{number}", daemon=True)
            for number in range(workers)
        ]

    def start(self) -> None:
        """Start the processes; they become ready one by one."""
        for keeper in self._keepers:
            keeper.start()

    def submit(self, jobs: Sequence[Job], *, beyond_bound: bool = False) -> bool:
        """Queue all jobs, or none if there is no place for all of them."""
        with self._changed:
            if self._stopping:
                return False
            if not beyond_bound and len(jobs) > self._places():
                return False
            self._queue.extend(jobs)
            self._changed.notify_all()
            return True

    def cancel(self, job_id: str) -> bool:
        """Take a job out of the queue; False if it is not waiting any more."""
        with self._changed:
            for job in self._queue:
                if job.id == job_id:
                    self._queue.remove(job)
                    return True
            return False

    def places(self) -> int:
        """How many jobs would be accepted now."""
        with self._changed:
            return 0 if self._stopping else self._places()

    def _places(self) -> int:
        idle = max(self._workers - len(self._running), 0)
        return max(self._waiting_bound + idle - len(self._queue), 0)

    @property
    def capacity(self) -> int:
        """How many jobs an idle pool accepts."""
        return self._waiting_bound + self._workers

    def position(self, job_id: str) -> int | None:
        """How many jobs are done before this one, counted from 1; None if it does not wait."""
        with self._changed:
            return next((n for n, job in enumerate(self._queue, 1) if job.id == job_id), None)

    def positions(self) -> dict[str, int]:
        """The same of all that wait."""
        with self._changed:
            return {job.id: number for number, job in enumerate(self._queue, 1)}

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return len(self._queue)

    @property
    def running(self) -> int:
        """Jobs at work."""
        return len(self._running)

    @property
    def ready(self) -> int:
        """Processes that are warm."""
        return self._ready

    def seconds_until(self, places: int) -> float:
        """Estimated time until so many jobs would be accepted, by the rate of the last jobs."""
        with self._changed:
            missing = max(places - self._places(), 0)
            return missing * self._mean / self._workers

    def refuse(self, seconds: float) -> None:
        """Accept no more jobs, and begin none of those that wait.

        What is running may finish for so many seconds from the first call on; then its processes
        are killed.
        """
        with self._changed:
            if not self._stopping:
                self._give_up_at = time.monotonic() + seconds
            self._stopping = True
            self._changed.notify_all()

    def stop(self, seconds: float) -> None:
        """The same, and wait until all processes are gone."""
        self.refuse(seconds)
        for keeper in self._keepers:
            if keeper.is_alive():
                keeper.join()

    def _keep(self) -> None:
        """One process after the other, and jobs for it."""
        while not self._stopping:
            process = self._started()
            if process is None:
                continue
            with self._changed:
                self._ready += 1
            try:
                self._serve(process)
            finally:
                with self._changed:
                    self._ready -= 1
                process.end()

    def _started(self) -> Worker | None:
        """A process that is warm; None after a while if there is none."""
        try:
            process = Worker.start(self._work, self._warm, self._memory)
            if process.wait_ready(lambda: self._stopping):
                return process
            process.end()
        except OSError:  # no memory, no process, no file handle
            _LOG.exception("error")
        if not self._stopping:
            self._tell(self._listener.process_lost, DIED)
            time.sleep(_PAUSE_S)
        return None

    def _serve(self, process: Worker) -> None:
        """Jobs until the process is lost or the pool stops."""
        while True:
            with self._changed:
                while not self._queue and not self._stopping and process.is_alive():
                    self._changed.wait(timeout=1.0)
                if self._stopping:
                    return
                if not process.is_alive():
                    break
                job = self._queue.popleft()
                self._running.add(job.id)
            self._tell(self._listener.started, job)
            done = self._run(process, job)
            with self._changed:
                self._running.remove(job.id)
                if not done.lost or done.lost == TIMEOUT:
                    self._mean += _WEIGHT * (done.seconds - self._mean)
            if done.lost in (DIED, TIMEOUT):
                self._tell(self._listener.process_lost, done.lost)
            self._tell(self._listener.ended, job, done)
            if done.lost:
                return
        self._tell(self._listener.process_lost, DIED)

    def _tell(self, hear: Callable[..., None], *what: Any) -> None:
        """A listener that fails, as on a full disk, must not end the thread that tells it."""
        try:
            hear(*what)
        except Exception:
            _LOG.exception("error")

    def _run(self, process: Worker, job: Job) -> Done:
        begun = time.monotonic()

        def lost(why: str, detail: str = "") -> Done:
            process.kill()
            return Done(lost=why, detail=detail, seconds=time.monotonic() - begun)

        try:
            process.connection.send(job)
            while True:
                now = time.monotonic()
                if now - begun > job.seconds:
                    return lost(TIMEOUT, f"{job.seconds:g} s")
                if now > self._give_up_at:
                    return lost(STOPPED)
                if not process.connection.poll(LOOK_S):
                    continue
                kind, content = process.connection.recv()
                if kind == "result":
                    return Done(content, seconds=time.monotonic() - begun)
                self._tell(self._listener.reported, job, *content)
        except (EOFError, OSError):
            return lost(DIED, process.how_it_ended())
