"""Shapley alignment: does a detector look at blur where fake and real differ in it?

Jeon & Woo (CIKM 2025) compare two histograms over the defocus value: one of how much fake and real
differ, one of how much the detector makes of each pixel. Here both are taken over the map of the
fake as the defocus detector sees it, in [0, 1]: the stretched map of the paper, or
``sigma / (sigma + 2 px)`` of the metric variant. A pixel goes into the bin of its defocus value
there, and adds ``|D_fake - D_real|`` to the one histogram and ``|SHAP|`` to the other. Each is
divided by its sum. Stretched maps differ everywhere as soon as one extreme differs, so that their
difference says little of where the forgery is. What an overlap must go beyond is told in
:mod:`blurprint.lab.studies.overlap`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pandas as pd
import torch

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.lab.datasets.pairs import match_pairs
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable
from blurprint.lab.loading.flat_maps import FlatMaps
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.maps import Progress, require_picture_rows
from blurprint.lab.loading.pictures import ViewMaker
from blurprint.lab.measures.few_groups import counted, enough, too_few
from blurprint.lab.models.detectors import Detector, create_detector
from blurprint.lab.studies.alignment_figures import histogram_figure, overlap_figure
from blurprint.lab.studies.attribution import (
    BACKGROUNDS,
    DETECTOR_TITLES,
    SAMPLES,
    Explainer,
    Way,
    check_detectors,
    draw_background,
)
from blurprint.lab.studies.overlap import BINS, EPSILON, Aligned, align, bin_of, histogram
from blurprint.lab.studies.pairs_in_words import matched_by, pairing_summary, pairing_words
from blurprint.lab.studies.study import Study

PAIRS: Final = 50


def study_alignment(
    defocus_detector: Detector,
    rgb_detector: Detector | None,
    table: SampleTable,
    *,
    pair_by: str | None = None,
    count: int = PAIRS,
    samples: int = SAMPLES,
    backgrounds: int = BACKGROUNDS,
    method: Way = "integrated",
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
    require_picture_rows(table)
    detectors = check_detectors(defocus_detector, rgb_detector)
    pairs = match_pairs(table, column=pair_by)
    found_pairs = len(pairs)
    pairs = draw_pairs(pairs, count, seed)
    flat = FlatMaps()
    maker = ViewMaker(defocus_detector.config.views, cache)
    size = defocus_detector.config.views.size
    places = np.empty((len(pairs), size, size), np.uint8)
    difference = np.empty((len(pairs), bins))
    for row, (real, fake) in enumerate(zip(pairs["real"], pairs["fake"], strict=True)):
        own, other = (maker.from_file(Path(path))["defocus"][0] for path in (fake, real))
        for path, label, seen in ((fake, FAKE, own), (real, REAL, other)):
            flat.see(str(path), label, seen)
        places[row] = bin_of(own, bins)
        difference[row] = histogram(places[row], own - other, bins)
    found = []
    done, wanted = 0, 2 * len(detectors) * len(pairs)
    for name, detector in detectors.items():
        base = draw_background(
            detector,
            table,
            count=backgrounds,
            seed=seed,
            cache=cache,
            but=tuple(pairs["real"]),
        )
        maker = ViewMaker(detector.config.views, cache)
        both = []
        for network in (detector, untrained(detector, seed)):
            explainer = Explainer(
                network, base, samples=samples, method=method, seed=seed, kept=kept
            )
            weights = np.empty((len(pairs), size, size), np.float32)
            for row, fake in enumerate(pairs["fake"]):
                plane = explainer.explain(maker.from_file(Path(fake))[name]).plane
                weights[row] = _resized(np.abs(plane), size)
                done += 1
                if progress is not None:
                    progress(done, wanted)
            both.append(weights)
        found.append(
            align(name, places, difference, *both, groups=pairs["group"], seed=seed, draws=draws)
        )
    return Study(
        name="alignment",
        title="Alignment: does the detector look where the blur differs?",
        words=(
            *_words(pairs, found_pairs, found, bins, base=len(base), samples=samples),
            *flat.words(),
        ),
        summary={
            "pairs": len(pairs),
            "paired_by": matched_by(pairs),
            "pairs_found": found_pairs,
            "groups": int(pairs["group"].nunique()),
            "enough_groups_for_a_claim": enough(pairs["group"].nunique()),
            **pairing_summary(pairs),
            "flat_maps": flat.summary(),
            "bins": bins,
            "backgrounds": len(base),
            "epsilon_of_divergence": EPSILON,
            **{one.name: _summary(one) for one in found},
        },
        table=_tidy(pairs, found),
        figures=(histogram_figure(difference, found), overlap_figure(found)),
    )


def untrained(detector: Detector, seed: int) -> Detector:
    """A network of the same kind with new weights; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return create_detector(detector.config).eval()


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


