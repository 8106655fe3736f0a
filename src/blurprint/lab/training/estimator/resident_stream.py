"""Batches from shards that lie in the memory of the device, which cuts and turns them itself.

A processor that cuts examples for a GPU keeps it waiting: here a batch is a few indexed reads on
the device. As with :class:`blurprint.lab.training.estimator.stream.BatchStream`, what a batch holds
depends only on the seed and its number, but the two do not draw the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from blurprint.errors import InputError
from blurprint.lab.rendering.shards import read_settings, read_shard
from blurprint.lab.training.estimator.stream import Batch, counts_of
from blurprint.lab.training.estimator.teacher import read_taught, taught_file

BYTES_PER_PIXEL: Final = 10
"""Of an example: colours, blur, its weight, whether it is known, its anisotropy, a teacher's."""


class _Planes(NamedTuple):
    """All examples on the device, (N, S, S) each, `rgb` (N, S, S, 3); see the shards."""

    rgb: Tensor
    sigma: Tensor
    weight: Tensor
    known: Tensor
    anisotropy: Tensor
    taught: Tensor | None


def fits(shards: Sequence[Path], device: torch.device) -> bool:
    """Whether a GPU's free memory holds the shards in half of itself; False for a processor."""
    if device.type != "cuda":
        return False
    free, _ = torch.cuda.mem_get_info(device)
    pixels = sum(int(s["count"]) * int(s["size"]) ** 2 for s in map(read_settings, shards))
    return BYTES_PER_PIXEL * pixels <= free / 2


class ResidentStream:
    """All batches of a training, in order, on the device.

    Args:
        shards: the files, all of examples of one size.
        batch_size: examples in a batch.
        crop: side of the square that is cut from each example, in pixels.
        seed: of shuffling, cutting and turning.
        device: where the examples lie.
        taught: folder of a teacher's readings of the shards, if there is one.

    Raises:
        InputError: if a file is no shard, of another version, smaller than `crop` or of another
            size than the first, or if there are fewer examples than a batch holds.
    """

    def __init__(
        self,
        shards: Sequence[Path],
        *,
        batch_size: int,
        crop: int,
        seed: int,
        device: torch.device,
        taught: Path | None = None,
    ) -> None:
        """See the class."""
        self._count = sum(counts_of(shards, batch_size=batch_size, crop=crop))
        sizes = {int(read_settings(file)["size"]) for file in shards}
        if len(sizes) != 1:
            raise InputError(
                f"Expected examples of one size in {shards[0].parent}, but got {sorted(sizes)}"
            )
        self._size = sizes.pop()
        self._batch_size, self._crop, self._seed = batch_size, crop, seed
        self._planes = self._read(shards, device, taught)

    @property
    def batches_per_epoch(self) -> int:
        """Whole batches in one pass; the rest of the examples waits for another shuffle."""
        return self._count // self._batch_size

    def batches(self, start: int, stop: int) -> Iterator[Batch]:
        """Batches `start` to `stop` - 1."""
        epoch, order = -1, np.empty(0, np.int64)
        for step in range(start, stop):
            if step // self.batches_per_epoch != epoch:
                epoch = step // self.batches_per_epoch
                order = np.random.default_rng([self._seed, epoch, 1]).permutation(self._count)
            first = step % self.batches_per_epoch * self._batch_size
            rng = np.random.default_rng([self._seed, step, 2])
            yield self._batch(order[first : first + self._batch_size], rng)

    def _read(self, shards: Sequence[Path], device: torch.device, taught: Path | None) -> _Planes:
        shape = (self._count, self._size, self._size)

        def empty(dtype: torch.dtype, *more: int) -> Tensor:
            return torch.empty(*shape, *more, dtype=dtype, device=device)

        planes = _Planes(
            rgb=empty(torch.uint8, 3),
            sigma=empty(torch.float16),
            weight=empty(torch.uint8),
            known=empty(torch.bool),
            anisotropy=empty(torch.uint8),
            taught=None if taught is None else empty(torch.float16),
        )
        first = 0
        for file in shards:
            shard = read_shard(file)
            some = slice(first, first + len(shard.rgb))
            for name in ("rgb", "sigma", "weight", "known", "anisotropy"):
                getattr(planes, name)[some] = torch.from_numpy(getattr(shard, name))
            if taught is not None and planes.taught is not None:
                told = read_taught(taught_file(taught, file), shard)
                planes.taught[some] = torch.from_numpy(told)
            first = some.stop
        return planes

    def _batch(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        count, room = len(chosen), self._size - self._crop + 1
        device = self._planes.rgb.device

        def drawn(values: np.ndarray) -> Tensor:
            return torch.from_numpy(values).to(device, non_blocking=True)[:, None, None]

        which = drawn(chosen)
        top, left = (drawn(rng.integers(room, size=count)) for _ in range(2))
        turned, upset, mirrored = (drawn(rng.random(count) < 0.5) for _ in range(3))
        along = torch.arange(self._crop, device=device)
        row, column = along[None, :, None], along[None, None, :]

        def either(flipped: Tensor, along: Tensor, across: Tensor) -> Tensor:
            place = torch.where(turned, across, along)
            return torch.where(flipped, self._crop - 1 - place, place)

        rows = top + either(upset, row, column)
        columns = left + either(mirrored, column, row)

        def cut(plane: Tensor) -> Tensor:
            return plane[which, rows, columns]

        def one(plane: Tensor, whole: float = 1) -> Tensor:
            return cut(plane)[:, None].float().div_(whole)

        taught = self._planes.taught
        sigma = one(self._planes.sigma)
        return Batch(
            cut(self._planes.rgb).permute(0, 3, 1, 2).float().div_(255),
            sigma,
            one(self._planes.weight, 255),
            one(self._planes.known),
            one(self._planes.anisotropy, 255),
            torch.full_like(sigma, float("nan")) if taught is None else one(taught),
        )
