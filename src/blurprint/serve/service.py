"""What the service does, without HTTP: takes files in, has them analysed, knows every result."""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from blurprint.scan.first_bytes import is_video_inside
from blurprint.serve.job import Failure, Upload
from blurprint.serve.logs import brief
from blurprint.serve.metrics import Metrics
from blurprint.serve.pool import DIED, STOPPED, TIMEOUT, Done, Pool
from blurprint.serve.problem import Problem
from blurprint.serve.process import Work
from blurprint.serve.settings import ServeSettings
from blurprint.serve.store import FAILED, QUEUED, RUNNING, Entry, Store
from blurprint.serve.waiters import Waiters
from blurprint.serve.worker import analyze_upload, warm

_ID_BYTES: Final = 24
_SWEEP_S: Final = 20.0
_RETRY_S: Final = (1, 600)
"""Least and most that a client is told to wait, in seconds."""

_LOG: Final = logging.getLogger("blurprint.serve")

_NOT_STORED: Final = Failure("no_room", "The result could not be stored.")
_WORDS: Final = {
    DIED: "The process that analysed this file ended (memory ran out, or a decoder crashed); no "
    "other file was lost.",
    TIMEOUT: "The analysis took longer than {seconds:g} s and was stopped.",
    STOPPED: "The service was stopped while it analysed this file; send it again.",
}


def is_video(upload: Path) -> bool:
    """Whether an uploaded file begins as a video does."""
    try:
        return is_video_inside(upload)
    except OSError:  # gone: its analysis will say so
        return False


