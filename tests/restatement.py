"""The paper's map, restated plainly with SciPy and scikit-image: what the fast one must equal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal
from skimage.feature import canny


def plain_paper_map(
    rgb: npt.NDArray[np.floating], sigma1: float, sigma2: float
) -> npt.NDArray[np.float64]:
    """Steps 1 to 5 of Jeon & Woo (2025), in double precision after the edges."""
    z = 2 * rgb - 1
    g = z.mean(axis=2)
    edges = canny(np.clip(g, 0, 1), sigma=1.5)
    g = g.astype(np.float64)

    def magnitude(sigma: float) -> npt.NDArray[np.float64]:
        y, x = np.mgrid[-5:6, -5:6].astype(np.float64)
        bell = np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**4)
        return np.hypot(
            signal.convolve2d(g, -x * bell, mode="same"),
            signal.convolve2d(g, -y * bell, mode="same"),
        )

    ratio = np.where(edges, magnitude(sigma1) / (magnitude(sigma2) + 1e-8), 0)
    variance = (ratio**2 * sigma1**2 - sigma2**2) / (1 - ratio**2 + 1e-8)
    sparse = np.where(edges, np.minimum(np.sqrt(np.maximum(variance, 0)), 5), 0)
    return plain_guided_filter(g, sparse, radius=7, eps=1e-2)


def plain_guided_filter(
    guide: npt.NDArray[np.float64], values: npt.NDArray[np.float64], radius: int, eps: float
) -> npt.NDArray[np.float64]:
    """He, Sun & Tang (2013), algorithm 1, with windows cut at the border."""

    def total(image: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        padded = np.pad(image, radius)
        size = 2 * radius + 1
        windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
        return windows.sum(axis=(2, 3))

    count = total(np.ones_like(guide))

    def mean(image: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return total(image) / count

    variance = mean(guide * guide) - mean(guide) ** 2
    covariance = mean(guide * values) - mean(guide) * mean(values)
    a = covariance / (variance + eps)
    b = mean(values) - a * mean(guide)
    return mean(a) * guide + mean(b)
