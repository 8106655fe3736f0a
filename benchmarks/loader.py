"""How many pictures a second the loader gives a detector, and whether training waits for it.

    python benchmarks/loader.py [--workers 2] [--pictures 240]

Pictures are public-domain photographs of scikit-image, cut to 512 x 512 and saved as JPEG of
quality 90. Each line is a kind of detector: samples a second with an empty cache and with a full
one, at 299 x 299, and as a ratio to reading and decoding alone, measured in the same run. The last
lines are a training of MobileNetV3 on cached maps: its time against the same batches held in
memory, which is what it would take if loading were free.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import torch
from skimage import data
from torch.utils.data import DataLoader

from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import PictureDataset, ViewOptions, worker_options
from blurprint.lab.models.detectors import DetectorConfig, create_detector

KINDS = {
    'defocus "paper"': ViewOptions(),
    'defocus "edge"': ViewOptions(estimator="edge"),
    'defocus "net"': ViewOptions(estimator="net"),
    "rgb": ViewOptions(views=("rgb",)),
    "frequency, FFT": ViewOptions(views=("frequency",)),
    "frequency, DCT": ViewOptions(views=("frequency",), frequency="dct"),
    "rgb + defocus": ViewOptions(views=("rgb", "defocus")),
}


def write_pictures(folder: Path, count: int) -> SampleTable:
    sources = [data.astronaut(), data.coffee(), data.rocket(), data.chelsea()]
    samples = []
    for index in range(count):
        picture = cv2.resize(sources[index % 4], (720, 720), interpolation=cv2.INTER_CUBIC)
        top, left = (37 * index) % 200, (53 * index) % 200
        path = folder / f"{index:04d}.jpg"
        cut = picture[top : top + 512, left : left + 512, ::-1]
        cv2.imwrite(str(path), cut, [cv2.IMWRITE_JPEG_QUALITY, 90])
        samples.append(Sample(str(path), index % 2, "x", str(index), "train", str(path)))
    return make_table(samples)


def rate(table: SampleTable, options: ViewOptions, cache: MapCache | None, workers: int) -> float:
    """Samples a second once the workers have started."""
    loader: DataLoader[Any] = DataLoader(
        PictureDataset(table, options, cache),
        batch_size=8,
        **worker_options(workers),
    )
    batches = iter(loader)
    next(batches)
    start = perf_counter()
    count = sum(len(batch["row"]) for batch in batches)
    return count / (perf_counter() - start)


def train(table: SampleTable, cache: MapCache, workers: int) -> tuple[float, float]:
    """Seconds of an epoch from the loader, and of the same steps on batches held in memory."""
    torch.manual_seed(0)
    detector = create_detector(DetectorConfig(backbone="mobilenetv3_small_100")).train()
    optimizer = torch.optim.Adam(detector.parameters(), lr=1e-4)

    def step(batch: dict[str, Any]) -> None:
        logits = detector(batch["views"])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, batch["label"])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()

    loader: DataLoader[Any] = DataLoader(
        PictureDataset(table, ViewOptions(), cache),
        batch_size=16,
        **worker_options(workers),
    )
    start = perf_counter()
    held = []
    for batch in loader:
        step(batch)
        held.append(batch)
    from_loader = perf_counter() - start
    start = perf_counter()
    for batch in held:
        step(batch)
    return from_loader, perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pictures", type=int, default=240)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = write_pictures(Path(folder), options.pictures)
        decoding = rate(table, ViewOptions(views=("rgb",)), None, options.workers)
        print(f"{options.workers} workers, 512 x 512 JPEG to 299 x 299; a second:")
        print(f"{'':18}{'uncached':>10}{'cached':>10}{'cached / rgb':>14}")
        for name, views in KINDS.items():
            cache = MapCache(Path(folder) / "maps")
            first = rate(table, views, cache, options.workers)
            again = rate(table, views, cache, options.workers)
            print(f"{name:18}{first:10.0f}{again:10.0f}{again / decoding:14.2f}", flush=True)
        cache = MapCache(Path(folder) / "maps")
        loaded, held = train(table, cache, options.workers)
        print(
            f"MobileNetV3, one epoch of {len(table)}: {loaded:.1f} s; held in memory {held:.1f} s"
        )


if __name__ == "__main__":
    main()
