"""The error within which an estimate of blur counts as right; confidence is the chance of that."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

# Confidence is calibrated on it: docs/thresholds.md.
TOLERANCE_PX: Final = 0.25
"""Error that is always allowed, in pixels."""
# Confidence is calibrated on it: docs/thresholds.md.
TOLERANCE_SHARE: Final = 0.15
"""Error that is allowed as a share of sigma: from 1.67 px on it is more than the pixels."""


def tolerance(
    sigma: npt.ArrayLike, px: float = TOLERANCE_PX, share: float = TOLERANCE_SHARE
) -> FloatMap:
    """``max(0.25 px, 15 % of sigma)``, float32 of the shape of `sigma`, the estimate in px.

    >>> tolerance([0.3, 4.0]).round(2).tolist()
    [0.25, 0.6000000238418579]
    """
    read = np.asarray(sigma, np.float32)
    return np.maximum(np.float32(px), np.float32(share) * read)
