"""A map stretched over its own range, as the networks of the paper take it."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.arrays import FloatMap

# Rounding of float32 at values of a few pixels: docs/thresholds.md.
LEAST_RANGE: Final = 1e-6
"""A map whose values span no more is the same everywhere: the rest is rounding."""


def is_constant(values: FloatMap) -> bool:
    """Whether `values`, (H, W), span at most :data:`LEAST_RANGE`: there is nothing to stretch.

    The paper's map of a picture without any Canny edge is such a one: zero everywhere.

    >>> is_constant(np.float32([[3, 3]])), is_constant(np.float32([[3, 3.001]]))
    (True, False)
    """
    return float(values.max()) - float(values.min()) <= LEAST_RANGE


def minmax(values: FloatMap) -> FloatMap:
    """``(values - min) / (max - min)``, float32 (H, W) in [0, 1]; zeros if :func:`is_constant`.

    The only such stretch in this package: reports, views of detectors and studies share it (Jeon &
    Woo, CIKM 2025, feed their networks maps stretched picture by picture).

    Args:
        values: float32 (H, W), in any unit.

    >>> minmax(np.float32([[1, 2], [3, 5]])).tolist()
    [[0.0, 0.25], [0.5, 1.0]]
    """
    if is_constant(values):
        return np.zeros(values.shape, np.float32)
    low, high = np.float32(values.min()), np.float32(values.max())
    return ((values - low) / (high - low)).astype(np.float32, copy=False)
