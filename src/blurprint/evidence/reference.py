"""How usual a value is: its percentile in the shipped table of ordinary photographs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import numpy as np

from blurprint.evidence.confident import confident_share
from blurprint.evidence.evidence import Evidence, Reference
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.methods import weights_of

FORMAT: Final = 1
"""Version of the layout of the table."""
SIDES: Final = (0, 256, 384, 512, 768, 1024, 1536, 2304)
"""Bounds of the classes of size: longer side of the photograph in working pixels."""
SHARES: Final = (0, 10, 25, 50, 75, 100)
"""Bounds of the classes of measured share, in percent."""
ANY_SHARE: Final = frozenset({"measured_share"})
"""Measures that are compared with photographs of every measured share."""
PERCENTS: Final = (0, 1, 2.5, 5, *range(10, 95, 5), 95, 97.5, 99, 100)
"""Percentiles of each measure in each group of the table."""
# Of fewer, a percentile of 2.5 means nothing: docs/thresholds.md.
FEWEST: Final = 30
"""Photographs that a group needs before anything is compared with it."""


def with_reference(row: Evidence, defocus: DefocusMap) -> Evidence:
    """The row with its place among ordinary photographs, or the reason why that is unknown."""
    found = _reference(row, defocus)
    if isinstance(found, str):
        return replace(row, no_reference=found)
    return replace(row, reference=found)


def class_of(value: float, bounds: Sequence[float]) -> tuple[float, float] | None:
    """The two of `bounds` around `value`: at least the lower, below the upper unless that is last.

    >>> class_of(480, SIDES), class_of(512, SIDES), class_of(100, SHARES), class_of(4000, SIDES)
    ((384, 512), (512, 768), (75, 100), None)
    """
    if value == bounds[-1]:
        return bounds[-2], bounds[-1]
    for low, high in pairwise(bounds):
        if low <= value < high:
            return low, high
    return None


def classes(defocus: DefocusMap) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """The class of size and that of measured share that a map falls into."""
    side = class_of(max(defocus.rectangle.size), SIDES)
    return side, class_of(100 * confident_share(defocus), SHARES)


@cache
def shipped_table() -> Mapping[str, Any]:
    """The table of this folder, as ``blurprint benchmark reference`` made it."""
    text = files("blurprint.evidence").joinpath("reference.json").read_text("utf-8")
    table: Mapping[str, Any] = json.loads(text)
    return table


def _reference(row: Evidence, defocus: DefocusMap) -> Reference | str:
    if row.value is None:
        return "Unknown: there is no value to compare."
    table = shipped_table()
    measured = table["methods"].get(defocus.method)
    if measured is None:
        return f'Unknown: no photographs were measured with method "{defocus.method}".'
    if measured["weights_sha256"] != weights_of(defocus.method):
        return "Unknown: the ordinary photographs were measured with other weights."
    side, share = classes(defocus)
    if row.name in ANY_SHARE:
        share = None
    group = next(
        (g for g in measured["groups"] if (_pair(g["side"]), _pair(g["share"])) == (side, share)),
        None,
    )
    if side is None or group is None or row.name not in group["measures"]:
        return _no_group(side, share, row)
    one = group["measures"][row.name]
    quantiles = one["quantiles"]
    return Reference(
        percentile=percentile_of(row.value, quantiles),
        low=quantiles[PERCENTS.index(5)],
        high=quantiles[PERCENTS.index(95)],
        photographs=int(one["photographs"]),
        group=_words(side, share),
    )


def percentile_of(value: float, quantiles: Sequence[float]) -> float:
    """Share in percent of a group that lies below `value`, between its quantiles at `PERCENTS`.

    Where many are alike, the middle of their range counts.

    >>> quantiles = [float(percent) for percent in PERCENTS]
    >>> percentile_of(42.0, quantiles), percentile_of(-1, quantiles), percentile_of(101, quantiles)
    (42.0, 0.0, 100.0)
    >>> percentile_of(3.0, [3.0] * len(PERCENTS))
    50.0
    """
    if value < quantiles[0]:
        return 0.0
    if value > quantiles[-1]:
        return 100.0
    alike = [percent for percent, q in zip(PERCENTS, quantiles, strict=True) if q == value]
    if alike:
        return (alike[0] + alike[-1]) / 2
    return float(np.interp(value, quantiles, PERCENTS))


def _no_group(side: tuple[float, float] | None, share: object, row: Evidence) -> str:
    if side is None:
        return f"Unknown: no ordinary photographs of more than {SIDES[-1]} px were measured."
    like = "size" if share is None or row.name in ANY_SHARE else "size and measured share"
    return f"Unknown: fewer than {FEWEST} ordinary photographs of like {like} were measured."


def _words(side: tuple[float, float], share: tuple[float, float] | None) -> str:
    text = f"of {side[0]:g} to {side[1]:g} px"
    return text if share is None else f"{text}, {share[0]:g} to {share[1]:g} % measured"


def _pair(bounds: list[float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (bounds[0], bounds[1])
