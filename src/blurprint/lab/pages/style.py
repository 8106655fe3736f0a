"""Figures of the laboratory: one manner, no global state, the same bytes for the same figure."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

DPI: Final = 300
REAL_COLOUR: Final = "#56B4E9"
FAKE_COLOUR: Final = "#D55E00"
NULL_COLOUR: Final = "#009E73"
"""Of what chance or innocent differences give. All colours are Okabe and Ito's."""
GREY: Final = "#6b747c"
"""Of lines that are no measurement: chance, zero, a threshold."""
REAL_LINE: Final = "-"
FAKE_LINE: Final = "--"
NULL_LINE: Final = ":"
"""Lines differ as well as colours, so that a figure can be read without colour."""
MAP_COLOURS: Final = "cividis"
"""Of maps from little to much, even in lightness for every kind of colour vision."""
SIGNED_COLOURS: Final = "PuOr"
"""Of maps with a meaningful zero in the middle."""


_INK: Final = {
    "light": {
        "page": "#ffffff",
        "text": "#1b1f23",
        "grid": "#e5e5e5",
        "lines": "0072B2 D55E00 009E73 CC79A7",
    },
    "dark": {
        "page": "#1c2024",
        "text": "#e8eaed",
        "grid": "#363c43",
        "lines": "56B4E9 E69F00 009E73 CC79A7",
    },
}
"""As the page's own colours, see ``pages/style.css``."""


def settings(ink: Literal["light", "dark"] = "light") -> dict[Any, Any]:
    """Matplotlib's settings for all figures of evaluations."""
    from cycler import cycler

    page, text, grid, lines = (_INK[ink][name] for name in ("page", "text", "grid", "lines"))
    return {
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=[f"#{colour}" for colour in lines.split()]),
        "grid.color": grid,
        "legend.frameon": False,
        "svg.hashsalt": "blurprint",  # the same figure, the same file
        "figure.facecolor": page,
        "axes.facecolor": page,
        "savefig.facecolor": page,
        **dict.fromkeys(
            ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), text
        ),
    }


def new_figure(width: float, height: float) -> Drawing:
    """An empty figure, in inches, that no pyplot state knows of."""
    from matplotlib.figure import Figure as Drawing

    return Drawing(figsize=(width, height), layout="constrained")


@contextmanager
def figure_style() -> Iterator[None]:
    """Matplotlib's settings of all figures; as a decorator, of what a function draws.

    Raises:
        ImportError: if matplotlib is missing.
    """
    import matplotlib as mpl

    with mpl.rc_context(settings()):
        yield


def frame_only(axes: Axes) -> None:
    """A thin frame around a picture, without ticks or grid."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(GREY)
    axes.spines[:].set_linewidth(0.6)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that was drawn.

    Attributes:
        name: of its files, without suffix.
        caption: one or two sentences in words that a fact-checker follows.
        png: bytes, 300 dpi.
        svg: bytes.
    """

    name: str
    caption: str
    png: bytes
    svg: bytes


def to_figure(drawing: Drawing, name: str, caption: str) -> Figure:
    """What was drawn, as PNG of 300 dpi and as SVG.

    Args:
        drawing: from :func:`new_figure`, drawn within :func:`figure_style`.
        name: of its files, without suffix.
        caption: one or two sentences in words that a fact-checker follows.
    """
    with figure_style():
        png, svg = io.BytesIO(), io.BytesIO()
        drawing.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
        drawing.savefig(svg, format="svg", dpi=DPI, metadata={"Date": None})
    return Figure(name, caption, png.getvalue(), svg.getvalue())
