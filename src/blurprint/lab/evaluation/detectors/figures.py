"""Figures of an evaluation, in Okabe and Ito's colours, told apart without colour."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from blurprint.lab.datasets.table import FAKE, REAL
from blurprint.lab.evaluation.detectors.evaluation import Evaluation, Level, baseline_column
from blurprint.lab.measures.bootstrap import resample
from blurprint.lab.measures.interval import percentile_ends
from blurprint.lab.measures.metric_intervals import roc_band
from blurprint.lab.measures.metrics import calibration_bins
from blurprint.lab.measures.tally import ECE_BINS, Ranking, Tally, Values, count, rank
from blurprint.lab.pages.style import FAKE_COLOUR, REAL_COLOUR, new_figure, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Kind = Literal["png", "svg"]

DETECTOR: Final = ("C0", "-")
BASELINES: Final = (("C1", "--"), ("C2", ":"), ("C3", "-."))
"""Colour of the cycle, and line."""
BAND_DRAWS: Final = 400
"""Draws behind bands and bars, which need fewer than numbers in a table."""
_MOST_POINTS: Final = 1500
_BINS: Final = 25
_DPI: Final = 160


def evaluation_figures(evaluation: Evaluation) -> dict[str, Callable[[], Figure]]:
    """What can be drawn of the headline level, by name: "roc", "precision-recall", ...

    Curves need both classes; methods are compared where there are several.
    """
    level = evaluation.headline
    both = bool(level.overall.reals and level.overall.fakes)
    drawn: dict[str, Callable[[], Figure]] = {}
    if both:
        drawn["roc"] = lambda: roc_figure(evaluation)
        drawn["precision-recall"] = lambda: precision_recall_figure(level)
    drawn["reliability"] = lambda: reliability_figure(evaluation)
    drawn["scores"] = lambda: score_figure(level, evaluation.threshold)
    if both and len(level.by_method) > 1:
        drawn["methods"] = lambda: method_figure(level)
    return drawn


def render(
    make: Callable[[], Figure], kind: Kind = "svg", ink: Literal["light", "dark"] = "light"
) -> bytes:
    """The bytes of a figure; the same figure gives the same bytes.

    Raises:
        ImportError: if matplotlib is missing.
    """
    import matplotlib as mpl

    metadata = {"Software": None} if kind == "png" else {"Date": None}
    buffer = io.BytesIO()
    with mpl.rc_context(settings(ink)):
        make().savefig(buffer, format=kind, dpi=_DPI, metadata=metadata, bbox_inches="tight")
    return buffer.getvalue()


def _text_colour() -> str:
    import matplotlib as mpl

    return str(mpl.rcParams["text.color"])


def _rank(level: Level, score: str = "score", threshold: float = 0.5) -> Ranking:
    samples = level.samples
    return rank(samples["label"].to_numpy(), samples[score].to_numpy(), threshold)


def _groups(level: Level) -> Any:
    return level.samples["group"].astype(str).to_numpy(str)


def _curves(level: Level) -> list[tuple[str, str, tuple[str, str], Mapping[str, Any]]]:
    """Name, column, colour and line, and metrics of the detector and of each baseline."""
    curves: list[tuple[str, str, tuple[str, str], Mapping[str, Any]]] = []
    titles = {name: name.replace("_", " ") + " only" for name in level.baselines}
    for place, (name, compared) in enumerate(level.baselines.items()):
        style = BASELINES[place % len(BASELINES)]
        curves.append((titles[name], baseline_column(name), style, compared.measured.metrics))
    curves.append(("detector", "score", DETECTOR, level.overall.metrics))
    return curves


def roc_figure(evaluation: Evaluation) -> Figure:
    """ROC curves with the detector's 95 % band; beside them where false alarms are few."""
    level = evaluation.headline
    figure = new_figure(7.6, 3.9)
    whole, few = figure.subplots(1, 2)
    least = max(1e-3, 1 / level.overall.reals)
    rates = np.unique(np.r_[0, np.geomspace(least, 1, 120), np.linspace(0, 1, 101)])
    low, high = roc_band(
        _rank(level), _groups(level), rates, draws=BAND_DRAWS, seed=evaluation.seed
    )
    grey = _text_colour()
    for axes in (whole, few):
        axes.fill_between(rates, low, high, color=DETECTOR[0], alpha=0.22, linewidth=0)
        for name, column, (colour, line), metrics in _curves(level):
            x, y = _roc_points(count(_rank(level, column)))
            label = f"{name}, AUC {metrics['auc'].value:.3f}"
            axes.plot(x, y, line, color=colour, linewidth=1.8, label=label)
        chance = np.unique(np.r_[0, rates])
        axes.plot(chance, chance, color=grey, linewidth=0.7, label="chance")
        axes.set_ylim(0, 1.01)
        axes.set_xlabel("false positive rate: reals called fake")
    whole.set_ylabel("true positive rate: fakes called fake")
    whole.set_xlim(-0.01, 1)
    whole.set_title("ROC curve")
    few.set_xscale("log")
    few.set_xlim(least, 1)
    few.set_title("The same, few false alarms spread out")
    ticks = [tick for tick in (0.001, 0.01, 0.05, 0.2, 1) if tick >= least]
    few.set_xticks(ticks, [f"{100 * tick:g} %" for tick in ticks])
    few.minorticks_off()
    handles, labels = whole.get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside lower center", ncols=2)
    return figure