def _tidy(pairs: SampleTable, found: Sequence[Aligned]) -> Any:
    parts = [
        pairs.assign(
            detector=one.name,
            overlap=one.overlaps,
            divergence_nats=one.divergences,
            overlap_if_even=one.even,
            overlap_if_untrained=one.untrained,
            overlap_of_others=[part.mean() if len(part) else np.nan for part in one.others],
        )
        for one in found
    ]
    return pd.concat(parts, ignore_index=True)


def _summary(one: Aligned) -> dict[str, Any]:
    spread = len(one.overlaps) > 1
    return {
        "overlap": one.found.to_json(),
        "overlap_standard_deviation": float(one.overlaps.std(ddof=1)) if spread else None,
        "overlap_with_attributions_of_others": one.null.to_json(),
        "gain_over_others": one.gain.to_json(),
        "p": one.p,
        "overlap_of_an_untrained_network": float(one.untrained.mean()),
        "gain_over_untrained": one.gain_untrained.to_json(),
        "alignment_shown": one.shown,
        "overlap_if_attribution_were_even": float(one.even.mean()),
        "divergence_nats": float(one.divergences.mean()),
        "divergence_standard_deviation": float(one.divergences.std(ddof=1)) if spread else None,
    }


def _words(
    pairs: SampleTable,
    found_pairs: int,
    found: Sequence[Aligned],
    bins: int,
    *,
    base: int,
    samples: int,
) -> tuple[str, ...]:
    words = [
        f"In {len(pairs):,} of {found_pairs:,} fakes that have a real, pixels were sorted by their "
        f"defocus value into {bins} bins, and two things were added up in each bin: how much the "
        "map differs from that of the real, and how much the detector makes of the pixels (the "
        f"size of their expected gradients, from {samples} gradients against {base} reals). The "
        "overlap is 1 where the detector weighs the bins as the difference does, and 0 where it "
        "looks elsewhere.",
    ]
    words += [_finding(one) for one in found]
    groups = pairs["group"].nunique()
    if groups > 1 and not enough(groups):
        words.append(too_few(counted(groups, "group of fakes", "groups of fakes")))
    words.append(f"Pairs were matched by {matched_by(pairs)}.")
    words += pairing_words(pairs)
    intervals = " Intervals are 95 % and draw whole groups again." if enough(groups) else ""
    words.append(
        "An overlap is never near 0, since both add up over the same pixels. It counts only as far "
        "as it goes beyond what the attributions of other fakes give when they are laid over the "
        "same map, and beyond an untrained network. Even then it says that the detector uses blur "
        "that is typical of the forged region, not that it has found the region." + intervals
    )
    return tuple(words)


def _finding(one: Aligned) -> str:
    spread = f" ± {one.overlaps.std(ddof=1):.2f}" if len(one.overlaps) > 1 else ""
    text = (
        f"{DETECTOR_TITLES[one.name].capitalize().replace('Rgb', 'RGB')}: the overlap is "
        f"{one.found.value:.2f}{spread} (mean and standard deviation), and would be "
        f"{one.even.mean():.2f} if the attribution were even over the picture. "
    )
    if one.p is None:
        return text + "All fakes are of one group, so that there are no others to compare to."
    gain = one.gain_untrained
    ends = f" ({gain.low:+.2f} to {gain.high:+.2f})" if np.isfinite(gain.low) else ""
    text += (
        f"Attributions of other fakes give {one.null.low:.2f} to {one.null.high:.2f} "
        f"(p = {one.p:.2g}). A network of the same kind that has learnt nothing gives "
        f"{one.untrained.mean():.2f}; the detector differs from it by {gain.value:+.2f}{ends}. "
    )
    if not one.enough_groups:
        return text.rstrip()
    if one.shown:
        return text + "Training has made it look at the blur that sets the fakes apart."
    return text + "That is no more than chance or no training gives: no alignment is shown."
