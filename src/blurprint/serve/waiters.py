"""Requests that wait for results, woken by the threads in which these end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence


class Waiters:
    """Who waits for which result."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._lock = threading.Lock()
        self._waiting: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    async def wait(
        self, results: Sequence[str], is_open: Callable[[str], bool], seconds: float
    ) -> None:
        """Until none of the results is open any more, for so long at most.

        Args:
            results: their ids.
            is_open: asked of each at first and whenever it was woken.
            seconds: at most.
        """
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        until = loop.time() + seconds
        for result in results:
            with self._lock:
                self._waiting.setdefault(result, []).append((loop, event))
            try:
                while is_open(result):
                    event.clear()
                    async with asyncio.timeout(until - loop.time()):
                        await event.wait()
            except TimeoutError:
                return
            finally:
                with self._lock:
                    waiting = self._waiting[result]
                    waiting.remove((loop, event))
                    if not waiting:
                        del self._waiting[result]

    def wake(self, result: str) -> None:
        """Have those look again who wait for a result; from any thread."""
        with self._lock:
            waiting = list(self._waiting.get(result, ()))
        for loop, event in waiting:
            loop.call_soon_threadsafe(event.set)

    def wake_all(self) -> None:
        """Have everybody look again; from any thread."""
        with self._lock:
            results = list(self._waiting)
        for result in results:
            self.wake(result)
