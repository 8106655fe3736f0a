"""Figures of Shapley values: attributions beside their pictures, and whether they add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.lab.datasets.table import FAKE
from blurprint.lab.pages.style import (
    FAKE_COLOUR,
    GREY,
    REAL_COLOUR,
    SIGNED_COLOURS,
    Figure,
    figure_style,
    frame_only,
    new_figure,
    to_figure,
)
from blurprint.lab.studies.attribution import DETECTOR_TITLES


def shown_smooth(plane: FloatMap) -> FloatMap:
    """An attribution for the eye: blurred by a Gaussian of 1 % of its side.

    Single pixels of gradients are noise that a network does not mean one by one.
    """
    return cv2.GaussianBlur(plane, (0, 0), max(0.01 * len(plane), 0.3))


def symmetric_top(values: npt.NDArray[np.floating]) -> float:
    """End of a scale around 0: the 99.5th percentile of the sizes, or 1e-9 if all are 0."""
    return max(float(np.quantile(np.abs(values), 0.995)), 1e-9)


@figure_style()
def panel_figure(panels: Sequence[dict[str, Any]]) -> Figure:
    """A row a picture: the picture, its map, and the attribution of each detector."""
    names = [name for name in ("rgb", "defocus") if panels[0][name] is not None]
    figure = new_figure(1.95 * (2 + len(names)) + 0.3, 1.9 * len(panels) + 1.0)
    figure.set_layout_engine("compressed")
    grid = figure.subplots(len(panels), 2 + len(names), squeeze=False)
    tops = {
        name: symmetric_top(np.concatenate([panel[name].ravel() for panel in panels]))
        for name in names
    }
    images: dict[str, Any] = {}
    for row, panel in zip(grid, panels, strict=True):
        row[0].imshow(panel["picture"], rasterized=True)
        row[1].imshow(panel["map"], cmap="gray", vmin=0, vmax=1, rasterized=True)
        for axes, name in zip(row[2:], names, strict=True):
            images[name] = axes.imshow(
                panel[name],
                cmap=f"{SIGNED_COLOURS}_r",
                vmin=-tops[name],
                vmax=tops[name],
                rasterized=True,
            )
        row[0].set_ylabel(panel["label"])
    titles = ["picture", "map: dark is sharp", *(DETECTOR_TITLES[name] for name in names)]
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title)
    for axes in grid.flat:
        frame_only(axes)
    for place, name in enumerate(names, 2):
        bar = figure.colorbar(
            images[name],
            ax=grid[:, place].tolist(),
            location="bottom",
            aspect=16,
            shrink=0.9,
            ticks=[-tops[name], 0, tops[name]],
        )
        bar.ax.set_xticklabels(["real", "0", "fake"])
        bar.outline.set_visible(False)
    return to_figure(
        figure,
        "panels",
        "Pictures drawn at random, and what speaks for a fake (orange) or for a real one (violet) "
        "in each. One scale for all pictures of a detector, smoothed over 1 % of the side.",
    )


@figure_style()
def completeness_figure(measured: Any) -> Figure:
    """Sum of the attributions against what they should add up to, a panel a detector."""
    names = list(dict.fromkeys(measured["detector"]))
    figure = new_figure(3.6 * len(names) + 0.2, 3.7)
    grid = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(grid, names, strict=True):
        rows = measured[measured["detector"] == name]
        wanted = rows["logit"] - rows["expected_logit"]
        both = np.r_[wanted, rows["sum_of_attributions"]]
        ends = [both.min(), both.max()]
        axes.plot(ends, ends, color=GREY, linewidth=1, label="complete")
        for label, colour, marker, words in (
            (0, REAL_COLOUR, "o", "real"),
            (FAKE, FAKE_COLOUR, "x", "fake"),
        ):
            some = rows["label"] == label
            axes.plot(
                wanted[some],
                rows["sum_of_attributions"][some],
                marker,
                color=colour,
                markerfacecolor="none",
                markersize=5,
                label=words,
            )
        axes.set_title(DETECTOR_TITLES[name])
        axes.set_xlabel("logit less that of the reals")
    grid[0].set_ylabel("sum of the attributions")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return to_figure(
        figure,
        "completeness",
        "Do the parts add up? Each point is a picture; on the line its attributions add up exactly "
        "to the score that they explain.",
    )
