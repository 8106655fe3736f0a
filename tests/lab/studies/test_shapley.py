"""Shapley values of rendered pictures, with what tells whether they mean anything."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from blurprint.lab.studies.shapley import concentration, draw_pictures, study_shapley
from pasted_detectors import Pasted, with_shuffled_labels

pytestmark = pytest.mark.slow


def test_concentration_by_hand() -> None:
    assert concentration(np.full((10, 10), -2.0, np.float32)) == pytest.approx(0.1)
    assert concentration(np.float32([[0, -9], [1, 0]]), share=0.25) == pytest.approx(0.9)
    assert concentration(np.zeros((10, 10), np.float32)) == 0.1


def test_pictures_are_half_of_each_class_and_of_many_groups(pasted: Pasted) -> None:
    chosen = draw_pictures(pasted.test, 20, seed=0)
    assert chosen["label"].sum() == 10
    assert chosen[chosen["label"] == 1]["group"].nunique() == 10
    few = pasted.test[(pasted.test["label"] == 0) | (pasted.test.index < 2)]
    assert len(draw_pictures(few, 30, seed=0)) == 30


def test_a_study_of_a_trained_and_an_untrained_detector(pasted: Pasted, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    study = study_shapley(
        pasted.defocus,
        pasted.rgb,
        pasted.test,
        count=30,
        samples=100,
        draws=200,
        cache=pasted.cache,
        kept=tmp_path / "kept",
        progress=lambda *step: calls.append(step),
    )
    assert calls[-1] == (60, 60)
    defocus, rgb = study.summary["defocus"], study.summary["rgb"]
    assert defocus["p_by_shuffling_clips"] <= 0.05
    assert rgb["p_by_shuffling_clips"] > 0.05
    assert defocus["completeness_error_share"] < 0.1
    rows = study.table
    np.testing.assert_allclose(
        rows["completeness_error"],
        rows["sum_of_attributions"] - rows["logit"] + rows["expected_logit"],
        atol=1e-6,
    )
    with np.load(io.BytesIO(study.files["shapley.npz"]), allow_pickle=False) as stored:
        shaps = dict(stored)
    assert shaps["rgb_shaps"].shape == (30, 3, 96, 96)
    own = rows[rows["detector"] == "defocus"]
    np.testing.assert_allclose(
        shaps["defocus_shaps"].sum((1, 2)), own["sum_of_attributions"], atol=1e-3
    )
    assert shaps["paths"].tolist() == own["path"].tolist()


def test_without_a_detector_of_colours(pasted: Pasted) -> None:
    study = study_shapley(
        pasted.defocus, None, pasted.test, count=4, samples=10, draws=20, cache=pasted.cache
    )
    assert "rgb" not in study.summary
    assert len(study.table) == 4


def test_shuffled_labels_show_nothing(pasted: Pasted) -> None:
    p = []
    for seed in range(6):
        table = with_shuffled_labels(pasted.test, seed)
        study = study_shapley(
            pasted.defocus, None, table, count=20, samples=10, draws=100, cache=pasted.cache
        )
        p.append(study.summary["defocus"]["p_by_shuffling_clips"])
    assert np.mean(np.array(p) <= 0.05) <= 0.2


def test_a_detector_of_shuffled_labels_is_said_to_mean_nothing(pasted: Pasted) -> None:
    # Its score may differ a little within pairs, as any function of the map does.
    study = study_shapley(
        pasted.shuffled, None, pasted.test, count=30, samples=10, draws=200, cache=pasted.cache
    )
    assert "explain a score that means nothing" in study.words[1]


def test_few_groups_make_no_claim(pasted: Pasted) -> None:
    study = study_shapley(
        pasted.defocus, None, pasted.test, count=8, samples=10, draws=50, cache=pasted.cache
    )
    assert not study.summary["defocus"]["enough_groups_for_a_claim"]
    assert study.summary["pictures_drawn_from"] == len(pasted.test)
    text = " ".join(study.words)
    assert f"For 8 of {len(pasted.test)} pictures" in text
    assert "4 groups with fakes" in text
    assert "tell the fakes" not in text
    assert "tells the fakes" not in text
