"""Shapley alignment: does a detector look at blur where fake and real differ in it?

Jeon & Woo (CIKM 2025) compare two histograms over the defocus value: one of how much fake and real
differ, one of how much the detector makes of each pixel. Here both are taken over the map of the
fake as the defocus detector sees it, in [0, 1]: the stretched map of the paper, or
``sigma / (sigma + 2 px)`` of the metric variant. A pixel goes into the bin of its defocus value
there, and adds ``|D_fake - D_real|`` to the one histogram and ``|SHAP|`` to the other. Each is
divided by its sum. Stretched maps differ everywhere as soon as one extreme differs, so that their
difference says little of where the forgery is.

Any two histograms over one map resemble each other, for both are large where the map has many
pixels. So an overlap stands beside two others: of the same map with the attributions of another
fake, and with an attribution that is even over the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.map_cache import MapCache
from blurprint.lab.datasets.pictures import ViewMaker
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.evaluation.bootstrap import Interval
from blurprint.lab.models.detectors import Detector
from blurprint.lab.studies.attribution import (
    BACKGROUNDS,
    SAMPLES,
    Explainer,
    Method,
    draw_background,
    only_view,
)
from blurprint.lab.studies.clustered import as_summary, mean_and_ratio
from blurprint.lab.studies.figures import (
    FAKE_COLOUR,
    GREY,
    NULL_COLOUR,
    REAL_COLOUR,
    figure_style,
    new_figure,
    to_figure,
)
from blurprint.lab.studies.maps import FloatMap, Progress, require_pictures
from blurprint.lab.studies.pairs import match_pairs
from blurprint.lab.studies.study import Figure, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = npt.NDArray[np.float64]
BINS: Final = 20
EPSILON: Final = 1e-6
"""Added to every bin of both histograms before the divergence: an empty one makes it infinite."""
PAIRS: Final = 50
_OTHERS: Final = 30
"""Fakes of other groups whose attributions are laid over each map, at most."""


def bin_of(defocus: FloatMap, bins: int = BINS) -> npt.NDArray[np.uint8]:
    """The bin of each pixel, 0 to ``bins - 1``: equal parts of [0, 1], 1 being in the last.

    Raises:
        InputError: if a value lies outside [0, 1], or `bins` outside 1 to 256.

    >>> bin_of(np.float32([0, 0.049, 0.05, 1])).tolist()
    [0, 0, 1, 19]
    """
    if not 1 <= bins <= 256:
        raise InputError(f"Expected `bins` to be from 1 to 256, but got {bins}")
    if defocus.size and not (defocus.min() >= 0 and defocus.max() <= 1):
        raise InputError(
            f"Expected a map from 0 to 1, but got {defocus.min():g} to {defocus.max():g}"
        )
    places = np.floor(defocus.astype(np.float64) * bins + 1e-6)  # 0.05 in 32 bits is in bin 1 of 20
    return np.minimum(places, bins - 1).astype(np.uint8)


def histogram(
    places: npt.NDArray[np.uint8], weight: npt.NDArray[np.floating], bins: int = BINS
) -> Values:
    """Sum of |weight| in each bin, divided by the sum of all; even where all are zero.

    Args:
        places: (H, W), from :func:`bin_of`.
        weight: (H, W).
        bins: how many.

    >>> histogram(np.uint8([0, 0, 1]), np.array([1.0, -1.0, 2.0]), bins=2).tolist()
    [0.5, 0.5]
    """
    if places.shape != weight.shape:
        raise InputError(f"Expected a weight of shape {places.shape}, but got {weight.shape}")
    sums = np.bincount(places.ravel(), np.abs(weight).ravel(), minlength=bins)
    total = sums.sum()
    return sums / total if total > 0 else np.full(bins, 1 / bins)


def overlap(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Sum of the smaller of each bin: 1 for equal histograms, 0 for disjoint ones.

    >>> overlap([0.5, 0.5, 0.0], [0.0, 0.25, 0.75])
    0.25
    """
    return float(np.minimum(np.asarray(first), np.asarray(second)).sum())


