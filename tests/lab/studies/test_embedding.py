"""Numbers of an embedding by hand, by scikit-learn, and against shuffled labels."""

from __future__ import annotations

import importlib.util
import io

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from blurprint.errors import BlurprintError, InputError
from blurprint.lab.evaluation.detectors.scoring import score_table
from blurprint.lab.measures.label_shuffle import shuffled_labels
from blurprint.lab.studies.embedding import embed_table, study_embedding
from blurprint.lab.studies.feature_space import (
    measure,
    nearest,
    silhouettes,
)
from pasted_detectors import Pasted

pytestmark = pytest.mark.slow


def test_silhouette_by_hand_and_as_scikit_learns() -> None:
    # 0 and 2 against 10: a = 2, b = 10 and 8; one alone gives 0.
    assert silhouettes([[0.0], [2.0], [10.0]], [0, 0, 1]).tolist() == [[0.8, 0.75, 0]]
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 5)) + 100
    labels = rng.integers(0, 2, (3, 300))
    for found, label in zip(silhouettes(features, labels), labels, strict=True):
        np.testing.assert_allclose(found, silhouette_samples(features, label), atol=1e-9)
    with pytest.raises(InputError, match="both"):
        silhouettes(features, np.zeros(300))


def test_neighbours_by_hand_without_the_own_group() -> None:
    features = [[0.0], [1.0], [5.0], [7.0]]
    groups = ["a", "a", "a", "b"]
    assert nearest(features, 2).tolist() == [[1, 2], [0, 2], [3, 1], [2, 1]]
    assert nearest(features, 1, groups).tolist() == [[3], [3], [3], [2]]
    with pytest.raises(InputError, match="from 1 to 1"):
        nearest(features, 2, groups)


def test_frames_of_one_group_do_not_vouch_for_each_other() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(20), 10)
    features = rng.normal(size=(20, 8))[group] + 0.05 * rng.normal(size=(200, 8))
    label = np.repeat(rng.permutation(np.arange(20) % 2), 10)
    found = {one.name: one for one in measure(features, label, group, draws=200)}
    assert found["agreement_of_5_neighbours_own_group_included"].found.value == 1
    assert found["agreement_of_5_neighbours"].p > 0.05


def test_a_trained_detector_arranges_fakes_and_reals(pasted: Pasted) -> None:
    study = study_embedding(
        pasted.defocus, pasted.test, cache=pasted.cache, draws=200, perplexities=(5, 40)
    )
    found = study.summary["agreement_of_5_neighbours"]
    assert found["p"] <= 0.01
    assert found["found"]["low"] > 0.6
    assert study.summary["perplexities_left_out"] == [40]
    assert "left out" in study.words[-1]
    assert len(study.table) == len(pasted.test)
    with np.load(io.BytesIO(study.files["features.npz"]), allow_pickle=False) as stored:
        assert stored["features"].shape == (96, study.summary["features"])
    again = study_embedding(
        pasted.defocus, pasted.test, cache=pasted.cache, draws=200, perplexities=(5, 40)
    )
    assert again.table.equals(study.table)


def test_shuffled_labels_show_nothing(pasted: Pasted) -> None:
    features = embed_table(pasted.defocus, pasted.test, cache=pasted.cache)
    group = pasted.test["group"]
    drawn = shuffled_labels(pasted.test["label"], group, draws=20, seed=[9, 2])
    p = [measure(features, label, group, draws=100)[0].p for label in drawn]
    assert np.mean(np.array(p) <= 0.05) <= 0.2
    assert 0.3 < np.mean(p) < 0.7


def test_features_give_the_scores(pasted: Pasted) -> None:
    import torch

    features = torch.from_numpy(embed_table(pasted.defocus, pasted.test, cache=pasted.cache))
    with torch.no_grad():
        scores = pasted.defocus.classify(features).sigmoid().numpy()
    scored = score_table(pasted.defocus, pasted.test, cache=pasted.cache)
    np.testing.assert_allclose(scores, scored.table["score"], atol=1e-5)


def test_umap_is_drawn_beside_the_others(pasted: Pasted) -> None:
    pytest.importorskip("umap")
    study = study_embedding(
        pasted.defocus, pasted.test, cache=pasted.cache, draws=20, perplexities=(5,), umap=True
    )
    drawn = study.table[study.table["layout"] == "UMAP"]
    assert set(study.table["layout"]) == {"t-SNE, perplexity 5", "UMAP"}
    assert drawn[["x", "y"]].std().min() > 0
    # Fakes and reals, which the detector tells apart, lie apart in it.
    middle = drawn.groupby("label")[["x", "y"]].mean()
    spread = drawn.groupby("label")[["x", "y"]].std().mean()
    assert ((middle.loc[1] - middle.loc[0]).abs() > spread).any()


def test_umap_is_optional(pasted: Pasted, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "umap" else find(name)
    )
    with pytest.raises(BlurprintError, match=r"UMAP needs umap-learn.*\[umap\]"):
        study_embedding(pasted.defocus, pasted.test, umap=True)


def test_few_groups_make_no_claim(pasted: Pasted) -> None:
    groups = pasted.test["group"].unique()[:6]
    few = pasted.test[pasted.test["group"].isin(groups)].reset_index(drop=True)
    study = study_embedding(pasted.defocus, few, cache=pasted.cache, draws=50, perplexities=(5,))
    assert not study.summary["enough_groups_for_a_claim"]
    assert study.summary["silhouette"]["found"]["low"] is None
    assert study.summary["flat_maps"]["fakes"]["of"] == int(few["label"].sum())
    assert "6 groups with fakes and 6 groups with reals" in study.words[1]
    assert "lie apart" not in " ".join(study.words)
