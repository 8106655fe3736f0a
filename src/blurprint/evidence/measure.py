"""The door of this room: one function, and the dict that names its measures in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from blurprint.evidence.blur_median import blur_median
from blurprint.evidence.blur_range import blur_range
from blurprint.evidence.centre_border import centre_border
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.local_variance import local_variance
from blurprint.evidence.measured_share import measured_share
from blurprint.evidence.reference import with_reference
from blurprint.optics.defocus_map import DefocusMap

Measure = Callable[[DefocusMap], Evidence]

MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        "blur_median": blur_median,
        "blur_range": blur_range,
        "measured_share": measured_share,
        "centre_border": centre_border,
        "local_variance": local_variance,
    }
)
"""Every row of evidence by its name, in the order of the report."""


def measure_evidence(defocus: DefocusMap) -> tuple[Evidence, ...]:
    """What a map says: one :class:`Evidence` for each of :data:`MEASURES`, in their order.

    Each carries how usual its value is among ordinary photographs, or why that is unknown.

    >>> import numpy as np
    >>> one = np.ones((32, 32), np.float32)
    >>> [row.value for row in measure_evidence(DefocusMap(2 * one, one, "edge"))]
    [2.0, 0.0, 100.0, 0.0, 0.0]
    """
    return tuple(with_reference(measure(defocus), defocus) for measure in MEASURES.values())
