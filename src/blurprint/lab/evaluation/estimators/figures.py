"""Figures of the benchmark, PNG and SVG, in Okabe and Ito's colours, told apart without colour."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from blurprint.files import write_atomic
from blurprint.lab.evaluation.estimators.benchmark import Benchmark
from blurprint.lab.evaluation.estimators.held_out_errors import ALL, BAND, MILD_GROUP
from blurprint.lab.evaluation.estimators.matched_blur import Matched
from blurprint.lab.evaluation.estimators.methods import compared_methods
from blurprint.lab.evaluation.estimators.timing import BASELINE, Times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES: Final = {
    "paper": ("#999999", "s", ":"),
    "paper-release": ("#CC79A7", "D", "-."),
    "edge": ("#D55E00", "^", "--"),
    "net-float": ("#56B4E9", "v", "--"),
    "net": ("#0072B2", "o", "-"),
}
"""Colour, marker and line of each method."""
_PLAIN: Final = ("#000000", "x", "-")
_SETTINGS: Final[dict[Any, Any]] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e5e5e5",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "blurprint",  # the same figure, the same file
}
_ERROR_TICKS: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_DPI: Final = 160


def write_figures(benchmark: Benchmark, card: str | Path, out: str | Path) -> list[Path]:
    """Write every figure into `out` as ``estimators-NAME.png`` and ``.svg``; the PNG files.

    Raises:
        OutputError: if a file cannot be written.
        ImportError: if matplotlib is missing.
    """
    card = Path(card)
    out = Path(out)
    import matplotlib as mpl

    with mpl.rc_context(_SETTINGS):
        figures = {
            "error-by-blur": error_by_blur(benchmark),
            "error-by-condition": error_by_condition(benchmark),
            "reliability": reliability_diagram(benchmark),
            "maps": maps(card),
        }
        if benchmark.matched is not None:
            figures["matched-blur"] = matched_blur(benchmark.matched)
        if benchmark.times is not None:
            figures["error-by-time"] = error_by_time(benchmark, benchmark.times)
        return [_write(figure, out / f"estimators-{name}") for name, figure in figures.items()]


def _write(figure: Figure, stem: Path) -> Path:
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=_DPI, metadata=metadata, bbox_inches="tight")
        write_atomic(stem.with_suffix(f".{kind}"), buffer.getvalue())
    return stem.with_suffix(".png")


def _new(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def error_by_blur(benchmark: Benchmark) -> Figure:
    """Mean absolute error by true blur, a line for each method."""
    held_out = benchmark.held_out
    figure, axes = _new(6.2, 3.6)
    labels = [f"{low:g}–{high:g}" for low, high in pairwise(held_out.levels_px)]
    for name, by_condition in held_out.errors.items():
        colour, marker, line = STYLES.get(name, _PLAIN)
        axes.plot(
            labels, by_condition[ALL].by_level, line, color=colour, marker=marker, label=f'"{name}"'
        )
    axes.set_yscale("log")
    ends = axes.get_ylim()
    axes.set_yticks(_ERROR_TICKS, [f"{tick:g}" for tick in _ERROR_TICKS])
    axes.set_ylim(ends)  # ticks beyond the data would widen it
    axes.minorticks_off()
    axes.set_xlabel("true blur (sigma), px")
    axes.set_ylabel("mean absolute error, px")
    axes.legend()
    return figure


def error_by_time(benchmark: Benchmark, times: Times) -> Figure:
    """Mean absolute error against the time that a small picture takes; down and left is better."""
    figure, axes = _new(6.2, 3.4)
    threads = max(one.threads for one in times.timings)
    small = min(one.height for one in times.timings)
    for one in times.timings:
        if (one.threads, one.height) != (threads, small) or one.method == BASELINE:
            continue
        colour, marker, _ = STYLES.get(one.method, _PLAIN)
        error = benchmark.held_out.errors[one.method][ALL].mean
        axes.errorbar(
            one.median_ms,
            error.value,
            yerr=[[max(error.value - error.low, 0)], [max(error.high - error.value, 0)]],
            xerr=[[max(one.median_ms - one.low_ms, 0)], [max(one.high_ms - one.median_ms, 0)]],
            fmt=marker,
            color=colour,
            markersize=6,
            linewidth=1.2,
            label=f'"{one.method}"',
        )
    axes.set_xscale("log")
    axes.set_xlim(1, 100)
    axes.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"time of a picture of {small} px a side, {threads} threads, ms")
    axes.set_ylabel("mean absolute error, px")
    axes.legend()
    return figure


def error_by_condition(benchmark: Benchmark) -> Figure:
    """Mean absolute error by condition with its interval; a tick marks the best constant."""
    held_out = benchmark.held_out
    conditions = [name for name in held_out.constant if name not in (ALL, MILD_GROUP)]
    rows = np.arange(len(conditions), dtype=float)
    figure, axes = _new(6.2, 0.38 * len(conditions) + 1)
    for place, (name, by_condition) in enumerate(held_out.errors.items()):
        colour, marker, _ = STYLES.get(name, _PLAIN)
        means = [by_condition[condition].mean for condition in conditions]
        values = np.array([mean.value for mean in means])
        spread = np.array([[m.value - m.low, m.high - m.value] for m in means]).T
        axes.errorbar(
            values,
            rows + 0.14 * (place - (len(held_out.errors) - 1) / 2),
            xerr=np.maximum(spread, 0),
            fmt=marker,
            color=colour,
            markersize=5,
            linewidth=1.2,
            label=f'"{name}"',
        )
    constant = [held_out.constant[condition] for condition in conditions]
    axes.plot(constant, rows, "|", color="black", markersize=14, label="best constant")
    axes.set_yticks(rows, conditions)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("mean absolute error, px (95 % interval over scenes)")
    figure.legend(loc="outside upper center", ncols=5, columnspacing=1)
    return figure


def reliability_diagram(benchmark: Benchmark) -> Figure:
    """Share within 0.25 px or 15 % by confidence; below, how many pixels have each confidence."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 4.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], color="black", linewidth=0.8, label="keeps its word")
    upper.axvspan(*BAND, color="#dddddd", linewidth=0)
    for name, bins in benchmark.held_out.reliability.items():
        colour, marker, line = STYLES.get(name, _PLAIN)
        said = [b.confidence for b in bins]
        share = [b.share_right for b in bins]
        upper.plot(said, share, line, color=colour, marker=marker, label=f'"{name}"')
        total = sum(b.pixels for b in bins)
        heights = [100 * b.pixels / total for b in bins]
        centres = [(min(int(10 * c), 9) + 0.5) / 10 for c in said]
        lower.bar(centres, heights, width=0.08, color=colour)
    upper.set_ylabel("share within 0.25 px or 15 %")
    upper.set_ylim(0, 1)
    upper.legend(loc="upper left")
    lower.set_xlim(0, 1)
    lower.set_xlabel("confidence")
    lower.set_ylabel("% of pixels")
    return figure


