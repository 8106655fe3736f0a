"""Processes that die, overrun and are stopped, and what becomes of their jobs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from blurprint.serve.pool import DIED, STOPPED, TIMEOUT, Done, Pool
from blurprint.serve.process import Worker
from pool_jobs import NumberJob, warm_badly, warm_nothing, work


class Ears:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.steps: list[tuple[str, str, int, int]] = []
        self.done: dict[str, Done] = {}
        self.lost: list[str] = []
        self.lock = Lock()

    def started(self, job: NumberJob) -> None:
        with self.lock:
            self.begun.append(job.id)

    def reported(self, job: NumberJob, step: str, done: int, of: int) -> None:
        with self.lock:
            self.steps.append((job.id, step, done, of))

    def ended(self, job: NumberJob, done: Done) -> None:
        with self.lock:
            self.done[job.id] = done
        if job.what == "deaf":
            raise RuntimeError("a full disk")

    def process_lost(self, reason: str) -> None:
        with self.lock:
            self.lost.append(reason)


@dataclass
class Running:
    pool: Pool
    ears: Ears

    def wait_for(self, ready: Callable[[], Any], seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < until, "it does not come"
            time.sleep(0.01)

    def results(self, *jobs: NumberJob) -> list[Any]:
        assert self.pool.submit(jobs)
        self.wait_for(lambda: all(job.id in self.ears.done for job in jobs))
        return [self.ears.done[job.id].result for job in jobs]


@contextmanager
def running(**options: Any) -> Iterator[Running]:
    ears = Ears()
    given = {"warm": warm_nothing, "workers": 1, "waiting": 8} | options
    pool = Pool(work, ears, **given)
    pool.start()
    try:
        yield Running(pool, ears)
    finally:
        pool.stop(0)


def jobs(*what: str) -> list[NumberJob]:
    return [NumberJob(f"{n} {one}", one) for n, one in enumerate(what)]


def test_a_process_that_ends_loses_its_own_job_only(capfd):
    with running() as it:
        first = int(it.results(*jobs("pid"))[0])
        os.kill(first, signal.SIGKILL)  # an idle one is replaced
        it.wait_for(lambda: it.ears.lost)
        words = ("a", "exit", "b", "kill", "deaf", "print")
        assert it.results(*jobs(*words)) == ["A", None, "B", None, "DEAF", "PRINT"]
        assert it.ears.begun[1:] == [job.id for job in jobs(*words)], "in order"
        assert it.ears.steps[1] == ("0 a", "thinking", 0, 0)
        assert it.ears.done["1 exit"].lost == DIED
        assert it.ears.done["1 exit"].detail == "exit status 7"
        assert it.ears.done["3 kill"].detail == "ended by SIGKILL"
        assert it.ears.lost == [DIED, DIED, DIED]
    said = capfd.readouterr()
    assert "PRINTED" not in said.out + said.err, "what decoders print has no place in a log"


def test_a_job_that_overruns_is_killed_with_what_it_started(tmp_path):
    child = tmp_path / "child"
    with running() as it:
        began = time.monotonic()
        assert it.results(NumberJob("0", f"child {child}", 1.0), *jobs("b")) == [None, "B"]
        assert it.ears.done["0"].lost == TIMEOUT
        assert 1.0 <= time.monotonic() - began < 15
        assert it.ears.lost == [TIMEOUT]
        it.wait_for(lambda: not _is_alive(int(child.read_text())))


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_queue_is_bounded_and_takes_all_or_none():
    with running(waiting=2) as it:
        it.wait_for(lambda: it.pool.ready)
        assert it.pool.capacity == 3
        assert not it.pool.submit(jobs("a", "b", "c", "d"))
        assert it.pool.submit(jobs("sleep"))
        it.wait_for(lambda: it.pool.running)
        assert it.pool.submit([NumberJob("x", "a"), NumberJob("y", "b")])
        assert not it.pool.submit([NumberJob("z", "c")])
        assert it.pool.places() == 0
        assert (it.pool.position("x"), it.pool.position("y")) == (1, 2)
        before = it.pool.seconds_until(5)
        assert it.pool.cancel("x")
        assert not it.pool.cancel("x")
        assert it.pool.position("y") == 1
        it.wait_for(lambda: "y" in it.ears.done)
        assert "x" not in it.ears.begun
        assert 0 < it.pool.seconds_until(9) < before, "estimated by the rate"


def test_a_process_that_cannot_be_started_is_tried_again(monkeypatch):
    start, failures = Worker.start, [OSError(11, "no process"), OSError(12, "no memory")]

    def once_more(*given: Any) -> Worker:
        if failures:
            raise failures.pop()
        return start(*given)

    monkeypatch.setattr(Worker, "start", once_more)
    monkeypatch.setattr("blurprint.serve.pool._PAUSE_S", 0.01)
    with running() as it:
        assert it.results(*jobs("a")) == ["A"]
        assert it.ears.lost == [DIED, DIED]


def test_stopping_finishes_what_runs_and_begins_nothing():
    with running() as it:
        it.wait_for(lambda: it.pool.ready)
        it.pool.submit(jobs("sleep", "b"))
        it.wait_for(lambda: it.ears.begun)
        it.pool.stop(20)
        assert it.ears.done["0 sleep"].result == "SLEEP"
        assert it.ears.begun == ["0 sleep"]
        assert not it.pool.submit(jobs("c"))


def test_what_does_not_finish_in_time_is_stopped():
    with running() as it:
        it.wait_for(lambda: it.pool.ready)
        it.pool.submit(jobs("forever"))
        it.wait_for(lambda: it.ears.begun)
        it.pool.stop(0.3)
        assert it.ears.done["0 forever"].lost == STOPPED


def test_memory_is_bounded():
    with running(memory=2_000_000_000) as it:
        assert it.results(*jobs("memory", "b")) == ["MemoryError", "B"]


def test_a_process_that_does_not_become_ready_is_tried_again():
    with running(warm=warm_badly) as it:
        it.wait_for(lambda: len(it.ears.lost) >= 2)
        assert it.pool.ready == 0
