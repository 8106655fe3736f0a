"""Embedding: how a detector arranges pictures before its last layer, drawn and measured.

t-SNE (van der Maaten & Hinton, JMLR 2008) draws clusters even of noise, and other ones at every
perplexity. What counts are two numbers in the space of the features themselves, against what they
are when labels are shuffled: the silhouette, and how many of a picture's nearest neighbours share
its label. Neighbours from a picture's own group do not count: frames of one person lie together
whatever the detector has learnt.
"""

from __future__ import annotations

import importlib.util
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch.utils.data import DataLoader

from blurprint.errors import BlurprintError, InputError
from blurprint.lab.datasets.map_cache import MapCache
from blurprint.lab.datasets.pictures import PictureDataset, plain_errors, worker_options
from blurprint.lab.datasets.read import require_both_classes
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable
from blurprint.lab.evaluation.bootstrap import Interval
from blurprint.lab.models.detectors import Detector
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
from blurprint.lab.studies.maps import Progress, require_pictures
from blurprint.lab.studies.pairs import sample_groups
from blurprint.lab.studies.study import Figure, Study

Values = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]
PERPLEXITIES: Final = (5, 10, 20, 40)
NEIGHBOURS: Final = (5, 10)
MOST_DRAWN: Final = 3000
"""Pictures in the drawings; the numbers are of all."""
_AT_ONCE: Final = 256
"""Rows of the matrix of distances that are in memory."""
_DRAWS_AT_ONCE: Final = 200


@torch.no_grad()
def embed_table(
    detector: Detector,
    table: SampleTable,
    *,
    cache: MapCache | None = None,
    batch_size: int = 32,
    workers: int = 0,
    progress: Progress | None = None,
) -> npt.NDArray[np.float32]:
    """Features before the last layer, float32 (N, D), in the order of the rows.

    Args:
        detector: it is put into evaluation mode.
        table: pictures.
        cache: where maps are kept.
        batch_size: pictures at once.
        workers: processes that load pictures.
        progress: called with pictures done and wanted.

    Raises:
        InputError: if the table is empty or holds videos.
        PhotoError: if a picture cannot be read.
    """
    dataset = PictureDataset(table, detector.config.views, cache)
    loader: DataLoader[Any] = DataLoader(dataset, batch_size=batch_size, **worker_options(workers))
    detector = detector.eval()
    parts = []
    done = 0
    with plain_errors():
        for batch in loader:
            parts.append(detector.embed(batch["views"]).float().numpy())
            done += len(parts[-1])
            if progress is not None:
                progress(done, len(dataset))
    return np.concatenate(parts)


def silhouettes(features: npt.ArrayLike, labels: npt.ArrayLike) -> Values:
    """Silhouette of each picture, for each of P labellings, (P, N).

    Rousseeuw, *Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis* (1987): ``(b - a) / max(a, b)`` with the mean Euclidean distances a to the others of
    its own class and b to the other class; 0 for one that is alone in its class.

    Args:
        features: (N, D).
        labels: (N,) or (P, N), 0 or 1, both in each labelling.

    Raises:
        InputError: if shapes do not agree or a class is missing.

    >>> silhouettes([[0.0], [2.0], [10.0]], [0, 0, 1]).round(3).tolist()
    [[0.8, 0.75, 0.0]]
    """
    space, classes = _checked(features, labels)
    fakes = classes.astype(np.float64).T
    sums = np.empty((2, *fakes.shape))
    for start, distance in _distances(space):
        rows = slice(start, start + len(distance))
        sums[FAKE, rows] = distance @ fakes
        sums[REAL, rows] = distance.sum(axis=1, keepdims=True) - sums[FAKE, rows]
    counts = np.stack([(1 - fakes).sum(axis=0), fakes.sum(axis=0)])[:, None, :]
    own = np.where(fakes == FAKE, sums[FAKE], sums[REAL])
    other = np.where(fakes == FAKE, sums[REAL], sums[FAKE])
    own_count = np.where(fakes == FAKE, counts[FAKE], counts[REAL])
    other_count = np.where(fakes == FAKE, counts[REAL], counts[FAKE])
    within, between = own / np.maximum(own_count - 1, 1), other / other_count
    larger = np.maximum(within, between)
    found = np.divide(between - within, larger, out=np.zeros_like(larger), where=larger > 0)
    return np.where(own_count > 1, found, 0).T


