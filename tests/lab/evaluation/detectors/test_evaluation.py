from __future__ import annotations

import json
import math

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.evaluation.detectors.evaluation import Baseline, evaluate_scores
from blurprint.lab.evaluation.detectors.remarks import limits, remarks
from blurprint.lab.measures.metrics import METRICS
from metric_values import metric_values
from scored_tables import METHODS, scored


def test_frames_are_averaged_to_videos():
    table = scored()
    evaluation = evaluate_scores(table, draws=50)
    frames, videos = evaluation.levels
    assert (frames.unit, videos.unit, evaluation.headline) == ("frames", "videos", videos)
    means = table.groupby("clip")[["label", "score"]].mean()
    for level, rows in ((frames, table), (videos, means)):
        expected = metric_values(rows["label"], rows["score"])
        found = {name: value.value for name, value in level.overall.metrics.items()}
        assert found == pytest.approx(expected)
    assert (videos.overall.reals, videos.overall.fakes, videos.overall.groups) == (40, 40, 20)
    assert (frames.overall.reals, frames.overall.fakes, frames.overall.groups) == (120, 120, 20)
    # Averaging takes away what frames of one clip do not share.
    assert videos.overall.metrics["auc"].value > frames.overall.metrics["auc"].value


def test_one_row_a_clip_means_pictures():
    evaluation = evaluate_scores(scored(frames=1), draws=20)
    assert [level.unit for level in evaluation.levels] == ["pictures"]


def test_each_method_is_held_against_all_reals():
    table = scored()
    videos = evaluate_scores(table, draws=20).headline
    assert list(videos.by_method) == sorted(METHODS)
    means = table.groupby("clip")[["label", "score"]].mean()
    method = table.groupby("clip")["method"].first()
    for name, measured in videos.by_method.items():
        part = means[(means["label"] == 0) | (method == name)]
        assert (measured.reals, measured.fakes) == (40, 20)
        expected = metric_values(part["label"], part["score"])["auc"]
        assert measured.metrics["auc"].value == pytest.approx(expected)
    assert {name: m.reals for name, m in videos.by_source.items()} == {"actors": 20, "youtube": 20}
    assert math.isnan(videos.by_source["actors"].metrics["auc"].value)
    assert 0 <= videos.by_source["actors"].metrics["accuracy_real"].value <= 1


def test_order_of_rows_does_not_matter():
    table = scored()
    first = evaluate_scores(table, draws=30).document()
    turned = evaluate_scores(table.iloc[::-1], draws=30).document()
    for level in ("frames", "videos"):
        for name in METRICS:
            one, other = (d["levels"][level]["overall"]["metrics"][name] for d in (first, turned))
            assert one == pytest.approx(other)


def test_an_equal_baseline_is_beaten_by_nothing_and_a_copy_has_no_margin():
    table = scored()
    copy = Baseline("Copy", "The same.", table["score"].to_numpy())
    coin = Baseline("Coin", "Drawn.", np.random.default_rng(1).random(len(table)))
    none = Baseline("None", "Not made.", None)
    evaluation = evaluate_scores(
        table, baselines={"copy": copy, "coin": coin, "none": none}, draws=200
    )
    compared = evaluation.headline.baselines
    assert set(compared) == {"copy", "coin"}
    margin = compared["copy"].margin
    assert (margin.value, margin.low, margin.high) == (0, 0, 0)
    assert compared["coin"].margin.low > 0.1
    said = " ".join(remarks(evaluation))
    assert "does not clearly beat copy alone" in said
    assert "coin" not in said


def test_a_strong_baseline_is_told_even_where_it_is_beaten():
    table = scored(clips=200, strength=4)
    noisy = 0.3 * table["score"] + 0.7 * np.random.default_rng(2).random(len(table))
    evaluation = evaluate_scores(
        table, baselines={"metadata": Baseline("Metadata", "", noisy.to_numpy())}, draws=200
    )
    assert any("Metadata alone tells these videos apart" in said for said in remarks(evaluation))


