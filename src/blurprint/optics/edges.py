"""Canny edges by scikit-image's definition, several times faster.

Canny, *A Computational Approach to Edge Detection*, PAMI 1986, with the choices of
``skimage.feature.canny``: Gaussian smoothing truncated at 4 sigma and renormalised at the border
(mode "constant"), Sobel magnitudes, non-maximum suppression with linear interpolation between the
two neighbours that the gradient points between, and hysteresis over 8-connected components.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask

BoolMap = Mask


def canny(image: FloatMap, sigma: float, low: float = 0.1, high: float = 0.2) -> BoolMap:
    """Edges of `image`, bool (H, W).

    Args:
        image: float32 (H, W).
        sigma: standard deviation of the smoothing Gaussian, in pixels.
        low: magnitude that every edge pixel must reach, by the Sobel operator with weights
            1, 2, 1 (a step of height 1 gives 4).
        high: magnitude that at least one pixel of every connected edge must reach.
    """
    smoothed = _smooth(image, sigma)
    across = cv2.Sobel(smoothed, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REFLECT)
    down = cv2.Sobel(smoothed, cv2.CV_32F, 0, 1, borderType=cv2.BORDER_REFLECT)
    magnitude = cv2.magnitude(across, down)
    weak = _non_maximum_suppression(magnitude, across, down, low)
    return _hysteresis(weak, magnitude, high)


@lru_cache(maxsize=16)
def gaussian_taps(sigma: float, truncate: float = 4.0) -> npt.NDArray[np.float64]:
    """Sampled Gaussian of odd length that sums to 1, cut at `truncate` sigma."""
    radius = int(truncate * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    taps = np.exp(-0.5 * (x / sigma) ** 2)
    taps /= taps.sum()
    taps.setflags(write=False)
    return taps


@lru_cache(maxsize=8)
def _coverage(shape: tuple[int, int], sigma: float) -> FloatMap:
    """Share of the smoothing kernel that falls inside the image, float32 (H, W)."""
    taps = gaussian_taps(sigma)
    one = [np.convolve(np.ones(n), taps)[len(taps) // 2 :][:n] for n in shape]
    cover = np.outer(one[0], one[1]).astype(np.float32)
    cover += np.finfo(np.float32).eps
    cover.setflags(write=False)
    return cover


def _smooth(image: FloatMap, sigma: float) -> FloatMap:
    taps = gaussian_taps(sigma)
    smoothed = cv2.sepFilter2D(image, cv2.CV_32F, taps, taps, borderType=cv2.BORDER_CONSTANT)
    height, width = image.shape
    return cv2.divide(smoothed, _coverage((height, width), sigma))


def _non_maximum_suppression(
    magnitude: FloatMap, across: FloatMap, down: FloatMap, low: float
) -> npt.NDArray[np.intp]:
    """Flat indices of the pixels that reach `low` and both interpolated neighbours."""
    width = magnitude.shape[1]
    candidate = magnitude >= low
    candidate[[0, -1], :] = False
    candidate[:, [0, -1]] = False
    at = np.flatnonzero(candidate)

    flat = magnitude.ravel()
    here, gx, gy = flat[at], across.ravel()[at], down.ravel()[at]
    abs_x, abs_y = np.abs(gx), np.abs(gy)
    step_x = np.where(gx < 0, -1, 1)
    step_y = np.where(gy < 0, -width, width)
    straight = np.where(abs_y > abs_x, step_y, step_x)
    diagonal = step_x + step_y
    weight = np.minimum(abs_x, abs_y) / np.maximum(np.maximum(abs_x, abs_y), np.float32(1e-30))
    rest = 1 - weight

    forward = flat[at + diagonal] * weight + flat[at + straight] * rest
    backward = flat[at - diagonal] * weight + flat[at - straight] * rest
    return at[np.maximum(forward, backward) <= here]


def _hysteresis(weak: npt.NDArray[np.intp], magnitude: FloatMap, high: float) -> BoolMap:
    mask = np.zeros(magnitude.shape, np.uint8)
    mask.ravel()[weak] = 1
    count, labels = cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_32S)
    keep = np.zeros(count, bool)
    of_weak = labels.ravel()[weak]
    keep[of_weak[magnitude.ravel()[weak] >= high]] = True
    edges = np.zeros(magnitude.shape, bool)
    edges.ravel()[weak] = keep[of_weak]
    return edges
