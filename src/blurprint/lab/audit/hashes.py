"""Pictures that show the same: a perceptual hash, and all pairs whose hashes are near.

Zauner, *Implementation and benchmarking of perceptual image hash functions* (2010), section 3.2.1:
the hash based on the discrete cosine transform. A copy keeps its hash through resizing,
re-encoding and changes of brightness; a mirrored or cropped one does not.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError

BITS: Final = 64
# Copies missed: 7 % with 2, 0.5 with 4, 0 with 6; false pairs of 44,850: 0, 0, 5:
# docs/thresholds.md.
MAX_DISTANCE: Final = 4
"""Bits in which the hashes of two copies may differ."""
# False pairs of 44,850: 572 with 0.8, 13 with 0.9, 0 with 0.95; 0.99 misses more copies:
# docs/thresholds.md.
MIN_LIKENESS: Final = 0.95
"""Least correlation of two copies' thumbnails."""
THUMBNAIL: Final = 16
"""Side of a thumbnail in pixels."""
_SIDE: Final = 32
# Under noise of 2 the hash changes in 10 % at a deviation of 1, 2 at 2, 0 at 4:
# docs/thresholds.md.
_MIN_CONTRAST: Final = 2.0

Hashes = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.int64]


def perceptual_hash(gray: npt.NDArray[np.uint8]) -> int | None:
    """64 bits: which of the 8 x 8 lowest frequencies (without the mean's) are above their median.

    Args:
        gray: uint8 (H, W).

    Returns:
        The hash, the lowest frequency in the highest bit; None for a picture that is all but flat,
        whose bits would be noise.
    """
    if gray.ndim != 2 or gray.dtype != np.uint8 or 0 in gray.shape:
        raise InputError(f"Expected `gray` to be uint8 (H, W), but got {gray.dtype} {gray.shape}")
    small = _reduced(gray, _SIDE)
    if float(small.std()) < _MIN_CONTRAST:
        return None
    low = cv2.dct(small)[1:9, 1:9]
    bits = (low > np.median(low)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def thumbnail(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """uint8 (16, 16): what confirms that two pictures of near hashes are the same."""
    return np.rint(_reduced(gray, THUMBNAIL)).astype(np.uint8)


def likeness(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float64]:
    """Correlation of thumbnails (N, 16, 16) pair by pair, float64 (N,) from -1 to 1."""
    pixels = THUMBNAIL * THUMBNAIL  # not -1: there may be no pair at all
    a, b = (p.reshape(len(p), pixels).astype(np.float64) for p in (first, second))
    a -= a.mean(axis=1, keepdims=True)
    b -= b.mean(axis=1, keepdims=True)
    norm = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.divide((a * b).sum(axis=1), norm, out=np.zeros(len(a)), where=norm > 0)


def near_pairs(hashes: Hashes, distance: int = MAX_DISTANCE) -> Pairs:
    """All pairs of hashes that differ in at most `distance` bits; exact.

    The bits are cut into one part more than may differ, so that a near pair agrees in at least one
    part (Norouzi, Punjani and Fleet, *Fast search in Hamming space with multi-index hashing*, CVPR
    2012, proposition 1). Equal parts are found by sorting; no more than they are compared.

    Args:
        hashes: uint64 (N,), best distinct: equal ones are pairs too, and many of them many pairs.
        distance: from 0 to 15.

    Returns:
        int64 (P, 2), the smaller index first, in order.

    >>> near_pairs(np.array([0b1111, 0b1000, 0], np.uint64), distance=3).tolist()
    [[0, 1], [1, 2]]
    """
    if not 0 <= distance < 16:
        raise InputError(f"Expected `distance` to be from 0 to 15, but got {distance}")
    hashes = np.asarray(hashes, np.uint64)
    found = [np.empty((0, 2), np.int64)]
    cuts = np.linspace(0, BITS, distance + 2).round().astype(int)
    for start, stop in pairwise(cuts):
        part = (hashes >> np.uint64(start)) & np.uint64((1 << int(stop - start)) - 1)
        order = np.argsort(part, kind="stable")
        part, sorted_hashes = part[order], hashes[order]
        # Step k compares each hash with the k-th after it, as long as their parts agree.
        place = np.arange(len(hashes))
        step = 0
        while len(place):
            step += 1
            place = place[: np.searchsorted(place, len(hashes) - step)]
            place = place[part[place] == part[place + step]]
            near = bits_apart(sorted_hashes[place], sorted_hashes[place + step]) <= distance
            pairs = np.stack([order[place[near]], order[place[near] + step]], axis=1)
            found.append(np.sort(pairs, axis=1))
    return np.unique(np.concatenate(found), axis=0)


def bits_apart(first: Hashes, second: Hashes) -> npt.NDArray[np.int64]:
    """In how many bits hashes differ, pair by pair.

    >>> bits_apart(np.array([7], np.uint64), np.array([1], np.uint64)).tolist()
    [2]
    """
    words = np.ascontiguousarray(first ^ second).view(np.uint16).reshape(-1, 4)
    return _POPULATION[words].sum(axis=1, dtype=np.int64)


_POPULATION: Final = (
    np.unpackbits(np.arange(1 << 16, dtype=">u2").view(np.uint8).reshape(-1, 2), axis=1)
    .sum(axis=1)
    .astype(np.uint8)
)
"""Set bits of every 16-bit number."""


def _reduced(gray: npt.NDArray[np.uint8], side: int) -> FloatMap:
    """Averaged over areas, or enlarged linearly, to a square."""
    how = cv2.INTER_AREA if min(gray.shape) >= side else cv2.INTER_LINEAR
    return cv2.resize(gray.astype(np.float32), (side, side), interpolation=how)
