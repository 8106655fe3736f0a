"""Batches from shards: shuffled, turned and cropped, from any step on, with little in memory.

Each example is cut at random, turned by a random number of quarter turns and mirrored in half of
the draws, so that a network sees all eight attitudes of a picture alike. What a batch holds depends
only on the seed and its number, so a run that was interrupted goes on exactly as if it had not
been.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from blurprint.errors import InputError
from blurprint.lab.rendering.shards import Shard, read_settings, read_shard
from blurprint.lab.training.estimator.teacher import read_taught, taught_file

RESIDENT_SHARDS = 16
"""Shards that are shuffled together and held in memory, 150 MB each at the default size."""


class Batch(NamedTuple):
    """What a step learns from.

    Attributes:
        rgb: float (N, 3, S, S) in [0, 1].
        sigma: float (N, 1, S, S), pixels, of the lens: see :mod:`blurprint.lab.rendering.shards`.
        weight: float (N, 1, S, S) in [0, 1].
        known: float (N, 1, S, S), 1 where `sigma` is defined, else 0.
        anisotropy: float (N, 1, S, S) in [0, 1].
        taught: float (N, 1, S, S), pixels, whole sigma as a teacher read it, NaN where none did:
            see :mod:`blurprint.lab.training.estimator.teacher`.
    """

    rgb: Tensor
    sigma: Tensor
    weight: Tensor
    known: Tensor
    anisotropy: Tensor
    taught: Tensor

    def to(self, device: torch.device) -> Batch:
        """The batch on a device, pictures channels-last."""
        rgb = self.rgb.to(device, memory_format=torch.channels_last, non_blocking=True)
        return Batch(rgb, *(part.to(device) for part in self[1:]))


def counts_of(shards: Sequence[Path], *, batch_size: int, crop: int) -> list[int]:
    """Number of examples in each shard, which must be enough, and large enough, for batches.

    Raises:
        InputError: if a file is no shard, of another version, or smaller than `crop`, or if all
            together hold fewer examples than a batch.
    """
    counts = []
    for file in shards:
        settings = read_settings(file)
        if int(settings["size"]) < crop:
            raise InputError(f"Expected examples of at least {crop} px in {file}")
        counts.append(int(settings["count"]))
    if sum(counts) < batch_size:
        raise InputError(f"Expected at least {batch_size} examples, but got {sum(counts)}")
    return counts


class _Held(NamedTuple):
    shard: Shard
    taught: npt.NDArray[np.float16]


class BatchStream:
    """All batches of a training, in order.

    Args:
        shards: the files.
        batch_size: examples in a batch.
        crop: side of the square that is cut from each example, in pixels.
        seed: of shuffling, cutting and turning.
        taught: folder of a teacher's readings of the shards, if there is one.

    Raises:
        InputError: if a file is no shard, of another version, or smaller than `crop`.
    """

    def __init__(
        self,
        shards: Sequence[Path],
        *,
        batch_size: int,
        crop: int,
        seed: int,
        taught: Path | None = None,
    ) -> None:
        """See the class."""
        self._shards = list(shards)
        self._taught = taught
        self._counts = counts_of(shards, batch_size=batch_size, crop=crop)
        self._batch_size = batch_size
        self._crop = crop
        self._seed = seed

    @property
    def batches_per_epoch(self) -> int:
        """Whole batches in one pass; the rest of the examples waits for another shuffle."""
        return sum(
            sum(self._counts[k] for k in group) // self._batch_size for group in self._groups(0)
        )

    def batches(self, start: int, stop: int) -> Iterator[Batch]:
        """Batches `start` to `stop` - 1, made ahead by a thread."""
        queue: Queue[Batch | BaseException] = Queue(maxsize=4)
        stopped = Event()

        def work() -> None:
            try:
                for batch in self._make(start, stop):
                    queue.put(batch)
                    if stopped.is_set():
                        return
            except BaseException as error:  # raised again where batches are used
                queue.put(error)

        thread = Thread(target=work, daemon=True)
        thread.start()
        try:
            for _ in range(start, stop):
                batch = queue.get()
                if isinstance(batch, BaseException):
                    raise batch
                yield batch
        finally:
            stopped.set()
            while thread.is_alive():
                if not queue.empty():
                    queue.get()
                thread.join(timeout=0.01)

    def _groups(self, epoch: int) -> list[list[int]]:
        order = np.random.default_rng([self._seed, epoch, 0]).permutation(len(self._shards))
        groups = np.array_split(order, -(-len(order) // RESIDENT_SHARDS))
        return [group.tolist() for group in groups]

    def _make(self, start: int, stop: int) -> Iterator[Batch]:
        step, epoch = 0, 0
        while step < stop:
            for number, group in enumerate(self._groups(epoch)):
                count = sum(self._counts[k] for k in group)
                batches = count // self._batch_size
                if step + batches > start and step < stop:
                    held = [self._read(self._shards[k]) for k in group]
                    places = [(i, j) for i, s in enumerate(held) for j in range(len(s.shard.rgb))]
                    order = np.random.default_rng([self._seed, epoch, 1, number]).permutation(count)
                    for index in range(batches):
                        if start <= step + index < stop:
                            chosen = order[index * self._batch_size :][: self._batch_size]
                            rng = np.random.default_rng([self._seed, step + index, 2])
                            yield self._batch(
                                [(held[places[k][0]], places[k][1]) for k in chosen], rng
                            )
                step += batches
            epoch += 1

    def _read(self, file: Path) -> _Held:
        shard = read_shard(file)
        if self._taught is None:
            return _Held(shard, np.broadcast_to(np.float16("nan"), shard.sigma.shape))
        return _Held(shard, read_taught(taught_file(self._taught, file), shard))

    def _batch(self, examples: Sequence[tuple[_Held, int]], rng: np.random.Generator) -> Batch:
        parts: tuple[list[npt.NDArray[Any]], ...] = ([], [], [], [], [], [])
        for (shard, taught), place in examples:
            room = shard.sigma.shape[1] - self._crop + 1
            top, left = rng.integers(room, size=2)
            turns, flip = int(rng.integers(4)), int(rng.integers(2))
            planes: tuple[npt.NDArray[Any], ...] = (shard.rgb, shard.sigma, shard.weight)
            planes += (shard.known, shard.anisotropy, taught)
            for part, source in zip(parts, planes, strict=True):
                cut = source[place, top : top + self._crop, left : left + self._crop]
                cut = np.rot90(cut, turns)
                part.append(cut[::-1] if flip else cut)
        rgb, sigma, weight, known, anisotropy, read = (np.stack(part) for part in parts)

        def plane(values: npt.NDArray[Any], whole: float = 1) -> Tensor:
            return torch.from_numpy(values.astype(np.float32) / np.float32(whole))[:, None]

        return Batch(
            torch.from_numpy(rgb).permute(0, 3, 1, 2).float().div_(255),
            plane(sigma),
            plane(weight, 255),
            plane(known),
            plane(anisotropy, 255),
            plane(read),
        )
