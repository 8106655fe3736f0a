"""How blur is distributed over the measured parts of a picture: percentiles and histogram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10
from types import MappingProxyType
from typing import Final

import numpy as np

from blurprint.evidence.confident import CONFIDENT, is_measured
from blurprint.evidence.percentiles import weighted_percentiles
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import LEAST_TOP_PX

PERCENTS: Final[Mapping[str, int]] = MappingProxyType(
    {"p05": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}
)
BINS: Final = 40
TOP_PERCENT: Final = 98
"""Percentile of the measured blur that the colour scale must include."""
_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Distribution:
    """The confidence-weighted distribution of the measured ``sigma``, in the map's unit.

    Attributes:
        percentiles: by the names in :data:`PERCENTS`.
        top: end of the histogram and of the colour range: P98, rounded up, and of a map in pixels
            at least 2 px: what is finer would fill the scale with errors.
        weights: share of all confidence in each of :data:`BINS` equal bins from 0 to `top`.
        above: share of all confidence on values beyond `top`.
    """

    percentiles: Mapping[str, float]
    top: float
    weights: tuple[float, ...]
    above: float

    @property
    def edges(self) -> tuple[float, ...]:
        """Bounds of the bins, one more than there are bins."""
        return tuple(np.linspace(0, self.top, BINS + 1).tolist())


def distribution(defocus: DefocusMap) -> Distribution | None:
    """Percentiles and histogram of a map, or None where nothing in it was measured."""
    if not is_measured(defocus):
        return None
    counts = defocus.confidence >= CONFIDENT
    sigma, weight = defocus.sigma[counts], defocus.confidence[counts]
    *percentiles, high = weighted_percentiles(sigma, weight, (*PERCENTS.values(), TOP_PERCENT))
    top = round_up(high) if high > 0 else 1.0
    if defocus.unit == "px":
        top = max(top, LEAST_TOP_PX)
    bins = np.clip(sigma * np.float32(BINS / top), 0, BINS).astype(np.int32)
    bins[(bins == BINS) & (sigma <= top)] = BINS - 1
    totals = np.bincount(bins, weight, minlength=BINS + 1)
    weights = totals / totals.sum()
    return Distribution(
        percentiles=frozen(dict(zip(PERCENTS, percentiles, strict=True))),
        top=top,
        weights=tuple(weights[:BINS].tolist()),
        above=float(weights[BINS]),
    )


def round_up(value: float) -> float:
    """The next larger number that reads well on an axis; `value` is positive.

    >>> round_up(3.2), round_up(0.41), round_up(10.0), round_up(12.6)
    (4.0, 0.5, 10.0, 15.0)
    """
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in _ROUND if step * power >= value * (1 - 1e-9))


def ticks(top: float) -> list[float]:
    """Four to seven round numbers from 0 to at most `top`, equally far apart.

    >>> ticks(4.0), ticks(2.7)
    ([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
    """
    power = 10.0 ** floor(log10(top))
    steps = (step * power for step in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0))
    step = next(step for step in steps if top / step < 6.5)
    count = floor(top / step * (1 + 1e-9))
    return [round(index * step, 12) for index in range(count + 1)]
