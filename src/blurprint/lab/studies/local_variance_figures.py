"""Figures of the local variance: distributions, effect sizes, heat maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.lab.loading.maps import MAP_TITLES, MAP_WORDS, METRIC
from blurprint.lab.measures.two_samples import Comparison
from blurprint.lab.pages.style import (
    FAKE_COLOUR,
    FAKE_LINE,
    GREY,
    MAP_COLOURS,
    REAL_COLOUR,
    REAL_LINE,
    Figure,
    figure_style,
    frame_only,
    new_figure,
    to_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = npt.NDArray[np.float64]
_MOST_POINTS = 2000


@figure_style()
def distribution_figure(
    samples: Mapping[str, tuple[Values, Values]], compared: Mapping[str, Comparison]
) -> Figure:
    """Cumulative distributions of reals and fakes, with the gap that the test looks at."""
    figure = new_figure(4.0 * len(samples) + 0.4, 3.5)
    grid = figure.subplots(1, len(samples), squeeze=False, sharey=True)[0]
    for axes, (kind, (reals, fakes)) in zip(grid, samples.items(), strict=True):
        cut = compared[kind].cut
        for values, colour, line, name in (
            (reals, REAL_COLOUR, REAL_LINE, "reals"),
            (fakes, FAKE_COLOUR, FAKE_LINE, "fakes"),
        ):
            x, y = _steps(values)
            axes.plot(
                x,
                100 * y,
                line,
                color=colour,
                linewidth=1.8,
                drawstyle="steps-post",
                label=f"{len(values):,} {name}",
            )
        ends = [100 * float((values <= cut.threshold).mean()) for values in (reals, fakes)]
        axes.plot([cut.threshold] * 2, ends, color=GREY, linewidth=2.5, solid_capstyle="butt")
        axes.annotate(
            f" D = {compared[kind].ks_d.value:.3f}",
            (cut.threshold, sum(ends) / 2),
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
            zorder=5,
        )
        positive = np.concatenate([reals, fakes])
        if (positive > 0).all():
            axes.set_xscale("log")
        axes.set_ylim(-2, 102)
        axes.set_title(MAP_TITLES[kind].capitalize())
        axes.set_xlabel("mean local variance" + (", px²" if kind == METRIC else ""))
    grid[0].set_ylabel("% of the pictures with no more")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return to_figure(
        figure,
        "distributions",
        "At each height of the local variance, how many reals and how many fakes lie below it. "
        "The grey line is the largest gap between the two; curves that lie on each other cannot "
        "be told apart.",
    )


def _steps(values: Values) -> tuple[Values, Values]:
    x, y = np.sort(values), np.arange(1, len(values) + 1) / len(values)
    if len(x) > _MOST_POINTS:
        kept = np.linspace(0, len(x) - 1, _MOST_POINTS).astype(int)
        x, y = x[kept], y[kept]
    return np.r_[x[:1], x], np.r_[0, y]


@figure_style()
def effect_figure(compared: Mapping[str, Mapping[str, Comparison]]) -> Figure:
    """Cliff's delta and the best threshold's accuracy, by method, each beside no effect."""
    names = list(next(iter(compared.values())))
    figure = new_figure(7.6, 0.45 * len(names) * len(compared) + 1.3)
    left, right = figure.subplots(1, 2, sharey=True)
    rows: list[str] = []
    for kind, methods in compared.items():
        for name, one in methods.items():
            row = len(rows)
            rows.append(f"{name}\n{MAP_TITLES[kind]}")
            _bar(left, row, [getattr(one.cliffs_delta, part) for part in ("value", "low", "high")])
            _bar(
                right,
                row,
                [100 * getattr(one.balanced_accuracy, part) for part in ("value", "low", "high")],
            )
            chance = [50 * (1 + getattr(one.ks_d_shuffled, part)) for part in ("low", "high")]
            right.fill_betweenx([row - 0.3, row + 0.3], *chance, color=GREY, alpha=0.3, linewidth=0)
    left.axvline(0, color=GREY, linewidth=1)
    right.axvline(50, color=GREY, linewidth=1)
    left.set_yticks(range(len(rows)), rows)
    left.set_ylim(len(rows) - 0.5, -0.5)
    left.set_xlim(-1.03, 1.03)
    right.set_xlim(48, 101)
    left.set_title("Cliff's delta")
    left.set_xlabel("fakes more even  ←  0  →  fakes more uneven")
    right.set_title("Best single threshold")
    right.set_xlabel("% called right (balanced); 50 is chance")
    for axes in (left, right):
        axes.grid(visible=False, axis="y")
    enough = all(one.enough_groups for methods in compared.values() for one in methods.values())
    intervals = (
        ", with 95 % intervals over groups"
        if enough
        else "; where groups are too few there are no intervals"
    )
    return to_figure(
        figure,
        "effect-sizes",
        f"What the difference is worth{intervals}. Grey: what the best threshold reaches where "
        "labels are shuffled and nothing can be found.",
    )


def _bar(axes: Axes, row: int, parts: Sequence[float]) -> None:
    value, low, high = parts
    if np.isfinite(low):
        axes.plot([low, high], [row, row], color=FAKE_COLOUR, linewidth=1.6)
    axes.plot([value], [row], "o", color=FAKE_COLOUR, markersize=6)


@figure_style()
def example_figure(
    kind: str, panels: Sequence[tuple[FloatMap, FloatMap, Values, Values]], window: int
) -> Figure:
    """A row for each pair: both maps, and both maps' local variance on one scale of colours."""
    from matplotlib.colors import PowerNorm

    figure = new_figure(7.6, 1.95 * len(panels) + 0.6)
    grid = figure.subplots(len(panels), 4, squeeze=False)
    maps = np.concatenate([one.ravel() for panel in panels for one in panel[:2]])
    variances = np.concatenate([one.ravel() for panel in panels for one in panel[2:]])
    tops = [float(np.quantile(values, 0.995)) or 1.0 for values in (maps, variances)]
    images: list[Any] = [None, None]
    titles = ("real: blur", "fake: blur", "real: local variance", "fake: local variance")
    for row, panel in zip(grid, panels, strict=True):
        for place, (axes, shown) in enumerate(zip(row, panel, strict=True)):
            half = place // 2
            # Variances differ by orders of magnitude: a root lets the small ones be seen.
            norm = PowerNorm(0.5 if half else 1, 0, tops[half])
            images[half] = axes.imshow(shown, cmap=MAP_COLOURS, norm=norm, rasterized=True)
            frame_only(axes)
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title)
    unit = ("blur, px", "variance, px²") if kind == METRIC else ("blur", "variance")
    for half, label in enumerate(unit):
        figure.colorbar(
            images[half],
            ax=grid[:, 2 * half : 2 * half + 2].ravel().tolist(),
            location="bottom",
            shrink=0.85,
            aspect=30,
            label=label,
            extend="max",
        )
    return to_figure(
        figure,
        f"heat-maps-{kind}",
        f"Pairs drawn at random, {MAP_WORDS[kind]}: blur, and its variance in windows of {window} "
        "x {window} pixels, all on one scale of colours.".replace("{window}", str(window)),
    )
