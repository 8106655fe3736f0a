"""What the service counts, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from blurprint.serve.pool import Pool
    from blurprint.serve.store import Store

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counts of one service, in a registry of their own."""

    def __init__(self) -> None:
        """See the class."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "blurprint_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._files = Counter(
            "blurprint_files",
            "Files whose analysis is over.",
            ("state", "code"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "blurprint_analysis_seconds",
            "Time of an analysis.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._lost = Counter(
            "blurprint_processes_lost",
            "Processes that died or were killed.",
            ("reason",),
            registry=self.registry,
        )
        self._received = Counter(
            "blurprint_received_files", "Files taken in.", registry=self.registry
        )

    def watch(self, pool: Pool, store: Store) -> None:
        """Add what is asked for at each look: queue, processes, size of the results."""
        for name, words, value in (
            ("blurprint_queue_length", "Files that wait.", lambda: pool.waiting),
            ("blurprint_running", "Files being analysed.", lambda: pool.running),
            ("blurprint_processes_ready", "Processes that are warm.", lambda: pool.ready),
            ("blurprint_results_bytes", "Size of all results.", store.total_bytes),
        ):
            Gauge(name, words, registry=self.registry).set_function(value)

    def request(self, method: str, route: str, status: int) -> None:
        """A request was answered."""
        self._requests.labels(method, route, str(status)).inc()

    def received(self, files: int) -> None:
        """Files were taken in."""
        self._received.inc(files)

    def file(self, state: str, code: str, seconds: float) -> None:
        """The analysis of a file is over."""
        self._files.labels(state, code).inc()
        self._seconds.observe(seconds)

    def process_lost(self, reason: str) -> None:
        """A process died or was killed."""
        self._lost.labels(reason).inc()

    def text(self) -> bytes:
        """All of it in the format of Prometheus."""
        return generate_latest(self.registry)
