"""Predicting the label from a file's properties."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from blurprint.lab.audit.shortcuts import TOGETHER, audit


def measured(features, labels, groups=None):
    groups = groups if groups is not None else [str(row) for row in range(len(labels))]
    return {one.feature: one for one in audit(features, labels, groups)}


def test_the_auc_of_a_number_is_scikit_learns_in_the_direction_that_fits():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    value = rng.integers(0, 9, 200).astype(float)  # with ties
    for numbers in (value - labels, value + labels):
        area = roc_auc_score(labels, numbers)
        found = measured({"number": numbers.tolist()}, labels.tolist())["number"]
        assert found.auc == pytest.approx(max(area, 1 - area))
        assert found.low < found.auc < found.high


def test_a_property_that_tells_the_label_has_auc_1_and_warns():
    labels = [0] * 50 + [1] * 50
    found = measured(
        {"format": ["JPEG"] * 50 + ["PNG"] * 50, "file_size": [*range(200, 100, -1)]}, labels
    )
    for name in ("format", "file_size", TOGETHER):
        assert found[name].auc == pytest.approx(1.0)
        assert found[name].low == pytest.approx(1.0)
        assert found[name].warns
    assert (found["format"].real, found["format"].fake) == ("JPEG", "PNG")
    assert float(found["file_size"].real) > float(found["file_size"].fake)


@pytest.mark.parametrize(("count", "draws"), [(24, 20), (60, 20), (600, 3)])
def test_chance_hardly_ever_warns(count, draws):
    warned = []
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        features = {
            "number": rng.random(count).tolist(),
            "category": rng.choice(["a", "b", "c"], count).tolist(),
        }
        found = measured(features, rng.permutation(np.arange(count) % 2).tolist())
        warned += [one.warns for one in found.values()]
    assert np.mean(warned) <= 0.04  # the intervals hold 99 %


def test_what_is_the_same_for_all_has_auc_one_half():
    labels = np.random.default_rng(0).permutation(np.arange(50) % 2).tolist()
    for one in measured({"number": [1.0] * 50, "category": ["JPEG"] * 50}, labels).values():
        assert (one.auc, one.low, one.high) == (0.5, 0.5, 0.5)


def test_frames_of_few_clips_do_not_make_chance_certain():
    # Twelve clips a label, each of one size: by chance the sizes differ (AUC 0.68), and 50 equal
    # frames of each clip say no more about that than one.
    rng = np.random.default_rng(5)
    sizes = rng.normal(size=24) + 0.6 * (np.arange(24) % 2)
    labels = np.repeat(np.arange(24) % 2, 50).tolist()
    values = np.repeat(sizes, 50).tolist()
    grouped = measured({"size": values}, labels, np.repeat(np.arange(24), 50).astype(str))
    alone = measured({"size": values}, labels)
    assert grouped["size"].auc == alone["size"].auc
    assert (grouped["size"].high - grouped["size"].low) > 3 * (
        alone["size"].high - alone["size"].low
    )


def test_a_shortcut_of_two_properties_shows_together_only():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2, (2, 400))
    found = measured({"a": a.astype(float), "b": b.astype(float)}, (a ^ b).tolist())
    assert not found["a"].warns
    assert not found["b"].warns
    assert found[TOGETHER].auc > 0.95
    assert found[TOGETHER].warns


def test_what_does_not_apply_is_left_out():
    labels = [0] * 20 + [1] * 20
    quality = [80.0, 90.0] * 10 + [None] * 20  # fakes are PNG
    found = measured({"quality": quality, "size": [1.0, 2.0] * 20}, labels)
    assert "quality" not in found
    assert found["size"].auc == pytest.approx(0.5)


def test_too_few_pictures_are_not_measured():
    assert audit({"size": [1.0, 2.0] * 9}, [0, 1] * 9, ["g"] * 18) == []
    assert audit({"size": [1.0] * 30}, [0] * 30, ["g"] * 30) == []
