"""Errors of a blur map against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating]

LEVELS_PX = (0.0, 0.3, 0.7, 1.2, 2.0, 3.0, 5.0, 8.0)
"""Borders of the ranges of true blur by which errors are told."""


@dataclass(frozen=True, slots=True)
class BlurError:
    """Of many pixels, in pixels of blur.

    Attributes:
        mean: mean absolute error.
        bias: mean of read minus true.
        rank_correlation: Spearman's rho; NaN where either side is constant.
        by_level: mean absolute error in each range of :data:`LEVELS_PX`; NaN where it is empty.
    """

    mean: float
    bias: float
    rank_correlation: float
    by_level: tuple[float, ...]


def blur_error(read: Values, true: Values, levels: Sequence[float] = LEVELS_PX) -> BlurError:
    """Compare two arrays of one shape, in pixels.

    >>> blur_error(np.array([0.5, 1.5, 2.0]), np.array([0.5, 1.0, 3.0])).mean
    0.5
    """
    read, true = np.ravel(read), np.ravel(true)
    error = np.abs(read - true)
    by_level = []
    for low, high in pairwise(levels):
        inside = (true >= low) & (true < high)
        by_level.append(float(error[inside].mean()) if inside.any() else float("nan"))
    return BlurError(
        mean=float(error.mean()),
        bias=float((read - true).mean()),
        rank_correlation=rank_correlation(read, true),
        by_level=tuple(by_level),
    )


def rank_correlation(first: Values, second: Values) -> float:
    """Spearman's rho with mean ranks for ties, SciPy's; NaN where either side is constant.

    Raises:
        ValueError: if they do not have the same number of values.

    >>> rank_correlation(np.array([1, 2, 3, 4.0]), np.array([1, 4, 9, 16.0]))
    1.0
    """
    from scipy.stats import spearmanr

    a, b = np.ravel(first), np.ravel(second)
    if any(len(one) < 2 or (one == one[0]).all() for one in (a, b)):  # SciPy warns, and gives NaN
        return float("nan")
    return float(spearmanr(a, b).statistic)