def divergence(shap: npt.ArrayLike, difference: npt.ArrayLike, epsilon: float = EPSILON) -> float:
    """Kullback and Leibler's ``sum p ln(p / q)`` in nats, p of SHAP and q of the difference.

    `epsilon` is added to every bin of both, which are then divided by their sums again.

    >>> divergence([0.5, 0.5], [0.25, 0.75], epsilon=0).__round__(6)
    0.143841
    """
    p, q = (np.asarray(one, np.float64) + epsilon for one in (shap, difference))
    p, q = p / p.sum(), q / q.sum()
    filled = p > 0
    with np.errstate(divide="ignore"):
        return float((p[filled] * np.log(p[filled] / q[filled])).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """What was found with one detector, for P pairs.

    Attributes:
        name: "defocus" or "rgb".
        shap: (P, bins) histograms of |SHAP|.
        overlaps: (P,).
        divergences: (P,).
        even: (P,) overlap of an attribution that is even over the picture.
        others: for each pair, overlaps with attributions of fakes of other groups; may be empty.
        found: mean overlap.
        gain: mean of the overlap less the mean of the pair's `others`.
        null: mean overlap with others' attributions: mean, and the ends of 95 %.
        p: share of draws of others that overlap as much; None where no pair has others.
    """

    name: str
    shap: Values
    overlaps: Values
    divergences: Values
    even: Values
    others: list[Values]
    found: Interval
    gain: Interval
    null: Interval
    p: float | None


def study_alignment(
    defocus_detector: Detector,
    rgb_detector: Detector | None,
    table: SampleTable,
    *,
    pair_by: str | None = None,
    count: int = PAIRS,
    samples: int = SAMPLES,
    backgrounds: int = BACKGROUNDS,
    method: Method = "integrated",
    bins: int = BINS,
    seed: int = 0,
    draws: int = 1000,
    cache: MapCache | None = None,
    kept: Path | None = None,
    progress: Progress | None = None,
) -> Study:
    """Overlap of the histograms of attribution and of difference, pair by pair.

    Args:
        defocus_detector: of the view "defocus".
        rgb_detector: of the view "rgb", or None; its attributions are reduced to the map's size.
        table: pictures of both classes.
        pair_by: see :func:`match_pairs`.
        count: pairs, drawn by the seed: one a group first.
        samples: gradients a picture; see :func:`attribute`.
        backgrounds: reals that a fake is compared to.
        method: see :func:`attribute`.
        bins: over the defocus value.
        seed: of all draws.
        draws: of the bootstrap over groups, and of the null.
        cache: where maps are kept.
        kept: where attributions are kept, so that an interrupted study goes on.
        progress: called with attributions done and wanted.

    Raises:
        InputError: if there are videos or no pairs, or a detector sees something else.
        PhotoError: if a picture cannot be read.
        OutputError: if an attribution cannot be kept.
    """
    require_pictures(table)
    detectors = check_detectors(defocus_detector, rgb_detector)
    pairs = draw_pairs(match_pairs(table, column=pair_by), count, seed)
    maker = ViewMaker(defocus_detector.config.views, cache)
    size = defocus_detector.config.views.size
    places = np.empty((len(pairs), size, size), np.uint8)
    difference = np.empty((len(pairs), bins))
    for row, (real, fake) in enumerate(zip(pairs["real"], pairs["fake"], strict=True)):
        own, other = (maker.from_file(Path(path))["defocus"][0] for path in (fake, real))
        places[row] = bin_of(own, bins)
        difference[row] = histogram(places[row], own - other, bins)
    found = []
    for turn, (name, detector) in enumerate(detectors.items()):
        but = tuple(pairs["real"])
        base = draw_background(detector, table, count=backgrounds, seed=seed, cache=cache, but=but)
        explainer = Explainer(detector, base, samples=samples, method=method, seed=seed, kept=kept)
        maker = ViewMaker(detector.config.views, cache)
        weights = np.empty((len(pairs), size, size), np.float32)
        for row, fake in enumerate(pairs["fake"]):
            plane = explainer.explain(maker.from_file(Path(fake))[explainer.view]).plane
            weights[row] = _resized(np.abs(plane), size)
            if progress is not None:
                progress(turn * len(pairs) + row + 1, len(detectors) * len(pairs))
        found.append(
            align(name, places, difference, weights, pairs["group"], seed=seed, draws=draws)
        )
    return Study(
        name="alignment",
        title="Alignment: does the detector look where the blur differs?",
        words=_words(pairs, found, bins, base=len(base), samples=samples),
        summary={
            "pairs": len(pairs),
            "paired_by": pairs.attrs["rule"],
            "groups": int(pairs["group"].nunique()),
            "bins": bins,
            "backgrounds": len(base),
            "epsilon_of_divergence": EPSILON,
            **{one.name: _summary(one) for one in found},
        },
        table=_tidy(pairs, found),
        figures=(histogram_figure(difference, found), overlap_figure(found)),
    )


def align(
    name: str,
    places: npt.NDArray[np.uint8],
    difference: Values,
    weights: npt.NDArray[np.float32],
    groups: npt.ArrayLike,
    *,
    seed: int = 0,
    draws: int = 1000,
) -> Aligned:
    """Overlaps of P pairs, with what others' attributions give.

    The null draws for every pair the attribution of another group's fake: where a detector looks
    in all fakes alike, say at the middle, is no alignment. Shuffled pixels would not do, for they
    lose that neighbours are alike, so that any smooth attribution would seem to be aligned; their
    expectation is told as `even`.

    Args:
        name: of the detector.
        places: (P, S, S), from :func:`bin_of`.
        difference: (P, bins) histograms of the difference.
        weights: (P, S, S) attributions.
        groups: (P,) names.
        seed: of all draws.
        draws: of the bootstrap and of the null.
    """
    names = np.asarray(groups, str)
    bins = difference.shape[1]
    shap = np.stack([histogram(*one, bins) for one in zip(places, weights, strict=True)])
    overlaps = np.minimum(shap, difference).sum(axis=1)
    even = np.array(
        [
            overlap(histogram(one, np.ones(one.shape), bins), own)
            for one, own in zip(places, difference, strict=True)
        ]
    )
    rng = np.random.default_rng([seed, 3])
    others = []
    for row in range(len(places)):
        strangers = rng.permutation(np.flatnonzero(names != names[row]))[:_OTHERS]
        others.append(
            np.array(
                [
                    overlap(histogram(places[row], weights[one], bins), difference[row])
                    for one in strangers
                ]
            )
        )
    used = [row for row, one in enumerate(others) if len(one)]
    gain = Interval(float("nan"), float("nan"), float("nan"))
    null, p = gain, None
    if used:
        means = np.array([others[row].mean() for row in used])
        gain = _mean(overlaps[used] - means, names[used], draws, seed)
        drawn = np.mean([rng.choice(others[row], draws) for row in used], axis=0)
        low, high = np.quantile(drawn, (0.025, 0.975))
        null = Interval(float(means.mean()), float(low), float(high))
        p = float((1 + (drawn >= overlaps[used].mean() - 1e-12).sum()) / (1 + draws))
    return Aligned(
        name,
        shap,
        overlaps,
        np.array([divergence(*one) for one in zip(shap, difference, strict=True)]),
        even,
        others,
        _mean(overlaps, names, draws, seed),
        gain,
        null,
        p,
    )


def check_detectors(
    defocus_detector: Detector, rgb_detector: Detector | None
) -> dict[str, Detector]:
    """Both by their view.

    Raises:
        InputError: if one sees something else.
    """
    detectors = {"defocus": defocus_detector}
    if rgb_detector is not None:
        detectors["rgb"] = rgb_detector
    for name, detector in detectors.items():
        if only_view(detector) != name:
            raise InputError(
                f'Expected a detector that sees "{name}", but this one sees "{only_view(detector)}"'
            )
    return detectors


def draw_pairs(pairs: SampleTable, count: int, seed: int) -> SampleTable:
    """At most `count` pairs, one of each group before a second of any, in the order of the table.

    Raises:
        InputError: if `count` is not positive.
    """
    if count < 1:
        raise InputError(f"Expected `count` to be at least 1, but got {count}")
    order = pairs.iloc[np.random.default_rng([seed, 4]).permutation(len(pairs))]
    turn = order.groupby("group", sort=False).cumcount().to_numpy()
    chosen = order.iloc[np.argsort(turn, kind="stable")[:count]].sort_index()
    out = chosen.reset_index(drop=True)
    out.attrs = dict(pairs.attrs)
    return out


def _resized(plane: FloatMap, size: int) -> FloatMap:
    if plane.shape == (size, size):
        return plane
    how = cv2.INTER_AREA if len(plane) > size else cv2.INTER_LINEAR
    return cv2.resize(plane, (size, size), interpolation=how)


def _mean(values: Values, groups: npt.NDArray[np.str_], draws: int, seed: int) -> Interval:
    none = np.zeros((0, 1))
    return mean_and_ratio(values[:, None], groups, none, [], draws=draws, seed=seed)["upper"][0]


def _tidy(pairs: SampleTable, found: Sequence[Aligned]) -> Any:
    parts = [
        pairs.assign(
            detector=one.name,
            overlap=one.overlaps,
            divergence_nats=one.divergences,
            overlap_if_even=one.even,
            overlap_of_others=[part.mean() if len(part) else np.nan for part in one.others],
        )
        for one in found
    ]
    return pd.concat(parts, ignore_index=True)


def _summary(one: Aligned) -> dict[str, Any]:
    spread = len(one.overlaps) > 1
    return {
        "overlap": as_summary(one.found),
        "overlap_standard_deviation": float(one.overlaps.std(ddof=1)) if spread else None,
        "overlap_with_attributions_of_others": as_summary(one.null),
        "gain_over_others": as_summary(one.gain),
        "p": one.p,
        "overlap_if_attribution_were_even": float(one.even.mean()),
        "divergence_nats": float(one.divergences.mean()),
        "divergence_standard_deviation": float(one.divergences.std(ddof=1)) if spread else None,
    }


_TITLES: Final = {"defocus": "defocus detector", "rgb": "RGB detector"}


def _words(
    pairs: SampleTable, found: Sequence[Aligned], bins: int, *, base: int, samples: int
) -> tuple[str, ...]:
    words = [
        f"In {len(pairs)} fakes, pixels were sorted by their defocus value into {bins} bins, and "
        "two things were added up in each bin: how much the map differs from that of the real, and "
        "how much the detector makes of the pixels (the size of their expected gradients, from "
        f"{samples} gradients against {base} reals). The overlap is 1 where the detector "
        "weighs the bins as the difference does, and 0 where it looks elsewhere.",
    ]
    words += [_finding(one) for one in found]
    words.append(
        "An overlap is never near 0, since both add up over the same pixels. It counts only as far "
        "as it goes beyond what the attributions of other fakes give when they are laid over the "
        "same map. Even then it says that the detector uses blur that is typical of the forged "
        "region, not that it has found the region. Intervals are 95 % and draw whole groups again."
    )
    return tuple(words)


def _finding(one: Aligned) -> str:
    spread = f" ± {one.overlaps.std(ddof=1):.2f}" if len(one.overlaps) > 1 else ""
    text = (
        f"{_TITLES[one.name].capitalize().replace('Rgb', 'RGB')}: the overlap is "
        f"{one.found.value:.2f}{spread} (mean and standard deviation), and would be "
        f"{one.even.mean():.2f} if the attribution were even over the picture. "
    )
    if one.p is None:
        return text + "All fakes are of one group, so that there are no others to compare to."
    text += (
        f"Attributions of other fakes give {one.null.low:.2f} to {one.null.high:.2f} "
        f"(p = {one.p:.2g}). "
    )
    if one.p <= 0.05:
        return text + "The detector looks at the blur that sets this very fake apart."
    return text + "That is no more than chance: no alignment is shown."


@figure_style()
def histogram_figure(difference: Values, found: Sequence[Aligned]) -> Figure:
    """Mean share of each bin; the axis is broken where few bins tower over the rest."""
    series = [("difference of fake and real", difference.mean(axis=0), GREY, "")]
    colours = {"defocus": FAKE_COLOUR, "rgb": REAL_COLOUR}
    hatches = {"defocus": "////", "rgb": "...."}
    for one in found:
        words = f"attribution, {_TITLES[one.name]}"
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
        if np.isfinite(one.found.low):
            axes.plot([one.found.low, one.found.high], [place, place], color=FAKE_COLOUR)
        axes.plot(
            one.found.value,
            place,
            "D",
            color=FAKE_COLOUR,
            linestyle="none",
            label="mean of the pairs, 95 %" if first else None,
        )
        axes.plot(
            [one.even.mean()] * 2,
            [place - 0.3, place + 0.3],
            ":",
            color="black",
            label="if the attribution were even" if first else None,
        )
    axes.set_yticks(range(len(found)), [_TITLES[one.name] for one in found])
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1)
    axes.set_xlabel("overlap of attribution and difference: 1 the same, 0 apart")
    figure.legend(loc="outside upper center", ncols=2)
    return to_figure(
        figure,
        "overlap",
        "How well the attribution fits the difference, pair by pair. A mean within the green bar "
        "fits no better than the attribution of another fake.",
    )
