"""The paper's local variance: how much a map changes in the window around each pixel."""

from __future__ import annotations

from typing import Final, Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import Mask
from blurprint.errors import InputError

Border = Literal["inside", "mirror", "zero"]

BORDERS: Final[tuple[Border, ...]] = get_args(Border)
DEFAULT_BORDER: Final[Border] = "inside"
WINDOW: Final = 15
"""Side in pixels, as in Jeon & Woo (CIKM 2025)."""


def variance_map(
    values: npt.NDArray[np.floating],
    window: int = WINDOW,
    border: Border = DEFAULT_BORDER,
    mask: Mask | None = None,
) -> npt.NDArray[np.float64]:
    """Mean of the squares less the square of the mean, in the square window around each pixel.

    The paper does not define what a window contains beyond the border of the map:

    - "inside", the default: nothing. A window there has fewer pixels, all of which were measured,
      and no pixel counts in it twice.
    - "mirror": the map again, without its outermost pixels (dcb|abcd|cba).
    - "zero": zeros, and the sums are divided by the pixels of a whole window, as a plain box
      filter does. Near the border this measures how far the map is from zero, more than how it
      varies. Use it only to compare with numbers computed in the same way.

    Args:
        values: (H, W), in any unit.
        window: side of the window in pixels, odd.
        border: see above.
        mask: bool (H, W), True where the map is valid; the rest is treated like pixels beyond an
            "inside" border, the only border that may be combined with it. None: everywhere.

    Returns:
        float64 (H, W), in the square of the map's unit, never negative; 0 off the mask.

    Raises:
        InputError: if the window is even, the border unknown, the map too small to be mirrored, or
            a mask goes with another border than "inside".

    >>> row = np.array([[0.0, 3.0]])
    >>> {one: variance_map(row, 3, one).round(2).tolist() for one in BORDERS[::2]}
    {'inside': [[2.25, 2.25]], 'zero': [[0.89, 0.89]]}
    """
    if window < 1 or window % 2 == 0:
        raise InputError(f"Expected `window` to be odd and positive, but got {window}")
    if border not in BORDERS:
        raise InputError(f'Expected `border` to be among {", ".join(BORDERS)}, but got "{border}"')
    least = window // 2 + 1 if border == "mirror" else 1
    if values.ndim != 2 or min(values.shape) < least:
        raise InputError(
            f"Expected a map (H, W) with sides of at least {least}, but got {values.shape}"
        )
    if mask is not None and mask.all():
        mask = None
    if mask is not None:
        if border != "inside":
            raise InputError(f'Expected `border` to be "inside" with a mask, but got "{border}"')
        return _inside_mask(values, window, mask)
    # The variance does not change when a constant is taken off, but its rounding does; beside
    # zeros it does change.
    level = 0.0 if border == "zero" else float(values.mean(dtype=np.float64))
    centred = values.astype(np.float64)
    centred -= level
    count = _count(values.shape, window) if border == "inside" else None
    mean = _mean(centred, window, border, count)
    square = _mean(np.square(centred, out=centred), window, border, count)
    square -= np.square(mean, out=mean)
    return np.maximum(square, 0, out=square)


def _inside_mask(
    values: npt.NDArray[np.floating], window: int, mask: Mask
) -> npt.NDArray[np.float64]:
    level = float(values[mask].mean(dtype=np.float64)) if mask.any() else 0.0
    centred = np.where(mask, values.astype(np.float64) - level, 0)
    size = (window, window)
    count = np.maximum(_sum(mask.astype(np.float64), size), 1)
    variance = _sum(centred * centred, size) / count - (_sum(centred, size) / count) ** 2
    found: npt.NDArray[np.float64] = np.where(mask, np.maximum(variance, 0), 0)
    return found


def _mean(
    values: npt.NDArray[np.float64],
    window: int,
    border: Border,
    count: npt.NDArray[np.float64] | None,
) -> npt.NDArray[np.float64]:
    size = (window, window)
    if border == "mirror":
        return cv2.blur(values, size, borderType=cv2.BORDER_REFLECT_101)
    total = _sum(values, size)
    total /= window * window if count is None else count
    return total


def _count(shape: tuple[int, ...], window: int) -> npt.NDArray[np.float64]:
    """Pixels of the map in the window around each pixel."""
    reach = window // 2
    down, across = (
        np.minimum(places + reach + 1, side) - np.maximum(places - reach, 0)
        for side, places in ((side, np.arange(side)) for side in shape)
    )
    return np.multiply.outer(down, across).astype(np.float64)


def _sum(values: npt.NDArray[np.float64], size: tuple[int, int]) -> npt.NDArray[np.float64]:
    out: npt.NDArray[np.float64] = cv2.boxFilter(
        values, cv2.CV_64F, size, normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return out
