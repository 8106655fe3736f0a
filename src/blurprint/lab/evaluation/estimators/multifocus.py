"""Pairs of one scene focused near and far: is the sharper side of a block read sharper?

Real defocus of real lenses without a truth in pixels. Which side of a block is sharper is told by
a measure that no method of this package uses: the energy of the finest gradients (Tenenbaum;
Krotkov, *Focusing*, IJCV 1988). Both sides show the same thing, so contrast and texture cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.files import PICTURE_SUFFIXES
from blurprint.lab.measures.interval import Interval
from blurprint.lab.measures.means import ratio_interval
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.method import Estimator
from blurprint.photos.photo import read_photo

Progress = Callable[[int, int], None]

BLOCK_PX: Final = 32
# Defines which blocks the table counts: docs/thresholds.md.
CLEAR_RATIO: Final = 2.0
"""Ratio of gradient energies from which a block counts as sharper on one side."""
# Defines which blocks the table counts: docs/thresholds.md.
TEXTURED: Final = 0.02
"""Root mean square gradient that the sharper side must have, in sRGB units a pixel."""


class FocusPair(NamedTuple):
    """A pair by name: the two pictures, one size, float32 (H, W, 3) sRGB values in [0, 1]."""

    name: str
    one: FloatMap
    other: FloatMap


@dataclass(frozen=True, slots=True)
class PairOrdering:
    """One pair: the blocks that are clearly sharper on one side, and the share ordered rightly.

    Attributes:
        name: of the pair.
        blocks: how many are compared; the same for all methods.
        right: by method, share of the blocks whose median blur is lower on the sharper side; equal
            medians count half.
        weighted: the same, each block weighted by the lower of the mean confidences of its sides;
            NaN where all are 0.
    """

    name: str
    blocks: int
    right: Mapping[str, float]
    weighted: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ordering:
    """All pairs: means over the pairs with their intervals, by method."""

    pairs: tuple[PairOrdering, ...]
    right: Mapping[str, Interval]
    weighted: Mapping[str, Interval]


def find_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """``NAME_A.png`` and ``NAME_B.png``, and so on for other pictures, sorted by name.

    Raises:
        InputError: if the folder is missing, holds no pair, or one side is missing.
    """
    if not folder.is_dir():
        raise InputError(f"Expected a folder of multifocus pairs, but {folder} is none")
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES)
    pairs = []
    for file in files:
        if file.stem.endswith("_A"):
            other = file.with_name(f"{file.stem[:-2]}_B{file.suffix}")
            if not other.is_file():
                raise InputError(f"Expected {other.name} beside {file}")
            pairs.append((file, other))
    if not pairs:
        raise InputError(f"Expected pairs NAME_A.png, NAME_B.png in {folder}, but it holds none")
    return pairs


def read_pair(one: Path, other: Path) -> FocusPair:
    """The two pictures of a pair.

    Raises:
        InputError: if they differ in size.
        PhotoError: if one cannot be read.
    """
    first, second = read_photo(one, max_side=0).rgb, read_photo(other, max_side=0).rgb
    if first.shape != second.shape:
        raise InputError(
            f"Expected {one} and {other.name} of one size, but got "
            f"{first.shape[1]} x {first.shape[0]} and {second.shape[1]} x {second.shape[0]}"
        )
    return FocusPair(one.stem[:-2], first, second)


def sharper_side(pair: FocusPair) -> npt.NDArray[np.int8]:
    """By block: -1 where `one` is clearly sharper, 1 where `other` is, 0 where neither; (R, C)."""
    energies = [by_block(_gradient_energy(rgb)).mean(axis=2) for rgb in (pair.one, pair.other)]
    textured = np.maximum(*energies) > TEXTURED**2
    one = textured & (energies[0] > CLEAR_RATIO * energies[1])
    other = textured & (energies[1] > CLEAR_RATIO * energies[0])
    return other.astype(np.int8) - one.astype(np.int8)


def order_pair(pair: FocusPair, methods: Mapping[str, Estimator]) -> PairOrdering:
    """How each method orders the blocks of one pair."""
    side = sharper_side(pair)
    clear = side != 0
    right, weighted = {}, {}
    for name, method in methods.items():
        maps = (method(pair.one), method(pair.other))
        correct, weight = _block_scores(maps, side)
        right[name] = float(correct[clear].mean()) if clear.any() else float("nan")
        total = float(weight[clear].sum())
        weighted[name] = float((weight * correct)[clear].sum()) / total if total else float("nan")
    return PairOrdering(pair.name, int(clear.sum()), right, weighted)


def _block_scores(
    maps: tuple[DefocusMap, DefocusMap], side: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """By block: 1 where the sharper side is read sharper, 0.5 for a tie; and its confidence."""
    medians = [np.median(by_block(m.sigma), axis=2) for m in maps]
    trust = np.minimum(*(by_block(m.confidence).mean(axis=2) for m in maps))
    read = np.sign(medians[0] - medians[1])  # positive: `other` is read sharper
    return (1 + read * side) / 2, trust.astype(np.float64)


def order_pairs(
    pairs: Sequence[tuple[Path, Path]],
    methods: Mapping[str, Estimator],
    progress: Progress | None = None,
) -> Ordering:
    """How each method orders all pairs; intervals are over pairs.

    Raises:
        InputError: if a pair does not fit together, or no block of any is clear.
    """
    results = []
    for done, files in enumerate(pairs, 1):
        results.append(order_pair(read_pair(*files), methods))
        if progress is not None:
            progress(done, len(pairs))
    if not any(result.blocks for result in results):
        raise InputError("Expected pairs that differ in focus, but no block is clearly sharper")
    right = {name: _mean([r.right[name] for r in results]) for name in methods}
    weighted = {name: _mean([r.weighted[name] for r in results]) for name in methods}
    return Ordering(tuple(results), right, weighted)


def _mean(shares: Sequence[float]) -> Interval:
    values = np.array([share for share in shares if not np.isnan(share)])
    return ratio_interval(values, np.ones(len(values)))


def _gradient_energy(rgb: FloatMap) -> FloatMap:
    gray = cv2.transform(rgb, np.full((1, 3), 1 / 3))
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(np.square(across) + np.square(down), np.float32)


def by_block(image: FloatMap) -> FloatMap:
    """One plane, (H, W), as (R, C, BLOCK_PX^2), whole blocks only."""
    rows, columns = (side // BLOCK_PX for side in image.shape)
    cut = image[: rows * BLOCK_PX, : columns * BLOCK_PX]
    split = cut.reshape(rows, BLOCK_PX, columns, BLOCK_PX).swapaxes(1, 2)
    return split.reshape(rows, columns, BLOCK_PX**2)
