"""Histograms by hand, the null, and a planted effect."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.models.detectors import create_detector
from blurprint.lab.studies.alignment import (
    align,
    bin_of,
    divergence,
    histogram,
    overlap,
    study_alignment,
)
from pasted_detectors import Pasted


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
    found = align("defocus", places, difference, weights, np.arange(30), draws=400)
    assert (found.p is not None and found.p < 0.01) == aligned
    assert (found.gain.low > 0) == aligned
    assert found.overlaps.mean() == pytest.approx(found.found.value)


def test_one_group_has_no_null() -> None:
    places = bin_of(np.random.default_rng(0).random((2, 8, 8), dtype=np.float32))
    found = align("rgb", places, np.full((2, 20), 0.05), np.ones((2, 8, 8), "f4"), ["a", "a"])
    assert found.p is None
    assert np.isnan(found.gain.value)


def test_a_trained_detector_is_aligned_and_one_of_colours_is_not(pasted: Pasted) -> None:
    calls: list[tuple[int, int]] = []
    study = study_alignment(
        pasted.defocus,
        pasted.rgb,
        pasted.test,
        cache=pasted.cache,
        draws=200,
        progress=lambda *step: calls.append(step),
    )
    defocus, rgb = study.summary["defocus"], study.summary["rgb"]
    assert defocus["p"] <= 0.05
    assert defocus["gain_over_others"]["value"] > 0.02
    assert rgb["p"] > 0.05
    assert calls[-1] == (2 * 48, 2 * 48)
    assert len(study.table) == 96
    assert all(figure.png[:4] == b"\x89PNG" for figure in study.figures)


def test_detectors_of_something_else_are_refused(pasted: Pasted) -> None:
    with pytest.raises(InputError, match='sees "defocus"'):
        study_alignment(pasted.rgb, None, pasted.test)
    with pytest.raises(InputError, match='sees "rgb"'):
        study_alignment(pasted.defocus, create_detector(pasted.defocus.config), pasted.test)
