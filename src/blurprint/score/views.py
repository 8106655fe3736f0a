"""What the branches of a detector see of a picture: its colours, its blur, its frequencies.

Every view is float32 (3, S, S) in [0, 1], so that any backbone takes any of them; mean and standard
deviation of the backbone are applied inside the network.
"""

from __future__ import annotations

from typing import Final, Literal

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.optics.minmax import minmax

View = Literal["rgb", "defocus", "frequency"]
VIEWS: Final[tuple[View, ...]] = ("rgb", "defocus", "frequency")
MapVariant = Literal["minmax", "metric"]
Frequency = Literal["fft", "dct"]
Fit = Literal["squash", "crop"]

HALF_SIGMA: Final = 2.0
"""Blur in pixels that the metric variant of a map shows as one half."""
_BLOCK: Final = 8


def fit_square(rgb: FloatMap, size: int, fit: Fit) -> FloatMap:
    """`rgb`, float32 (H, W, 3), as (size, size, 3): area average downwards, cubic upwards.

    Args:
        rgb: the picture.
        size: side in pixels.
        fit: "squash" stretches each side by its own factor, as the paper's resize does; "crop"
            keeps proportions and takes the middle.
    """
    height, width = rgb.shape[:2]
    if fit == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        rgb = rgb[top : top + side, left : left + side]
        height = width = side
    if (height, width) == (size, size):
        return np.ascontiguousarray(rgb)
    shrinks = height >= size and width >= size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    out = cv2.resize(rgb, (size, size), interpolation=how)
    return out if shrinks else np.clip(out, 0, 1)


def rgb_view(rgb: FloatMap) -> FloatMap:
    """(S, S, 3) in [0, 1] to (3, S, S)."""
    return np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32)


def defocus_view(sigma: FloatMap, variant: MapVariant) -> FloatMap:
    """A map, (S, S), as the view of three equal channels, (3, S, S).

    Args:
        sigma: blur, in pixels for metric methods.
        variant: "minmax" is the paper's: :func:`blurprint.optics.minmax.minmax` of this picture,
            zeros where the map is the same everywhere. "metric" is sigma / (sigma + 2 px): a value
            means the same blur in every picture.
    """
    plane = minmax(sigma) if variant == "minmax" else sigma / (sigma + np.float32(HALF_SIGMA))
    return np.broadcast_to(plane.astype(np.float32, copy=False), (3, *plane.shape)).copy()


def frequency_view(rgb: FloatMap, kind: Frequency) -> FloatMap:
    """Frequencies of a picture, (S, S, 3), as (3, S, S).

    Args:
        rgb: the picture in [0, 1].
        kind: "fft": ``log(1 + |F|)`` of each channel over its largest possible value, frequency
            zero in the middle (Frank et al., *Leveraging frequency analysis for deep fake image
            recognition*, ICML 2020, take the DCT likewise). "dct": ``log(1 + 255 |c|)`` of the
            8 x 8 blocks of JPEG, each coefficient in its place.
    """
    planes = rgb.transpose(2, 0, 1)
    if kind == "fft":
        size = planes.shape[-1]
        amplitude = np.abs(np.fft.fft2(planes.astype(np.float64)))
        shown = np.log1p(np.fft.fftshift(amplitude, axes=(-2, -1))) / np.log1p(size * size)
        return np.ascontiguousarray(shown, np.float32)
    return _block_dct(np.ascontiguousarray(planes))


def _block_dct(planes: FloatMap) -> FloatMap:
    size = planes.shape[-1]
    spare = -size % _BLOCK
    padded = np.pad(planes, ((0, 0), (0, spare), (0, spare)), mode="reflect")
    count = padded.shape[-1] // _BLOCK
    blocks = padded.reshape(3, count, _BLOCK, count, _BLOCK).swapaxes(2, 3)
    basis = _dct_basis()
    coefficients = np.abs(basis @ blocks @ basis.T)
    shown = np.log1p(255 * coefficients) / np.float32(np.log1p(255 * _BLOCK))
    whole = shown.swapaxes(2, 3).reshape(3, count * _BLOCK, count * _BLOCK)
    return np.ascontiguousarray(whole[:, :size, :size], np.float32)


def _dct_basis() -> FloatMap:
    """Rows k of the orthonormal DCT-II, sqrt(2/N) cos(pi (2x + 1) k / 2N), the first / sqrt(2)."""
    place = np.arange(_BLOCK)
    basis = np.sqrt(2 / _BLOCK) * np.cos(np.pi * place[:, None] * (2 * place + 1) / (2 * _BLOCK))
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)
