"""The noun: one measurement on a map, as a person would want it told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Evidence:
    """One named measurement.

    Attributes:
        name: stable identifier, as in ``report.json``.
        title: what a person reads.
        value: the measurement in `unit`, in working pixels where it is a length; None where the
            picture gives nothing to measure.
        unit: unit of `value`: "px", "px^2", "%", "map units" or "map units^2".
        native: `value` in native pixels, where it is a length or a square of one; None otherwise.
        sentence: one plain sentence that says the same.
        details: further numbers behind the value, by name, in `unit`.
        reference: range (low, high) of `value` in ordinary photographs, where it is known.
    """

    name: str
    title: str
    value: float | None
    unit: str
    sentence: str
    native: float | None = None
    details: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    reference: tuple[float, float] | None = None