def test_json_has_every_metric_and_no_nan():
    evaluation = evaluate_scores(
        scored(),
        baselines={"none": Baseline("None", "Not made.", None)},
        about={"weights": "w"},
        draws=20,
    )
    document = json.loads(evaluation.to_json())
    assert document == evaluation.document()
    assert document["about"] == {"weights": "w"}
    assert document["baselines"]["none"]["how"] == "Not made."
    for level in document["levels"].values():
        assert list(level["overall"]["metrics"]) == list(METRICS)
        assert level["by_source"]["actors"]["metrics"]["auc"] == {
            "value": None,
            "low": None,
            "high": None,
        }


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_is_measured_as_far_as_it_goes(label):
    table = scored()
    evaluation = evaluate_scores(table[table["label"] == label], draws=20)
    document = evaluation.document()["levels"]["videos"]["overall"]
    assert document["metrics"]["auc"]["value"] is None
    assert 0 <= document["metrics"]["accuracy"]["low"] <= 1
    assert remarks(evaluation)[0].startswith(f"There are only {'fakes' if label else 'reals'}")


def test_the_threshold_moves_accuracies_only():
    table = scored()
    half, high = (
        evaluate_scores(table, threshold=threshold, draws=5).headline.overall.metrics
        for threshold in (0.5, 0.9)
    )
    assert high["accuracy_real"].value > half["accuracy_real"].value
    assert high["accuracy_fake"].value < half["accuracy_fake"].value
    for name in ("auc", "ap", "eer", "tpr_at_1_fpr", "tpr_at_5_fpr", "brier", "ece"):
        assert high[name] == half[name]


def test_remarks_on_chance_direction_and_little_data():
    table = scored(clips=48)  # 12 groups of both classes
    said = " ".join(remarks(evaluate_scores(table, draws=50)))
    assert "Few groups" in said
    assert "24 reals, TPR at 1 % FPR allows not one false alarm, and at 5 % FPR only 1" in said
    inverted = table.assign(score=1 - table["score"])
    assert "wrong way round" in " ".join(remarks(evaluate_scores(inverted, draws=50)))
    coin = table.assign(score=np.random.default_rng(3).random(len(table)))
    assert "cannot be told from chance" in " ".join(remarks(evaluate_scores(coin, draws=50)))
    assert remarks(evaluate_scores(scored(clips=400), draws=50)) == []


def test_too_few_groups_give_no_interval_and_no_claim():
    table = scored(clips=24)  # 6 groups
    baseline = {"a": Baseline("A", "none", np.linspace(0, 1, len(table)))}
    evaluation = evaluate_scores(table, baselines=baseline, draws=50)
    level = evaluation.headline
    auc = level.overall.metrics["auc"]
    assert 0 <= auc.value <= 1 and np.isnan(auc.low) and np.isnan(auc.high)
    assert np.isnan(level.baselines["a"].margin.low)
    inverted = evaluate_scores(table.assign(score=1 - table["score"]), draws=50)
    for one in (evaluation, inverted):
        said = " ".join(remarks(one))
        assert "Too few groups for intervals" in said
        assert "wrong way" not in said and "clearly beat" not in said and "chance" not in said
    json.loads(evaluation.to_json())  # NaN is no JSON


def test_an_interval_without_width_is_no_certainty():
    table = scored()
    perfect = evaluate_scores(table.assign(score=table["label"].astype(float)), draws=20)
    assert any("does not mean certainty" in said for said in limits(perfect))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop(columns="score"), "no column score"),
        (lambda table: table.iloc[:0], "no rows"),
        (lambda table: table.assign(score=table["score"] * 3), "scores in \\[0, 1\\]"),
        (lambda table: table.assign(label=2), "labels of 0 and 1"),
        (lambda table: table.assign(clip="one"), "one label in each clip"),
        (lambda table: table.assign(group=table["path"]), "one group in each clip"),
    ],
)
def test_wrong_tables_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        evaluate_scores(change(scored()), draws=5)


def test_wrong_baselines_and_thresholds_are_refused():
    table = scored()
    with pytest.raises(InputError, match="baseline 'short'"):
        evaluate_scores(table, baselines={"short": Baseline("", "", np.zeros(3))})
    with pytest.raises(InputError, match="threshold"):
        evaluate_scores(table, threshold=1.5)
