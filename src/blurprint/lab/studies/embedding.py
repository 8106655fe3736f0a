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
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch.utils.data import DataLoader

from blurprint.arrays import FloatMap
from blurprint.errors import BlurprintError, PhotoError, install_extra
from blurprint.lab.datasets.pairs import sample_groups
from blurprint.lab.datasets.read import require_both_classes
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.flat_maps import FlatMaps
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.maps import Progress, require_picture_rows
from blurprint.lab.loading.pictures import PictureDataset, worker_options
from blurprint.lab.measures.few_groups import counted, enough, groups_of_each, too_few
from blurprint.lab.models.detectors import Detector
from blurprint.lab.studies.embedding_figures import layout_figure, numbers_figure
from blurprint.lab.studies.feature_space import Separation, measure
from blurprint.lab.studies.study import Study

Values = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]
PERPLEXITIES: Final = (5, 10, 20, 40)
MOST_DRAWN: Final = 3000
"""Pictures in the drawings; the numbers are of all."""


@torch.no_grad()
def embed_table(
    detector: Detector,
    table: SampleTable,
    *,
    cache: MapCache | None = None,
    batch_size: int = 32,
    workers: int = 0,
    progress: Progress | None = None,
    flat: FlatMaps | None = None,
) -> FloatMap:
    """Features before the last layer, float32 (N, D), in the order of the rows.

    Args:
        detector: it is put into evaluation mode.
        table: pictures.
        cache: where maps are kept.
        batch_size: pictures at once.
        workers: processes that load pictures.
        progress: called with pictures done and wanted.
        flat: counts maps that are the same everywhere, of detectors that see maps.

    Raises:
        InputError: if the table is empty or holds videos.
        PhotoError: if a picture cannot be read.
    """
    dataset = PictureDataset(table, detector.config.views, cache)
    loader: DataLoader[Any] = DataLoader(dataset, batch_size=batch_size, **worker_options(workers))
    detector = detector.eval()
    paths, labels = table["path"].astype(str).tolist(), table["label"].tolist()
    parts = []
    done = 0
    for batch in loader:
        for why in batch["unreadable"].values():
            raise PhotoError(why)
        parts.append(detector.embed(batch["views"]).float().numpy())
        if flat is not None and "defocus" in batch["views"]:
            for row, view in zip(batch["row"], batch["views"]["defocus"], strict=True):
                flat.see(paths[int(row)], int(labels[int(row)]), view[0].numpy())
        done += len(parts[-1])
        if progress is not None:
            progress(done, len(dataset))
    return np.concatenate(parts)


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
    require_picture_rows(table)
    require_both_classes(table, "The study of the embedding")
    if umap:
        _require_umap()
    shown = sample_groups(table.reset_index(drop=True), MOST_DRAWN, seed=seed)
    fits = [one for one in perplexities if one < len(shown) / 3]
    steps = len(table) + len(fits) + int(umap) + 1

    def report(done: int) -> None:
        if progress is not None:
            progress(done, steps)

    flat = FlatMaps()
    features = embed_table(
        detector,
        table,
        cache=cache,
        workers=workers,
        progress=lambda done, _: report(done),
        flat=flat,
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
        words=(*_words(table, features, measured, left_out, len(shown)), *flat.words()),
        summary={
            "pictures": len(table),
            "groups": int(table["group"].nunique()),
            "enough_groups_for_a_claim": enough(*groups_of_each(table["label"], table["group"])),
            "flat_maps": flat.summary() if "defocus" in detector.config.views.views else None,
            "features": features.shape[1],
            **{
                one.name: {
                    "found": one.found.to_json(),
                    "with_shuffled_labels": one.null.to_json(),
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
    features: FloatMap, fits: Sequence[float], umap: bool, seed: int
) -> Iterator[tuple[str, Values]]:
    from sklearn.manifold import TSNE

    for one in fits:
        layout = TSNE(perplexity=one, init="pca", learning_rate="auto", random_state=seed)
        yield f"t-SNE, perplexity {one:g}", layout.fit_transform(features).astype(np.float64)
    if umap:
        yield "UMAP", _umap(features, seed)


def _require_umap() -> None:
    if importlib.util.find_spec("umap") is None:
        raise BlurprintError(f"UMAP needs umap-learn: {install_extra('umap')}")


def _umap(features: FloatMap, seed: int) -> Values:
    _require_umap()
    umap = importlib.import_module("umap")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one thread because of the seed, and of numba
        layout = umap.UMAP(random_state=seed, n_neighbors=min(15, len(features) - 1))
        return np.asarray(layout.fit_transform(features), np.float64)


def _tidy(shown: SampleTable, layouts: dict[str, Values]) -> Any:
    columns = shown[["path", "label", "method", "group", "clip"]]
    parts = [
        columns.assign(layout=name, x=layout[:, 0], y=layout[:, 1])
        for name, layout in layouts.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else columns.assign(layout="")


def _stored(features: FloatMap, table: SampleTable) -> bytes:
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
    features: FloatMap,
    measured: Sequence[Separation],
    left_out: Sequence[float],
    shown: int,
) -> tuple[str, ...]:
    first, last = measured[0], measured[-1]
    reals, fakes = groups_of_each(table["label"], table["group"])
    if not enough(reals, fakes):
        verdict = too_few(
            f"{counted(fakes, 'group')} with fakes and {counted(reals, 'group')} with reals"
        ).removesuffix(".")
    elif first.p <= 0.05:
        verdict = "Fakes and reals lie apart in the detector's features"
    else:
        verdict = "No order of fakes and reals is shown"
    words = [
        f"Before its last layer, the detector describes each picture by {features.shape[1]:,} "
        f"numbers. The drawings press them into two; they were made of {shown:,} of "
        f"{len(table):,} pictures and are for looking only. Distances between clusters, their "
        "sizes, and often the clusters themselves come from the drawing and its perplexity.",
        f"What counts was measured in the {features.shape[1]:,} numbers themselves. {verdict}: of "
        f"the {first.title}, {100 * first.found.value:.0f} % have the label of the picture, where "
        f"shuffled labels give {100 * first.null.low:.0f} to {100 * first.null.high:.0f} % "
        f"(p = {first.p:.2g}). The silhouette is {last.found.value:.2f}, where shuffled labels "
        f"give {round(last.null.low, 2) + 0.0:.2f} to {last.null.high:.2f} (p = {last.p:.2g}); 1 "
        "means two far clusters, 0 none.",
        "Neighbours of a picture's own group are left out of the first numbers: frames of one "
        "person resemble each other whatever the detector has learnt. Where all are let in, they "
        "vouch for each other."
        + (" Intervals are 95 % and draw whole groups again." if enough(reals, fakes) else ""),
    ]
    if left_out:
        which = ", ".join(f"{one:g}" for one in left_out)
        words.append(
            f"Perplexity {which} was left out: it must be below a third of the number of pictures."
        )
    return tuple(words)
