"""What a pasted face went through before it was pasted: what generators and face swaps leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap

NETWORK_SIDES: Final = (48.0, 224.0)
"""Sides in pixels of the faces that swapping networks make: a face of three eye distances."""
_FACE: Final = 3.0
_UP: Final = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4, cv2.INTER_AREA)


def degrade(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    """One to three changes of a face, drawn.

    Args:
        face: float32 (H, W, 3) in [0, 1], at the size at which it is pasted.
        eyes: eye distance of the face, pixels.
        rng: draws everything.

    Returns:
        float32 (H, W, 3) in [0, 1].
    """
    names = rng.choice(len(_CHANGES), size=int(rng.integers(1, 4)), replace=False, p=_SHARES)
    for place in sorted(names):
        face = _CHANGES[place][0](face, eyes, rng)
    return np.asarray(np.clip(face, 0, 1), np.float32)


def _small_and_back(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    side = float(np.exp(rng.uniform(*np.log(NETWORK_SIDES))))
    scale = side / (_FACE * eyes)
    height, width = face.shape[:2]
    scale = min(scale, 0.9)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(face, size, interpolation=cv2.INTER_AREA)
    how = int(rng.choice(_UP, p=(0.4, 0.35, 0.15, 0.1)))
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), np.float32)


def _soft(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    across = float(rng.uniform(0.3, 1.6))
    down = across * float(rng.uniform(0.7, 1.4))
    return np.asarray(cv2.GaussianBlur(face, (0, 0), across, sigmaY=down), np.float32)


def _flat(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    spread = float(rng.uniform(0.04, 0.15))
    return np.asarray(cv2.bilateralFilter(face, 7, spread, float(rng.uniform(1.5, 3))), np.float32)


def _median(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    return np.asarray(cv2.medianBlur(face, 3 if rng.random() < 0.6 else 5), np.float32)


def _sharp(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    soft = cv2.GaussianBlur(face, (0, 0), float(rng.uniform(0.7, 2.0)))
    return np.asarray(face + float(rng.uniform(0.3, 1.8)) * (face - soft), np.float32)


def _few_frequencies(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    """Small cosines of blocks dropped, as a network with a narrow waist drops detail."""
    block = int(rng.choice((8, 12, 16)))
    height, width = face.shape[:2]
    padded = np.pad(face, ((0, -height % block), (0, -width % block), (0, 0)), mode="edge")
    least = float(np.exp(rng.uniform(np.log(0.03), np.log(0.12))))
    shift = int(rng.integers(0, block))
    padded = np.roll(padded, shift, axis=(0, 1))
    basis = np.zeros((block, block), np.float32)
    for row in range(block):
        unit = np.zeros((1, block), np.float32)
        unit[0, row] = 1
        basis[row] = cv2.idct(unit)[0]
    rows, columns = padded.shape[0] // block, padded.shape[1] // block
    tiles = padded.reshape(rows, block, columns, block, 3).transpose(0, 2, 4, 1, 3)
    spectra = basis @ tiles @ basis.T
    tiles = basis.T @ np.where(np.abs(spectra) < least, 0, spectra) @ basis
    joined = tiles.transpose(0, 3, 1, 4, 2).reshape(padded.shape)
    joined = np.roll(joined, -shift, axis=(0, 1))[:height, :width]
    return np.asarray(cv2.GaussianBlur(joined, (0, 0), 0.6), np.float32)


def _checkered(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    """A grid of period 2 or 4, as transposed convolutions leave it (Odena et al. 2016)."""
    period = int(rng.choice((2, 2, 4)))
    tile = rng.normal(0, float(rng.uniform(0.004, 0.02)), (period, period, 3))
    height, width = face.shape[:2]
    grid = np.tile(tile - tile.mean(), (height // period + 1, width // period + 1, 1))
    return np.asarray(face + grid[:height, :width], np.float32)


def _shifted_colours(face: FloatMap, eyes: float, rng: np.random.Generator) -> FloatMap:
    gain = np.exp(rng.normal(0, 0.06, 3)).astype(np.float32)
    return np.asarray(face * gain + rng.normal(0, 0.02, 3).astype(np.float32), np.float32)


Change = Callable[[FloatMap, float, np.random.Generator], FloatMap]
_DRAWN: Final[tuple[tuple[Change, float], ...]] = (
    (_small_and_back, 0.4),
    (_soft, 0.16),
    (_flat, 0.06),
    (_median, 0.06),
    (_few_frequencies, 0.08),
    (_sharp, 0.14),
    (_checkered, 0.04),
    (_shifted_colours, 0.06),
)
_CHANGES: Final = _DRAWN
_SHARES: Final = [share for _, share in _DRAWN]