def _roc_points(tally: Tally) -> tuple[Values, Values]:
    x = tally.false_positives / tally.n_reals
    y = tally.true_positives / tally.n_fakes
    if len(x) <= _MOST_POINTS:
        return x, y
    rates = np.r_[0, np.geomspace(1e-4, 1, _MOST_POINTS // 2), np.linspace(0, 1, _MOST_POINTS // 2)]
    kept = np.unique(np.r_[np.searchsorted(x, rates), np.searchsorted(y, rates)])
    kept = kept[kept < len(x)]
    return x[kept], y[kept]


def precision_recall_figure(level: Level) -> Figure:
    """Precision by recall; the dotted height is the share of fakes, which chance reaches."""
    figure = new_figure(4.6, 3.9)
    axes = figure.add_subplot()
    for name, column, (colour, line), metrics in _curves(level):
        tally = count(_rank(level, column))
        recall = tally.true_positives[1:] / tally.n_fakes
        called = tally.false_positives[1:] + tally.true_positives[1:]
        precision = tally.true_positives[1:] / called
        if len(recall) > _MOST_POINTS:
            grid = np.linspace(0, 1, _MOST_POINTS)
            kept = np.minimum(np.searchsorted(recall, grid), len(recall) - 1)
            recall, precision = recall[kept], precision[kept]
        recall, precision = np.r_[0, recall], np.r_[precision[:1], precision]
        label = f"{name}, AP {metrics['ap'].value:.3f}"
        axes.plot(
            recall, precision, line, color=colour, linewidth=1.8, label=label, drawstyle="steps-pre"
        )
    share = level.overall.fakes / (level.overall.reals + level.overall.fakes)
    axes.axhline(share, color=_text_colour(), linewidth=0.7, label=f"chance, {share:.3f}")
    axes.set_xlim(0, 1.005)
    axes.set_ylim(0, 1.01)
    axes.set_title("Precision and recall of fakes")
    axes.set_xlabel("recall: share of the fakes that is found")
    axes.set_ylabel("precision: share of fakes among the found")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside lower center", ncols=2)
    return figure


def reliability_figure(evaluation: Evaluation) -> Figure:
    """Share of fakes by score, with 95 % intervals over groups; below, how many have each score."""
    level = evaluation.headline
    ranking = _rank(level)
    held, fakes, scores = calibration_bins(count(ranking))
    drawn = resample(ranking, _groups(level), _bin_counts, draws=BAND_DRAWS, seed=evaluation.seed)
    used = held > 0
    share, said = fakes[used] / held[used], scores[used] / held[used]
    figure = new_figure(4.6, 3.9)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], color=_text_colour(), linewidth=0.7, label="what is said holds")
    ends = np.array([_ends(drawn[:, :, place]) for place in np.flatnonzero(used)]).T
    # An end may lie within the value by a rounding, or by chance in a bin of few groups.
    spread = np.maximum(np.stack([share - ends[0], ends[1] - share]), 0)
    error = level.overall.metrics["ece"].value
    upper.errorbar(
        said,
        share,
        yerr=spread,
        fmt="o-",
        color=DETECTOR[0],
        markersize=4,
        linewidth=1.2,
        label=f"detector, ECE {error:.3f}",
    )
    upper.set_ylim(-0.02, 1.02)
    upper.set_title("Reliability: does the score keep its word?")
    upper.set_ylabel("share of fakes")
    figure.legend(loc="outside lower center", ncols=2)
    centres = (np.arange(ECE_BINS) + 0.5) / ECE_BINS
    lower.bar(centres, held, width=0.8 / ECE_BINS, color=DETECTOR[0])
    lower.set_xlim(0, 1)
    lower.set_xlabel("score: P(fake) that the detector gives")
    lower.set_ylabel(level.unit)
    return figure


