"""Figures: AUC under every condition, and honest pictures called fake by kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from blurprint.lab.evaluation.faces.results import Robustness
from blurprint.lab.measures.interval import Interval
from blurprint.lab.pages.style import (
    FAKE_COLOUR,
    GREY,
    REAL_COLOUR,
    Figure,
    figure_style,
    new_figure,
    to_figure,
)

_ROW: Final = 0.24
"""Height of a line, inches."""


@figure_style()
def condition_figure(found: Robustness) -> Figure:
    """AUC of every condition and recipe with its interval.

    Raises:
        ImportError: if matplotlib is missing.
    """
    rows = {**found.conditions, **{f"recipe {k}": v for k, v in found.recipes.items()}}
    drawing = new_figure(6.4, 1.0 + _ROW * len(rows))
    axes = drawing.subplots()
    _lines(axes, list(rows), [one.metrics["auc"] for one in rows.values()], FAKE_COLOUR, "o")
    axes.axvline(0.5, color=GREY, linewidth=0.8)
    axes.set_xlim(min(0.45, axes.get_xlim()[0]), 1.005)
    axes.set_xlabel("AUC; 0.5 is chance")
    axes.set_title("How well fakes are told from reals")
    return to_figure(
        drawing,
        "robustness-auc",
        "How often a pseudo-fake scores above a real face, by what happened to both files and, "
        "below, by how the fake was made. Bars are 95 % intervals over people.",
    )


@figure_style()
def alarm_figure(found: Robustness) -> Figure:
    """Share of honest pictures called fake, by kind.

    Raises:
        ImportError: if matplotlib is missing.
    """
    titles, values, colours = [], [], []
    for side, colour in (("held out", FAKE_COLOUR), ("seen in training", REAL_COLOUR)):
        for kind, one in found.alarms.get(side, {}).items():
            titles.append(f"{kind}, {side} ({one.pictures})")
            values.append(one.called_fake)
            colours.append(colour)
    drawing = new_figure(6.4, 1.0 + _ROW * max(1, len(titles)))
    axes = drawing.subplots()
    for colour, mark in ((FAKE_COLOUR, "o"), (REAL_COLOUR, "s")):
        places = [place for place, one in enumerate(colours) if one == colour]
        _lines(axes, titles, [values[place] for place in places], colour, mark, places)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("share called fake")
    axes.set_title("Honest pictures called fake")
    return to_figure(
        drawing,
        "robustness-false-alarms",
        "Share of honest pictures called fake, by kind, with the number of pictures. Round: people "
        "held out of training; square: people seen in it. Bars are Wilson's 95 % intervals.",
    )


def _lines(
    axes: object,
    titles: Sequence[str],
    values: Sequence[Interval],
    colour: str,
    mark: str,
    places: Sequence[int] | None = None,
) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    at = np.array(range(len(titles)) if places is None else places, float)
    middle = np.array([one.value for one in values], float)
    ends = np.array([[one.low, one.high] for one in values], float).reshape(-1, 2)
    spread = np.stack([middle - ends[:, 0], ends[:, 1] - middle])
    spread = np.maximum(np.nan_to_num(spread), 0)  # no bar without an interval
    axes.errorbar(middle, at, xerr=spread, fmt=mark, markersize=4, linewidth=1.2, color=colour)
    axes.set_yticks(range(len(titles)), titles)
    axes.set_ylim(len(titles) - 0.4, -0.6)
