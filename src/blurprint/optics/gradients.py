"""Gradient magnitudes by derivatives of Gaussians, and the two-scale ratio that inverts to blur."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

Taps = npt.NDArray[np.float64]


@lru_cache(maxsize=16)
def _taps(sigma: float, radius: int) -> tuple[Taps, Taps]:
    """Derivative and smoothing factors of the kernel ``-x / (2 pi sigma^4) exp(-r^2 / 2 sigma^2)``.

    OpenCV correlates where the formula convolves; the sign of an odd kernel is lost in the
    magnitude, so the taps are left as the formula writes them.
    """
    x = np.arange(-radius, radius + 1, dtype=np.float64)
    smooth = np.exp(-0.5 * (x / sigma) ** 2)
    derive = -x * smooth / (2 * np.pi * sigma**4)
    return derive, smooth


def gradient_magnitude(image: FloatMap, sigma: float, radius: int) -> FloatMap:
    """Magnitude of the gradient of `image` by derivative-of-Gaussian kernels, float32 (H, W).

    Args:
        image: float32 (H, W).
        sigma: standard deviation of the Gaussian, in pixels.
        radius: the kernels have ``2 * radius + 1`` taps each way; outside the image counts as zero.
    """
    derive, smooth = _taps(sigma, radius)
    border = cv2.BORDER_CONSTANT
    across = cv2.sepFilter2D(image, cv2.CV_32F, derive, smooth, borderType=border)
    down = cv2.sepFilter2D(image, cv2.CV_32F, smooth, derive, borderType=border)
    return cv2.magnitude(across, down)


def invert_ratio(
    ratio: npt.NDArray[np.floating], sigma1: float, sigma2: float, cap: float
) -> FloatMap:
    """Blur of a step edge from the ratio of its gradient magnitudes at two re-blurs, in pixels.

    A step blurred by sigma has the gradient maximum ``A / sqrt(2 pi (sigma^2 + s^2))`` after a
    further blur s, so ``R^2 = (sigma^2 + sigma2^2) / (sigma^2 + sigma1^2)`` and
    ``sigma^2 = (R^2 sigma1^2 - sigma2^2) / (1 - R^2)`` (Zhuo & Sim 2011, eq. 5, for two re-blurs;
    Jeon & Woo 2025). Negative squares become 0; the result is capped at `cap`.

    >>> invert_ratio(np.sqrt(np.array([(9 + 2.5**2) / (9 + 2.0**2)])), 2.0, 2.5, cap=5.0).round(3)
    array([3.], dtype=float32)
    """
    squared = np.square(ratio, dtype=np.float64)
    variance = (squared * sigma1**2 - sigma2**2) / (1 - squared + 1e-8)
    sigma = np.sqrt(np.maximum(variance, 0))
    return np.minimum(sigma, cap).astype(np.float32)
