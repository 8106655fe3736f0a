"""Which parts of a map count as measured: one threshold for all rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from blurprint.arrays import Mask
from blurprint.evidence.percentiles import weighted_percentiles
from blurprint.optics.defocus_map import DefocusMap

Region = Mask | None
Place = Region | tuple[slice, slice]
# More likely right than wrong; 0.3: 95 % count, 17 % of it wrong; 0.5: 85, 15; 0.7: 70, 11:
# docs/thresholds.md.
CONFIDENT: Final = 0.5
"""Confidence from which a pixel counts as measured."""
# From 0 to 0.005 it makes no difference: docs/thresholds.md.
MIN_SHARE: Final = 0.001
"""Least share of confident pixels from which anything is said about a region: a thousandth."""


def confident_share(defocus: DefocusMap, region: Region = None) -> float:
    """Share in [0, 1] of the photograph whose confidence is at least :data:`CONFIDENT`.

    Args:
        defocus: the map; what its `mask` leaves out does not count.
        region: bool (H, W), to which the share is confined; None takes all.

    Returns:
        0 where there is no photograph.

    >>> trust = np.float32([[0.5, 0.49], [1, 0]])
    >>> confident_share(DefocusMap(np.ones((2, 2), np.float32), trust, "edge"))
    0.5
    """
    shown = defocus.mask if region is None else defocus.mask & region
    sure = (defocus.confidence >= CONFIDENT) & shown
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
    sigma, confidence = defocus.sigma, defocus.confidence
    if region is not None:
        sigma, confidence = sigma[region], confidence[region]
    sure = confidence >= CONFIDENT
    return weighted_percentiles(sigma[sure], confidence[sure], percents)


def is_measured(defocus: DefocusMap, region: Region = None) -> bool:
    """Whether enough of a photograph, or of a region of it, is measured to report a value."""
    return confident_share(defocus, region) >= MIN_SHARE
