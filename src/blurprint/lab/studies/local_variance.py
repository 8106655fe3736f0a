"""Local variance: how uneven the blur is within small windows, in fakes and in reals.

The paper (Jeon & Woo, CIKM 2025) compares its mean over a picture by the test of Kolmogorov and
Smirnov. With thousands of pictures any difference is significant; what it is worth is said by the
effect sizes beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from blurprint.arrays import Mask
from blurprint.errors import InputError
from blurprint.evidence.variance_map import DEFAULT_BORDER, WINDOW, Border, variance_map
from blurprint.lab.datasets.pairs import match_pairs
from blurprint.lab.datasets.read import require_both_classes
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable
from blurprint.lab.loading.flat_maps import FlatMaps
from blurprint.lab.loading.maps import MAP_WORDS, Maps, Progress, require_picture_rows
from blurprint.lab.measures.few_groups import counted, too_few
from blurprint.lab.measures.two_samples import Comparison, compare
from blurprint.lab.studies.local_variance_figures import (
    distribution_figure,
    effect_figure,
    example_figure,
)
from blurprint.lab.studies.study import Study

ALL: Final = "all fakes"


_BORDER_WORDS: Final[Mapping[Border, str]] = {
    "inside": "a window at the border of the map holds the pixels that exist",
    "mirror": "beyond its border the map is mirrored",
    "zero": "beyond its border the map counts as zero, so that every map seems uneven there",
}


def study_local_variance(
    table: SampleTable,
    maps: Maps,
    *,
    pair_by: str | None = None,
    window: int = WINDOW,
    border: Border = DEFAULT_BORDER,
    seed: int = 0,
    draws: int = 1000,
    examples: int = 3,
    progress: Progress | None = None,
) -> Study:
    """Mean local variance of every picture, and how fakes differ in it from reals.

    One map is in memory at a time.

    Args:
        table: see :mod:`blurprint.lab.datasets.table`.
        maps: where maps come from.
        pair_by: of the examples alone; see :func:`match_pairs`.
        window: side in pixels, odd.
        border: what windows hold beyond the map; see :func:`variance_map`.
        seed: of the bootstrap, of shuffling and of the examples.
        draws: of the bootstrap over groups, and of shufflings.
        examples: pairs that are shown, drawn by the seed.
        progress: called with pictures done and wanted.

    Raises:
        InputError: if there are videos, a class is missing, or the window does not fit.
        PhotoError: if a picture cannot be read.
    """
    require_picture_rows(table)
    require_both_classes(table, "The study of local variance")
    means = {kind: np.empty(len(table)) for kind in maps.kinds}
    flat = FlatMaps()
    paths, labels = table["path"].astype(str), table["label"]
    for place, (path, label) in enumerate(zip(paths, labels, strict=True)):
        for kind, sigma in maps.of(path).items():
            means[kind][place] = variance_map(sigma, window, border).mean()
            flat.see(path, int(label), sigma)
        if progress is not None:
            progress(place + 1, len(table))
    compared = {
        kind: _by_method(table, values, draws=draws, seed=seed) for kind, values in means.items()
    }
    figures = [
        distribution_figure(
            {
                kind: (values[table["label"] == REAL], values[table["label"] == FAKE])
                for kind, values in means.items()
            },
            {kind: methods[ALL] for kind, methods in compared.items()},
        ),
        effect_figure(compared),
    ]
    shown = _examples(table, pair_by, examples, seed)
    for kind in maps.kinds:
        panels = [(maps.of(real)[kind], maps.of(fake)[kind]) for real, fake in shown]
        figures.append(
            example_figure(
                kind,
                [
                    (
                        real,
                        fake,
                        variance_map(real, window, border),
                        variance_map(fake, window, border),
                    )
                    for real, fake in panels
                ],
                window,
            )
        )
    return Study(
        name="local-variance",
        title="Local variance: how uneven the blur is",
        words=(*_words(table, compared, window, border), *flat.words()),
        summary={
            "window_px": window,
            "border": border,
            "pictures": len(table),
            "groups": int(table["group"].nunique()),
            "flat_maps": flat.summary(),
            "maps": {
                kind: {
                    method: _summary(one, table, means[kind], method)
                    for method, one in methods.items()
                }
                for kind, methods in compared.items()
            },
        },
        table=_tidy(table, means),
        figures=tuple(figures),
    )


def _by_method(
    table: SampleTable, values: npt.NDArray[np.float64], *, draws: int, seed: int
) -> dict[str, Comparison]:
    """All fakes and, where there are several, those of each method, against all reals."""
    out = {}
    for method in _methods(table):
        rows = _rows(table, method)
        part = table[rows]
        out[method] = compare(
            part["label"], values[rows], part["group"], part["clip"], draws=draws, seed=seed
        )
    return out


def _methods(table: SampleTable) -> list[str]:
    methods = sorted(table.loc[table["label"] == FAKE, "method"].astype(str).unique())
    return [ALL, *methods] if len(methods) > 1 else [ALL]


def _rows(table: SampleTable, method: str) -> Mask:
    every = (table["label"] == REAL) | (method == ALL) | (table["method"].astype(str) == method)
    return every.to_numpy(bool)


def _tidy(table: SampleTable, means: Mapping[str, npt.NDArray[np.float64]]) -> Any:
    columns = table[["path", "label", "method", "group", "clip"]]
    parts = [columns.assign(map=kind, mean_local_variance=values) for kind, values in means.items()]
    return pd.concat(parts, ignore_index=True)


def _summary(
    one: Comparison, table: SampleTable, values: npt.NDArray[np.float64], method: str
) -> dict[str, Any]:
    rows = _rows(table, method)
    fakes = values[rows & (table["label"] == FAKE).to_numpy()]
    reals = values[rows & (table["label"] == REAL).to_numpy()]
    return {
        "ks_d": one.ks_d.to_json(),
        "ks_p_as_if_independent": one.ks_p,
        "ks_d_with_shuffled_labels": one.ks_d_shuffled.to_json(),
        "p_by_shuffling_clips": one.p_shuffled,
        "cliffs_delta": one.cliffs_delta.to_json(),
        "best_balanced_accuracy": one.balanced_accuracy.to_json(),
        "best_threshold": one.cut.threshold,
        "fakes_above_threshold": one.cut.fake_above,
        "mean_of_fakes": float(fakes.mean()),
        "mean_of_reals": float(reals.mean()),
        "fakes": one.fakes,
        "reals": one.reals,
        "groups_with_fakes": one.fake_groups,
        "groups_with_reals": one.real_groups,
        "enough_groups_for_a_claim": one.enough_groups,
    }


def _examples(
    table: SampleTable, pair_by: str | None, count: int, seed: int
) -> list[tuple[str, str]]:
    """Real and fake: matched pairs where there are any, else one of each by chance."""
    rng = np.random.default_rng(seed)
    try:
        pairs = match_pairs(table, column=pair_by)
    except InputError:
        if pair_by is not None:
            raise
        reals, fakes = (
            table.loc[table["label"] == label, "path"].astype(str).to_numpy()
            for label in (REAL, FAKE)
        )
        return list(
            zip(rng.permutation(reals)[:count], rng.permutation(fakes)[:count], strict=False)
        )
    chosen = sorted(rng.permutation(len(pairs))[:count])
    return [(pairs["real"].iloc[row], pairs["fake"].iloc[row]) for row in chosen]


def _words(
    table: SampleTable,
    compared: Mapping[str, Mapping[str, Comparison]],
    window: int,
    border: Border,
) -> tuple[str, ...]:
    words = [
        f"Around every pixel of a blur map, the variance of the blur in a window of {window} x "
        f"{window} pixels was taken, and its mean over the picture: large where the blur changes "
        f"within a few pixels, zero where it is even; {_BORDER_WORDS[border]}. "
        f"{counted(len(table), 'picture')} of {counted(table['group'].nunique(), 'group')}."
    ]
    enough = all(methods[ALL].enough_groups for methods in compared.values())
    intervals = "Intervals are 95 % and draw whole groups again. " if enough else ""
    words += [_finding(kind, methods[ALL], border) for kind, methods in compared.items()]
    words.append(
        "D is the largest gap between the two distributions. With many pictures a gap of no use is "
        "“significant”; what counts is how many pictures one could call right by it. "
        f"{intervals}The shuffled labels say what D is where nothing differs."
    )
    return tuple(words)


def _verdict(one: Comparison, border: Border) -> str:
    delta = one.cliffs_delta
    if not one.enough_groups:
        return too_few(one.groups_in_words).removesuffix(".")
    if one.p_shuffled > 0.05:
        return "No difference between fakes and reals is shown"
    if delta.low <= 0 <= delta.high:
        return "Fakes and reals differ, but neither have the larger values as a rule"
    if border == "zero":
        larger = "larger" if delta.value > 0 else "smaller"
        return f"Fakes have {larger} values than reals, which may be due to the zeros"
    return f"Fakes are {'more' if delta.value > 0 else 'less'} uneven than reals"


def _finding(kind: str, one: Comparison, border: Border) -> str:
    delta, accuracy = one.cliffs_delta, one.balanced_accuracy
    ends = f" ({delta.low:+.2f} to {delta.high:+.2f})" if np.isfinite(delta.low) else ""
    return (
        f"With {MAP_WORDS[kind]}: {_verdict(one, border)}. D = {one.ks_d.value:.3f}, where "
        f"shuffled labels give {one.ks_d_shuffled.low:.3f} to {one.ks_d_shuffled.high:.3f} "
        f"(p = {one.p_shuffled:.2g} by shuffling, {one.ks_p:.2g} as if all pictures were "
        f"independent). Cliff's delta is {delta.value:+.2f}{ends}: 0 is no difference, "
        f"±1 no overlap. The best single threshold calls {100 * accuracy.value:.1f} % right, and "
        "chance 50 %; it was chosen on these very pictures, so that others would be fewer."
    )