class Service:
    """Uploads to results. Its methods are safe in all threads.

    Args:
        settings: bounds and the folder.
        work: what a process does with an upload.
        warm: what a process does before the first.

    Raises:
        OutputError: if the folder cannot be used.
    """

    def __init__(
        self,
        settings: ServeSettings,
        *,
        work: Work = analyze_upload,
        warm: Callable[[], None] = warm,
    ) -> None:
        """See the class."""
        self.settings = settings
        self.metrics = Metrics()
        self.store = Store(
            settings.folder,
            keep_seconds=settings.keep_hours * 3600,
            keep_bytes=int(settings.keep_mb * 1e6),
        )
        self.pool = Pool(
            work,
            self,
            warm=warm,
            workers=settings.workers,
            waiting=settings.queue,
            memory=settings.memory_mb * 1_000_000,
        )
        self.stopping = False
        self._sending = 0
        self._steps: dict[str, tuple[str, int, int]] = {}
        self._unstored: dict[str, Failure] = {}
        self._waiters = Waiters()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        self.metrics.watch(self.pool, self.store)

    def start(self) -> None:
        """Start the processes, and go on with what an earlier run has left.

        Files that waited then are queued again. Files that were being analysed have failed: they
        may be what ended that run.
        """
        for entry in self.store.in_state(RUNNING):
            self.store.set_failed(entry.id, STOPPED, _WORDS[STOPPED])
        waiting = self.store.in_state(QUEUED)
        lost = [entry for entry in waiting if not self.store.upload_of(entry.id).is_file()]
        for entry in lost:
            self.store.set_failed(entry.id, STOPPED, _WORDS[STOPPED])
        removed, left = self.store.remove_strays()
        self.store.sweep()
        again = [self._job(entry) for entry in waiting if entry not in lost]
        self.pool.submit(again, beyond_bound=True)
        self.pool.start()
        self._sweeper.start()
        if left:
            _LOG.warning("files that are not of the service stay", extra={"facts": {"files": left}})
        _LOG.info("started", extra={"facts": {"requeued": len(again), "strays": removed}})

    def refuse(self) -> None:
        """Take no more files in; what waits stays in the folder for the next run."""
        self.stopping = True
        self.pool.refuse(self.settings.drain_s)
        self._waiters.wake_all()

    def stop(self) -> None:
        """End: what is being analysed may finish until `drain_s` after the first :meth:`refuse`."""
        self.refuse()
        self.pool.stop(self.settings.drain_s)
        self._over.set()
        if self._sweeper.is_alive():
            self._sweeper.join()
        self.store.close()
        _LOG.info("stopped")

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Within it a request sends its files; so many may at a time.

        Raises:
            Problem: if too many do already.
        """
        with self._lock:
            if self._sending >= self.settings.uploads:
                raise Problem(
                    429,
                    "too_many_uploads",
                    "Too many requests send files already; try again soon.",
                    {"Retry-After": str(_RETRY_S[0])},
                )
            self._sending += 1
        try:
            yield
        finally:
            with self._lock:
                self._sending -= 1

    def new_file(self) -> tuple[str, Path]:
        """An unguessable id for a result, and where its upload belongs."""
        result = secrets.token_urlsafe(_ID_BYTES)
        return result, self.store.upload_of(result)

    def accept(
        self, files: Sequence[tuple[str, str]], *, method: str, prior: float
    ) -> list[Entry] | None:
        """Queue uploaded files, ids with names; None if there is no place for all of them."""
        now = time.time()
        entries = [
            Entry(
                id=result,
                name=name,
                state=QUEUED,
                created=now,
                expires=now + self.settings.keep_hours * 3600,
                method=method,
                prior=prior,
            )
            for result, name in files
        ]
        try:
            self.store.add(entries)
        except sqlite3.Error:
            _LOG.exception("error")
            raise Problem(507, "no_room", "The result cannot be stored.") from None
        if self.pool.submit([self._job(entry) for entry in entries]):
            self.metrics.received(len(entries))
            return entries
        for entry in entries:
            self.store.delete(entry.id)
        return None

    def retry_after(self, files: int) -> int:
        """Seconds until so many files may find a place, by the rate of the last ones."""
        least, most = _RETRY_S
        return min(max(least, round(self.pool.seconds_until(files) + 0.5)), most)

    async def wait(self, results: Sequence[str], seconds: float) -> None:
        """Until all of them are over, for so long at most.

        When the service stops, it waits no longer for what is not running.
        """
        await self._waiters.wait(results, self._is_open, seconds)

    def _is_open(self, result: str) -> bool:
        entry = self.entry(result)
        if entry is None or entry.state not in (QUEUED, RUNNING):
            return False
        return entry.state == RUNNING or not self.stopping

    def entry(self, result: str) -> Entry | None:
        """A result that is there and has not expired."""
        found, failure = self.store.get(result), self._unstored.get(result)
        if found is None or failure is None:
            return found
        return replace(found, state=FAILED, error_code=failure.code, error_message=failure.message)

    def step(self, result: str) -> tuple[str, int, int] | None:
        """What is being done with a running one, and how many frames of how many are done."""
        return self._steps.get(result)

    def delete(self, result: str) -> bool:
        """Remove a result, or a file that waits; what a process has is dropped when it is done."""
        self.pool.cancel(result)
        return self.store.delete(result)

    def _job(self, entry: Entry) -> Upload:
        upload, settings = self.store.upload_of(entry.id), self.settings
        return Upload(
            id=entry.id,
            path=upload,
            name=entry.name,
            folder=self.store.files_of(entry.id),
            method=entry.method,
            prior=entry.prior,
            max_side=settings.max_side,
            max_pixels=settings.most_pixels,
            seconds=settings.video_timeout_s if is_video(upload) else settings.timeout_s,
        )

    # What the pool tells, from its threads.

    def started(self, job: Any) -> None:
        """See :class:`blurprint.serve.pool.Listener`."""
        self.store.set_running(job.id)

    def reported(self, job: Any, step: str, done: int, of: int) -> None:
        """See :class:`blurprint.serve.pool.Listener`."""
        self._steps[job.id] = (step, done, of)

    def ended(self, job: Any, done: Done) -> None:
        """See :class:`blurprint.serve.pool.Listener`."""
        self._steps.pop(job.id, None)
        failure: Failure | None = done.result
        if done.lost:
            words = _WORDS[done.lost].format(seconds=job.seconds)
            failure = Failure(done.lost, words, done.detail)
        try:
            if failure is None:
                self.store.set_done(job.id)
            else:
                self.store.set_failed(job.id, failure.code, failure.message)
        except (sqlite3.Error, OSError):  # a full disk
            _LOG.exception("error")
            failure = _NOT_STORED
            self._unstored[job.id] = failure
        if failure is None:
            self.metrics.file("done", "", done.seconds)
        else:
            self.metrics.file(FAILED, failure.code, done.seconds)
        facts = {"result": brief(job.id), "seconds": round(done.seconds, 3)}
        if failure is not None:
            facts |= {"code": failure.code, "detail": failure.detail}
        _LOG.info("failed" if failure else "done", extra={"facts": facts})
        self._waiters.wake(job.id)

    def process_lost(self, reason: str) -> None:
        """See :class:`blurprint.serve.pool.Listener`."""
        self.metrics.process_lost(reason)
        _LOG.warning("process lost", extra={"facts": {"reason": reason}})

    def _sweep(self) -> None:
        while not self._over.wait(_SWEEP_S):
            try:
                for result, failure in list(self._unstored.items()):
                    self.store.set_failed(result, failure.code, failure.message)
                    del self._unstored[result]
                gone = self.store.sweep()
            except (sqlite3.Error, OSError):
                _LOG.exception("error")
                continue
            if gone:
                _LOG.info("swept", extra={"facts": {"results": len(gone)}})
