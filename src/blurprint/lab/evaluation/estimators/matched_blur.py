"""Real defocus in pixels: the blur that turns the sharp side of a pair into the other.

No file tells the blur of a real photograph. A pair focused near and far does: where one side is
sharp, the blur is sought, in linear light, that makes it look most like the other side (after Ens &
Lawrence, *An investigation of methods for determining depth from focus*, PAMI 1993). No method of
this package has a part in it. The sharp side has a small blur of its own, s, so that the
other side has ``sqrt(match^2 + s^2)``. Taken is the least s there is, that of the pixel's own box,
so that a reading is compared with ``sqrt(match^2 + 1/12)``; with matches from one pixel and a lens
of up to 0.45 px before the sharp side, the truth may be 10 % more at most. Blocks whose sharp side
is softer than that are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.lab.evaluation.estimators.multifocus import (
    FocusPair,
    by_block,
    read_pair,
    sharper_side,
)
from blurprint.lab.measures.blur_error import blur_error
from blurprint.lab.measures.interval import Interval
from blurprint.lab.measures.means import ratio_interval
from blurprint.lab.rendering.sharpness import (
    FLAT_ENERGY,
    SHARP_RATIO,
    WHITE_NOISE,
    band_energies,
)
from blurprint.lens.lens import DISK, GAUSSIAN, Aperture, blur, to_linear, to_srgb
from blurprint.lens.pixel import with_pixel
from blurprint.optics.edge import noise_level
from blurprint.optics.method import Estimator

Values = npt.NDArray[np.floating]
Progress = Callable[[int, int], None]

LADDER_PX: Final = tuple(float(rung) for rung in np.geomspace(0.5, 9.0, 27))
"""Blurs that are tried, a constant ratio apart."""
LEVELS_PX: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0)
"""Borders of the ranges of matched blur by which readings are told; other blocks are left out."""
LENSES: Final = (DISK, Aperture("disk", mix=0.5), GAUSSIAN)
"""Apertures that are tried; a pair is given the one that leaves the least unexplained."""
# Defines which blocks the table counts: docs/thresholds.md.
EXPLAINED: Final = 0.9
"""Share of the variance of the difference between the sides that the best blur must explain."""
_MEAN: Final = np.full((1, 3), 1 / 3)


class Quartiles(NamedTuple):
    """A quarter, half and three quarters of the values are below these."""

    lower: float
    median: float
    upper: float


@dataclass(frozen=True, slots=True)
class MatchedErrors:
    """Of one method over all blocks, in pixels of blur.

    Attributes:
        mean: mean absolute difference from the match; interval over pairs.
        weighted: the same, each block weighted by its mean confidence; NaN where all are 0.
        bias: mean of read minus matched.
        rank_correlation: Spearman's rho over the blocks.
        quartiles: of the readings in each range of matched blur; NaN where it is empty.
    """

    mean: Interval
    weighted: float
    bias: float
    rank_correlation: float
    quartiles: tuple[Quartiles, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """All pairs.

    Attributes:
        pairs: pairs with a block that could be matched.
        blocks: how many were, of 32 px; the same for all methods.
        matched: quartiles of the matched blurs.
        levels_px: borders of the ranges of matched blur.
        blocks_by_level: blocks in each.
        matched_by_level: quartiles of the matched blurs in each.
        errors: by method.
    """

    pairs: int
    blocks: int
    matched: Quartiles
    levels_px: tuple[float, ...]
    blocks_by_level: tuple[int, ...]
    matched_by_level: tuple[Quartiles, ...]
    errors: Mapping[str, MatchedErrors]


def match_blur(pair: FocusPair) -> tuple[FloatMap, FloatMap]:
    """By block, the blur of `pair.one` and of `pair.other`, float32 (R, C) in pixels.

    NaN where a side is the sharper one, neither is, that one is soft itself
    (:data:`~blurprint.lab.rendering.sharpness.SHARP_RATIO`), or no blur of it makes the other.
    """
    side = sharper_side(pair)
    one, other = (cv2.transform(to_linear(rgb), _MEAN) for rgb in (pair.one, pair.other))
    asked = ((side == 1) & _is_sharp(pair.other), (side == -1) & _is_sharp(pair.one))
    tried = [(_match(other, one, lens), _match(one, other, lens)) for lens in LENSES]
    left = [sum(float(m.left[a].sum()) for m, a in zip(t, asked, strict=True)) for t in tried]
    best = tried[int(np.argmin(left))]
    first, second = (np.where(a, m.sigma, np.nan) for m, a in zip(best, asked, strict=True))
    return first, second


def match_all_pairs(
    pairs: Sequence[tuple[Path, Path]],
    methods: Mapping[str, Estimator],
    progress: Progress | None = None,
) -> Matched | None:
    """What each method reads of the blurred sides, against the match; None if no block has one.

    A method's reading of a block is the median of its map there.

    Raises:
        InputError: if a pair does not fit together.
        PhotoError: if a picture cannot be read.
    """
    places: list[int] = []
    true: list[float] = []
    read: dict[str, list[float]] = {name: [] for name in methods}
    trust: dict[str, list[float]] = {name: [] for name in methods}
    for place, files in enumerate(pairs):
        pair = read_pair(*files)
        for rgb, matched in zip((pair.one, pair.other), match_blur(pair), strict=True):
            known = np.isfinite(matched)
            if not known.any():
                continue
            true += with_pixel(matched[known]).tolist()
            places += [place] * int(known.sum())
            for name, method in methods.items():
                defocus = method(rgb)
                read[name] += np.median(by_block(defocus.sigma), axis=2)[known].tolist()
                trust[name] += by_block(defocus.confidence).mean(axis=2)[known].tolist()
        if progress is not None:
            progress(place + 1, len(pairs))
    if not true:
        return None
    return Matched(
        pairs=len(set(places)),
        blocks=len(true),
        matched=_quartiles(np.array(true)),
        levels_px=LEVELS_PX,
        blocks_by_level=tuple(np.histogram(true, LEVELS_PX)[0].tolist()),
        matched_by_level=_by_level(np.array(true), np.array(true)),
        errors={
            name: _errors(*map(np.array, (read[name], true, trust[name], places)))
            for name in methods
        },
    )


def _errors(
    read: Values, true: Values, trust: Values, places: npt.NDArray[np.integer]
) -> MatchedErrors:
    error = np.abs(read - true)
    whole = blur_error(read, true)
    total = float(trust.sum())
    return MatchedErrors(
        mean=ratio_interval(
            np.bincount(places, error).astype(np.float64), np.bincount(places).astype(np.float64)
        ),
        weighted=float(trust @ error) / total if total else nan,
        bias=whole.bias,
        rank_correlation=whole.rank_correlation,
        quartiles=_by_level(read, true),
    )


def _by_level(values: Values, true: Values) -> tuple[Quartiles, ...]:
    return tuple(
        _quartiles(values[(true >= low) & (true < high)]) for low, high in pairwise(LEVELS_PX)
    )


def _quartiles(values: Values) -> Quartiles:
    if not len(values):
        return Quartiles(nan, nan, nan)
    return Quartiles(*(float(value) for value in np.quantile(values, (0.25, 0.5, 0.75))))


class _Match(NamedTuple):
    """By block (R, C): the best blur, NaN where it explains too little, and what it leaves."""

    sigma: FloatMap
    left: FloatMap


def _match(sharp: FloatMap, soft: FloatMap, lens: Aperture) -> _Match:
    """The blur that turns `sharp` into `soft`, both linear light (H, W)."""
    target = to_srgb(soft)
    left = np.stack([_difference(to_srgb(blur(sharp, s, lens)), target) for s in LADDER_PX])
    best = left.argmin(axis=0)
    inner = np.clip(best, 1, len(LADDER_PX) - 2)
    low, middle, high = (np.take_along_axis(left, inner[None] + k, 0)[0] for k in (-1, 0, 1))
    # The vertex of the parabola through three rungs, which are a constant ratio apart.
    curvature = np.maximum(low - 2 * middle + high, 1e-12)
    vertex = inner + np.clip(0.5 * (low - high) / curvature, -1, 1)
    sigma = np.exp(np.interp(vertex, np.arange(len(LADDER_PX)), np.log(LADDER_PX)))
    least = left.min(axis=0)
    inside = (sigma >= LEVELS_PX[0]) & (sigma < LEVELS_PX[-1])
    known = inside & (least <= (1 - EXPLAINED) * _difference(to_srgb(sharp), target))
    return _Match(np.where(known, sigma, np.nan).astype(np.float32), least)


def _is_sharp(rgb: FloatMap) -> Mask:
    """By block, whether it is as sharp as training renders ask of their sources, noise aside."""
    gray = cv2.transform(rgb, _MEAN)
    noise = noise_level(gray) ** 2
    high, middle = (
        by_block(energy).mean(axis=2) - noise * share
        for energy, share in zip(band_energies(gray, 1), WHITE_NOISE, strict=True)
    )
    return np.asarray((middle > FLAT_ENERGY) & (high > SHARP_RATIO * middle), np.bool_)


def _difference(one: FloatMap, other: FloatMap) -> FloatMap:
    """By block, the variance of the difference: a constant offset of values does not count."""
    return np.asarray(by_block(one - other).var(axis=2), np.float32)
