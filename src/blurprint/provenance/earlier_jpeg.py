"""Whether pixels were a JPEG file before: at which quality, and where its blocks began.

Quantisation by a step leaves the coefficients of a block at multiples of that step. Decoded,
rounded and quantised again by another step, their histogram has gaps and peaks (Lukas and Fridrich,
Estimation of Primary Quantization Matrix in Double Compressed JPEG Images, DFRWS 2003). Here the
whole histogram is computed for each earlier quality, and compared with the histogram without one.
How coefficients are distributed before any quantisation is taken from the same picture, shifted by
half a block, where no grid of the file remains (calibration; Fridrich, Goljan and Hogea, 2002).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.evidence.file_check import ijg_luminance

Floats = npt.NDArray[np.float64]
Luma = npt.NDArray[np.uint8]

MODES: Final = ((0, 1), (1, 0), (1, 1), (2, 0), (0, 2), (2, 1), (1, 2), (0, 3), (3, 0))
"""Frequencies (row, column) of a block that are compared: the lowest, which are not all zero."""
QUALITIES: Final = tuple(range(40, 99))
"""Earlier qualities that are tried."""
MOST_BLOCKS: Final = 4096
LARGEST: Final = 255
"""Largest coefficient that is counted."""
ROUNDING: Final = 1 / 12
"""Variance of a coefficient after pixels are rounded to whole numbers."""
_FLOOR: Final = 0.02
"""Share of coefficients that the model does not explain."""
_MOST_LEVELS: Final = 40
_LEAST_COUNT: Final = 50
_LEAST_LEVELS: Final = 3

_SEARCH_BLOCKS: Final = 1024
_STEPS: Final = np.arange(2, 33)
_SEARCHED: Final = 128


@dataclass(frozen=True, slots=True)
class EarlierJpeg:
    """The earlier compression that explains a picture's coefficients best.

    Attributes:
        quality: its quality, as the IJG's library counts.
        top: rows of pixels above the first whole block of its grid, 0 to 7.
        left: columns of pixels left of it.
        support: logarithm (natural) of how much more probable it makes the coefficients than one
            compression does, the sum over `count` coefficients.
        count: how many coefficients, other than zeros, were compared.
    """

    quality: int
    top: int
    left: int
    support: float
    count: int

    @property
    def support_each(self) -> float:
        """Support of a single coefficient, in the mean."""
        return self.support / max(self.count, 1)


def earlier_quality(luma: Luma, steps: Floats, top: int = 0, left: int = 0) -> EarlierJpeg:
    """The earlier quality that explains the coefficients of a grid of blocks best.

    Args:
        luma: uint8 (H, W), of at least 24 pixels each way.
        steps: (8, 8), the quantisation steps of the file on this very grid; ones if the file has no
            such grid.
        top: first row of the grid.
        left: first column of the grid.
    """
    return _compare(luma, steps, ROUNDING, top, left, (top + 4) % 8, (left + 4) % 8)


def earlier_elsewhere(luma: Luma, steps: Floats | None) -> EarlierJpeg:
    """The earlier compression on the most likely grid other than that of the file.

    Args:
        luma: uint8 (H, W), of at least 24 pixels each way.
        steps: (8, 8), the quantisation steps of the file, whose grid at (0, 0) is left out; None if
            the file is no JPEG, and (0, 0) is a grid like others.
    """
    scores = _combs(luma)
    if steps is not None:
        scores[0, 0] = -np.inf
    top, left = (int(place) for place in np.unravel_index(np.argmax(scores), scores.shape))
    variance = ROUNDING
    if steps is not None:  # on another grid a quantisation adds noise
        variance += float(np.mean([steps[mode] ** 2 for mode in MODES])) / 12
    apart = (top + 4) % 8, (left + 4) % 8
    if steps is not None and apart == (0, 0):
        apart = (3, 3)
    return _compare(luma, np.ones((8, 8)), variance, top, left, *apart)


def support_of_chance(luma: Luma, found: EarlierJpeg) -> float:
    """Support of each coefficient on three grids beside the one that was found, the largest.

    An earlier compression leaves nothing there; few tones, as drawings have, look quantised on any
    grid.
    """
    ones, supports = np.ones((8, 8)), []
    for down, right in ((2, 3), (5, 1), (3, 6)):
        top, left = (found.top + down) % 8, (found.left + right) % 8
        beside = _compare(luma, ones, ROUNDING, top, left, (top + 3) % 8, (left + 3) % 8)
        supports.append(beside.support_each)
    return max(supports)


def _compare(
    luma: Luma, steps: Floats, variance: float, top: int, left: int, apart_top: int, apart_left: int
) -> EarlierJpeg:
    seen = _coefficients(luma, top, left)
    smooth = _coefficients(luma, apart_top, apart_left)
    support = np.zeros(len(QUALITIES))
    count = 0.0
    for index, mode in enumerate(MODES):
        step = int(steps[mode])
        levels = min(LARGEST // step, _MOST_LEVELS)
        own, other = np.abs(seen[index]), np.abs(smooth[index])
        found = np.bincount(np.rint(own / step).astype(np.int64), minlength=levels + 1)
        counts = found[1 : levels + 1].astype(np.float64)
        if levels < _LEAST_LEVELS or counts.sum() < _LEAST_COUNT:
            continue
        count += counts.sum()
        scale = float(np.clip(own.mean() / max(float(other.mean()), 1e-6), 0.5, 2))
        below = _distribution(other * scale)
        spread = _spread(step, round(variance, 6), levels)
        once = counts @ _log_shares(below, 1, spread)
        gains = {
            earlier: counts @ _log_shares(below, earlier, spread) - once
            for earlier in set(_earlier_steps()[index])
            if earlier != step
        }
        support += np.array([gains.get(earlier, 0.0) for earlier in _earlier_steps()[index]])
    tied = np.flatnonzero(support == support.max())  # neighbours may share all of these steps
    best = int(tied[len(tied) // 2])
    return EarlierJpeg(QUALITIES[best], top, left, float(support[best]), int(count))


def _coefficients(luma: Luma, top: int, left: int) -> npt.NDArray[np.float32]:
    """DCT coefficients (modes, blocks) of blocks spread evenly over the picture."""
    return _filters(MODES) @ _blocks(luma, top, left, MOST_BLOCKS)


def _blocks(luma: Luma, top: int, left: int, most: int) -> npt.NDArray[np.float32]:
    """Pixels (64, blocks) of at most `most` blocks."""
    rows, columns = (luma.shape[0] - top) // 8, (luma.shape[1] - left) // 8
    inside = luma[top : top + rows * 8, left : left + columns * 8]
    blocks = inside.reshape(rows, 8, columns, 8)
    total = rows * columns
    chosen = np.arange(min(most, total)) * total // min(most, total)
    picked = blocks[chosen // columns, :, chosen % columns]
    return picked.reshape(len(chosen), 64).T.astype(np.float32)


@cache
def _basis() -> Floats:
    """Orthonormal DCT-II of 8 pixels, (8 frequencies, 8)."""
    frequency, place = np.mgrid[:8, :8]
    basis = np.cos(np.pi * (2 * place + 1) * frequency / 16) / 2
    basis[0] /= np.sqrt(2)
    return basis


@cache
def _filters(modes: tuple[tuple[int, int], ...]) -> npt.NDArray[np.float32]:
    """Orthonormal DCT-II of 8 x 8 pixels, (modes, 64)."""
    basis = _basis()
    return np.stack([np.outer(basis[row], basis[column]).ravel() for row, column in modes]).astype(
        np.float32
    )


@cache
def _earlier_steps() -> tuple[tuple[int, ...], ...]:
    """Of each mode, the steps of all qualities that are tried."""
    tables = [ijg_luminance(quality).reshape(8, 8) for quality in QUALITIES]
    return tuple(tuple(int(table[mode]) for table in tables) for mode in MODES)


def _distribution(magnitudes: npt.NDArray[np.float32]) -> Floats:
    """Share of coefficients below 0, 0.5, 1, ... of a magnitude, (2 LARGEST + 1,)."""
    places = np.minimum(magnitudes * 2, 2 * LARGEST).astype(np.int64)
    counts = np.bincount(places, minlength=2 * LARGEST + 1)[: 2 * LARGEST].astype(np.float64)
    counts = np.convolve(counts, np.ones(3) / 3, "same") + 0.01
    shares = np.concatenate([[0.0], np.cumsum(counts)])
    return shares / shares[-1]


@cache
def _spread(step: int, variance: float, levels: int) -> Floats:
    """How probable each level is after whole numbers got noise and were divided by a step.

    Returns:
        (magnitudes, levels): of magnitudes 0, 1, ..., the probabilities of levels 1 to `levels`, of
        both signs; larger magnitudes have none.
    """
    edges = (np.arange(-levels, levels + 2) - 0.5) * step
    reach = min(LARGEST, int((levels + 1) * step + 5 * np.sqrt(variance)))
    z = (edges - np.arange(reach + 1)[:, None]) / np.sqrt(variance)
    shares = np.diff(_normal(z), axis=1)
    return shares[:, levels + 1 :] + shares[:, levels - 1 :: -1]


def _normal(z: Floats) -> Floats:
    """Cumulative normal distribution (Abramowitz and Stegun, 7.1.26; error below 1e-7)."""
    x = np.abs(z) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    series = 1.421413741 + t * (-1.453152027 + t * 1.061405429)
    tail = t * (0.254829592 + t * (-0.284496736 + t * series)) * np.exp(-x * x)
    return np.where(z > 0, 1 - tail / 2, tail / 2)


def _log_shares(below: Floats, earlier: int, spread: Floats) -> Floats:
    """Logarithms of the shares of levels 1, 2, ... after quantisation by an earlier step."""
    multiples = np.arange(0, min(len(spread), LARGEST + 1 - earlier), earlier)
    low, high = np.maximum(2 * multiples - earlier, 0), 2 * multiples + earlier
    shares = (below[high] - below[low]) @ spread[multiples]
    shares = shares / max(float(shares.sum()), 1e-12)
    return np.log((1 - _FLOOR) * shares + _FLOOR / len(shares))


def _combs(luma: Luma) -> Floats:
    """How much the coefficients of each grid of blocks keep to multiples of some step.

    Returns:
        (8, 8), by the first row and the first column of the grid.
    """
    side = 15  # all places of 8 x 8 pixels that begin within 8
    rows, columns = (luma.shape[0] - 7) // 8, (luma.shape[1] - 7) // 8
    total = rows * columns
    chosen = np.arange(min(_SEARCH_BLOCKS, total)) * total // min(_SEARCH_BLOCKS, total)
    patches = np.lib.stride_tricks.sliding_window_view(luma, (side, side))[::8, ::8]
    picked = patches[chosen // columns, chosen % columns].swapaxes(0, 1).astype(np.float32)
    shifted = _shifted_filters()
    down = shifted @ picked.reshape(side, -1)
    values = shifted @ down.reshape(-1, side).T
    values = np.abs(values).reshape(2, 8, 2, 8, -1)  # column, left, row, top, blocks
    places = np.minimum(values + 0.5, _SEARCHED).astype(np.int64)
    weights, counted = _waves()
    scores = np.zeros((8, 8))
    summed = counted / 2
    for top, left in np.ndindex(8, 8):
        for row, column in ((0, 1), (1, 0), (1, 1)):
            found = places[column, left, row, top]
            counts = np.bincount(found, minlength=_SEARCHED + 1)[:_SEARCHED]
            scores[top, left] += np.max(weights @ counts / np.sqrt(summed @ counts + 10))
    return scores


@cache
def _shifted_filters() -> npt.NDArray[np.float32]:
    """The two lowest filters of the DCT at 8 places of 15 pixels, (2 x 8, 15)."""
    filters = np.zeros((2, 8, 15), np.float32)
    for place in range(8):
        filters[:, place, place : place + 8] = _basis()[:2]
    return filters.reshape(16, 15)


@cache
def _waves() -> tuple[Floats, Floats]:
    """Cosines of each step over magnitudes from half of it on, and which these are."""
    magnitudes = np.arange(_SEARCHED)
    counted = (magnitudes >= _STEPS[:, None] / 2).astype(np.float64)
    return counted * np.cos(2 * np.pi * magnitudes / _STEPS[:, None]), counted
