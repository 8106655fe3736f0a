from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from blurprint.errors import InputError
from blurprint.lab.measures.metrics import (
    METRICS,
    auc,
    calibration_bins,
    true_positive_rate_at,
)
from blurprint.lab.measures.tally import ECE_BINS, count, rank, rank_values
from metric_values import metric_values


def draw(n: int, seed: int, levels: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and scores that know something of them; `levels` above 0 makes ties."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, n)
    label[:2] = 0, 1
    score = 1 / (1 + np.exp(-(rng.normal(size=n) + label)))
    return label, np.round(score * levels) / levels if levels else score


@pytest.mark.parametrize("levels", [0, 7])
@pytest.mark.parametrize("n", [2, 30, 1000])
@pytest.mark.parametrize("weighted", [False, True])
def test_as_scikit_learn(n, levels, weighted):
    label, score = draw(n, 1, levels)
    weight = np.random.default_rng(2).integers(0, 4, n) if weighted else None
    if weight is not None:
        weight[:2] = 1
    ours = metric_values(label, score, weight)
    called, by = score >= 0.5, {"sample_weight": weight}
    assert ours["auc"] == pytest.approx(reference.roc_auc_score(label, score, **by))
    assert ours["ap"] == pytest.approx(reference.average_precision_score(label, score, **by))
    assert ours["accuracy"] == pytest.approx(reference.accuracy_score(label, called, **by))
    balanced = reference.balanced_accuracy_score(label, called, **by)
    assert ours["balanced_accuracy"] == pytest.approx(balanced)
    found = reference.recall_score(label, called, **by)
    assert ours["accuracy_fake"] == pytest.approx(found)
    cleared = reference.recall_score(label, called, pos_label=0, **by)
    assert ours["accuracy_real"] == pytest.approx(cleared)
    assert ours["brier"] == pytest.approx(reference.brier_score_loss(label, score, **by))
    false_alarms, found, _ = reference.roc_curve(label, score, drop_intermediate=False, **by)
    for name, rate in (("tpr_at_1_fpr", 0.01), ("tpr_at_5_fpr", 0.05)):
        assert ours[name] == pytest.approx(found[false_alarms <= rate].max())
    # Where the curve meets x + y = 1; along it, x + y never stands still.
    assert ours["eer"] == pytest.approx(np.interp(1, false_alarms + found, false_alarms))


@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_auc_of_numbers_of_any_size_is_scikit_learns(decimals):
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, 400)
    value = np.round(1e3 * rng.standard_t(1, 400) + 50 * label, decimals - 2)
    ranking = rank_values(label, value)
    assert auc(count(ranking)) == pytest.approx(reference.roc_auc_score(label, value))
    for seed in range(3):
        weight = np.random.default_rng(seed).integers(0, 4, 400)
        expected = reference.roc_auc_score(label, value, sample_weight=weight)
        assert auc(count(ranking, weight)) == pytest.approx(expected)


def test_values_are_ranked_and_nan_is_refused():
    assert auc(count(rank_values([0, 1, 1], [-math.inf, 5.0, math.inf]))) == 1
    assert auc(count(rank_values([0, 1], [math.inf, math.inf]))) == 0.5
    assert math.isnan(auc(count(rank_values([1, 1], [1.0, 2.0]))))
    with pytest.raises(InputError, match="NaN"):
        rank_values([0, 1], [0.0, math.nan])
    with pytest.raises(InputError, match="N > 0"):
        rank_values([], [])


def test_weights_are_copies():
    label, score = draw(60, 3, levels=9)
    times = np.random.default_rng(4).integers(0, 4, 60)
    times[:2] = 1
    weighted = metric_values(label, score, times)
    copied = metric_values(np.repeat(label, times), np.repeat(score, times))
    assert weighted == pytest.approx(copied)


def test_by_hand():
    # Reals at 0.1, 0.3, 0.6, 0.6 and fakes at 0.4, 0.6, 0.9: of 12 pairs 2 + 2 + 4 are right and
    # the tied 0.6 counts 2/2.
    label = [0, 0, 0, 0, 1, 1, 1]
    score = [0.1, 0.3, 0.6, 0.6, 0.4, 0.6, 0.9]
    ours = metric_values(label, score)
    assert ours["auc"] == pytest.approx((2 + 2 + 4 + 1) / 12)
    # Precision 1 at 0.9, 2/4 at 0.6, 3/5 at 0.4; each is a third of the recall.
    assert ours["ap"] == pytest.approx((1 + 2 / 4 + 3 / 5) / 3)
    # From (0, 1/3) the curve runs to (1/2, 2/3); x = 1 - y where x = 2/3 - 2x/3.
    assert ours["eer"] == pytest.approx(2 / 5)
    assert ours["tpr_at_5_fpr"] == pytest.approx(1 / 3)
    assert (ours["accuracy_real"], ours["accuracy_fake"]) == (0.5, pytest.approx(2 / 3))
    strict = metric_values(label, score, threshold=0.7)
    assert (strict["accuracy_real"], strict["accuracy_fake"]) == (1, pytest.approx(1 / 3))


