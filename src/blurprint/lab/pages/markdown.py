"""Tables and numbers as the documentation shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from blurprint.lab.measures.interval import Interval


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float, signed: bool = False) -> str:
    """Two decimals, three below 0.1; a dash for what is undefined.

    >>> number(1.234), number(0.0567), number(-1e-5), number(float("nan")), number(0.2, signed=True)
    ('1.23', '0.057', '0.000', '–', '+0.20')
    """
    if math.isnan(value):
        return "–"
    value = round(value, 3) + 0.0  # never "-0.000"
    return f"{value:{'+' if signed else ''}.{3 if abs(value) < 0.1 else 2}f}"


def interval(value: Interval) -> str:
    """Value and ends; the value alone where there are no ends.

    >>> interval(Interval(0.21, 0.2, 0.225)), interval(Interval(0.21, math.nan, math.nan))
    ('0.21 (0.20 to 0.23)', '0.21')
    """
    if math.isnan(value.low):
        return number(value.value)
    return f"{number(value.value)} ({number(value.low)} to {number(value.high)})"


def percent(share: Interval) -> str:
    """Value and ends in per cent.

    >>> percent(Interval(0.8, 0.75, 0.85))
    '80.0 % (75.0 to 85.0)'
    """
    if math.isnan(share.value):
        return "–"
    if math.isnan(share.low):
        return f"{100 * share.value:.1f} %"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"
