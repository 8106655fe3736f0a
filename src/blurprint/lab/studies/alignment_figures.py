"""Figures of the alignment: histograms over the defocus value, and the overlap of every pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from blurprint.lab.pages.style import (
    FAKE_COLOUR,
    GREY,
    NULL_COLOUR,
    REAL_COLOUR,
    Figure,
    figure_style,
    new_figure,
    to_figure,
)
from blurprint.lab.studies.attribution import DETECTOR_TITLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from blurprint.lab.studies.overlap import Aligned

Values = npt.NDArray[np.float64]


@figure_style()
def histogram_figure(difference: Values, found: Sequence[Aligned]) -> Figure:
    """Mean share of each bin; the axis is broken where few bins tower over the rest."""
    series = [("difference of fake and real", difference.mean(axis=0), GREY, "")]
    colours = {"defocus": FAKE_COLOUR, "rgb": REAL_COLOUR}
    hatches = {"defocus": "////", "rgb": "...."}
    for one in found:
        words = f"attribution, {DETECTOR_TITLES[one.name]}"
        series.append((words, one.shap.mean(axis=0), colours[one.name], hatches[one.name]))
    heights = 100 * np.stack([part for _, part, _, _ in series])
    cut = _cut(heights)
    figure = new_figure(7.2, 4.0 if cut else 3.4)
    if cut:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1, 2])
        panels: list[Axes] = [upper, lower]
    else:
        panels = [figure.subplots()]
    bins = heights.shape[1]
    edges = np.arange(bins) / bins
    width = 0.86 / bins / len(series)
    for axes in panels:
        for turn, ((name, _, colour, hatch), height) in enumerate(
            zip(series, heights, strict=True)
        ):
            axes.bar(
                edges + 0.07 / bins + turn * width,
                height,
                width,
                align="edge",
                color=(colour, 0.75),
                edgecolor="white",
                linewidth=0,
                hatch=hatch,
                label=name,
            )
        axes.grid(visible=False, axis="x")
        axes.set_xlim(0, 1)
    if cut:
        panels[0].set_ylim(cut[1], heights.max() * 1.06)
        panels[1].set_ylim(0, cut[0])
        _break(panels[0], panels[1])
    panels[-1].set_xticks(np.linspace(0, 1, 11))
    panels[-1].set_xlabel(
        "defocus value in the fake's map, from 0 (sharp) to 1, as the detector sees it"
    )
    panels[-1].set_ylabel("share of the whole, %")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(series))
    caption = (
        f"Over {len(difference)} fakes: at which defocus values they differ from their reals, and "
        "at which the detector looks."
    )
    if cut:
        caption += " The axis is broken: the upper part continues the tallest bars."
    return to_figure(figure, "histograms", caption)


def _cut(heights: Values) -> tuple[float, float] | None:
    """Top of the lower part and bottom of the upper, or None if no gap is worth a break.

    The lower part keeps all bars but the few that are more than 1.8 times as tall as the rest.
    """
    ordered = np.sort(heights.ravel())
    most = max(1, ordered.size // 8)
    ratios = ordered[-most:] / np.maximum(ordered[-most - 1 : -1], 1e-9)
    place = int(np.argmax(ratios))
    if ratios[place] < 1.8:
        return None
    below, above = ordered[ordered.size - most + place - 1], ordered[ordered.size - most + place]
    return float(1.12 * below), float(above - 0.25 * (above - 1.12 * below))


def _break(upper: Axes, lower: Axes) -> None:
    upper.spines["bottom"].set_visible(False)
    upper.tick_params(bottom=False)
    style: dict[str, Any] = {
        "marker": [(-1, -0.6), (1, 0.6)],
        "markersize": 9,
        "linestyle": "none",
        "color": GREY,
        "mec": GREY,
        "mew": 1,
        "clip_on": False,
    }
    upper.plot([0], [0], transform=upper.transAxes, **style)
    lower.plot([0], [1], transform=lower.transAxes, **style)


@figure_style()
def overlap_figure(found: Sequence[Aligned]) -> Figure:
    """The overlap of every pair, its mean, and what others' attributions give."""
    figure = new_figure(6.4, 0.8 * len(found) + 1.5)
    axes = figure.subplots()
    rng = np.random.default_rng(0)
    for place, one in enumerate(found):
        first = place == 0
        if one.p is not None:
            axes.barh(
                place,
                one.null.high - one.null.low,
                0.56,
                one.null.low,
                color=(NULL_COLOUR, 0.35),
                label="mean with attributions of other fakes, 95 %" if first else None,
            )
        axes.plot(
            one.overlaps,
            place + rng.uniform(-0.2, 0.2, len(one.overlaps)),
            "o",
            markersize=3,
            color=GREY,
            alpha=0.6,
            linestyle="none",
            label="one pair" if first else None,
        )
        has_ends = bool(np.isfinite(one.found.low))
        if has_ends:
            axes.plot([one.found.low, one.found.high], [place, place], color=FAKE_COLOUR)
        axes.plot(
            one.found.value,
            place,
            "D",
            color=FAKE_COLOUR,
            linestyle="none",
            label=("mean of the pairs" + ", 95 %" * has_ends) if first else None,
        )
        axes.plot(
            [one.even.mean()] * 2,
            [place - 0.3, place + 0.3],
            ":",
            color="black",
            label="if the attribution were even" if first else None,
        )
        axes.plot(
            one.untrained.mean(),
            place,
            "^",
            color="black",
            markerfacecolor="white",
            markersize=7,
            linestyle="none",
            label="mean of an untrained network" if first else None,
        )
    axes.set_yticks(range(len(found)), [DETECTOR_TITLES[one.name] for one in found])
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1)
    axes.set_xlabel("overlap of attribution and difference: 1 the same, 0 apart")
    figure.legend(loc="outside upper center", ncols=2)
    return to_figure(
        figure,
        "overlap",
        "How well the attribution fits the difference, pair by pair. A mean within the green bar "
        "fits no better than the attribution of another fake; one at the triangle, no better than "
        "that of a network that has learnt nothing.",
    )
