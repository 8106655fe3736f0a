"""Binary mask: where the map of a fake differs from that of its real by more than a threshold.

The paper (Jeon & Woo, CIKM 2025) counts such pixels between fakes and reals. Two photographs of one
person differ, too; the same count between two reals is the null beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError
from blurprint.lab.datasets.pairs import match_pairs, match_real_pairs
from blurprint.lab.datasets.table import REAL, SampleTable
from blurprint.lab.loading.flat_maps import FlatMaps
from blurprint.lab.loading.maps import METRIC, MINMAX, Maps, Progress, require_picture_rows
from blurprint.lab.measures.interval import Interval
from blurprint.lab.measures.means import mean_and_ratio
from blurprint.lab.studies.binary_mask_figures import Curves, curve_figure, example_figure
from blurprint.lab.studies.binary_mask_words import (
    HEADLINE,
    binary_mask_words,
    enough_pairs,
    lone_reals,
)
from blurprint.lab.studies.pairs_in_words import matched_by, pairing_summary
from blurprint.lab.studies.study import Study

THRESHOLDS: Final = (0.1, 0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001)
"""The paper's, on maps stretched from 0 to 1."""
PIXEL_THRESHOLDS: Final = (1.0, 0.5, 0.25, *THRESHOLDS)
"""On maps in pixels; from 0.1 on the paper's again. One pixel of blur can be seen."""
PAIR: Final = "fake-real"
NULL: Final = "real-real"
_UNITS: Final = {MINMAX: "", METRIC: " px"}


def active_pixels(fake: FloatMap, real: FloatMap, threshold: float) -> Mask:
    """Where ``|fake - real| > threshold``, bool (H, W).

    Args:
        fake: (H, W) a map.
        real: (H, W) another.
        threshold: in the maps' unit; what equals it is not active.

    Raises:
        InputError: if the shapes differ or the threshold is negative.

    >>> active_pixels(np.float32([[0, 1]]), np.float32([[0.5, 1]]), 0.1).tolist()
    [[True, False]]
    """
    if fake.shape != real.shape:
        raise InputError(f"Expected maps of one shape, but got {fake.shape} and {real.shape}")
    if not threshold >= 0:
        raise InputError(f"Expected `threshold` to be at least 0, but got {threshold}")
    return np.abs(fake - real) > threshold


def count_active(fake: FloatMap, real: FloatMap, thresholds: Sequence[float]) -> list[int]:
    """How many pixels are active at each threshold; see :func:`active_pixels`.

    >>> count_active(np.float32([[0, 1]]), np.float32([[0.5, 0.95]]), (0.1, 0.01))
    [1, 2]
    """
    return [int(np.count_nonzero(active_pixels(fake, real, one))) for one in thresholds]


def study_binary_mask(
    table: SampleTable,
    maps: Maps,
    *,
    pair_by: str | None = None,
    seed: int = 0,
    draws: int = 1000,
    examples: int = 3,
    progress: Progress | None = None,
) -> Study:
    """Active pixels of matched pairs, and of pairs of two reals, at every threshold.

    One pair of maps is in memory at a time.

    Args:
        table: see :mod:`blurprint.lab.datasets.table`.
        maps: where maps come from.
        pair_by: see :func:`match_pairs`.
        seed: of the null's pairs, the bootstrap and the examples.
        draws: of the bootstrap over groups.
        examples: pairs that are shown, drawn by the seed.
        progress: called with pairs done and wanted.

    Raises:
        InputError: if there are videos, or no pairs.
        PhotoError: if a picture cannot be read.
    """
    require_picture_rows(table)
    pairs = match_pairs(table, column=pair_by)
    try:
        null = match_real_pairs(table, seed=seed)
    except InputError:
        null = pairs.iloc[:0].copy()
        null.attrs["rule"] = ""
    flat = FlatMaps()
    found = _measure(pairs, null, maps, flat, progress)
    size = maps.options.size**2
    curves: dict[str, Curves] = {}
    summary: dict[str, Any] = {
        "pairs": len(pairs),
        "paired_by": matched_by(pairs),
        "null_pairs": len(null),
        "null_paired_by": null.attrs["rule"] or None,
        "groups": int(pairs["group"].nunique()),
        "reals_in_no_null_pair": lone_reals(pairs, null),
        "null_groups": int(null["group"].nunique()),
        "enough_groups_for_a_claim": enough_pairs(pairs, null),
        "pairs_show_one_scene": pairs.attrs["same_scene"],
        **pairing_summary(pairs),
        "flat_maps": flat.summary(),
        "pixels_of_a_map": size,
        "maps": {},
    }
    for kind in maps.kinds:
        thresholds = _thresholds(kind)
        fakes, reals = (100 / size * found[kind, name] for name in (PAIR, NULL))
        measured = mean_and_ratio(
            fakes, pairs["group"], reals, null["group"], draws=draws, seed=seed
        )
        curves[kind] = Curves(
            thresholds, measured["upper"], measured["lower"], measured["ratio"], _UNITS[kind]
        )
        summary["maps"][kind] = {
            f"{threshold:g}{_UNITS[kind]}": {
                "ratio_to_null": measured["ratio"][place].to_json(),
                "share_active": _hundredth(measured["upper"][place]).to_json(),
                "share_active_null": _hundredth(measured["lower"][place]).to_json(),
                "active_pixels": _spread(found[kind, PAIR][:, place]),
                "active_pixels_null": _spread(found[kind, NULL][:, place]),
            }
            for place, threshold in enumerate(thresholds)
        }
    shown = _examples(pairs, null, examples, seed)
    figures = [curve_figure(curves, bool(len(null)))]
    for kind in maps.kinds:
        panels = [
            (title, maps.of(first)[kind], maps.of(second)[kind]) for title, first, second in shown
        ]
        figures.append(example_figure(kind, panels, HEADLINE[kind], _UNITS[kind]))
    return Study(
        name="binary-mask",
        title="Binary mask: where fake and real differ",
        words=(*binary_mask_words(pairs, null, maps, curves, flat.share), *flat.words()),
        summary=summary,
        table=_tidy(pairs, null, found, maps.kinds),
        figures=tuple(figures),
    )


