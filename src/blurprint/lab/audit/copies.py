"""Pictures of a table that show the same in different splits, or under different labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.lab.audit.file_facts import Inspection
from blurprint.lab.audit.hashes import (
    MAX_DISTANCE,
    MIN_LIKENESS,
    bits_apart,
    likeness,
    near_pairs,
)
from blurprint.lab.datasets.table import SampleTable

_ALIKE: Final = 32
"""Pictures of one hash, split and label that are compared; a thousand placeholders are no news."""
_BLOCK: Final = 1000
"""Pairs of hashes that are gone through at once."""

_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Copy:
    """Two clips (or single pictures) that share a picture, by their most alike pictures.

    Attributes:
        first: path of one picture.
        second: path of the other.
        bits: in which the hashes differ.
        likeness: correlation of the thumbnails, up to 1.
        identical: whether the files are the same byte for byte.
        splits: of the first and the second.
        labels: of the first and the second.
        pairs: of pictures that the two clips share.
    """

    first: str
    second: str
    bits: int
    likeness: float
    identical: bool
    splits: tuple[str, str]
    labels: tuple[int, int]
    pairs: int

    @property
    def across_splits(self) -> bool:
        """Whether the two are in different splits."""
        return self.splits[0] != self.splits[1]

    @property
    def across_labels(self) -> bool:
        """Whether the two have different labels."""
        return self.labels[0] != self.labels[1]


def find_copies(table: SampleTable, inspections: Sequence[Inspection]) -> list[Copy]:
    """Pairs of clips that share a picture across splits or labels, the most alike first.

    Hashes may differ in four bits; the correlation of the thumbnails must confirm a pair, for
    portraits that are framed alike have like hashes.

    Args:
        table: with N rows.
        inspections: one for each row.
    """
    rows = np.array([r for r, seen in enumerate(inspections) if seen.hash is not None], np.int64)
    if len(rows) < 2:
        return []
    splits, labels = table["split"].astype(str).to_numpy(), table["label"].to_numpy()
    clips = np.unique(table["clip"].astype(str).to_numpy(), return_inverse=True)[1]
    hashes = np.array([inspections[row].hash for row in rows], np.uint64)
    rows = _few_of_each(rows, hashes, splits, labels)
    hashes = np.array([inspections[row].hash for row in rows], np.uint64)
    pictures = np.array([inspections[row].thumbnail for row in rows])
    best: dict[tuple[int, int], tuple[tuple[int, float], int, int, int]] = {}
    for left, right in _candidates(hashes):
        a, b = rows[left], rows[right]
        apart = (splits[a] != splits[b]) | (labels[a] != labels[b])
        first, second, a, b = left[apart], right[apart], a[apart], b[apart]
        alike = likeness(pictures[first], pictures[second])
        bits = bits_apart(hashes[first], hashes[second])
        for place in np.flatnonzero(alike >= MIN_LIKENESS):
            one, other = int(a[place]), int(b[place])
            key = (min(clips[one], clips[other]), max(clips[one], clips[other]))
            rank = (int(bits[place]), -float(alike[place]))
            held = best.get(key)
            count = 1 if held is None else held[3] + 1
            if held is None or (rank, one, other) < held[:3]:
                best[key] = (rank, one, other, count)
            else:
                best[key] = (*held[:3], count)
    paths = table["path"].astype(str).to_numpy()
    return [
        Copy(
            first=str(paths[one]),
            second=str(paths[other]),
            bits=rank[0],
            likeness=round(-rank[1], 4),
            identical=inspections[one].sha256 == inspections[other].sha256,
            splits=(str(splits[one]), str(splits[other])),
            labels=(int(labels[one]), int(labels[other])),
            pairs=count,
        )
        for rank, one, other, count in sorted(best.values())
    ]


def _few_of_each(
    rows: _Rows,
    hashes: npt.NDArray[np.uint64],
    splits: npt.NDArray[np.object_],
    labels: npt.NDArray[np.int64],
) -> _Rows:
    """At most :data:`_ALIKE` rows of the same hash, split and label."""
    seen: dict[tuple[int, str, int], int] = {}
    kept = []
    for row, number in zip(rows, hashes, strict=True):
        key = (int(number), splits[row], int(labels[row]))
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= _ALIKE:
            kept.append(row)
    return np.array(kept, np.int64)


def _candidates(hashes: npt.NDArray[np.uint64]) -> Iterator[tuple[_Rows, _Rows]]:
    """Places of pictures with equal or near hashes, in blocks, the smaller place first."""
    distinct, codes, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    order = np.argsort(codes, kind="stable")
    starts = np.cumsum(counts) - counts
    same = np.repeat(np.flatnonzero(counts > 1)[:, None], 2, axis=1)
    pairs = np.concatenate([same, near_pairs(distinct, MAX_DISTANCE)])
    for begin in range(0, len(pairs), _BLOCK):
        a, b = pairs[begin : begin + _BLOCK].T
        sizes = counts[a] * counts[b]
        pair = np.repeat(np.arange(len(a)), sizes)
        step = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        first = order[starts[a[pair]] + step // counts[b[pair]]]
        second = order[starts[b[pair]] + step % counts[b[pair]]]
        once = (a[pair] != b[pair]) | (first < second)
        first, second = first[once], second[once]
        yield np.minimum(first, second), np.maximum(first, second)
