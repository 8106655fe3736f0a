"""How fast faces are found and measured: MTCNN against OpenCV's cascades on the same pictures.

    python benchmarks/faces.py [--threads 2] [--repeats 15] [--json FILE]

The baseline is the frontal cascade at 480 pixels, as :func:`blurprint.faces.find.find_faces` runs
it, on the same photographs in the same run; each step is timed in turn with it, so that a machine
whose speed drifts changes both. A ratio below 1 is slower than the baseline. Besides the median
the least time is given: on a busy machine it is nearest to the cost of the step itself.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data

from blurprint.evidence.measure_faces import measure_faces
from blurprint.faces.find import find_faces
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.faces.mtcnn import find_landmarks
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo

SIDE = 800
LARGE = 1000
RGB8 = npt.NDArray[np.uint8]


def timed(function: Callable[[], object]) -> float:
    start = perf_counter()
    function()
    return 1e3 * (perf_counter() - start)


def resized(rgb: RGB8, side: int) -> RGB8:
    return np.asarray(cv2.resize(rgb, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=2, help="threads of OpenCV")
    parser.add_argument("--repeats", type=int, default=15, help="times that each step is run")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)

    portrait = resized(data.astronaut(), SIDE)
    coffee = resized(data.coffee()[:400, :400], SIDE)
    photo = Photo.from_array(resized(data.astronaut(), LARGE))
    sigma = np.full((LARGE, LARGE), 1, np.float32)
    sigma += np.linspace(0, 1, LARGE, dtype=np.float32)
    defocus = DefocusMap(sigma, np.full_like(sigma, 0.8), "net")
    faces = find_faces_of(photo)
    steps: dict[str, Callable[[], object]] = {
        "cascade, 480 px": lambda: find_faces(portrait),
        "MTCNN, portrait of 800 px": lambda: find_landmarks(portrait),
        "MTCNN, no face, 800 px": lambda: find_landmarks(coffee),
        "rows of one face, 1 megapixel": lambda: measure_faces(photo, defocus, faces),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(options.repeats + 1):
        for name, step in steps.items():
            times[name].append(timed(step))
    times = {name: found[1:] for name, found in times.items()}
    base = median(times["cascade, 480 px"])
    rows = {
        name: {"median_ms": median(found), "least_ms": min(found), "ratio": base / median(found)}
        for name, found in times.items()
    }
    for name, row in rows.items():
        print(
            f"{name:<30} median {row['median_ms']:7.1f} ms, least {row['least_ms']:7.1f} ms, "
            f"{row['ratio']:5.2f} times as fast as the cascade"
        )
    if options.json:
        machine = {"machine": platform.machine(), "threads": options.threads}
        options.json.write_text(json.dumps({"machine": machine, "steps": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
