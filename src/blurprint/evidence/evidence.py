"""The noun: one measurement on a map, with its error and a plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from blurprint.frozen import frozen

# 5 % on both sides together, the usual level: docs/thresholds.md.
UNUSUAL_TAIL: Final = 2.5
"""A value is unusual below this percentile of ordinary photographs, or above 100 less it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value stands among ordinary photographs.

    Attributes:
        percentile: share of them, in percent, whose value is lower.
        low: their 5th percentile.
        high: their 95th percentile.
        photographs: how many of them there are.
        group: which photographs, as a phrase that follows "photographs".
    """

    percentile: float
    low: float
    high: float
    photographs: int
    group: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One named measurement.

    Attributes:
        name: stable identifier, as in ``report.json``.
        title: heading in the report.
        value: the measurement in `unit`, in working pixels where it is a length; None where the
            picture gives nothing to measure.
        unit: unit of `value`: "px", "px^2", "%", "map units" or "map units^2".
        native: `value` in native pixels, where it is a length or a square of one; None otherwise.
        sentence: one plain sentence that says the same.
        details: further numbers behind the value, by name, in `unit`.
        error: expected error of `value`, in `unit`; 0 of a mere count, None where it is not known.
        reference: where `value` stands among ordinary photographs; None where that is not known.
        no_reference: why `reference` is None, as a sentence; "" otherwise.
    """

    name: str
    title: str
    value: float | None
    unit: str
    sentence: str
    native: float | None = None
    details: Mapping[str, float] = field(default_factory=lambda: frozen({}))
    error: float | None = None
    reference: Reference | None = None
    no_reference: str = ""

    @property
    def is_unusual(self) -> bool:
        """Whether the value lies apart from those of ordinary photographs.

        Fewer than one in forty of them is as far out on the same side, and it lies outside the
        middle nine tenths of them by more than its error.
        """
        if self.value is None or self.reference is None:
            return False
        if UNUSUAL_TAIL <= self.reference.percentile <= 100 - UNUSUAL_TAIL:
            return False
        beyond = max(self.value - self.reference.high, self.reference.low - self.value)
        return beyond > (self.error or 0.0)
