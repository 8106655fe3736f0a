"""What the study of the binary mask says in words, and when it says nothing."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.maps import MAP_WORDS, METRIC, MINMAX, Maps
from blurprint.lab.measures.few_groups import counted, enough, too_few
from blurprint.lab.studies.binary_mask_figures import Curves
from blurprint.lab.studies.pairs_in_words import matched_by, pairing_words, show_one_frame

HEADLINE: Final = {MINMAX: 0.1, METRIC: 0.5}
"""Thresholds that the words and the examples are about."""
# Nine of ten maps must bear the claim: docs/thresholds.md.
MOST_FLAT: Final = 0.1
"""Share of maps that may be the same everywhere where something is claimed of them."""


def binary_mask_words(
    pairs: SampleTable,
    null: SampleTable,
    maps: Maps,
    curves: dict[str, Curves],
    flat_share: float = 0.0,
) -> tuple[str, ...]:
    """Paragraphs of the study: what was done, what came out, and what is not claimed.

    `flat_share` of the maps are the same everywhere, and say nothing.
    """
    words = [
        "The blur map of each fake was laid over that of its real, "
        f"{counted(len(pairs), 'pair')} of {counted(pairs['group'].nunique(), 'group')}, matched "
        f"by {matched_by(pairs)}. A pixel is active where the two differ by more than a threshold.",
        *pairing_words(pairs),
    ]
    if not len(null):
        words.append(
            "No clip or group has two reals, so that nothing says how much two innocent pictures "
            "differ. The counts below say how much maps differ, and nothing about fakes."
        )
    else:
        words.append(
            f"Beside it the same was done for {counted(len(null), 'pair')} of two reals of "
            f"{counted(null['group'].nunique(), 'group')} ({null.attrs['rule']}). Two honest "
            "pictures differ as well; only what goes beyond that can be due to the forgery. A "
            "ratio of 1 means: no more than between two reals."
        )
        if lone := lone_reals(pairs, null):
            words.append(
                f"Reals without another real of their clip or group are in no such pair: {lone:,} "
                f"of {pairs.attrs['reals']:,}."
            )
    sure = show_one_frame(pairs)
    claims = enough_pairs(pairs, null) and sure and flat_share <= MOST_FLAT
    for kind in maps.kinds:
        place = curves[kind].thresholds.index(HEADLINE[kind])
        words.append(_finding(kind, curves[kind], place, claims=claims))
    if len(null) and not enough_pairs(pairs, null):
        words.append(too_few(_groups_in_words(pairs, null)))
    elif len(null) and not sure:
        words.append(
            "No claim is made: pairs that are not known to show one frame may show different "
            "scenes, which differ more than two reals of one clip whether or not one is a fake."
        )
    elif len(null) and not claims:
        words.append(
            f"No claim is made: {100 * flat_share:.0f} % of the maps are the same everywhere, and "
            "differ from others whether or not one is a fake."
        )
    intervals = "Intervals are 95 % and draw whole groups again. " if enough_pairs(pairs) else ""
    words.append(
        f"{intervals}Maps are kept as 16-bit numbers, whose "
        "steps are up to 0.0005 of a map's range: the smallest thresholds count such steps as well."
    )
    return tuple(words)


def lone_reals(pairs: SampleTable, null: SampleTable) -> int:
    """Reals that are the only one of their clip or group, and so have no other to be held to."""
    return int(pairs.attrs["reals"]) - len({*null["real"], *null["fake"]})


def enough_pairs(*sets: SampleTable) -> bool:
    """Whether each set of pairs is of enough groups for intervals and claims."""
    return enough(*(one["group"].nunique() for one in sets))


def _groups_in_words(pairs: SampleTable, null: SampleTable) -> str:
    fakes, reals = (counted(one["group"].nunique(), "group") for one in (pairs, null))
    return f"{fakes} with a fake and its real, and {reals} with two reals"


def _finding(kind: str, curves: Curves, place: int, *, claims: bool) -> str:
    threshold = f"{curves.thresholds[place]:g}{curves.unit}"
    share, null, ratio = (part[place] for part in (curves.pairs, curves.null, curves.ratio))
    text = (
        f"With {MAP_WORDS[kind]} and a threshold of {threshold}, {share.value:.1f} % of the pixels "
        "of a fake are active"
    )
    if not np.isfinite(ratio.value):
        return text + ("." if np.isnan(null.value) else "; of two reals, none.")
    ends = f" ({ratio.low:.2f} to {ratio.high:.2f})" if np.isfinite(ratio.low) else ""
    text += f", and {null.value:.1f} % between two reals: {ratio.value:.2f} times as many{ends}."
    if claims and np.isfinite(ratio.low):
        if ratio.low > 1:
            text += " Fakes differ from their reals more than reals among themselves."
        elif ratio.high < 1:
            text += (
                " Fakes differ from their reals less than reals among themselves: the count alone "
                "would accuse the reals."
            )
        else:
            text += " That is no more than chance gives."
    return text
