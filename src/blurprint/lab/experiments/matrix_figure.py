"""The matrix "trained on, tested on" as a heat map."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from blurprint.lab.measures.interval import Interval
from blurprint.lab.pages.style import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

_CELL_IN: Final = 0.95, 0.6
"""Width and height of a cell, in inches."""
_LONG: Final = 13
"""Letters of a name from which on it does not fit below its column."""


def matrix_figure(
    cells: Mapping[tuple[str, str], Interval],
    trained_on: Sequence[str],
    tested_on: Sequence[str],
    title: str,
) -> Figure:
    """AUC of each pair, from 0.5 (chance) to 1; a frame marks what was trained on itself.

    Args:
        cells: by (trained on, tested on); what is missing or NaN is crossed out.
        trained_on: rows, from above.
        tested_on: columns, from the left.
        title: of the figure.
    """
    import matplotlib as mpl
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    width, height = _CELL_IN
    longest = max(len(name) for name in trained_on)
    figure = new_figure(
        width * len(tested_on) + 0.08 * longest + 1.5, height * len(trained_on) + 1.5
    )
    axes = figure.add_subplot()
    colours = ScalarMappable(Normalize(0.5, 1, clip=True), "viridis")
    for row, trained in enumerate(trained_on):
        for column, tested in enumerate(tested_on):
            value = cells.get((trained, tested))
            _draw_cell(axes, column, row, value, colours)
    text = str(mpl.rcParams["text.color"])
    for row, trained in enumerate(trained_on):
        if trained in tested_on:
            corner = (list(tested_on).index(trained) - 0.46, row - 0.46)
            axes.add_patch(_box(corner, 0.92, facecolor="none", edgecolor=text, linewidth=2))
    axes.set_xlim(-0.5, len(tested_on) - 0.5)
    axes.set_ylim(len(trained_on) - 0.5, -0.5)
    axes.set_xticks(range(len(tested_on)), tested_on)
    if max(len(name) for name in tested_on) > _LONG:
        axes.tick_params("x", labelrotation=25)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(trained_on)), trained_on)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("tested on")
    axes.set_ylabel("trained on")
    axes.set_title(title)
    figure.colorbar(colours, ax=axes, label="AUC", extend="min", shrink=0.9)
    return figure


def readable_ink(colour: Sequence[float]) -> str:
    """Black or white, whichever has more contrast on an sRGB colour (WCAG 2.2, relative luminance).

    >>> readable_ink((1, 1, 0)), readable_ink((0.2, 0.1, 0.4))
    ('black', 'white')
    """
    sRGB = np.asarray(colour, float)
    linear = np.where(sRGB <= 0.04045, sRGB / 12.92, ((sRGB + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return "black" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "white"


def _box(corner: tuple[float, float], side: float, **style: Any) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle(corner, side, side, **style)


def _draw_cell(
    axes: Axes, column: int, row: int, value: Interval | None, colours: ScalarMappable
) -> None:
    corner = (column - 0.5, row - 0.5)
    if value is None or math.isnan(value.value):
        axes.add_patch(
            _box(corner, 1, facecolor="none", edgecolor="#8a929a", hatch="////", linewidth=0)
        )
        return
    colour = [float(part) for part in colours.to_rgba(np.array(value.value))[:3]]
    page = axes.get_facecolor()
    axes.add_patch(_box(corner, 1, facecolor=tuple(colour), edgecolor=page, linewidth=1.5))
    ink = readable_ink(colour)
    has_ends = not math.isnan(value.low)
    axes.text(
        column,
        row - (0.1 if has_ends else 0),
        f"{value.value:.3f}",
        ha="center",
        va="center",
        color=ink,
        fontsize=11,
        fontweight="bold",
    )
    if has_ends:
        ends = f"{value.low:.2f} to {value.high:.2f}"
        axes.text(column, row + 0.22, ends, ha="center", va="center", color=ink, fontsize=7.5)
