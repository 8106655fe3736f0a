"""Figures of the studies: one manner, no global state, the same bytes for the same figure."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from blurprint.lab.evaluation.detector_figures import FAKE_COLOUR, REAL_COLOUR, new_figure, settings
from blurprint.lab.studies.study import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

__all__ = [
    "DPI",
    "FAKE_COLOUR",
    "FAKE_LINE",
    "GREY",
    "MAP_COLOURS",
    "NULL_COLOUR",
    "NULL_LINE",
    "REAL_COLOUR",
    "REAL_LINE",
    "SIGNED_COLOURS",
    "figure_style",
    "frame_only",
    "new_figure",
    "to_figure",
]

DPI: Final = 300
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