def _thresholds(kind: str) -> tuple[float, ...]:
    return THRESHOLDS if kind == MINMAX else PIXEL_THRESHOLDS


def _measure(
    pairs: SampleTable,
    null: SampleTable,
    maps: Maps,
    flat: FlatMaps,
    progress: Progress | None,
) -> dict[tuple[str, str], npt.NDArray[np.int64]]:
    """Active pixels, (pairs, thresholds), by kind of map and of pair."""
    found: dict[tuple[str, str], npt.NDArray[np.int64]] = {}
    done, wanted = 0, len(pairs) + len(null)
    for name, rows in ((PAIR, pairs), (NULL, null)):
        for kind in maps.kinds:
            found[kind, name] = np.zeros((len(rows), len(_thresholds(kind))), np.int64)
        for place, (real, fake) in enumerate(zip(rows["real"], rows["fake"], strict=True)):
            real_maps, fake_maps = maps.of(real), maps.of(fake)
            for kind in maps.kinds:
                found[kind, name][place] = count_active(
                    fake_maps[kind], real_maps[kind], _thresholds(kind)
                )
            # Of the null both are reals.
            for path, label, seen in (
                (real, REAL, real_maps),
                (fake, int(name == PAIR), fake_maps),
            ):
                flat.see(str(path), label, seen[MINMAX])
            done += 1
            if progress is not None:
                progress(done, wanted)
    return found


def _tidy(
    pairs: SampleTable,
    null: SampleTable,
    found: dict[tuple[str, str], npt.NDArray[np.int64]],
    kinds: Sequence[str],
) -> Any:
    """A row for each pair, kind of map and threshold; names are stored once."""
    parts = []
    for name, rows in ((PAIR, pairs), (NULL, null)):
        named = rows.assign(pair=name).astype("category")
        for kind in kinds:
            for place, threshold in enumerate(_thresholds(kind)):
                active = found[kind, name][:, place]
                parts.append(named.assign(map=kind, threshold=threshold, active_pixels=active))
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return whole.astype(dict.fromkeys([*pairs.columns, "pair", "map"], "category"))


def _spread(active: npt.NDArray[np.int64]) -> dict[str, float | None]:
    """As the paper reports a count: mean, median, least and most."""
    if not len(active):
        return dict.fromkeys(("mean", "median", "min", "max"))
    return {
        "mean": float(active.mean()),
        "median": float(np.median(active)),
        "min": float(active.min()),
        "max": float(active.max()),
    }


def _hundredth(percent: Interval) -> Interval:
    return Interval(percent.value / 100, percent.low / 100, percent.high / 100)


def _examples(
    pairs: SampleTable, null: SampleTable, count: int, seed: int
) -> list[tuple[str, str, str]]:
    """Title, fake and real of pairs drawn at random; the last one is of two reals."""
    rng = np.random.default_rng(seed)
    shown = []
    nulls = min(1, len(null))
    for rows, title, number in ((pairs, "fake", count - nulls), (null, "another real", nulls)):
        chosen = rng.permutation(len(rows))[: max(number, nulls)]
        shown += [(title, rows["fake"].iloc[row], rows["real"].iloc[row]) for row in sorted(chosen)]
    return shown
