"""How fast the maps are: each method against the paper's map done plainly.

    python benchmarks/maps.py [--threads 1] [--json FILE]

The baseline is the plain restatement of the paper's steps (scikit-image's Canny, 11 x 11
convolutions and box means by SciPy) on the same photographs in the same run; the two are timed in
turn, so that a machine whose speed drifts changes both. A ratio above 1 is faster than the
baseline. Run it pinned to one core (``taskset -c 0``) for the figures in the documentation.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data, transform

from blurprint.lab.evaluation.estimators.plain_paper import plain_paper_map
from blurprint.optics.methods import METHODS

RGB = npt.NDArray[np.float32]
SIDE = 299
REPEATS = 15


def photographs() -> list[RGB]:
    names = ("astronaut", "coffee", "chelsea", "rocket")
    shape = (SIDE, SIDE)
    return [
        transform.resize(getattr(data, name)(), shape, anti_aliasing=True).astype(np.float32)
        for name in names
    ]


def timed(function: Callable[[RGB], object], photo: RGB) -> float:
    start = perf_counter()
    function(photo)
    return 1e3 * (perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=1, help="threads of OpenCV")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)

    photos = photographs()
    methods: dict[str, Callable[[RGB], object]] = {"plain": plain_paper_map, **METHODS}
    times: dict[str, list[float]] = {name: [] for name in methods}
    for repeat in range(REPEATS + 2):
        for photo in photos:
            for name, function in methods.items():
                took = timed(function, photo)
                if repeat >= 2:  # the first two warm caches up
                    times[name].append(took)

    machine = f"{platform.machine()}, Python {platform.python_version()}, OpenCV {cv2.__version__}"
    print(f"{SIDE} x {SIDE} pixels, {options.threads} thread(s), {machine}")
    print(f"{'method':<16}{'median ms':>10}{'IQR ms':>16}{'plain / it':>12}")
    figures: dict[str, Any] = {}
    for name, measured in times.items():
        low, _, high = quantiles(measured, n=4)
        ratio = median(b / t for b, t in zip(times["plain"], measured, strict=True))
        figures[name] = {"median_ms": median(measured), "iqr_ms": [low, high], "ratio": ratio}
        print(f"{name:<16}{median(measured):>10.2f}{low:>9.2f}-{high:<6.2f}{ratio:>12.1f}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "methods": figures}, indent=2))


if __name__ == "__main__":
    main()