def silhouette(features: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Mean of :func:`silhouettes`: 1 for two far clusters, 0 for none."""
    return float(silhouettes(features, labels).mean())


def nearest(
    features: npt.ArrayLike, k: int, groups: npt.ArrayLike | None = None
) -> npt.NDArray[np.intp]:
    """The `k` nearest others of each picture by Euclidean distance, nearest first, (N, k).

    Args:
        features: (N, D).
        k: how many.
        groups: (N,) names; none of a picture's own group is taken. Without, only it itself is not.

    Raises:
        InputError: if a picture has not so many others.
    """
    space = np.asarray(features, np.float64)
    names = np.arange(len(space)) if groups is None else np.asarray(groups, str)
    code = np.unique(names, return_inverse=True)[1].reshape(-1)
    if len(code) != len(space):
        raise InputError(f"Expected {len(space)} groups, but got {len(code)}")
    least = len(space) - int(np.bincount(code).max()) if len(space) else 0
    if not 1 <= k <= least:
        raise InputError(f"Expected `k` to be from 1 to {least}, but got {k}")
    out = np.empty((len(space), k), np.intp)
    for start, distance in _distances(space):
        rows = np.arange(start, start + len(distance))
        distance[code[rows][:, None] == code] = np.inf
        some = np.argpartition(distance, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(distance, some, axis=1), axis=1, kind="stable")
        out[rows] = np.take_along_axis(some, order, axis=1)
    return out


def knn_agreement(
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    k: int = 5,
    groups: npt.ArrayLike | None = None,
) -> float:
    """Share of the `k` nearest neighbours that have the label of the picture itself.

    Args:
        features: (N, D).
        labels: (N,).
        k: neighbours.
        groups: see :func:`nearest`.

    >>> knn_agreement([[0.0], [1.0], [5.0], [7.0]], [0, 0, 1, 0], k=1)
    0.5
    """
    label = np.asarray(labels)
    return float((label[nearest(features, k, groups)] == label[:, None]).mean())


def shuffled_labels(
    labels: npt.ArrayLike,
    groups: npt.ArrayLike,
    clips: npt.ArrayLike | None = None,
    *,
    draws: int,
    seed: int = 0,
) -> Labels:
    """Labellings where nothing is to be learnt, (draws, N).

    Labels go from clip to clip whole: within a group that has both classes, and among the clips of
    all other groups; if every group is of one class, from group to group.

    Args:
        labels: (N,) 0 or 1.
        groups: (N,) names.
        clips: (N,) names, each of one label; without, every picture is its own.
        draws: how many.
        seed: of them.
    """
    label, group = np.asarray(labels, np.int8), np.asarray(groups, str)
    code = np.unique(group, return_inverse=True)[1].reshape(-1)
    fakes, size = np.bincount(code, weights=label), np.bincount(code)
    mixed = ((fakes > 0) & (fakes < size))[code]
    clip = np.arange(len(label)).astype(str) if clips is None else np.asarray(clips, str)
    # In a group of one class the group is what is shuffled.
    unit = np.where(mixed, np.char.add("c ", clip), np.char.add("g ", group))
    _, first, place = np.unique(unit, return_index=True, return_inverse=True)
    place = place.reshape(-1)
    stratum = np.where(mixed, code, -1)[first]
    by_stratum = np.argsort(stratum, kind="stable")
    rng = np.random.default_rng([seed, 2])
    out = np.empty((draws, len(label)), np.int8)
    for draw in range(draws):
        drawn = np.empty(len(first), np.int8)
        drawn[by_stratum] = label[first][np.lexsort((rng.random(len(first)), stratum))]
        out[draw] = drawn[place]
    return out


@dataclass(frozen=True, slots=True)
class Measured:
    """A number in the space of the features, beside what shuffled labels give.

    Attributes:
        name: of the number, as the summary has it.
        title: in words.
        found: with its 95 % interval over groups.
        null: with shuffled labels: mean, and the ends of 95 %.
        p: share of the labellings that give as much.
    """

    name: str
    title: str
    found: Interval
    null: Interval
    p: float


def measure(
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    groups: npt.ArrayLike,
    clips: npt.ArrayLike | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> list[Measured]:
    """Label agreement of neighbours of other groups, of all, and the silhouette.

    Args:
        features: (N, D).
        labels: (N,) 0 or 1.
        groups: (N,) names; intervals draw whole groups again.
        clips: see :func:`shuffled_labels`.
        draws: of the bootstrap, and of labellings.
        seed: of both.

    Raises:
        InputError: if a class is missing, or too few groups are there to have neighbours.
    """
    space = np.asarray(features, np.float64)
    label = np.asarray(labels, np.int8)
    drawn = shuffled_labels(label, groups, clips, draws=draws, seed=seed)
    names = np.asarray(groups, str)
    out = []
    for own, k in [(own, k) for own in (False, True) for k in NEIGHBOURS]:
        try:
            near = nearest(space, k, None if own else names)
        except InputError:
            continue
        each = (label[near] == label[:, None]).mean(axis=1)
        null = np.array([(one[near] == one[:, None]).mean() for one in drawn])
        words = "all pictures" if own else "other groups"
        key = f"agreement_of_{k}_neighbours" + ("_own_group_included" if own else "")
        title = f"{k} nearest of {words}"
        out.append(_measured(key, title, each, null, names, draws=draws, seed=seed))
    if not any("included" not in one.name for one in out):
        raise InputError(
            f"Expected {min(NEIGHBOURS)} pictures of other groups for each picture, but there are "
            "fewer"
        )
    each = silhouettes(space, label)[0]
    parts = [drawn[start : start + _DRAWS_AT_ONCE] for start in range(0, draws, _DRAWS_AT_ONCE)]
    null = np.concatenate([silhouettes(space, part).mean(axis=1) for part in parts])
    out.append(_measured("silhouette", "silhouette", each, null, names, draws=draws, seed=seed))
    return out


def _measured(
    name: str,
    title: str,
    each: Values,
    null: Values,
    groups: npt.NDArray[np.str_],
    *,
    draws: int,
    seed: int,
) -> Measured:
    """Of the value of each picture, and the mean of each labelling."""
    found = mean_and_ratio(each[:, None], groups, np.zeros((0, 1)), [], draws=draws, seed=seed)[
        "upper"
    ][0]
    low, high = np.quantile(null, (0.025, 0.975))
    p = float((1 + (null >= found.value - 1e-12).sum()) / (1 + len(null)))
    return Measured(name, title, found, Interval(float(null.mean()), float(low), float(high)), p)


def study_embedding(
    detector: Detector,
    table: SampleTable,
    *,
    cache: MapCache | None = None,
    seed: int = 0,
    umap: bool = False,
    perplexities: Sequence[float] = PERPLEXITIES,
    draws: int = 1000,
    workers: int = 0,
    progress: Progress | None = None,
) -> Study:
    """How fakes and reals lie in the space of a detector's features.

    Args:
        detector: whose features.
        table: pictures of both classes.
        cache: where maps are kept.
        seed: of all draws and layouts.
        umap: draw UMAP as well, which needs umap-learn.
        perplexities: of t-SNE; those from a third of the pictures on are left out with a note.
        draws: of the bootstrap over groups, and of shufflings.
        workers: processes that load pictures.
        progress: called with steps done and wanted: pictures, then one a drawing and one for the
            numbers.

    Raises:
        InputError: if there are videos, a class is missing, or too few groups.
        BlurprintError: if UMAP is wanted and umap-learn is missing.
        PhotoError: if a picture cannot be read.
    """
    require_pictures(table)
    require_both_classes(table, "The study of the embedding")
    if umap:
        _require_umap()
    shown = sample_groups(table.reset_index(drop=True), MOST_DRAWN, seed=seed)
    fits = [one for one in perplexities if one < len(shown) / 3]
    steps = len(table) + len(fits) + int(umap) + 1

    def report(done: int) -> None:
        if progress is not None:
            progress(done, steps)

    features = embed_table(
        detector,
        table,
        cache=cache,
        workers=workers,
        progress=lambda done, _: report(done),
    )
    measured = measure(
        features, table["label"], table["group"], table["clip"], draws=draws, seed=seed
    )
    report(len(table) + 1)
    layouts: dict[str, Values] = {}
    for name, layout in _layouts(features[shown.index], fits, umap, seed):
        layouts[name] = layout
        report(len(table) + 1 + len(layouts))
    left_out = [one for one in perplexities if one not in fits]
    figures = [numbers_figure(measured)]
    if layouts:
        figures.append(layout_figure(layouts, shown["label"].to_numpy()))
    return Study(
        name="embedding",
        title="Embedding: how the detector arranges pictures",
        words=_words(table, features, measured, left_out, len(shown)),
        summary={
            "pictures": len(table),
            "groups": int(table["group"].nunique()),
            "features": features.shape[1],
            **{
                one.name: {
                    "found": as_summary(one.found),
                    "with_shuffled_labels": as_summary(one.null),
                    "p": one.p,
                }
                for one in measured
            },
            "perplexities_left_out": list(left_out),
        },
        table=_tidy(shown, layouts),
        figures=tuple(figures),
        files={"features.npz": _stored(features, table)},
    )


def _layouts(
    features: npt.NDArray[np.float32], fits: Sequence[float], umap: bool, seed: int
) -> Iterator[tuple[str, Values]]:
    from sklearn.manifold import TSNE

    for one in fits:
        layout = TSNE(perplexity=one, init="pca", learning_rate="auto", random_state=seed)
        yield f"t-SNE, perplexity {one:g}", layout.fit_transform(features).astype(np.float64)
    if umap:
        yield "UMAP", _umap(features, seed)


def _require_umap() -> None:
    if importlib.util.find_spec("umap") is None:
        raise BlurprintError("UMAP needs umap-learn: pip install umap-learn")


def _umap(features: npt.NDArray[np.float32], seed: int) -> Values:
    _require_umap()
    umap = importlib.import_module("umap")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one thread because of the seed, and of numba
        layout = umap.UMAP(random_state=seed, n_neighbors=min(15, len(features) - 1))
        return np.asarray(layout.fit_transform(features), np.float64)


def _checked(features: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Values, Labels]:
    space, classes = np.asarray(features, np.float64), np.atleast_2d(np.asarray(labels, np.int8))
    if space.ndim != 2 or classes.shape[1:] != space.shape[:1]:
        raise InputError(
            f"Expected features (N, D) and labels of N, but got {space.shape} and {classes.shape}"
        )
    fakes = (classes == FAKE).sum(axis=1)
    if ((classes != FAKE) & (classes != REAL)).any() or not (
        (fakes > 0) & (fakes < len(space))
    ).all():
        raise InputError("Expected labels 0 and 1, and both of them")
    return space, classes


def _distances(space: Values) -> Iterator[tuple[int, Values]]:
    """Euclidean distances of some rows to all, with the number of the first row."""
    centred = space - space.mean(axis=0)  # keeps the digits that the squares would lose
    square = (centred * centred).sum(axis=1)
    for start in range(0, len(space), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        squared = square[rows, None] + square - 2 * (centred[rows] @ centred.T)
        some = np.arange(start, start + len(squared))
        squared[some - start, some] = 0
        yield start, np.sqrt(np.maximum(squared, 0))


def _tidy(shown: SampleTable, layouts: dict[str, Values]) -> Any:
    columns = shown[["path", "label", "method", "group", "clip"]]
    parts = [
        columns.assign(layout=name, x=layout[:, 0], y=layout[:, 1])
        for name, layout in layouts.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else columns.assign(layout="")


def _stored(features: npt.NDArray[np.float32], table: SampleTable) -> bytes:
    buffer = io.BytesIO()
    paths = [one.encode("utf-8", "backslashreplace").decode() for one in table["path"].astype(str)]
    np.savez(
        buffer,
        features=features,
        paths=np.array(paths, np.str_),
        labels=table["label"].to_numpy(np.int8),
    )
    return buffer.getvalue()


def _words(
    table: SampleTable,
    features: npt.NDArray[np.float32],
    measured: Sequence[Measured],
    left_out: Sequence[float],
    shown: int,
) -> tuple[str, ...]:
    first, last = measured[0], measured[-1]
    verdict = (
        "Fakes and reals lie apart in the detector's features"
        if first.p <= 0.05
        else "No order of fakes and reals is shown"
    )
    words = [
        f"Before its last layer, the detector describes each picture by {features.shape[1]:,} "
        f"numbers. The drawings press them into two; they were made of {shown:,} of "
        f"{len(table):,} pictures and are for looking only. Distances between clusters, their "
        "sizes, and often the clusters themselves come from the drawing and its perplexity.",
        f"What counts was measured in the {features.shape[1]:,} numbers themselves. {verdict}: of "
        f"the {first.title}, {100 * first.found.value:.0f} % have the label of the picture, where "
        f"shuffled labels give {100 * first.null.low:.0f} to {100 * first.null.high:.0f} % "
        f"(p = {first.p:.2g}). The silhouette is {last.found.value:.2f}, where shuffled labels "
        f"give {last.null.low:.2f} to {last.null.high:.2f} (p = {last.p:.2g}); 1 means two far "
        "clusters, 0 none.",
        "Neighbours of a picture's own group are left out of the first numbers: frames of one "
        "person resemble each other whatever the detector has learnt. Where all are let in, they "
        "vouch for each other. Intervals are 95 % and draw whole groups again.",
    ]
    if left_out:
        which = ", ".join(f"{one:g}" for one in left_out)
        words.append(
            f"Perplexity {which} was left out: it must be below a third of the number of pictures."
        )
    return tuple(words)


@figure_style()
def numbers_figure(measured: Sequence[Measured]) -> Figure:
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
            if np.isfinite(ends).all():
                axes.plot(scale * ends, [place, place], color=FAKE_COLOUR, linewidth=1.6)
            axes.plot(
                scale * one.found.value,
                place,
                "o",
                color=FAKE_COLOUR,
                label="as labelled, 95 %" if label else None,
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
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color(GREY)
        axes.spines[:].set_linewidth(0.6)
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
