"""Figures of the binary mask: active pixels by threshold, and what they look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.lab.loading.maps import MAP_TITLES, MAP_WORDS, METRIC, MINMAX
from blurprint.lab.measures.interval import Interval
from blurprint.lab.pages.style import (
    FAKE_COLOUR,
    FAKE_LINE,
    GREY,
    MAP_COLOURS,
    NULL_COLOUR,
    NULL_LINE,
    Figure,
    figure_style,
    frame_only,
    new_figure,
    to_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Curves(NamedTuple):
    """Percentages of active pixels at each threshold.

    Attributes:
        thresholds: falling.
        pairs: of fakes and their reals.
        null: of two reals.
        ratio: of the first to the second.
        unit: behind a threshold, " px" or nothing.
    """

    thresholds: tuple[float, ...]
    pairs: list[Interval]
    null: list[Interval]
    ratio: list[Interval]
    unit: str


@figure_style()
def curve_figure(curves: Mapping[str, Curves], has_null: bool) -> Figure:
    """Above, active pixels by threshold with and without a forgery; below, the ratio of the two."""
    rows = 2 if has_null else 1
    figure = new_figure(4.0 * len(curves) + 0.4, 2.6 * rows + 0.5)
    grid = figure.subplots(rows, len(curves), squeeze=False, sharex="col")
    for column, (kind, curve) in enumerate(curves.items()):
        axes: Axes = grid[0, column]
        _band(axes, curve.thresholds, curve.pairs, FAKE_COLOUR, FAKE_LINE, "o", "fake and its real")
        if has_null:
            _band(axes, curve.thresholds, curve.null, NULL_COLOUR, NULL_LINE, "s", "two reals")
        axes.set_ylim(-3, 103)
        axes.set_title(MAP_TITLES[kind].capitalize())
        bottom: Axes = grid[-1, column]
        bottom.set_xscale("log")
        bottom.set_xlabel("threshold" + (", px" if kind == METRIC else ", share of the range"))
        if has_null:
            bottom.axhline(1, color=GREY, linewidth=1)
            _band(bottom, curve.thresholds, curve.ratio, FAKE_COLOUR, "-", "o", None)
            bottom.set_ylim(bottom=0, top=max(1.6, bottom.get_ylim()[1]))
            bottom.annotate(
                "no more than two reals",
                (0.02, 1),
                xycoords=("axes fraction", "data"),
                xytext=(0, 7),
                textcoords="offset points",
                fontsize=8,
                color=GREY,
            )
    grid[0, 0].set_ylabel("active pixels, %")
    if has_null:
        grid[1, 0].set_ylabel("times as many as\nbetween two reals")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    caption = "How many pixels of two maps differ by more than the threshold, on average."
    if has_null:
        caption += " Above, a fake and its real against two reals; below, the ratio."
        if all(np.isfinite(one.low) for curve in curves.values() for one in curve.ratio[:1]):
            caption += (
                " Bands and bars are 95 % intervals over groups; one that holds 1 shows no effect."
            )
        else:
            caption += " Groups are too few for intervals, and for saying that there is an effect."
    return to_figure(figure, "active-pixels", caption)


def _band(
    axes: Axes,
    thresholds: Sequence[float],
    intervals: Sequence[Interval],
    colour: str,
    line: str,
    marker: str,
    label: str | None,
) -> None:
    values, low, high = (
        np.array([getattr(one, name) for one in intervals]) for name in ("value", "low", "high")
    )
    axes.fill_between(thresholds, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(thresholds, values, line + marker, color=colour, markersize=4, label=label)


@figure_style()
def example_figure(
    kind: str, panels: Sequence[tuple[str, FloatMap, FloatMap]], threshold: float, unit: str
) -> Figure:
    """A row for each pair: first map, the real's, and the pixels that are active.

    Args:
        kind: of the maps.
        panels: title of the first map, it, and the real's.
        threshold: of the mask.
        unit: behind the threshold.
    """
    figure = new_figure(5.9, 1.95 * len(panels) + 0.6)
    grid = figure.subplots(len(panels), 3, squeeze=False)
    values = np.concatenate([one.ravel() for _, *both in panels for one in both])
    top = 1.0 if kind == MINMAX else float(np.quantile(values, 0.995))
    image: Any = None
    for row, (title, first, second) in zip(grid, panels, strict=True):
        active = np.abs(first - second) > threshold
        for axes, shown in ((row[0], first), (row[1], second)):
            image = axes.imshow(shown, cmap=MAP_COLOURS, vmin=0, vmax=top, rasterized=True)
        row[2].imshow(active, cmap="gray", vmin=0, vmax=1, interpolation="nearest", rasterized=True)
        row[0].set_title(title)
        row[1].set_title("its real" if title == "fake" else "a real")
        row[2].set_title(f"{100 * active.mean():.1f} % active")
    for axes in grid.flat:
        frame_only(axes)
    figure.colorbar(
        image,
        ax=grid[:, :2].ravel().tolist(),
        location="bottom",
        shrink=0.6,
        aspect=40,
        label="blur, px" if kind == METRIC else "blur, share of the map's range",
    )
    caption = (
        f"Pairs drawn at random, {MAP_WORDS[kind]}; white pixels differ by more than "
        f"{threshold:g}{unit}."
    )
    if panels[-1][0] != "fake":
        caption += " The last row is of two reals, which nobody forged."
    return to_figure(figure, f"masks-{kind}", caption)
