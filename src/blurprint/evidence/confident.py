"""Which parts of a map count as measured: one threshold for all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.evidence.percentiles import weighted_percentiles
from blurprint.optics.defocus_map import DefocusMap

Place = Mask | tuple[slice, slice] | None
# More likely right than wrong; 0.3: 94 % count, 11 % of it wrong; 0.5: 90, 10; 0.7: 82, 9:
# docs/thresholds.md.
CONFIDENT: Final = 0.5
"""Confidence from which a pixel counts as measured."""
# From 0 to 0.005 it makes no difference: docs/thresholds.md.
MIN_SHARE: Final = 0.001
"""Least share of confident pixels from which anything is said about a region: a thousandth."""


def confident_share(defocus: DefocusMap, region: Place = None) -> float:
    """Share in [0, 1] of the photograph whose confidence is at least :data:`CONFIDENT`.

    Args:
        defocus: the map; what its `mask` leaves out does not count.
        region: bool (H, W) or slices, to which the share is confined; None takes all.

    Returns:
        0 where there is no photograph.

    >>> trust = np.float32([[0.5, 0.49], [1, 0]])
    >>> confident_share(DefocusMap(np.ones((2, 2), np.float32), trust, "edge"))
    0.5
    """
    if region is None:
        return _known(defocus).share
    if isinstance(region, np.ndarray):
        return _share(defocus.confidence, defocus.mask & region)
    return _share(defocus.confidence[region], defocus.mask[region])


def _share(confidence: FloatMap, shown: Mask) -> float:
    sure = (confidence >= CONFIDENT) & shown
    return int(np.count_nonzero(sure)) / max(int(np.count_nonzero(shown)), 1)


def measured_percentiles(
    defocus: DefocusMap, percents: Sequence[float], region: Place = None
) -> tuple[float, ...]:
    """Percentiles of `sigma` where it is measured, weighted by confidence, in the map's unit.

    Pixels of lower confidence are left out.

    Args:
        defocus: the map.
        percents: in [0, 100].
        region: bool (H, W) or slices, or None for all of it.

    Raises:
        InputError: if nothing in the region is measured.

    >>> sigma, trust = np.float32([[1, 2, 9]]), np.float32([[1, 1, 0.4]])
    >>> measured_percentiles(DefocusMap(sigma, trust, "edge"), (50, 100))
    (1.0, 2.0)
    """
    if region is None:
        return _of_whole(defocus, percents)
    return weighted_percentiles(*_measured(defocus, region), percents)


def median_with_trust(defocus: DefocusMap, region: Place = None) -> tuple[float, float]:
    """Median of `sigma` where it is measured, and of its confidence, both weighted by confidence.

    Args:
        defocus: the map.
        region: bool (H, W) or slices, or None for all of it.

    Raises:
        InputError: if nothing in the region is measured.
    """
    if region is None:
        (middle,), known = _of_whole(defocus, (50,)), _known(defocus)
        if known.trust is None:
            sure = _measured(defocus)[1]
            (known.trust,) = weighted_percentiles(sure, sure, (50,))
        return middle, known.trust
    sigma, sure = _measured(defocus, region)
    (middle,), (trust,) = (weighted_percentiles(of, sure, (50,)) for of in (sigma, sure))
    return middle, trust


def _measured(defocus: DefocusMap, region: Place = None) -> tuple[FloatMap, FloatMap]:
    """`sigma` and confidence where both are measured, (N,) each."""
    sigma, confidence = defocus.sigma, defocus.confidence
    if isinstance(region, np.ndarray):
        sure = (confidence >= CONFIDENT) & region
    else:
        if region is not None:
            sigma, confidence = sigma[region], confidence[region]
        sure = confidence >= CONFIDENT
    return sigma[sure], confidence[sure]


def is_measured(defocus: DefocusMap, region: Place = None) -> bool:
    """Whether enough of a photograph, or of a region of it, is measured to report a value."""
    return confident_share(defocus, region) >= MIN_SHARE


@dataclass(slots=True)
class _Known:
    """What was already computed of a whole map, for which most rows ask.

    Attributes:
        share: that is measured.
        percentiles: of its measured `sigma`.
        trust: median of its confidence.
    """

    share: float
    percentiles: dict[float, float] = field(default_factory=dict)
    trust: float | None = None


_KNOWN: Final[WeakKeyDictionary[DefocusMap, _Known]] = WeakKeyDictionary()
_USUAL: Final = (5, 25, 50, 75, 95)
"""Percentiles that are taken together: the pass over all pixels is most of their cost."""


def _known(defocus: DefocusMap) -> _Known:
    found = _KNOWN.get(defocus)
    if found is None:
        found = _KNOWN[defocus] = _Known(_share(defocus.confidence, defocus.mask))
    return found


def _of_whole(defocus: DefocusMap, percents: Sequence[float]) -> tuple[float, ...]:
    known = _known(defocus).percentiles
    if not all(one in known for one in percents):
        asked = sorted({*percents, *_USUAL})
        found = weighted_percentiles(*_measured(defocus), asked)
        known.update(zip(asked, found, strict=True))
    return tuple(known[one] for one in percents)
