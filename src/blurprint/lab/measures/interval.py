"""`Interval`: a value with the ends of its interval, from resamples, to JSON and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

# The usual level: docs/thresholds.md.
LEVEL: Final = 0.95
"""Share of the resamples that lie within an interval, unless another is asked for."""
_ROUNDING: Final = 1e-12
"""Two values that differ by no more than this are equal: sums in another order differ by less."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the ends of its interval.

    Attributes:
        value: what was measured; NaN where there was nothing to measure.
        low: lower end; NaN where no interval is given.
        high: upper end; NaN where no interval is given.
    """

    value: float
    low: float
    high: float

    def without_ends(self) -> Interval:
        """The value alone, as it is given where groups are too few for an interval.

        >>> Interval(2.0, 1.0, 3.0).without_ends()
        Interval(value=2.0, low=nan, high=nan)
        """
        return replace(self, low=math.nan, high=math.nan)

    def to_json(self) -> dict[str, float | None]:
        """As JSON takes it; None for NaN and for infinity, which JSON does not know.

        >>> Interval(2.0, 1.0, math.nan).to_json()
        {'value': 2.0, 'low': 1.0, 'high': None}
        """
        parts = {"value": self.value, "low": self.low, "high": self.high}
        return {name: float(part) if math.isfinite(part) else None for name, part in parts.items()}

    @classmethod
    def from_json(cls, document: Mapping[str, float | None]) -> Interval:
        """The reverse of :meth:`to_json`; NaN for None.

        Raises:
            KeyError: if a part is missing.
            TypeError: if `document` or a part of it has another type.
            ValueError: if a part is text that is no number.

        >>> Interval.from_json({"value": 2.0, "low": 1.0, "high": None})
        Interval(value=2.0, low=1.0, high=nan)
        """
        parts = (document[name] for name in ("value", "low", "high"))
        return cls(*(math.nan if part is None else float(part) for part in parts))


def percentile_ends(resampled: npt.ArrayLike, level: float = LEVEL) -> tuple[Values, Values]:
    """Both ends of the percentile interval of a bootstrap, along the first axis.

    Efron, *Nonparametric standard errors and confidence intervals* (Canadian Journal of Statistics
    1981).

    Args:
        resampled: (D, ...) what each of D resamples gave.
        level: share of the resamples that lie within.

    Returns:
        Lower and upper ends, (...) each.

    >>> [float(end.round(3)) for end in percentile_ends(np.linspace(0, 1, 1001))]
    [0.025, 0.975]
    """
    tail = (1 - level) / 2
    low, high = np.quantile(np.asarray(resampled, np.float64), (tail, 1 - tail), axis=0)
    return low, high


def percentile_interval(value: float, resampled: npt.ArrayLike, level: float = LEVEL) -> Interval:
    """`value` with :func:`percentile_ends` of the (D,) values that resamples gave."""
    low, high = percentile_ends(resampled, level)
    return Interval(float(value), float(low), float(high))


def wilson_interval(share: float, count: int, level: float = LEVEL) -> Interval:
    """A share of `count` independent trials with Wilson's interval, good for few and for none.

    Wilson, *Probable inference, the law of succession, and statistical inference* (Journal of the
    American Statistical Association 22, 1927).

    Args:
        share: found, in [0, 1].
        count: of trials; with fewer than one the ends are NaN.
        level: of the interval.

    >>> found = wilson_interval(0.0, 10)
    >>> found.low, round(found.high, 3)
    (0.0, 0.278)
    """
    if count < 1:
        return Interval(share, math.nan, math.nan)
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    inside = share * (1 - share) / count + z * z / (4 * count * count)
    half = z * math.sqrt(inside) / (1 + z * z / count)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    # at a share of 0 or 1 the end is that share, but for rounding
    return Interval(share, min(low, share) if share else 0.0, max(high, share))


def null_interval(null: npt.ArrayLike) -> Interval:
    """Mean of (D,) values that chance gave, with the ends of their middle 95 %."""
    return percentile_interval(float(np.asarray(null, np.float64).mean()), null)


def p_of_null(found: float, null: npt.ArrayLike) -> float:
    """Share of (D,) values that chance gave which are at least `found`, itself counted as one.

    Davison & Hinkley, *Bootstrap methods and their application* (1997), equation 4.11: a test by
    simulation never gives 0.

    >>> p_of_null(3.0, [1.0, 2.0, 3.0])
    0.5
    """
    values = np.asarray(null, np.float64)
    return float((1 + (values >= found - _ROUNDING).sum()) / (1 + len(values)))
