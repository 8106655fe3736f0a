"""Jobs in processes that may die: one that takes its process with it loses nothing but itself."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Final, TypeVar

import cv2

from blurprint.errors import InputError

Job = TypeVar("Job")
Result = TypeVar("Result")

_BYTES_A_PROCESS: Final = 1 << 30
"""Memory that one process takes at most with the default size of pictures."""


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Iterable[Job],
    *,
    workers: int,
    died: Callable[[Job], Result],
    ahead: int = 0,
) -> Iterator[Result]:
    """Results in the order in which they are done.

    Processes are spawned, of one OpenCV thread each. When one dies (a decoder that crashes, memory
    that runs out), nobody knows whose job it held: those that were being done are tried again one
    at a time, each in a process of its own, and `died` gives the result of those that kill it
    again. Ctrl-C lets the jobs that are being done finish, gives their results, and is raised then.

    Args:
        work: a function of a module; what it raises is raised here.
        jobs: its arguments, drawn as they are needed.
        workers: processes.
        died: the result of a job that ends its process.
        ahead: jobs that wait beside those that are being done. With none a process is idle from
            the end of its job until the result was taken and the next job drawn.

    Raises:
        InputError: if `workers` is below 1.
    """
    if workers < 1:
        raise InputError(f"Expected `workers` to be at least 1, but got {workers}")
    waiting = iter(jobs)
    first: list[Job] = list(islice(waiting, workers + ahead))
    while first:
        suspects: list[Job] = []
        with _pool(min(workers, len(first))) as pool:
            running = {pool.submit(work, job): job for job in first}
            try:
                while running:
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        job = running.pop(future)
                        try:
                            result = future.result()
                        except BrokenProcessPool:
                            suspects.append(job)
                            continue
                        _submit_next(pool, work, waiting, running, suspects)
                        yield result
            except KeyboardInterrupt:
                yield from _finished(running)
                raise
        for job in suspects:
            yield _alone(work, job, died)
        first = list(islice(waiting, workers + ahead))


def _submit_next(
    pool: ProcessPoolExecutor,
    work: Callable[[Job], Result],
    waiting: Iterator[Job],
    running: dict[Future[Result], Job],
    suspects: list[Job],
) -> None:
    """Keep a fixed number of jobs out, so that few are suspects when one dies."""
    if suspects:
        return
    for job in islice(waiting, 1):
        try:
            running[pool.submit(work, job)] = job
        except BrokenProcessPool:
            suspects.append(job)


def _finished(running: Iterable[Future[Result]]) -> Iterator[Result]:
    for future in as_completed(running):
        with suppress(BrokenProcessPool):
            yield future.result()


def _alone(work: Callable[[Job], Result], job: Job, died: Callable[[Job], Result]) -> Result:
    with _pool(1) as pool:
        try:
            return pool.submit(work, job).result()
        except BrokenProcessPool:
            return died(job)


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start_worker)


def start_worker() -> None:
    """What a process for jobs does first: one OpenCV thread, no Ctrl-C, an end with its parent."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which winds up
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that is killed tells nobody; without this its workers would wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def default_jobs() -> int:
    """As many processes as there are cores for us, or fewer if memory holds no more."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        cores = os.cpu_count() or 1
    return max(1, min(cores, _available_memory() // _BYTES_A_PROCESS))


def _available_memory() -> int:
    """In bytes, where the system tells (Linux); else without bound."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 1 << 62
