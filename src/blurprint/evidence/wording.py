"""Numbers with their units, as the sentences of the evidence and the report say them."""

from __future__ import annotations

from math import exp, floor, log10

from blurprint.optics.defocus_map import DefocusMap


def in_pixels(defocus: DefocusMap) -> bool:
    """Whether the map's values are widths in pixels, and not the paper's unitless ones."""
    return defocus.unit == "px"


def subject(defocus: DefocusMap) -> str:
    """What a share is a share of: the picture, or the photograph that is only a part of it."""
    return "picture" if defocus.mask.all() else "photograph"


def native(value: float, defocus: DefocusMap, power: int = 1) -> float | None:
    """A length in working pixels, or its `power`, in native pixels; None without pixels."""
    return value / defocus.scale**power if in_pixels(defocus) else None


def number(value: float) -> str:
    """Two decimals: no value in pixels is known better.

    >>> number(1.234), number(0.0304), number(0.0), number(-0.02), number(-0.001)
    ('1.23', '0.03', '0.00', '-0.02', '0.00')
    """
    return f"{round(value, 2) + 0.0:.2f}"


def significant(value: float) -> str:
    """Two decimals, or as many as small values need to show two digits: for what is no pixels.

    >>> significant(1.234), significant(0.0304), significant(0.000123), significant(0.0)
    ('1.23', '0.030', '0.00012', '0.00')
    """
    size = abs(value)
    decimals = 2 if size >= 0.1 or size < 1e-9 else min(1 - floor(log10(size)), 9)
    return f"{value:.{decimals}f}"


def percent(value: float) -> str:
    """Whole percents, with a decimal below ten; what is not all never becomes 100 %.

    >>> percent(41.27), percent(3.44), percent(0.0), percent(99.97), percent(100.0)
    ('41 %', '3.4 %', '0 %', '99.9 %', '100 %')
    """
    if 99.5 <= value < 100:
        return f"{floor(10 * value) / 10:.1f} %"
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.1f} %"


def signed_percent(log_ratio: float) -> str:
    """The logarithm of a ratio as a change in percent.

    >>> signed_percent(0.0), signed_percent(0.113), signed_percent(-0.7)
    ('0 %', '+12 %', '−50 %')
    """
    change = round(100 * (exp(log_ratio) - 1))
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{abs(change)} %"


def more_or_less(log_ratio: float) -> str:
    """The logarithm of a ratio in words.

    >>> more_or_less(0.113), more_or_less(-0.7)
    ('12 % more', '50 % less')
    """
    change = round(100 * (exp(log_ratio) - 1))
    return f"{abs(change)} % {'less' if change < 0 else 'more'}"


def amount(value: float, defocus: DefocusMap, power: int = 1) -> str:
    """A value of the map (or its square), with its unit, and in native pixels if they differ.

    >>> import numpy as np
    >>> one = np.ones((2, 2), np.float32)
    >>> amount(1.5, DefocusMap(one, one, "edge", scale=0.5))
    '1.50 px (3.00 px at native size)'
    >>> amount(1.5, DefocusMap(one, one, "paper", unit="map units"), power=2)
    '1.50 map units²'
    """
    unit = defocus.unit + ("²" if power == 2 else "")
    text = f"{number(value) if in_pixels(defocus) else significant(value)} {unit}"
    at_native = native(value, defocus, power)
    if at_native is not None and defocus.scale != 1:
        text += f" ({number(at_native)} {unit} at native size)"
    return text