def matched_blur(matched: Matched) -> Figure:
    """Quartiles of what each method reads of real defocus, by the blur that was matched."""
    figure, axes = _new(6.2, 4.2)
    widest = matched.levels_px[-1]
    axes.plot([0, widest], [0, widest], color="black", linewidth=0.8, label="as matched")
    centres = np.array([level.median for level in matched.matched_by_level])
    for place, (name, error) in enumerate(matched.errors.items()):
        colour, marker, line = STYLES.get(name, _PLAIN)
        lower, median, upper = np.array(error.quartiles).T
        axes.errorbar(
            centres + 0.05 * (place - (len(matched.errors) - 1) / 2),
            median,
            yerr=[median - lower, upper - median],
            fmt=marker,
            linestyle=line,
            color=colour,
            markersize=5,
            linewidth=1.2,
            label=f'"{name}"',
        )
    axes.set_xlim(0, widest)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("matched blur (sigma), px")
    axes.set_ylabel("reading, px: median and quartiles")
    axes.legend()
    return figure


def maps(card: Path) -> Figure:
    """A public-domain photograph of scikit-image, and what each method reads in it."""
    from matplotlib.figure import Figure
    from skimage import data

    rgb = np.asarray(data.chelsea(), np.float32) / np.float32(255)
    methods = compared_methods(card)
    paper, edge, net = (methods[name](rgb) for name in ("paper", "edge", "net"))
    widest = max(float(np.quantile(reading.sigma, 0.98)) for reading in (edge, net))
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    panels = figure.subplots(2, 3)
    panels[0, 0].imshow(rgb)
    panels[0, 0].set_title("photograph")
    panels[1, 0].imshow(paper.normalized(), cmap="viridis")
    panels[1, 0].set_title('"paper", lowest to highest')
    for place, name, reading in ((1, "edge", edge), (2, "net", net)):
        blur = panels[0, place].imshow(reading.sigma, cmap="viridis", vmin=0, vmax=widest)
        panels[0, place].set_title(f'"{name}"')
        trust = panels[1, place].imshow(reading.confidence, cmap="cividis", vmin=0, vmax=1)
        panels[1, place].set_title(f'confidence of "{name}"')
    figure.colorbar(blur, ax=panels[0], label="blur, px")
    figure.colorbar(trust, ax=panels[1], label="confidence")
    for panel in panels.ravel():
        panel.set_axis_off()
    return figure
