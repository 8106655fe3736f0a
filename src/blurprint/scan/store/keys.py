"""Very many keys in little memory: which items are done."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.scan.items.item import Item
from blurprint.scan.items.same_file import identity_of

_UNSORTED: Final = 100_000
Words = npt.NDArray[np.uint64]


def key_of(item: Item, folder: str) -> tuple[int, int]:
    """128 bits that stand for an item, by whatever name it was met.

    Args:
        item: of any kind.
        folder: that relative paths start from, absolute.
    """
    text = identity_of(item, folder).encode("utf-8", "surrogateescape")
    digest = hashlib.blake2b(text, digest_size=16).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")


class Keys:
    """Keys of 128 bits, each with 64 bits; 24 bytes of memory each, and a bounded rest.

    They lie in sorted runs, each more than twice as long as the next: a new one is merged with
    those before it that are not, so that each key is sorted few times.
    """

    def __init__(self) -> None:
        """None."""
        self._runs: list[_Run] = []
        self._recent: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._runs)) + len(self._recent)

    def get(self, key: tuple[int, int]) -> int | None:
        """What was put with a key; None if it was not."""
        recent = self._recent.get(key)
        if recent is not None:
            return recent
        found = (run.get(key) for run in self._runs)
        return next((one for one in found if one is not None), None)

    def put(self, key: tuple[int, int], value: int) -> None:
        """Add a key that is not there."""
        self._recent[key] = value
        if len(self._recent) == _UNSORTED:
            recent = np.array([(*one, stamp) for one, stamp in self._recent.items()], np.uint64)
            self._recent.clear()
            self._add(_Run(*recent.T))

    def _add(self, run: _Run) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = self._runs.pop().merged(run)
        self._runs.append(run)


class _Run:
    """Keys in order, as columns."""

    def __init__(self, high: Words, low: Words, values: Words) -> None:
        order = np.argsort(high, kind="stable")
        self._high, self._low, self._values = high[order], low[order], values[order]

    def __len__(self) -> int:
        return len(self._high)

    def get(self, key: tuple[int, int]) -> int | None:
        high, low = np.uint64(key[0]), np.uint64(key[1])
        place = int(np.searchsorted(self._high, high))
        while place < len(self._high) and self._high[place] == high:
            if self._low[place] == low:
                return int(self._values[place])
            place += 1
        return None

    def merged(self, other: _Run) -> _Run:
        return _Run(
            np.concatenate([self._high, other._high]),
            np.concatenate([self._low, other._low]),
            np.concatenate([self._values, other._values]),
        )
