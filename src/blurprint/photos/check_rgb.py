"""The check that every picture passes before it is measured."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.limits import MIN_SIDE

# Above the rounding of float32, below a level of 8 bits: docs/thresholds.md.
ROUNDING: Final = 1e-4
"""How far rounding may take a value out of [0, 1]."""
_ONE: Final = np.float32(1).view(np.uint32)
"""1.0 as a whole number: those of 0 to 1 are not above it, those of all other numbers are."""


def check_rgb(rgb: FloatMap, rounding: float = 0.0) -> None:
    """Check that `rgb` is a picture, float32 (H, W, 3), with values in [0, 1] up to `rounding`.

    Raises:
        InputError: if it is of another type or shape, has a side of fewer than
            :data:`~blurprint.limits.MIN_SIDE` pixels, or holds NaN, infinity or other values.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.float32:
        raise InputError(f"Expected `rgb` to be float32 (H, W, 3), but got {rgb.dtype} {rgb.shape}")
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise InputError(
            f"{width} x {height} pixels are too few: at least {MIN_SIDE} each way are needed"
        )
    if rgb.view(np.uint32).max() <= _ONE:  # as of most pictures, and seen at half the cost
        return
    low, high = float(rgb.min()), float(rgb.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError("Expected values in [0, 1], but the array holds NaN or infinity")
    if low < -rounding or high > 1 + rounding:
        raise InputError(f"Expected values in [0, 1], but they reach from {low:.4g} to {high:.4g}")
