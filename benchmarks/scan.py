"""What a row of `blurprint scan` costs beside decoding: pictures a second, and the ratio of times.

    python benchmarks/scan.py [--seconds 1.5] [--processes 2] [--pictures FOLDER]

For pictures of 299 x 299 pixels and of 2 megapixels, in the same run:

- decoding alone, to RGB in 8 bits;
- what img2dataset does with a picture that it has fetched: decoding, reducing the shorter side to
  256 pixels, JPEG again;
- a row with the map alone;
- a row with the map, faces and their score; of small pictures once with a face in each and once
  with none, since a face that is judged costs up to six runs of a network;
- of 2 megapixels also rows whose map has the size of the picture (--map-side 0).

The results are the ratios: the processor time of a row over that of decoding the same picture. The
pictures are made of the samples of scikit-image, so that everybody has the same; --pictures takes
JPEGs of a folder instead. Each line is measured by processes of its own with one thread each, which
have opened the networks before; memory is the largest of a process.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from blurprint.limits import DEFAULT_MAP_SIDE
from blurprint.scan.bytes_row import bytes_row
from blurprint.scan.scan_settings import ScanSettings

SMALL = (299, 299)
LARGE = (1732, 1155)
SIDES = (DEFAULT_MAP_SIDE, 0)
"""Longer sides of the map of large pictures; 0 is that of the picture, the first what a scan does
by itself."""
COUNT = {SMALL: 24, LARGE: 6}
QUALITY = 90
SHORTER_SIDE = 256
"""As img2dataset's --image_size, with --resize_mode keep_ratio and its quality of JPEG, 95."""
WARM = 3


class Measured(NamedTuple):
    """What one process did: pictures, seconds on the clock and of its processor, megabytes."""

    pictures: int
    wall: float
    cpu: float
    megabytes: float


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What a row of a scan costs beside decoding.")
    parser.add_argument("--seconds", type=float, default=1.5, help="for each line and process")
    parser.add_argument("--processes", type=int, default=2, help="of the second measurement")
    parser.add_argument("--pictures", type=Path, help="folder of JPEGs to use instead")
    given = parser.parse_args()
    print(f"{machine()}; one thread a process, {given.seconds:g} s a line\n")
    if given.pictures:
        files = sorted(one for one in given.pictures.iterdir() if one.suffix.lower() == ".jpg")
        table(str(given.pictures), [one.read_bytes() for one in files[:200]], SIDES, given)
        return
    for size, with_face, sides in (
        (SMALL, True, SIDES[:1]),
        (SMALL, False, SIDES[:1]),
        (LARGE, False, SIDES[:1]),
        (LARGE, True, SIDES),
    ):
        name = f"{size[0]} x {size[1]} px, {'a face in each' if with_face else 'no face'}"
        table(name, pictures(size, with_face), sides, given)


def table(name: str, files: list[bytes], sides: tuple[int, ...], given: argparse.Namespace) -> None:
    """Measure and print the lines of one kind of pictures."""
    size = sum(map(len, files)) / len(files) / 1000
    print(f"{name} ({len(files)} pictures of {size:.0f} kB)")
    several = f"{given.processes} proc."
    print(f"{'':34}{'1 proc.':>10}{several:>10}{'CPU ms':>9}{'x decode':>10}{'MB':>7}")
    lines: dict[str, Callable[[bytes], object]] = {
        "decoding alone": decode,
        "decode, 256 px, JPEG (img2dataset)": shrink,
    }
    for side in sides:
        at = "" if side == DEFAULT_MAP_SIDE else f", --map-side {side}"
        for what, faces in (("map", False), ("map, faces, score", True)):
            settings = ScanSettings(faces=faces, map_side=side)
            lines[what + at] = partial(bytes_row, settings=settings)
    base = 0.0
    for line, work in lines.items():
        one = measure(work, files, 1, given.seconds)
        more = measure(work, files, given.processes, given.seconds)
        cpu = sum(m.cpu for m in one) / sum(m.pictures for m in one)
        base = base or cpu
        rates = [sum(m.pictures / m.wall for m in found) for found in (one, more)]
        megabytes = max(m.megabytes for m in (*one, *more))
        print(
            f"{line:34}{rates[0]:>8.1f}/s{rates[1]:>8.1f}/s{1000 * cpu:>9.1f}{cpu / base:>10.1f}"
            f"{megabytes:>7.0f}",
            flush=True,
        )
    print()


def measure(
    work: Callable[[bytes], object], files: list[bytes], processes: int, seconds: float
) -> list[Measured]:
    """Let so many processes do the same at the same time, each from another picture on."""
    context = get_context("spawn")
    with ProcessPoolExecutor(
        processes, context, initializer=_meet_at, initargs=(context.Barrier(processes),)
    ) as pool:
        jobs = [
            pool.submit(_measured, work, files[place:] + files[:place], seconds)
            for place in range(processes)
        ]
        return [job.result() for job in jobs]


_MEETING: list[Barrier] = []


def _meet_at(barrier: Barrier) -> None:
    _MEETING.append(barrier)
    cv2.setNumThreads(1)


def _measured(work: Callable[[bytes], object], files: list[bytes], seconds: float) -> Measured:
    for one in files[:WARM]:
        work(one)
    _MEETING[0].wait()
    count, wall, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        work(files[count % len(files)])
        count += 1
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(count, wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def decode(data: bytes) -> object:
    """RGB in 8 bits, by Pillow."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def shrink(data: bytes) -> object:
    """What img2dataset does between fetching and writing, by OpenCV as there."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    scale = SHORTER_SIDE / min(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]


def pictures(size: tuple[int, int], with_face: bool) -> list[bytes]:
    """Different JPEGs of one size, parts of public-domain photographs."""
    from skimage import data

    rng = np.random.default_rng(0)
    sources = [data.astronaut()[:400]] if with_face else [data.coffee(), data.chelsea()]
    return [_jpeg(sources[place % len(sources)], size, rng) for place in range(COUNT[size])]


def _jpeg(source: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> bytes:
    height, width = source.shape[:2]
    ratio = size[0] / size[1]
    high = int(min(height, width / ratio) * rng.uniform(0.75, 1))
    wide = min(width, int(high * ratio))
    top, left = (
        int(rng.integers(0, (whole - part) // 3 + 1))
        for whole, part in ((height, high), (width, wide))
    )
    part = source[top : top + high, left : left + wide]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    file = io.BytesIO()
    Image.fromarray(part).resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def machine() -> str:
    """Processor, cores, and what measured."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = models[0].split(":", 1)[1].strip() if models else name
    import onnxruntime

    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{name}, {os.cpu_count()} cores{load}; Python {platform.python_version()}, "
        f"ONNX Runtime {onnxruntime.__version__}"
    )


if __name__ == "__main__":
    main()
