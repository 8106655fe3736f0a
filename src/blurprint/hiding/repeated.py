"""Whether a picture was enlarged by repeating pixels: its steps are those of the enlargement."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.arrays import FloatMap, Mask

REPEATED: Final = (
    "The picture was enlarged by repeating pixels (nearest neighbour): the steps between them hide"
    " the blur, and nothing counts as measured."
)
# Finds enlargements by 1.1 times and more; 0.05 would find 1.05 times: docs/thresholds.md.
_MOST_SHARED: Final = 0.1
"""Share of the rows, and of the columns, that must equal the one before: enlarged by 1.1 times."""
# The same from 0.05 to 0.3; 0.5 misses 3 % more: docs/thresholds.md.
_OTHERS_CHANGE: Final = 0.3
"""Share of the pixels by which the other rows must differ from the one before: no drawing."""


def is_repeated(rgb: FloatMap) -> bool:
    """Whether many whole rows and columns of `rgb`, float32 (H, W, 3), equal the one before.

    In a photograph none does; a flat or drawn picture, whose other rows hardly change either, is
    not meant. A codec that loses something hides the repetition.

    >>> small = np.random.default_rng(0).random((40, 40, 3), np.float32)
    >>> is_repeated(small), is_repeated(small.repeat(2, axis=0).repeat(2, axis=1))
    (False, True)
    """
    if not rgb.size:
        return False
    # Of most pictures a few lines across show already that no row equals the one before.
    return all(
        _equal(rgb[:, ::64] if axis == 0 else rgb[::64], axis).any()
        and _many_equal(rgb[:, ::8] if axis == 0 else rgb[::8], axis)
        and _many_equal(rgb, axis)
        for axis in (0, 1)
    )


def _equal(rgb: FloatMap, axis: int) -> Mask:
    """Whether each row (axis 0) or column (1) but the first equals the one before, bool (N,)."""
    if axis == 0:
        return ~(rgb[:-1] != rgb[1:]).reshape(len(rgb) - 1, -1).any(axis=1)
    return ~(rgb[:, :-1] != rgb[:, 1:]).any(axis=0).any(axis=1)


def _many_equal(rgb: FloatMap, axis: int) -> bool:
    same = _equal(rgb, axis)
    if not same.any() or same.all():
        return False
    before, after = (rgb[:-1], rgb[1:]) if axis == 0 else (rgb[:, :-1], rgb[:, 1:])
    differs = (before != after).any(axis=2).mean(axis=1 - axis)
    # All over the picture, not where a background is even.
    quarters = [float(part.mean()) for part in np.array_split(same, 4)]
    if min(quarters) < same.mean() / 2:
        return False
    return bool(same.mean() >= _MOST_SHARED / (1 + _MOST_SHARED)) and bool(
        differs[~same].mean() >= _OTHERS_CHANGE
    )
