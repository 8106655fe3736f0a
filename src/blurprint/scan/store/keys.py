"""Very many keys in little memory: which items are done."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.scan.items.item import Item

_UNSORTED: Final = 100_000
Words = npt.NDArray[np.uint64]


def key_of(item: Item) -> tuple[int, int]:
    """128 bits that stand for the path of an item."""
    text = item.path.encode("utf-8", "surrogateescape")
    digest = hashlib.blake2b(text, digest_size=16).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")


def stamp_of(item: Item) -> int:
    """64 bits that change when the content does, as far as its listing shows; 0 for nothing."""
    if not item.stamp:
        return 0
    digest = hashlib.blake2b(item.stamp.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") or 1


class Keys:
    """Keys of 128 bits, each with 64 bits; 24 bytes of memory each, and a bounded rest."""

    def __init__(self) -> None:
        """None."""
        self._high: Words = np.zeros(0, np.uint64)
        self._low: Words = np.zeros(0, np.uint64)
        self._stamps: Words = np.zeros(0, np.uint64)
        self._recent: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self._high) + len(self._recent)

    def get(self, key: tuple[int, int]) -> int | None:
        """What was put with a key; None if it was not."""
        recent = self._recent.get(key)
        if recent is not None:
            return recent
        high, low = np.uint64(key[0]), np.uint64(key[1])
        place = int(np.searchsorted(self._high, high))
        while place < len(self._high) and self._high[place] == high:
            if self._low[place] == low:
                return int(self._stamps[place])
            place += 1
        return None

    def put(self, key: tuple[int, int], stamp: int) -> None:
        """Add a key that is not there."""
        self._recent[key] = stamp
        if len(self._recent) >= max(_UNSORTED, len(self._high) // 16):
            recent = np.array([(*one, value) for one, value in self._recent.items()], np.uint64)
            self.put_all(recent[:, 0], recent[:, 1], recent[:, 2])
            self._recent.clear()

    def put_all(self, high: Words, low: Words, stamps: Words) -> None:
        """Add many keys that are not there."""
        high = np.concatenate([self._high, high])
        order = np.argsort(high, kind="stable")
        self._high = high[order]
        self._low = np.concatenate([self._low, low])[order]
        self._stamps = np.concatenate([self._stamps, stamps])[order]
