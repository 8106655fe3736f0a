"""Whole numbers to [0, 1]: how many bits of them are used, if not all that the file has."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

FEWER: Final = (8, 10, 12, 14)
"""Bits that cameras and scanners put into files of 16."""


def white_of(top: int, bits: int) -> tuple[int, str | None]:
    """The value that is white, and what must be known of the choice.

    Cameras of 10, 12 and 14 bits, and programs for science, write their values unchanged into
    files of 16 bits, which are then almost black. A picture whose largest value needs exactly 8,
    10 (or 9), 12 (or 11) bits is taken for one of these: as 16 bits it would not reach 6 % of
    white. Of 14 bits the same is only taken where the largest value comes within a tenth of
    theirs, as 25 % of white may also be a dark picture. Either is said, as both are inferred.

    Args:
        top: largest value of the picture.
        bits: of each value by the file's header.

    >>> white_of(65535, 16), white_of(4095, 16)[0], white_of(4095, 12)
    ((65535, None), 4095, (4095, None))
    """
    full = 2**bits - 1
    if bits <= FEWER[-1] or top > 2 ** FEWER[-1] - 1 or top == 0:
        return full, None
    used = next(fewer for fewer in FEWER if top < 2**fewer)
    white = 2**used - 1
    # Eight bits have no smaller neighbour: their upper half stands for them.
    certain = 0.9 * 2**used if used == FEWER[-1] else 2 ** (used - 1) if used == FEWER[0] else 0
    if top >= certain:
        return white, (
            f"The file has {bits} bits a value, but no value is above {top}: it was taken for a "
            f"picture of {used} bits, whose white is {white}."
        )
    return full, (
        f"The file has {bits} bits a value, but no value is above {top}: the picture is very dark, "
        "or it was stored in fewer bits than the file declares."
    )


def to_unit(values: npt.NDArray[Any], bits: int, top: int) -> tuple[FloatMap, str | None]:
    """float32 in [0, 1] of whole numbers, as :func:`white_of` says, and what must be known.

    Args:
        values: any shape, not negative.
        bits: of each value by the file's header.
        top: largest value of the whole picture.

    Raises:
        ValueError: if a value is larger than the bits can hold, or what is white is unknown.
    """
    if bits > 16:
        return _wide(values, bits, top)
    if top >= 2**bits:
        raise ValueError(f"values reach {top}, more than {bits} bits can hold")
    white, note = white_of(top, bits)
    return values.astype(np.float32) / np.float32(white), note


def _wide(values: npt.NDArray[Any], bits: int, top: int) -> tuple[FloatMap, str | None]:
    """Of 32 bits: all of them, or 16 and fewer; between these nothing says what is white."""
    if top < 2**16:
        white, note = white_of(top, 16)
        return values.astype(np.float32) / np.float32(white), note or (
            f"The file has {bits} bits a value, but no value is above {top}: it was taken for a "
            "picture of 16 bits."
        )
    white = 2 ** (bits - 1) - 1  # Pillow reads all of them as signed
    if top < white // 4:
        raise ValueError(
            f"values of {bits} bits reach {top}, which says neither 16 bits nor {bits}: "
            "what is white is unknown"
        )
    return (values.astype(np.float64) / white).astype(np.float32), None
