from __future__ import annotations

import time

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.measures.metric_intervals import intervals, metric_draws, roc_band
from blurprint.lab.measures.metrics import METRICS
from blurprint.lab.measures.tally import rank
from metric_values import metric_values


def case(groups: int, size: int, seed: int, shared: float = 0.0):
    """Groups of one label; `shared` is how much of the noise a group has in common."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    label = group % 2
    noise = np.sqrt(shared) * rng.normal(size=groups)[group]
    noise = noise + np.sqrt(1 - shared) * rng.normal(size=len(group))
    return label, 1 / (1 + np.exp(-(noise + label))), group


def spans(label, score, group, draws=400, seed=0):
    ranking = rank(label, score)
    return intervals(ranking, group, metric_draws(ranking, group, draws=draws, seed=seed))


def test_every_metric_lies_in_its_interval_but_the_biased_one():
    label, score, group = case(200, 3, 0)
    found, values = spans(label, score, group), metric_values(label, score)
    for name, interval in found.items():
        assert interval.value == pytest.approx(values[name])
        assert interval.low < interval.high
        if name != "ece":  # resampling adds noise to every bin: its draws lie above it
            assert interval.low <= interval.value <= interval.high


def test_single_pictures_give_the_interval_of_the_binomial_law():
    label, score, group = case(2000, 1, 1)
    interval = spans(label, score, group, draws=1000)["accuracy_fake"]
    half = 1.96 * np.sqrt(interval.value * (1 - interval.value) / 1000)
    assert (interval.high - interval.low) / 2 == pytest.approx(half, rel=0.1)


def test_auc_interval_is_that_of_hanley_and_mcneil():
    label, score, group = case(1000, 1, 2)
    interval = spans(label, score, group, draws=1000)["auc"]
    a = interval.value
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    error = np.sqrt((a * (1 - a) + 499 * (q1 - a * a) + 499 * (q2 - a * a)) / 500**2)
    assert (interval.high - interval.low) / 2 == pytest.approx(1.96 * error, rel=0.15)


def test_copies_of_a_picture_in_its_group_are_no_evidence():
    label, score, group = case(100, 1, 3)
    once, often = (
        spans(*(np.repeat(part, times) for part in (label, score, group)))["auc"]
        for times in (1, 20)
    )
    assert (often.value, often.low, often.high) == pytest.approx((once.value, once.low, once.high))


def test_what_a_group_shares_widens_the_interval():
    alone, shared = (spans(*case(60, 20, 4, shared=part))["auc"] for part in (0.0, 0.9))
    assert shared.high - shared.low > 2 * (alone.high - alone.low)


def test_the_interval_covers_the_truth():
    rng = np.random.default_rng(5)
    truth = 0.7602  # P(N(1, 1) > N(0, 1))
    hits = 0
    for trial in range(200):
        interval = spans(*case(80, 4, int(rng.integers(1 << 31)), shared=0.6), 200, trial)["auc"]
        hits += interval.low <= truth <= interval.high
    assert 0.88 <= hits / 200 <= 0.99


def test_the_seed_decides_and_the_order_of_rows_does_not():
    label, score, group = case(40, 3, 6)
    first, again, other = (spans(label, score, group, seed=seed)["auc"] for seed in (0, 0, 1))
    assert first == again != other
    turned = spans(label[::-1], score[::-1], group[::-1])["auc"]
    assert (turned.low, turned.high) == pytest.approx((first.low, first.high))


def test_draws_of_two_detectors_are_paired():
    label, score, group = case(60, 3, 7)
    other = np.clip(score + np.random.default_rng(8).normal(0, 0.02, len(score)), 0, 1)
    at = list(METRICS).index("auc")
    a, b = (metric_draws(rank(label, s), group, draws=200, seed=0)[:, at] for s in (score, other))
    assert np.std(a - b) < 0.3 * np.std(a)


def test_a_single_group_has_no_interval():
    interval = spans(np.array([0, 1, 0, 1]), np.array([0.1, 0.8, 0.6, 0.7]), np.zeros(4))["auc"]
    assert interval.value == 1
    assert np.isnan([interval.low, interval.high]).all()


def test_one_class_has_the_metrics_that_need_one():
    found = spans(np.zeros(20), np.linspace(0, 1, 20), np.arange(20))
    assert np.isnan([found["auc"].value, found["auc"].low]).all()
    assert found["accuracy_real"].low < 0.5 < found["accuracy_real"].high


def test_band_of_the_curve_agrees_with_the_metric():
    label, score, group = case(200, 3, 9)
    ranking = rank(label, score)
    low, high = roc_band(ranking, group, np.array([0.05, 1.0]), draws=400, seed=0)
    interval = spans(label, score, group)["tpr_at_5_fpr"]
    assert (low[0], high[0]) == pytest.approx((interval.low, interval.high), abs=0.01)
    assert low[1] == high[1] == 1


@pytest.mark.timing
def test_a_hundred_thousand_scores_are_quick():
    label, score, group = case(2000, 50, 10)
    ranking = rank(label, score)
    metric_draws(ranking, group, draws=2, seed=0)
    start = time.process_time()
    metric_draws(ranking, group, draws=20, seed=0)
    assert time.process_time() - start < 60 / 50 * 0.5  # a thousand within half a minute


@pytest.mark.parametrize(
    ("groups", "draws", "message"), [([1], 5, "groups, but got"), ([1, 2], 0, "at least 1")]
)
def test_wrong_input_is_refused(groups, draws, message):
    with pytest.raises(InputError, match=message):
        metric_draws(rank([0, 1], [0.1, 0.2]), groups, draws=draws, seed=0)
