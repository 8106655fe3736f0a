"""Local variance and what a difference is worth: by hand, by SciPy, by brute force, by a plant."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from blurprint.errors import InputError
from blurprint.evidence.variance_map import variance_map
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.maps import Maps
from blurprint.lab.measures.two_samples import (
    best_balanced_accuracy,
    compare,
    ks_statistic,
)
from blurprint.lab.studies.local_variance import study_local_variance
from shots import with_shuffled_labels


def test_statistics_by_hand() -> None:
    fake, real = [2.0, 3.0, 4.0], [1.0, 2.0]
    # Wins 2>1, 3>1, 3>2, 4>1, 4>2; a tie 2=2; no loss: 5 / 6. Above 1: all fakes, half of reals.
    # Above 2: two thirds of the fakes, no real.
    found = compare([1, 1, 1, 0, 0], fake + real, list("abcde"), list("abcde"), draws=2)
    assert found.cliffs_delta.value == pytest.approx(5 / 6)
    assert ks_statistic(fake, real)[0] == pytest.approx(2 / 3)
    cut = best_balanced_accuracy(fake, real)
    assert cut == (pytest.approx(5 / 6), 2.5, True)
    assert best_balanced_accuracy(real, fake) == (pytest.approx(5 / 6), 2.5, False)
    assert best_balanced_accuracy([1.0], [1.0]).accuracy == 0.5
    with pytest.raises(InputError, match="both classes"):
        best_balanced_accuracy([], real)
    with pytest.raises(InputError, match="NaN"):
        ks_statistic([float("nan")], real)


def test_cliffs_delta_equals_all_comparisons() -> None:
    rng = np.random.default_rng(1)
    fake, real = rng.integers(0, 20, 70), rng.integers(3, 25, 50)
    expected = np.sign(fake[:, None] - real[None, :]).mean()
    label = np.repeat([1, 0], [70, 50])
    clips = np.arange(120).astype(str)
    found = compare(label, np.concatenate([fake, real]), clips, clips, draws=2).cliffs_delta
    assert found.value == pytest.approx(expected)
    assert found.value == pytest.approx(2 * roc_auc_score(label, [*fake, *real]) - 1)


def test_the_comparison_agrees_with_the_single_functions() -> None:
    rng = np.random.default_rng(2)
    label = np.repeat([0, 1], 40)
    value = np.round(rng.normal(label * 0.7, 1), 1)  # with ties
    clips = np.arange(80).astype(str)
    found = compare(label, value, clips, clips, draws=200)
    fake, real = value[label == 1], value[label == 0]
    expected = stats.ks_2samp(fake, real)
    assert found.ks_d.value == pytest.approx(expected.statistic)
    assert found.ks_p == pytest.approx(expected.pvalue)
    assert found.balanced_accuracy.value == pytest.approx(best_balanced_accuracy(fake, real)[0])
    assert found.balanced_accuracy.value == pytest.approx((1 + found.ks_d.value) / 2)
    assert found.cliffs_delta.low < found.cliffs_delta.value < found.cliffs_delta.high


def test_a_large_sample_makes_a_useless_difference_significant() -> None:
    # As the paper's figures for Deepfakes: D = 0.053 at p = 4e-8, which calls 52.6 % right.
    rng = np.random.default_rng(3)
    real, fake = rng.normal(size=12_000), rng.normal(0.1, size=12_000)
    d, p = ks_statistic(fake, real)
    assert p < 1e-6
    accuracy = best_balanced_accuracy(fake, real).accuracy
    assert accuracy == pytest.approx((1 + d) / 2)
    assert accuracy < 0.54


def test_frames_of_a_clip_are_no_evidence_of_each_other() -> None:
    # 40 frames each of 6 clips that differ by chance: the test of single frames is fooled.
    rng = np.random.default_rng(4)
    clips = np.repeat(np.arange(12), 40)
    label = (clips % 2).astype(int)
    value = rng.normal(size=12)[clips] + 0.01 * rng.normal(size=480)
    found = compare(label, value, clips.astype(str), clips.astype(str), draws=300)
    assert found.ks_p < 1e-6
    assert found.p_shuffled > 0.05


def test_clips_of_a_group_are_no_evidence_of_each_other() -> None:
    # 40 clips each of 12 persons who differ by chance: clips that were shuffled one by one would
    # give p = 0.01.
    rng = np.random.default_rng(4)
    person = np.repeat(np.arange(12), 40)
    value = rng.normal(size=12)[person] + 0.01 * rng.normal(size=480)
    clips = np.arange(480).astype(str)
    found = compare(person % 2, value, person.astype(str), clips, draws=300)
    assert found.p_shuffled > 0.05
    alone = compare(person % 2, value, clips, clips, draws=300)
    assert alone.p_shuffled < 0.01


def test_a_pasted_blur_is_found_and_shuffled_labels_show_none(
    shots: SampleTable, maps: Maps
) -> None:
    study = study_local_variance(shots, maps, draws=300)
    found = study.summary["maps"]["metric"]["all fakes"]
    assert found["cliffs_delta"]["low"] > 0.9
    assert found["ks_d"]["value"] > found["ks_d_with_shuffled_labels"]["high"]
    assert found["p_by_shuffling_clips"] < 0.01
    assert found["mean_of_fakes"] > 2 * found["mean_of_reals"]
    nothing = study_local_variance(with_shuffled_labels(shots), maps, draws=300)
    chance = nothing.summary["maps"]["metric"]["all fakes"]
    assert chance["cliffs_delta"]["low"] < 0 < chance["cliffs_delta"]["high"]
    assert chance["p_by_shuffling_clips"] > 0.05
    assert any("No difference" in text for text in nothing.words)


def test_each_method_stands_beside_all_of_them(shots: SampleTable, maps: Maps) -> None:
    fakes = shots["label"] == 1
    named = shots.assign(method=np.where(fakes, "m" + (shots.index % 2).astype(str), "real"))
    study = study_local_variance(named, maps, draws=20, examples=1)
    methods = study.summary["maps"]["minmax"]
    assert list(methods) == ["all fakes", "m0", "m1"]
    assert methods["m0"]["fakes"] + methods["m1"]["fakes"] == methods["all fakes"]["fakes"]
    assert len(study.table) == 2 * len(shots)


def test_few_groups_make_no_claim(shots: SampleTable, maps: Maps) -> None:
    few = shots[shots["group"].astype(int) < 4].reset_index(drop=True)
    study = study_local_variance(few, maps, draws=50, examples=1)
    found = study.summary["maps"]["metric"]["all fakes"]
    assert not found["enough_groups_for_a_claim"]
    assert found["cliffs_delta"]["value"] > 0.9
    assert found["cliffs_delta"]["low"] is None
    text = " ".join(study.words)
    assert "4 groups with fakes and 4 groups with reals" in text
    assert "more uneven" not in text


def test_a_class_of_few_groups_is_enough_to_make_none(shots: SampleTable, maps: Maps) -> None:
    lacking = (shots["label"] == 0) & (shots["group"].astype(int) > 2)
    study = study_local_variance(shots[~lacking].reset_index(drop=True), maps, draws=50, examples=1)
    found = study.summary["maps"]["metric"]["all fakes"]
    assert (found["groups_with_fakes"], found["groups_with_reals"]) == (10, 3)
    assert found["cliffs_delta"]["low"] is None


@pytest.mark.parametrize(
    ("border", "words"), [("inside", "pixels that exist"), ("zero", "counts as zero")]
)
def test_the_border_is_that_of_the_definition_and_is_said(
    shots: SampleTable, maps: Maps, border, words
) -> None:
    study = study_local_variance(shots, maps, border=border, draws=50, examples=1)
    assert study.summary["border"] == border
    assert words in study.words[0]
    # Zeros around the map are a step of their own: what they give is no unevenness of the blur.
    assert any("uneven than reals" in one for one in study.words) == (border == "inside")
    rows = study.table[study.table["map"] == "metric"].set_index("path")
    path = shots.loc[0, "path"]
    expected = variance_map(maps.of(path)["metric"], 15, border).mean()
    assert rows.loc[path, "mean_local_variance"] == pytest.approx(expected)
