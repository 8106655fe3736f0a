"""Shapley values: which pixels a detector's score rests on, picture by picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.lab.datasets.read import require_both_classes
from blurprint.lab.datasets.table import FAKE, SampleTable
from blurprint.lab.loading.flat_maps import FlatMaps
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.maps import Progress, require_picture_rows
from blurprint.lab.loading.pictures import ViewMaker
from blurprint.lab.measures.few_groups import too_few
from blurprint.lab.measures.two_samples import Comparison, compare
from blurprint.lab.models.detectors import Detector
from blurprint.lab.studies.attribution import (
    BACKGROUNDS,
    DETECTOR_TITLES,
    SAMPLES,
    Attribution,
    Explainer,
    Way,
    check_detectors,
    draw_background,
)
from blurprint.lab.studies.shapley_figures import (
    completeness_figure,
    panel_figure,
    shown_smooth,
)
from blurprint.lab.studies.shapley_file import Shaps, shaps_bytes
from blurprint.lab.studies.study import Study

COUNT: Final = 50
# A tenth: docs/thresholds.md.
_STRONGEST: Final = 0.1


def study_shapley(
    defocus_detector: Detector,
    rgb_detector: Detector | None,
    table: SampleTable,
    *,
    count: int = COUNT,
    samples: int = SAMPLES,
    backgrounds: int = BACKGROUNDS,
    method: Way = "integrated",
    seed: int = 0,
    draws: int = 1000,
    examples: int = 4,
    cache: MapCache | None = None,
    kept: Path | None = None,
    progress: Progress | None = None,
) -> Study:
    """Attributions of some pictures, with their completeness; all are in ``shapley.npz``.

    Args:
        defocus_detector: of the view "defocus".
        rgb_detector: of the view "rgb", or None.
        table: pictures of both classes.
        count: pictures, half of each class as far as there are, drawn by the seed.
        samples: gradients a picture; see :func:`attribute`.
        backgrounds: reals that pictures are compared to.
        method: see :func:`attribute`.
        seed: of all draws.
        draws: of the bootstrap over groups, and of shufflings.
        examples: pictures that are shown.
        cache: where maps are kept.
        kept: where attributions are kept, so that an interrupted study goes on.
        progress: called with attributions done and wanted.

    Raises:
        InputError: if there are videos, a class is missing, or a detector sees something else.
        PhotoError: if a picture cannot be read.
        OutputError: if an attribution cannot be kept.
    """
    require_picture_rows(table)
    require_both_classes(table, "The study of Shapley values")
    detectors = check_detectors(defocus_detector, rgb_detector)
    chosen = draw_pictures(table, count, seed)
    paths = chosen["path"].astype(str).tolist()
    planes: dict[str, FloatMap] = {}
    dmaps = np.empty(0, np.float32)
    rows: list[dict[str, Any]] = []
    flat = FlatMaps()
    for turn, (name, detector) in enumerate(detectors.items()):
        base = draw_background(
            detector, table, count=backgrounds, seed=seed, cache=cache, but=tuple(paths)
        )
        explainer = Explainer(detector, base, samples=samples, method=method, seed=seed, kept=kept)
        maker = ViewMaker(detector.config.views, cache)
        size = detector.config.views.size
        shape = (len(paths), size, size) if name == "defocus" else (len(paths), 3, size, size)
        planes[name] = np.empty(shape, np.float32)
        if name == "defocus":
            dmaps = np.empty(shape, np.float32)
        for place, path in enumerate(paths):
            view = maker.from_file(Path(path))[explainer.view]
            one = explainer.explain(view)
            planes[name][place] = one.plane if name == "defocus" else one.values
            if name == "defocus":
                dmaps[place] = view[0]
                flat.see(path, int(chosen["label"].iloc[place]), view[0])
            rows.append(_row(chosen, place, name, one))
            if progress is not None:
                progress(turn * len(paths) + place + 1, len(detectors) * len(paths))
    measured = pd.DataFrame(rows)
    compared = {name: _compare(measured, name, draws, seed) for name in detectors}
    shaps = Shaps(
        dmaps,
        planes["defocus"],
        planes.get("rgb", np.zeros((0, 3, 0, 0), np.float32)),
        tuple(paths),
    )
    rng = np.random.default_rng([seed, 5])
    labels = chosen["label"].to_numpy()
    shown = _examples(labels, examples, rng)
    return Study(
        name="shapley",
        title="Shapley values: which pixels the score rests on",
        words=(*_words(measured, len(table), compared, len(base), samples), *flat.words()),
        summary={
            "pictures": len(paths),
            "pictures_drawn_from": len(table),
            "groups": int(chosen["group"].nunique()),
            "method": method,
            "samples": samples,
            "backgrounds": len(base),
            "flat_maps": flat.summary(),
            **{name: _summary(measured, name, one) for name, one in compared.items()},
        },
        table=measured,
        figures=(
            panel_figure(
                _panels(shown, chosen["label"].to_numpy(), shaps, defocus_detector, cache)
            ),
            completeness_figure(measured),
        ),
        files={"shapley.npz": shaps_bytes(shaps)},
    )


def draw_pictures(table: SampleTable, count: int, seed: int) -> SampleTable:
    """At most `count` rows, half of each class as far as there are, in the order of the table.

    A picture of each group comes before a second one of any.

    Raises:
        InputError: if `count` is below 2.
    """
    if count < 2:
        raise InputError(f"Expected `count` to be at least 2, but got {count}")
    order = table.iloc[np.random.default_rng([seed, 6]).permutation(len(table))]
    turn = order.groupby(["label", "group"], sort=False).cumcount().to_numpy()
    order = order.iloc[np.argsort(turn, kind="stable")]
    fakes, reals = order[order["label"] == FAKE], order[order["label"] != FAKE]
    wanted = min(len(fakes), max(count // 2, count - len(reals)))
    some = pd.concat([fakes.iloc[:wanted], reals.iloc[: count - wanted]])
    return some.sort_index().reset_index(drop=True)


def concentration(values: FloatMap, share: float = _STRONGEST) -> float:
    """Part of the sum of |values| that the strongest `share` of the pixels hold.

    Even values give `share`, a single pixel 1.

    >>> concentration(np.float32([[9, 1], [0, 0]]), share=0.25)
    0.9
    """
    size = np.sort(np.abs(values).astype(np.float64).ravel())[::-1]
    total = size.sum()
    strongest = size[: max(1, round(share * size.size))].sum()
    return float(strongest / total) if total > 0 else share


def _row(chosen: SampleTable, place: int, name: str, one: Attribution) -> dict[str, Any]:
    own = chosen.iloc[place]
    return {
        **{column: own[column] for column in ("path", "label", "method", "group", "clip")},
        "detector": name,
        "logit": one.logit,
        "expected_logit": one.expected,
        "sum_of_attributions": one.total,
        "completeness_error": one.error,
        "share_of_strongest_tenth": concentration(one.plane),
    }


def _compare(measured: Any, name: str, draws: int, seed: int) -> Comparison:
    rows = measured[measured["detector"] == name]
    return compare(
        rows["label"],
        rows["sum_of_attributions"],
        rows["group"],
        rows["clip"],
        draws=draws,
        seed=seed,
    )


def _summary(measured: Any, name: str, compared: Comparison) -> dict[str, Any]:
    rows = measured[measured["detector"] == name]
    error = rows["completeness_error"].abs()
    difference = (rows["logit"] - rows["expected_logit"]).abs()
    scale = float(difference.mean())
    return {
        "completeness_error_mean_logits": float(error.mean()),
        "completeness_error_largest_logits": float(error.max()),
        "logit_difference_mean": scale,
        "completeness_error_share": float(error.mean() / scale) if scale > 0 else None,
        "share_of_strongest_tenth": float(rows["share_of_strongest_tenth"].mean()),
        "sum_of_attributions_cliffs_delta": compared.cliffs_delta.to_json(),
        "p_by_shuffling_clips": compared.p_shuffled,
        "enough_groups_for_a_claim": compared.enough_groups,
    }


def _words(
    measured: Any, whole: int, compared: dict[str, Comparison], base: int, samples: int
) -> tuple[str, ...]:
    count = measured["path"].nunique()
    words = [
        f"For {count:,} of {whole:,} pictures, each pixel was given its part of the detector's "
        "score by expected gradients: what the score gains on the way from a real to the picture, "
        f"averaged over {base} reals, with {samples} gradients a picture. Orange speaks for a "
        "fake, violet for a real picture."
    ]
    for name, one in compared.items():
        rows = measured[measured["detector"] == name]
        error = rows["completeness_error"].abs()
        scale = (rows["logit"] - rows["expected_logit"]).abs().mean()
        delta, title = one.cliffs_delta, DETECTOR_TITLES[name]
        verdict = _verdict(one)
        words.append(
            f"{title[:1].upper()}{title[1:]}: parts should add up to the score; "
            f"they miss it by {error.mean():.2g} on average and by {error.max():.2g} at most, "
            f"where scores differ from those of reals by {scale:.2g} (in logits). "
            f"{verdict} (Cliff's delta of the sums {delta.value:+.2f}, p = {one.p_shuffled:.2g} by "
            f"shuffling labels). The strongest tenth of the pixels holds "
            f"{100 * rows['share_of_strongest_tenth'].mean():.0f} % of all attribution."
        )
    words.append(
        "An attribution says what this network used, not what is forged: it holds for the network, "
        "the reals it was compared to, and this picture."
    )
    return tuple(words)


def _verdict(one: Comparison) -> str:
    if not one.enough_groups:
        return too_few(one.groups_in_words).removesuffix(".")
    if one.p_shuffled <= 0.05 and not one.cliffs_delta.low <= 0 <= one.cliffs_delta.high:
        return "What it sees tells the fakes shown here from the reals"
    return (
        "It does not tell the fakes shown here from the reals, so that its attributions explain a "
        "score that means nothing"
    )


def _examples(labels: npt.NDArray[Any], count: int, rng: np.random.Generator) -> list[int]:
    """Fakes first; half of each class as far as there are."""
    fakes, reals = (
        rng.permutation(np.flatnonzero(one)) for one in (labels == FAKE, labels != FAKE)
    )
    half = -(-count // 2)
    return [*map(int, fakes[:half]), *map(int, reals[: count - half])]


def _panels(
    shown: Sequence[int],
    labels: npt.NDArray[Any],
    shaps: Shaps,
    detector: Detector,
    cache: MapCache | None,
) -> list[dict[str, Any]]:
    maker = ViewMaker(detector.config.views, cache)
    return [
        {
            "picture": maker.square(Path(shaps.paths[place])),
            "map": shaps.dmaps[place],
            "defocus": shown_smooth(shaps.defocus_shaps[place]),
            "rgb": shown_smooth(shaps.rgb_shaps[place].sum(axis=0))
            if len(shaps.rgb_shaps)
            else None,
            "label": "fake" if labels[place] == FAKE else "real",
        }
        for place in shown
    ]
