"""Batches of pairs: shuffled, moved and mirrored, from any step on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from blurprint.errors import InputError
from blurprint.lab.fakes.pairs import MASK_SIDE, SEEN, SIZE
from blurprint.lab.fakes.store import read_chunk

MOST_MOVED = 12
"""Pixels by which what is seen of a stored crop moves from its middle."""


class FaceBatch(NamedTuple):
    """What a step learns from; the second half are the fakes of the first, in the same order.

    Attributes:
        faces: float (N, 3, S, S) in [0, 1].
        labels: float (N,), 1 for a fake.
        masks: float (N, S / 16, S / 16) in [0, 1].
    """

    faces: Tensor
    labels: Tensor
    masks: Tensor


class PairStream:
    """All batches of a training; each depends on the seed and its number alone.

    Args:
        chunks: of pairs, of any recipes.
        pairs: in a batch.
        seed: of shuffling, moving and mirroring.

    Raises:
        InputError: if there are fewer pairs than a batch takes.
    """

    def __init__(self, chunks: Sequence[Path], *, pairs: int, seed: int) -> None:
        """See the class."""
        self._chunks = [read_chunk(path) for path in chunks]
        self._at = [(c, i) for c, chunk in enumerate(self._chunks) for i in range(len(chunk.rows))]
        self._pairs, self._seed = pairs, seed
        if len(self._at) < pairs:
            raise InputError(f"Expected at least {pairs} pairs, but got {len(self._at)}")

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self._at)

    def batch(self, step: int) -> FaceBatch:
        """What step `step`, from 0, learns from."""
        a_pass = len(self._at) // self._pairs
        epoch, place = divmod(step, a_pass)
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._at))
        chosen = order[place * self._pairs : (place + 1) * self._pairs]
        rng = np.random.default_rng((self._seed, epoch, place))
        faces = np.empty((2, self._pairs, SEEN, SEEN, 3), np.uint8)
        masks = np.zeros((2, self._pairs, SEEN // 16, SEEN // 16), np.float32)
        for row, one in enumerate(chosen):
            chunk, within = self._at[int(one)]
            stored = self._chunks[chunk]
            right, down = (int(v) for v in rng.integers(-MOST_MOVED, MOST_MOVED + 1, 2))
            mirrored = rng.random() < 0.5
            seen = _seen(stored.pictures[within], right, down)
            mask = _moved_mask(stored.masks[within], right, down)
            faces[:, row] = seen[:, :, ::-1] if mirrored else seen
            masks[1, row] = mask[:, ::-1] if mirrored else mask
        return _as_batch(faces, masks)

    def held_out(self, first: int, count: int) -> FaceBatch:
        """Pairs in their order, seen in the middle, for validation."""
        chosen = self._at[first : first + count]
        faces = np.empty((2, len(chosen), SEEN, SEEN, 3), np.uint8)
        masks = np.zeros((2, len(chosen), SEEN // 16, SEEN // 16), np.float32)
        for row, (chunk, within) in enumerate(chosen):
            stored = self._chunks[chunk]
            faces[:, row] = _seen(stored.pictures[within], 0, 0)
            masks[1, row] = _moved_mask(stored.masks[within], 0, 0)
        return _as_batch(faces, masks)

    def rows(self) -> list[dict[str, Any]]:
        """What is known of each pair, in order."""
        return [row for chunk in self._chunks for row in chunk.rows]


def _seen(pictures: np.ndarray, right: int, down: int) -> np.ndarray:
    start = (SIZE - SEEN) // 2
    top, left = start + down, start + right
    return np.asarray(pictures[:, top : top + SEEN, left : left + SEEN])


def _moved_mask(mask: np.ndarray, right: int, down: int) -> np.ndarray:
    """The mask where it is seen, at a sixteenth of the size, in [0, 1]."""
    cell = SEEN / MASK_SIDE
    across, below = round(right / cell), round(down / cell)
    moved = np.roll(mask, (-below, -across), axis=(0, 1)).astype(np.float32) / 255
    side = SEEN // 16
    return moved.reshape(side, MASK_SIDE // side, side, MASK_SIDE // side).mean(axis=(1, 3))


def _as_batch(faces: np.ndarray, masks: np.ndarray) -> FaceBatch:
    count = faces.shape[1]
    flat = torch.from_numpy(faces.reshape(2 * count, SEEN, SEEN, 3)).permute(0, 3, 1, 2)
    pixels = flat.float().div_(255).contiguous(memory_format=torch.channels_last)
    labels = torch.cat([torch.zeros(count), torch.ones(count)])
    return FaceBatch(pixels, labels, torch.from_numpy(masks.reshape(2 * count, *masks.shape[2:])))


def as_pictures(batch: FaceBatch) -> np.ndarray:
    """The faces of a batch, uint8 (N, S, S, 3)."""
    pixels = (batch.faces * 255).round().to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(0, 2, 3, 1).numpy())