def _bin_counts(tally: Tally) -> Values:
    held, fakes, _ = calibration_bins(tally)
    return np.stack([held, fakes])


def _ends(drawn: Values) -> tuple[float, float]:
    """Of the share of fakes in one bin, over the draws (D, 2) that put anything into it."""
    filled = drawn[drawn[:, 0] > 0]
    low, high = percentile_ends(filled[:, 1] / filled[:, 0]) if len(filled) else (np.nan, np.nan)
    return float(low), float(high)


def score_figure(level: Level, threshold: float) -> Figure:
    """How the scores of reals and of fakes lie, each as a share of its class."""
    figure = new_figure(4.6, 3.9)
    axes = figure.add_subplot()
    edges = np.linspace(0, 1, _BINS + 1)
    samples = level.samples
    for label, name, colour, line in (
        (REAL, "reals", REAL_COLOUR, "-"),
        (FAKE, "fakes", FAKE_COLOUR, "--"),
    ):
        scores = samples.loc[samples["label"] == label, "score"].to_numpy()
        if not len(scores):
            continue
        heights = 100 * np.histogram(scores, edges)[0] / len(scores)
        axes.stairs(
            heights,
            edges,
            fill=True,
            facecolor=(colour, 0.3),
            edgecolor=colour,
            linestyle=line,
            linewidth=1.6,
            label=f"{len(scores):,} {name}",
        )
    axes.axvline(threshold, color=_text_colour(), linewidth=1)
    axes.annotate(
        f" called fake from {threshold:g}",
        (threshold, 1),
        xycoords=("data", "axes fraction"),
        va="top",
        fontsize=8,
    )
    axes.set_xlim(0, 1)
    axes.set_title("Scores of reals and of fakes")
    axes.set_xlabel("score: P(fake) that the detector gives")
    axes.set_ylabel(f"% of the {level.unit} of each kind")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def method_figure(level: Level) -> Figure:
    """AUC of each method of making fakes against all reals, with its 95 % interval."""
    names = sorted(level.by_method, key=lambda name: -level.by_method[name].metrics["auc"].value)
    figure = new_figure(4.6, 0.28 * len(names) + 1.3)
    axes: Axes = figure.add_subplot()
    areas = [level.by_method[name].metrics["auc"] for name in names]
    values = np.array([area.value for area in areas])
    spread = np.array([[area.value - area.low, area.high - area.value] for area in areas]).T
    rows = np.arange(len(names))
    axes.errorbar(
        values, rows, xerr=np.maximum(spread, 0), fmt="o", color=DETECTOR[0], markersize=5
    )
    axes.axvline(0.5, color=_text_colour(), linewidth=0.7)
    axes.set_yticks(rows, names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(min(0.45, values.min() - 0.05), 1.01)
    axes.grid(visible=False, axis="y")
    axes.set_title("AUC by method of making fakes")
    axes.set_xlabel("AUC against all reals; the line is chance")
    return figure
