"""How fast the service answers, beside the direct analysis of the same pictures in the same run.

    python benchmarks/serve.py [PHOTOGRAPHS] [--seconds 30] [--clients 16] [--workers 2]

It starts `blurprint serve` on a free port, sends pictures from so many clients at a time, and
prints the times of the answers, every status, the pictures a second and the processor time of each
as ratios to those of `run_jobs` with as many processes before and after, and the memory of the
service with its processes. Rate, time and memory are those from a third to the end of the run, in
which all processes are busy. On a machine that does other work as well, only the processor time
says something. Clients that are told 429 wait as long as `Retry-After` says, at most 2 seconds.
Without photographs it takes pictures of scikit-image.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from blurprint.files import PICTURE_SUFFIXES
from blurprint.jobs import run_jobs
from blurprint.limits import DEFAULT_MAX_SIDE
from blurprint.optics.methods import DEFAULT_METHOD
from blurprint.photos.photo import read_photo
from blurprint.serve.job import Upload
from blurprint.serve.work import analyze_upload

SIDE = 512
MOST_PICTURES = 24
BOUNDARY = "blurprint-benchmark"
LONGEST_PAUSE_S = 2.0
QUEUE = 12
WAIT_S = 60
DONE = 'blurprint_files_total{code="",state="done"}'
COLD = 2  # pictures of each process before it counts as warm
SMALL_MB = 1e6


def main() -> None:
    given = parsed()
    with tempfile.TemporaryDirectory() as folder:
        pictures = pictures_of(given.photographs, Path(folder), given.side)
        before = direct_rate(pictures, Path(folder), given.workers, given.seconds / 3)
        with service(Path(folder), given.workers) as (address, process):
            load = Load(address, pictures)
            load.run(given.clients, given.seconds, process)
        after = direct_rate(pictures, Path(folder), given.workers, given.seconds / 3)
    direct, direct_cpu = ((one + other) / 2 for one, other in zip(before, after, strict=True))
    print(
        f"{len(pictures)} pictures of at most {given.side} px, {given.clients} clients, "
        f"{given.workers} processes, {load.seconds:.0f} s"
    )
    print(f"statuses        {dict(sorted(load.statuses.items()))}")
    low, high = quantile(load.times, 50), quantile(load.times, 95)
    print(f"answers 200     p50 {low:.2f} s, p95 {high:.2f} s, of {len(load.times)}")
    (begun, early_done), (over, late_done) = load.done
    rate = (late_done - early_done) / (over - begun)
    print(f"direct          {before[0]:.2f} pictures a second before, {after[0]:.2f} after")
    print(f"service         {rate:.2f} pictures a second, {rate / direct:.2f} times direct")
    cpu = (load.cpu[1] - load.cpu[0]) / (late_done - early_done)
    print(f"processor time  {cpu:.2f} s a picture, {cpu / direct_cpu:.2f} times direct")
    early, late = load.memory
    print(f"memory          {early:.0f} MB at a third, {late:.0f} MB at the end")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("photographs", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--side", type=int, default=SIDE)
    return parser.parse_args()


def pictures_of(folder: Path | None, made: Path, side: int) -> list[bytes]:
    """JPEG files of at most `side` pixels, spread over a folder's, or of scikit-image."""
    import cv2
    import numpy as np

    if folder is None:
        from skimage import data

        arrays = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    else:
        files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in PICTURE_SUFFIXES)
        step = max(len(files) // MOST_PICTURES, 1)
        read = [read_photo(file, max_side=side).rgb for file in files[::step][:MOST_PICTURES]]
        arrays = [np.uint8(np.rint(255 * rgb)) for rgb in read]
    encoded = []
    for number, array in enumerate(arrays):
        file = made / f"{number}.jpg"
        cv2.imwrite(str(file), np.ascontiguousarray(array[..., ::-1]))
        encoded.append(file.read_bytes())
    return encoded


def analyze_only(upload: Upload) -> tuple[str, float]:
    """The same work without the service, and its processor time, that of its children included."""
    begun = sum(os.times()[:4])
    with tempfile.TemporaryDirectory() as folder:
        failure = analyze_upload(replace(upload, folder=Path(folder) / "result"), lambda *_: None)
    return failure.code if failure else "done", sum(os.times()[:4]) - begun


def direct_rate(
    pictures: Sequence[bytes], folder: Path, workers: int, seconds: float
) -> tuple[float, float]:
    """Pictures a second by `run_jobs` with warm processes, and the CPU seconds of each."""
    uploads = []
    for number, data in enumerate(pictures):
        path = folder / f"direct-{number}"
        path.write_bytes(data)
        uploads.append(
            Upload("", path, path.name, folder, DEFAULT_METHOD, 0.5, DEFAULT_MAX_SIDE, 10**8, 60)
        )
    ends: list[float] = []
    used: list[float] = []
    first = COLD * workers

    def until_over() -> Iterator[Upload]:
        for upload in cycle(uploads):
            if len(ends) > first and ends[-1] - ends[first - 1] > seconds:
                return
            yield upload

    died = ("died", 0.0)
    for outcome, cpu in run_jobs(analyze_only, until_over(), workers=workers, died=lambda _: died):
        used.append(cpu)
        if outcome != "done":
            raise SystemExit(f"a picture is {outcome}")
        ends.append(time.perf_counter())
    return (len(ends) - first) / (ends[-1] - ends[first - 1]), statistics.mean(used[first:])


@contextmanager
def service(folder: Path, workers: int) -> Iterator[tuple[str, int]]:
    """A service on a free port: its address and its process."""
    log = folder / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "blurprint", "serve", "--port", "0", "-j", str(workers)],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={
                **os.environ,
                "BLURPRINT_FOLDER": str(folder / "served"),
                "BLURPRINT_QUEUE": str(QUEUE),
                "BLURPRINT_WAIT_S": str(WAIT_S),
            },
        )
    try:
        while not (found := re.search(r'"address": "(http://[^"]+)/"', log.read_text())):
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        while not is_ready(found[1], workers):
            time.sleep(0.1)
        yield found[1], process.pid
    finally:
        process.terminate()
        process.wait()
    if process.returncode != 0:
        raise SystemExit(f"the service ended with {process.returncode}")