def test_calibration_by_hand():
    # The bin from 3/15 holds 0.2 (real) and 0.25 (fake), the last one 1.0 (fake).
    ours = metric_values([0, 1, 1], [0.2, 0.25, 1.0])
    assert ours["ece"] == pytest.approx(2 / 3 * (1 / 2 - 0.225))
    held, fakes, score = calibration_bins(count(rank([0, 1, 1], [0.2, 0.25, 1.0])))
    assert held.shape == fakes.shape == score.shape == (ECE_BINS,)
    assert (held[3], fakes[3], held[-1]) == (2, 1, 1)
    assert score[3] == pytest.approx(0.45)


def test_a_calibrated_forecast_has_little_calibration_error():
    rng = np.random.default_rng(5)
    score = rng.random(200_000)
    label = rng.random(200_000) < score
    assert metric_values(label, score)["ece"] < 0.01
    assert metric_values(label, score / 2)["ece"] == pytest.approx(0.25, abs=0.01)
    assert metric_values(label, score)["brier"] == pytest.approx(1 / 6, abs=0.005)


def test_constant_scores_know_nothing():
    ours = metric_values([0, 1] * 50, np.full(100, 0.5))
    assert (ours["auc"], ours["eer"], ours["tpr_at_5_fpr"], ours["ap"]) == (0.5, 0.5, 0, 0.5)
    assert (ours["accuracy_fake"], ours["accuracy_real"]) == (1, 0)  # 0.5 reaches the threshold


def test_perfect_and_inverted():
    label = np.repeat([0, 1], 10)
    ours = metric_values(label, label)
    lower_is_better = {"eer", "brier", "ece"}
    assert all(value == (name not in lower_is_better) for name, value in ours.items())
    assert {name for name, metric in METRICS.items() if not metric.rises} == lower_is_better
    inverted = metric_values(label, 1 - label)
    assert (inverted["auc"], inverted["eer"], inverted["brier"]) == (0, 1, 1)


@pytest.mark.parametrize("label", [0, 1])
def test_one_class(label):
    ours = metric_values(np.full(4, label), [0.1, 0.2, 0.3, 0.9])
    both = ("auc", "ap", "balanced_accuracy", "eer", "tpr_at_1_fpr", "tpr_at_5_fpr")
    assert all(math.isnan(ours[name]) for name in both)
    assert math.isnan(ours["accuracy_fake" if label == 0 else "accuracy_real"])
    assert ours["accuracy"] == (0.25 if label else 0.75)
    assert math.isfinite(ours["brier"]) and math.isfinite(ours["ece"])


def test_few_false_alarms_are_told_by_thresholds_that_exist():
    # A hundred reals: one false alarm is exactly 1 %, allowed; the next is not.
    label = np.r_[np.zeros(100), np.ones(4)]
    score = np.r_[np.full(98, 0.1), 0.7, 0.9, 0.95, 0.8, 0.6, 0.05]
    tally = count(rank(label, score))
    assert true_positive_rate_at(tally, [0, 0.01, 0.02, 1]) == pytest.approx([0.25, 0.5, 0.75, 1])
    assert true_positive_rate_at(tally, 0.0199) == pytest.approx([0.5])


def test_a_bound_on_false_alarms_survives_rounding():
    label = np.r_[np.zeros(100), np.ones(1)]
    score = np.r_[np.zeros(93), np.full(7, 0.9), 0.9]
    assert 0.07 * 100 != 7  # so that this tests something
    assert true_positive_rate_at(count(rank(label, score)), 0.07) == pytest.approx([1])


@pytest.mark.parametrize(
    ("label", "score", "message"),
    [
        ([], [], "N > 0"),
        ([0, 1], [0.5], "one shape"),
        ([0, 2], [0.5, 0.5], "labels of 0 and 1"),
        ([0, 1], [0.5, 1.5], "but got 1.5"),
        ([0, 1], [0.5, math.nan], "but got nan"),
    ],
)
def test_wrong_input_is_refused(label, score, message):
    with pytest.raises(InputError, match=message):
        metric_values(label, score)


cases = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=40).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


@given(cases)
def test_ranks_decide_and_nothing_else(rows):
    label, level = np.array(rows, int).T
    score = level / 20
    plain, bent = metric_values(label, score), metric_values(label, score**3 / 2)
    for name in ("auc", "ap", "eer", "tpr_at_1_fpr", "tpr_at_5_fpr"):
        assert plain[name] == pytest.approx(bent[name])


@given(cases)
def test_swapped_labels_mirror(rows):
    label, level = np.array(rows, int).T
    score = level / 20
    plain, swapped = metric_values(label, score), metric_values(1 - label, score)
    assert swapped["auc"] == pytest.approx(1 - plain["auc"])
    assert swapped["eer"] == pytest.approx(1 - plain["eer"])
    both = metric_values(1 - label, 1 - score)
    for name in ("auc", "eer", "brier"):
        assert both[name] == pytest.approx(plain[name])


@given(cases)
def test_everything_lies_between_0_and_1(rows):
    label, level = np.array(rows, int).T
    ours = metric_values(label, level / 20)
    assert set(ours) == set(METRICS)
    assert all(-1e-12 <= value <= 1 + 1e-12 for value in ours.values())
    assert ours["tpr_at_1_fpr"] <= ours["tpr_at_5_fpr"]
