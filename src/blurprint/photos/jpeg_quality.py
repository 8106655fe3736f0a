"""The quality of a JPEG file, from its table of quantisation steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

LUMA: Final = (
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
"""Steps of quality 50, row by row: ITU-T T.81 (1992), table K.1."""


def jpeg_quality(table: Sequence[int]) -> float:
    """The quality, from 1 to 100, that would give the table of luma steps that is most like it.

    Qualities are those of the Independent JPEG Group (libjpeg, ``jcparam.c``), which most programs
    use: with f = 5000 / q below 50 and 200 - 2 q from there, a step is (f LUMA + 50) / 100, rounded
    down and kept from 1 to 255. Tables of other programs, such as cameras, get the quality whose
    steps differ least, in the sum of absolute differences of their logarithms.

    Args:
        table: 64 steps of the luma, row by row (not in zigzag order).

    Raises:
        InputError: if there are not 64 steps of at least 1.

    >>> jpeg_quality(LUMA), jpeg_quality([1] * 64)
    (50.0, 100.0)
    """
    steps = np.asarray(table)
    if steps.shape != (64,) or not np.issubdtype(steps.dtype, np.integer) or steps.min() < 1:
        raise InputError(f"Expected 64 steps of at least 1, but got {list(table)[:64]}")
    away = np.abs(np.log(_tables()) - np.log(steps)).sum(axis=1)
    return float(1 + np.argmin(away))


@cache
def _tables() -> npt.NDArray[np.int64]:
    """(100, 64), the steps of qualities 1 to 100."""
    quality = np.arange(1, 101)
    factor = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    steps: npt.NDArray[np.int64] = (factor[:, None] * np.array(LUMA) + 50) // 100
    return np.clip(steps, 1, 255)


def quality_of(image: Image) -> float | None:
    """The quality of a JPEG file that Pillow opened; None of any other picture.

    None too where the file's tables are damaged.
    """
    opened: Any = image
    if image.format not in ("JPEG", "MPO"):
        return None
    try:
        place = opened.layer[0][3]  # of the component that is the luma
        return jpeg_quality(opened.quantization[place])
    except (AttributeError, IndexError, KeyError, TypeError, InputError):
        return None
