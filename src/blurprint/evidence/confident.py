"""Which parts of a map count as measured: the one threshold that every row shares."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

CONFIDENT: Final = 0.5
"""Confidence from which a pixel counts as measured."""
MIN_SHARE: Final = 0.001
"""Least share of confident pixels from which anything is said about a region: a thousandth."""


def confident_share(confidence: npt.NDArray[np.float32]) -> float:
    """Share in [0, 1] of the pixels whose confidence is at least :data:`CONFIDENT`.

    >>> confident_share(np.float32([[0.5, 0.49], [1, 0]]))
    0.5
    """
    return int(np.count_nonzero(confidence >= CONFIDENT)) / confidence.size


def is_measured(confidence: npt.NDArray[np.float32]) -> bool:
    """Whether enough of a region is confident to say anything about it."""
    return confident_share(confidence) >= MIN_SHARE
