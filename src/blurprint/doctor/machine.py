"""What the machine gives: cores, threads, memory, room for temporary files. Never "missing"."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from blurprint.doctor.line import Line

GROUP: Final = "machine"
THREAD_SETTINGS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
LEAST_TEMPORARY: Final = 200_000_000
"""Bytes: uploads, clips and tables are staged in this folder."""
LEAST_MEMORY: Final = 1 << 30
"""Bytes that one process takes at most with the default size of pictures."""
_ROOT: Final = Path("/sys/fs/cgroup")
_UNBOUNDED: Final = 1 << 60
"""Bytes from which a bound of memory of the first cgroups means none."""


def checks() -> Iterator[tuple[str, Callable[[], Line]]]:
    """Name and function of each check."""
    yield "cores", _cores
    yield "threads", _threads
    yield "memory", _memory
    yield "temporary files", _temporary


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_quota(root: Path = _ROOT) -> float | None:
    """Cores' worth of time that a container may use; None where nothing bounds it."""
    for text in _found(root, "cpu.max"):
        most, _, period = text.partition(" ")
        if most != "max":
            return int(most) / int(period or 100_000)
    for text in _found(root, "cpu.cfs_quota_us"):
        periods = _found(root, "cpu.cfs_period_us")
        if int(text) > 0:
            return int(text) / int(next(periods, "100000"))
    return None


def memory_bound(root: Path = _ROOT) -> int | None:
    """Bytes that a container may use; None where nothing bounds it."""
    names = ("memory.max", "memory.limit_in_bytes")
    bounds = [int(text) for name in names for text in _found(root, name) if text.isdigit()]
    return min((one for one in bounds if one < _UNBOUNDED), default=None)


def _found(root: Path, name: str) -> Iterator[str]:
    """Files of that name for this process: of version 2 of cgroups, and of version 1."""
    places = [root, root / name.partition(".")[0]]
    try:
        groups = Path("/proc/self/cgroup").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        groups = []
    for line in groups:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        first = controllers.split(",")[0]
        places.append(root / first / path.lstrip("/") if first else root / path.lstrip("/"))
    for place in dict.fromkeys(places):
        try:
            yield (place / name).read_text("utf-8").strip()
        except (OSError, ValueError):
            continue


def _cores() -> Line:
    usable, quota = usable_cores(), cpu_quota()
    detail = f"{usable} of {os.cpu_count() or 'an unknown number of'} cores may be used"
    if quota is None:
        return Line(GROUP, "cores", "ok", f"{detail}; no bound of a container was found")
    detail += f"; the container is bounded to the time of {quota:g}"
    advice = "" if quota >= usable else f"run with --jobs {max(1, int(quota))}"
    return Line(GROUP, "cores", "ok", detail, advice)


def _threads() -> Line:
    given = [f"{name}={os.environ[name]}" for name in THREAD_SETTINGS if name in os.environ]
    return Line(GROUP, "threads", "ok", ", ".join(given) or "as many as there are cores")


def _memory() -> Line:
    bound = memory_bound()
    total = _physical()
    known = [one for one in (bound, total) if one is not None]
    if not known:
        return Line(GROUP, "memory", "ok", "unknown")
    of = "the container" if bound is not None and bound == min(known) else "the machine"
    detail = f"{min(known) / 1e9:.1f} GB of {of}"
    if min(known) < LEAST_MEMORY:
        advice = f"give it {LEAST_MEMORY / 1e9:.1f} GB, or reduce pictures with --max-side"
        return Line(GROUP, "memory", "wrong", detail, advice)
    return Line(GROUP, "memory", "ok", detail)


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _temporary() -> Line:
    name, advice = "temporary files", "set TMPDIR to a folder that can be written to"
    try:
        with tempfile.TemporaryFile(prefix="blurprint-doctor-") as file:
            file.write(bytes(1 << 20))
        folder = tempfile.gettempdir()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        why = error.strerror or str(error)
        return Line(GROUP, name, "wrong", f"nothing can be written ({why})", advice)
    detail = f"{folder} can be written to, {free / 1e9:.1f} GB free"
    if free < LEAST_TEMPORARY:
        return Line(GROUP, name, "wrong", f"{detail}: too little", advice)
    return Line(GROUP, name, "ok", detail)
