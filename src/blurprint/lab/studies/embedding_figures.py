"""Figures of the embedding: the drawings, and the numbers that count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.pages.style import (
    FAKE_COLOUR,
    NULL_COLOUR,
    REAL_COLOUR,
    Figure,
    figure_style,
    frame_only,
    new_figure,
    to_figure,
)
from blurprint.lab.studies.feature_space import Separation, Values


@figure_style()
def numbers_figure(measured: Sequence[Separation]) -> Figure:
    """Each number with its interval, beside what shuffled labels give."""
    agreements = [one for one in measured if one.name != "silhouette"]
    others = [one for one in measured if one.name == "silhouette"]
    figure = new_figure(7.2, 0.36 * len(measured) + 1.75)
    upper, lower = figure.subplots(2, 1, height_ratios=[len(agreements), 1.2 * len(others)])
    for axes, rows, scale in ((upper, agreements, 100.0), (lower, others, 1.0)):
        for place, one in enumerate(rows):
            label = place == 0 and axes is upper
            axes.plot(
                [scale * one.null.low, scale * one.null.high],
                [place, place],
                color=NULL_COLOUR,
                linewidth=9,
                alpha=0.4,
                solid_capstyle="butt",
                label="labels shuffled, 95 %" if label else None,
            )
            ends = np.array([one.found.low, one.found.high])
            has_ends = bool(np.isfinite(ends).all())
            if has_ends:
                axes.plot(scale * ends, [place, place], color=FAKE_COLOUR, linewidth=1.6)
            axes.plot(
                scale * one.found.value,
                place,
                "o",
                color=FAKE_COLOUR,
                label=("as labelled" + ", 95 %" * has_ends) if label else None,
            )
        axes.set_yticks(range(len(rows)), [one.title for one in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
    upper.set_xlim(min(40.0, upper.get_xlim()[0]), 101)
    upper.set_xlabel("neighbours that share the picture's label, %")
    lower.set_xlim(min(-0.1, lower.get_xlim()[0]), max(1.0, lower.get_xlim()[1]))
    lower.set_xlabel("silhouette: 0 no clusters, 1 two far ones")
    handles, labels = upper.get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside upper center", ncols=2)
    return to_figure(
        figure,
        "agreement",
        "How far fakes and reals lie apart in the detector's own features. Where the dot lies "
        "within the green bar, the detector's features say no more than chance.",
    )


@figure_style()
def layout_figure(layouts: dict[str, Values], labels: npt.NDArray[Any]) -> Figure:
    """The drawings, a panel each; reals are circles, fakes crosses."""
    columns = min(2, len(layouts))
    rows = -(-len(layouts) // columns)
    figure = new_figure(3.5 * columns, 3.3 * rows + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False)
    size = float(np.clip(1500 / len(labels), 3, 22))
    for axes, (name, layout) in zip(grid.flat, layouts.items(), strict=False):
        for label, colour, marker, words in (
            (REAL, REAL_COLOUR, "o", "real"),
            (FAKE, FAKE_COLOUR, "x", "fake"),
        ):
            some = layout[labels == label]
            axes.scatter(
                some[:, 0],
                some[:, 1],
                s=size,
                c="none" if marker == "o" else colour,
                edgecolors=colour if marker == "o" else None,
                marker=marker,
                linewidths=0.9,
                label=words,
                rasterized=True,
            )
        axes.set_title(name)
        axes.set_aspect("equal", "datalim")
    for axes in grid.flat:
        frame_only(axes)
    for axes in grid.flat[len(layouts) :]:
        axes.set_visible(False)
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, markerscale=1.5)
    return to_figure(
        figure,
        "layouts",
        "The detector's features pressed into two dimensions: one point a picture. The axes have "
        "no unit, and distances between clusters mean nothing.",
    )
