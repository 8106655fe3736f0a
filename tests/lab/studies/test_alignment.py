"""Histograms by hand, the null, and a planted effect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.models.detectors import create_detector
from blurprint.lab.studies.alignment import study_alignment, untrained
from blurprint.lab.studies.alignment_figures import histogram_figure
from blurprint.lab.studies.overlap import align, bin_of, divergence, histogram, overlap
from pasted_detectors import Pasted
from planted_alignment import Planted

pytestmark = pytest.mark.slow


def test_histograms_by_hand() -> None:
    defocus = np.array([[0.0, 0.3], [0.5, 1.0]], np.float32)
    places = bin_of(defocus, 4)
    assert places.tolist() == [[0, 1], [2, 3]]
    difference = histogram(places, np.array([[0.0, -0.1], [0.3, 0.0]]), 4)
    shap = histogram(places, np.array([[2.0, 1.0], [-1.0, 0.0]]), 4)
    assert difference.tolist() == pytest.approx([0, 0.25, 0.75, 0])
    assert shap.tolist() == pytest.approx([0.5, 0.25, 0.25, 0])
    assert overlap(shap, difference) == pytest.approx(0.5)
    p = (np.array([0.5, 0.25, 0.25, 0]) + 0.1) / 1.4
    q = (np.array([0, 0.25, 0.75, 0]) + 0.1) / 1.4
    assert divergence(shap, difference, 0.1) == pytest.approx((p * np.log(p / q)).sum())
    assert divergence(shap, shap) == pytest.approx(0)
    assert histogram(places, np.zeros((2, 2)), 4).tolist() == [0.25] * 4


def test_every_edge_of_twenty_bins_is_in_the_upper_bin() -> None:
    edges = np.arange(20, dtype=np.float32) / np.float32(20)
    assert bin_of(edges).tolist() == list(range(20))
    with pytest.raises(InputError, match="0 to 1"):
        bin_of(np.float32([1.1]))


@pytest.mark.parametrize("aligned", [True, False])
def test_the_null_is_of_other_fakes(aligned: bool) -> None:
    rng = np.random.default_rng(0)
    places = bin_of(rng.random((30, 24, 24), dtype=np.float32))
    wanted = rng.random((30, 20)) ** 6
    plane = np.take_along_axis(wanted, places.reshape(30, -1).astype(int), axis=1)
    weights = plane.reshape(places.shape).astype(np.float32)
    difference = np.stack([histogram(*one) for one in zip(places, weights, strict=True)])
    if not aligned:
        weights = np.roll(weights, 7, axis=0)
        difference = difference[rng.permutation(30)]
    blank = rng.random(weights.shape, dtype=np.float32)
    found = align("defocus", places, difference, weights, blank, groups=np.arange(30), draws=400)
    assert (found.p is not None and found.p < 0.01) == aligned
    assert found.shown == aligned
    assert (found.gain.low > 0) == aligned
    assert found.overlaps.mean() == pytest.approx(found.found.value)


def test_one_group_has_no_null() -> None:
    places = bin_of(np.random.default_rng(0).random((2, 8, 8), dtype=np.float32))
    even = np.ones((2, 8, 8), "f4")
    found = align("rgb", places, np.full((2, 20), 0.05), even, even, groups=["a", "a"])
    assert found.p is None
    assert np.isnan(found.gain.value)


def test_a_detector_that_looks_at_the_forged_blur_is_aligned(planted: Planted) -> None:
    study = study_alignment(
        planted.gentle, None, planted.table, samples=20, cache=planted.cache, draws=200
    )
    found = study.summary["defocus"]
    assert found["alignment_shown"]
    # 0.83 by maps of "net"; even attributions would have the share that the forged blur has.
    assert found["overlap"]["value"] > 0.75
    assert found["gain_over_untrained"]["low"] > 0
    assert found["p"] <= 0.05
    assert "Training has made it look" in study.words[1]


@pytest.mark.parametrize("which", ["untrained", "shuffled labels"])
def test_a_detector_that_has_learnt_nothing_is_not_aligned(which: str, pasted: Pasted) -> None:
    # Its attributions do fit the difference better than even ones: the factor
    # (picture - background) sees to that. Without the untrained network this would be an effect.
    nothing = pasted.shuffled if which == "shuffled labels" else untrained(pasted.defocus, 5)
    study = study_alignment(nothing, None, pasted.test, samples=20, cache=pasted.cache, draws=200)
    found = study.summary["defocus"]
    assert not found["alignment_shown"]
    assert found["overlap"]["low"] > found["overlap_if_attribution_were_even"]
    assert "no alignment is shown" in study.words[1]


def test_a_trained_detector_beside_one_of_colours(pasted: Pasted, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    study = study_alignment(
        pasted.defocus,
        pasted.rgb,
        pasted.test,
        samples=20,
        cache=pasted.cache,
        draws=200,
        kept=tmp_path,
        progress=lambda *step: calls.append(step),
    )
    # Whether training on borders aligns a detector with blur is not certain; nothing is asserted.
    assert not study.summary["rgb"]["alignment_shown"]
    assert calls[-1] == (4 * 48, 4 * 48)
    assert len(list(tmp_path.glob("*/*.npz"))) == 4 * 48
    assert len(study.table) == 96
    assert all(figure.png[:4] == b"\x89PNG" for figure in study.figures)


def test_detectors_of_something_else_are_refused(pasted: Pasted) -> None:
    with pytest.raises(InputError, match='sees "defocus"'):
        study_alignment(pasted.rgb, None, pasted.test)
    with pytest.raises(InputError, match='sees "rgb"'):
        study_alignment(pasted.defocus, create_detector(pasted.defocus.config), pasted.test)


@pytest.mark.parametrize("tall", [True, False])
def test_the_axis_is_broken_where_few_bins_tower_over_the_rest(tall: bool) -> None:
    rng = np.random.default_rng(0)
    places = bin_of(rng.random((8, 16, 16), dtype=np.float32))
    difference = rng.uniform(0.9, 1.1, (8, 20))
    difference[:, 3] *= 30 if tall else 1
    difference /= difference.sum(axis=1, keepdims=True)
    even = np.ones(places.shape, np.float32)
    found = align("defocus", places, difference, even, even, groups=np.arange(8), draws=20)
    drawn = histogram_figure(difference, [found])
    assert (b'id="axes_2"' in drawn.svg) == tall
    assert ("The axis is broken" in drawn.caption) == tall


def test_few_groups_show_no_alignment(planted: Planted) -> None:
    groups = planted.table["group"].unique()[:9]
    few = planted.table[planted.table["group"].isin(groups)].reset_index(drop=True)
    study = study_alignment(planted.detector, None, few, samples=20, cache=planted.cache, draws=200)
    found = study.summary["defocus"]
    assert not found["alignment_shown"]
    assert found["overlap"]["low"] is None
    text = " ".join(study.words)
    assert "9 groups of fakes" in text
    assert "Training has made it look" not in text
    assert study.summary["paired_by"] in text
