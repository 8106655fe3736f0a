"""The paper's map done plainly: the baseline that times are told against.

scikit-image's Canny, 11 x 11 convolutions and box means by SciPy, as one would write the steps of
Jeon & Woo (CIKM 2025) down without thinking of speed.
"""

from __future__ import annotations

import numpy as np

from blurprint.arrays import FloatMap


def plain_paper_map(rgb: FloatMap) -> FloatMap:
    """The paper's map of `rgb`, float32 (H, W, 3) in [0, 1], as float32 (H, W) in map units."""
    from scipy import ndimage
    from skimage import feature

    gray = (2 * rgb - 1).mean(axis=2)
    edges = feature.canny(np.clip(gray, 0, 1), sigma=1.5)
    share = ndimage.uniform_filter(np.ones_like(gray), 15, mode="constant")

    def magnitude(sigma: float) -> FloatMap:
        y, x = np.mgrid[-5:6, -5:6].astype(np.float32)
        bell = np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**4)
        across = ndimage.convolve(gray, -x * bell, mode="constant")
        down = ndimage.convolve(gray, -y * bell, mode="constant")
        return np.hypot(across, down)

    def mean(image: FloatMap) -> FloatMap:
        return ndimage.uniform_filter(image, 15, mode="constant") / share

    ratio = np.where(edges, magnitude(2.0) / (magnitude(2.5) + 1e-8), 0)
    squared = (ratio**2 * 4 - 6.25) / (1 - ratio**2 + 1e-8)
    sparse = np.where(edges, np.minimum(np.sqrt(np.maximum(squared, 0)), 5), 0).astype(np.float32)
    mean_I, mean_p = mean(gray), mean(sparse)
    a = (mean(gray * sparse) - mean_I * mean_p) / (mean(gray * gray) - mean_I**2 + 1e-2)
    return mean(a) * gray + mean(mean_p - a * mean_I)
