"""Times and peak memory of each method, in fresh processes with a set number of threads.

Every process is bound to as many cores as it may use threads, where the system can do that. Times
of all methods and of the baseline are taken in turn, so that a machine whose speed drifts changes
all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import BlurprintError
from blurprint.lab.evaluation.estimators.methods import compared_methods
from blurprint.lab.evaluation.estimators.plain_paper import plain_paper_map

RGB = FloatMap
Progress = Callable[[int, int], None]

BASELINE: Final = "plain"
SMALL: Final = (299, 299)
LARGE: Final = (1224, 1632)
"""Height and width of the 2-megapixel picture."""
_SAMPLES: Final = ("astronaut", "coffee", "chelsea", "rocket")


@dataclass(frozen=True, slots=True)
class Timing:
    """One method on one size with some threads.

    Attributes:
        method: its name, or :data:`BASELINE`.
        height: of the pictures, in pixels.
        width: of the pictures, in pixels.
        threads: threads, and cores.
        median_ms: of all repeats.
        low_ms: first quartile.
        high_ms: third quartile.
        ratio: time of the baseline over this, median of the repeats; above 1 is faster.
    """

    method: str
    height: int
    width: int
    threads: int
    median_ms: float
    low_ms: float
    high_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Peak memory of a fresh process that reads one picture of :data:`LARGE` pixels, in MB (10^6).

    Attributes:
        method: its name.
        peak_mb: of the whole process.
        idle_mb: of a process that has loaded libraries and the picture, and reads nothing.
    """

    method: str
    peak_mb: float
    idle_mb: float


@dataclass(frozen=True, slots=True)
class Times:
    """Everything that was timed."""

    timings: tuple[Timing, ...]
    memory: tuple[Memory, ...]


def small_pictures(shape: tuple[int, int] = SMALL) -> list[RGB]:
    """scikit-image's public-domain samples at `shape`, float32 (H, W, 3) in [0, 1]."""
    from skimage import data

    size = shape[::-1]
    samples = [getattr(data, name)() for name in _SAMPLES]
    return [
        np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
        / np.float32(255)
        for rgb in samples
    ]


def large_picture(shape: tuple[int, int] = LARGE) -> RGB:
    """The four samples side by side, float32 (H, W, 3) in [0, 1]."""
    height, width = shape
    one, two, three, four = small_pictures((height // 2, width // 2))
    return np.vstack([np.hstack([one, two]), np.hstack([three, four])])


def time_methods(
    methods: Mapping[str, Callable[[RGB], object]],
    pictures: Sequence[RGB],
    *,
    repeats: int,
    threads: int,
) -> list[Timing]:
    """Times of `methods`, which hold :data:`BASELINE`, after one run each to warm up."""
    times: dict[str, list[float]] = {name: [] for name in methods}
    for repeat in range(repeats + 1):
        for picture in pictures:
            for name, method in methods.items():
                start = perf_counter()
                method(picture)
                if repeat:
                    times[name].append(1e3 * (perf_counter() - start))
    height, width = pictures[0].shape[:2]
    timings = []
    for name, taken in times.items():
        ratio = median(b / t for b, t in zip(times[BASELINE], taken, strict=True))
        low, _, high = quantiles(taken, n=4) if len(taken) > 1 else taken * 3
        timings.append(Timing(name, height, width, threads, median(taken), low, high, ratio))
    return timings


def time_all(
    card: Path,
    *,
    threads: Sequence[int] = (1, 2),
    repeats: tuple[int, int] = (12, 5),
    small: tuple[int, int] = SMALL,
    large: tuple[int, int] = LARGE,
    progress: Progress | None = None,
) -> Times:
    """Times on both sizes for each number of threads, and peak memory.

    Args:
        card: of the network behind "net".
        threads: numbers of threads; more than there are cores are left out.
        repeats: on the small pictures and on the large one.
        small: height and width of the small pictures.
        large: height and width of the large one.
        progress: called after every process.

    Raises:
        BlurprintError: if a process fails.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    counts = [count for count in threads if count <= (cores or 1)]
    names = ["", *compared_methods(card)]
    wanted = 2 * len(counts) + len(names)
    timings: list[Timing] = []
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, wanted)

    for count in counts:
        for shape, times in zip((small, large), repeats, strict=True):
            job = {"what": "time", "card": str(card), "threads": count, "shape": shape}
            rows = _fresh(job | {"repeats": times, "several": shape == small})
            timings += [Timing(**row) for row in rows]
            step()
    peaks = {}
    for name in names:
        job = {"what": "memory", "card": str(card), "threads": max(counts), "shape": large}
        peaks[name] = float(_fresh(job | {"method": name})[0]["peak_mb"])
        step()
    idle = peaks.pop("")
    memory = tuple(Memory(name, peak, idle) for name, peak in peaks.items())
    return Times(tuple(timings), memory)


def _fresh(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a new process says of `job`."""
    command = [sys.executable, "-m", "blurprint.lab.evaluation.estimators.timing", json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise BlurprintError(f"The process that measures {job['what']} failed: {last}")
    return json.loads(done.stdout)


def _work(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    threads = int(str(job["threads"]))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    cv2.setNumThreads(threads)
    sides: Sequence[int] = job["shape"]
    shape = (sides[0], sides[1])
    methods: dict[str, Callable[[RGB], object]] = dict(compared_methods(Path(str(job["card"]))))
    if job["what"] == "time":
        pictures = small_pictures(shape) if job["several"] else [large_picture(shape)]
        repeats = int(str(job["repeats"]))
        timed = {BASELINE: plain_paper_map, **methods}
        rows = time_methods(timed, pictures, repeats=repeats, threads=threads)
        return [asdict(row) for row in rows]
    picture = large_picture(shape)
    if job["method"]:
        methods[str(job["method"])](picture)
    return [{"peak_mb": peak_memory_mb()}]


def peak_memory_mb() -> float:
    """Largest resident memory that this process has had, in MB (10^6 bytes).

    Linux keeps it for the program itself in /proc; what getrusage says there includes the memory
    of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    print(json.dumps(_work(json.loads(sys.argv[1]))))