def is_ready(address: str, workers: int) -> bool:
    return metric(address, "blurprint_processes_ready") == workers


def metric(address: str, name: str) -> float:
    """A value of the service's metrics, 0 if it is not there yet."""
    with urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(f"{name} ")), 0.0)


@dataclass
class Load:
    """Clients at work, and what they were answered."""

    address: str
    pictures: Sequence[bytes]
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    seconds: float = 0.0
    done: list[tuple[float, float]] = field(default_factory=list)

    def run(self, clients: int, seconds: float, process: int) -> None:
        """Send for so long, and wait for the last answers."""
        begun = time.perf_counter()
        until = begun + seconds
        threads = [threading.Thread(target=self._client, args=(n, until)) for n in range(clients)]
        for thread in threads:
            thread.start()
        for share in (1 / 3, 1.0):
            time.sleep(max(begun + share * seconds - time.perf_counter(), 0))
            memory, cpu = memory_and_cpu(process)
            self.memory.append(memory)
            self.cpu.append(cpu)
            self.done.append((time.perf_counter(), metric(self.address, DONE)))
        for thread in threads:
            thread.join()
        self.seconds = time.perf_counter() - begun

    def _client(self, number: int, until: float) -> None:
        while time.perf_counter() < until:
            data = self.pictures[number % len(self.pictures)]
            number += 7
            begun = time.perf_counter()
            status, pause = post(self.address, data)
            self.statuses[status] += 1
            if status == 200:
                self.times.append(time.perf_counter() - begun)
            time.sleep(pause)


def post(address: str, data: bytes) -> tuple[int, float]:
    """Status of an upload, and how long to wait after it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    request = Request(f"{address}/v1/analyze", data=body, headers={"Content-Type": kind})
    try:
        with urlopen(request) as answer:
            states = {one["state"] for one in json.load(answer)["results"]}
            if answer.status == 200 and states != {"done"}:
                raise SystemExit(f"a picture is {states}")
            return answer.status, 0.0
    except HTTPError as error:
        with error:
            return error.code, min(float(error.headers.get("Retry-After", 0)), LONGEST_PAUSE_S)


def memory_and_cpu(process: int) -> tuple[float, float]:
    """Resident memory, MB, and CPU seconds of a process and those that it started; Linux."""
    total = cpu = 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(folder.name) == process or int(words[1]) == process:
                pages = int((folder / "statm").read_text().split()[1])
                total += pages * os.sysconf("SC_PAGE_SIZE") / SMALL_MB
                cpu += sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total, cpu


def quantile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("nan")


if __name__ == "__main__":
    main()
