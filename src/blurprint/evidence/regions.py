"""The nine parts of a photograph, by thirds: how blurred each is, and the error of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from blurprint.evidence.confident import CONFIDENT
from blurprint.evidence.error import median_with_error
from blurprint.optics.defocus_map import DefocusMap

NAMES: Final = (
    ("upper left", "upper middle", "upper right"),
    ("middle left", "middle", "middle right"),
    ("lower left", "lower middle", "lower right"),
)
# Medians wrong: 11.8 % from 0 on, 11.2 here, 9.3 from 0.2 on: docs/thresholds.md.
LEAST_SHARE: Final = 0.02
"""Share of a part that must be measured before its blur is reported."""


@dataclass(frozen=True, slots=True)
class Part:
    """One ninth of the photograph.

    Attributes:
        name: where it lies, as in :data:`NAMES`.
        measured: share of it that is measured, in [0, 1]; of no pixels, 0.
        median: of its measured `sigma`, weighted by confidence, in the map's unit; None where
            less than :data:`LEAST_SHARE` is measured.
        error: expected error of `median`, in px; None where it is not known.
        pixels: how many of its pixels are photograph.
    """

    name: str
    measured: float
    median: float | None
    error: float | None
    pixels: int


def parts_of(defocus: DefocusMap) -> tuple[Part, ...]:
    """The nine parts of the rectangle that holds the photograph, row by row."""
    box = defocus.rectangle
    found = []
    for row, names in enumerate(NAMES):
        for column, name in enumerate(names):
            rows = slice(box.top + box.size[1] * row // 3, box.top + box.size[1] * (row + 1) // 3)
            columns = slice(
                box.left + box.size[0] * column // 3, box.left + box.size[0] * (column + 1) // 3
            )
            found.append(_part(defocus, name, (rows, columns)))
    return tuple(found)


def _part(defocus: DefocusMap, name: str, cut: tuple[slice, slice]) -> Part:
    confidence, mask = defocus.confidence[cut], defocus.mask[cut]
    pixels = int(np.count_nonzero(mask))
    measured = int(np.count_nonzero((confidence >= CONFIDENT) & mask)) / max(pixels, 1)
    if measured < LEAST_SHARE:
        return Part(name, measured, None, None, pixels)
    median, error = median_with_error(defocus, cut)
    return Part(name, measured, median, error, pixels)
