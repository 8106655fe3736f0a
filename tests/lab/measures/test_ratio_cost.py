from __future__ import annotations

import lir.metrics as reference
import numpy as np
import pytest
from lir.algorithms.isotonic_regression import IsotonicCalibrator
from lir.data.models import LLRData
from scipy.integrate import quad
from scipy.stats import norm

from blurprint.errors import InputError
from blurprint.lab.measures.interval import Interval
from blurprint.lab.measures.ratio_cost import (
    RATIO_METRICS,
    chance_of_fake,
    cllr,
    cllr_min,
    equal_groups,
    pav_log10_lr,
    ratio_metrics,
)
from metric_values import metric_values


def two_gaussians(reals: int, fakes: int, seed: int, distance: float = 1.5) -> tuple:
    """Labels, and the log10 ratios of draws from N(0, 1) and N(distance, 1), which are known."""
    rng = np.random.default_rng(seed)
    label = np.r_[np.zeros(reals, int), np.ones(fakes, int)]
    x = rng.normal(size=len(label)) + distance * label
    return label, (distance * x - distance**2 / 2) / np.log(10)


@pytest.mark.parametrize("levels", [0, 4])
@pytest.mark.parametrize(("reals", "fakes"), [(2, 3), (40, 25), (300, 900)])
@pytest.mark.parametrize("seed", range(5))
def test_as_the_netherlands_forensic_institute_computes(reals, fakes, levels, seed):
    label, ratio = two_gaussians(reals, fakes, seed)
    ratio = 2 * ratio + 0.3  # not calibrated
    if levels:
        ratio = np.round(ratio * levels) / levels
    data = LLRData(features=ratio.copy(), labels=label)
    assert cllr(ratio[label == 1], ratio[label == 0]) == pytest.approx(reference.cllr(data))
    assert cllr_min(label, ratio) == pytest.approx(reference.cllr_min(data), abs=1e-12)
    with np.errstate(divide="ignore"):
        pav = IsotonicCalibrator().fit_transform(ratio, label)
    assert pav_log10_lr(label, ratio) == pytest.approx(pav, abs=1e-9)


def test_known_costs():
    assert cllr([np.inf], [-np.inf, -np.inf]) == 0  # perfect
    assert cllr([0.0] * 3, [0.0]) == 1  # says nothing
    # One fake at 3 : 1, one real at 1 : 3, by hand.
    assert cllr([np.log10(3)], [-np.log10(3)]) == pytest.approx(np.log2(4 / 3))
    assert cllr([-1.0], [1.0]) > 1  # misleads
    assert cllr([-np.inf], [0.0]) == np.inf  # certain, and wrong
    assert cllr([400.0], [-400.0]) == pytest.approx(0)  # no overflow
    assert cllr([-400.0], [400.0]) == pytest.approx(400 * np.log2(10))


def true_cost(distance: float = 1.5) -> float:
    """Cllr of N(0, 1) against N(distance, 1), whose ratios are known, by integration."""

    def bits(x: float, sign: int) -> float:
        return float(np.log2(1 + np.exp(sign * (distance * x - distance**2 / 2))))

    fakes = quad(lambda x: norm.pdf(x, distance) * bits(x, -1), -9, 11)[0]
    reals = quad(lambda x: norm.pdf(x) * bits(x, 1), -9, 11)[0]
    return (fakes + reals) / 2


def test_cost_of_two_gaussians_is_the_integral():
    label, ratio = two_gaussians(40_000, 40_000, 0)
    found = cllr(ratio[label == 1], ratio[label == 0])
    assert found == pytest.approx(true_cost(), abs=0.01)
    # Known ratios are calibrated: PAV saves no more than it overfits.
    assert 0 <= found - cllr_min(label, ratio) < 0.003


def test_class_mix_does_not_change_the_cost():
    label, ratio = two_gaussians(50, 50, 3)
    many = np.r_[ratio[label == 0], np.repeat(ratio[label == 1], 7)]
    labels = np.r_[np.zeros(50), np.ones(350)]
    assert cllr(many[50:], many[:50]) == pytest.approx(cllr(ratio[50:], ratio[:50]))
    assert cllr_min(labels, many) == pytest.approx(cllr_min(label, ratio))
    assert np.unique(pav_log10_lr(labels, many)) == pytest.approx(
        np.unique(pav_log10_lr(label, ratio))
    )


def test_weights_are_repetitions():
    label, ratio = two_gaussians(30, 20, 4)
    times = np.random.default_rng(0).integers(1, 4, 50)
    again, labels = np.repeat(ratio, times), np.repeat(label, times)
    fake = label == 1
    assert cllr(ratio[fake], ratio[~fake], times[fake], times[~fake]) == pytest.approx(
        cllr(again[labels == 1], again[labels == 0])
    )
    assert cllr_min(label, ratio, times) == pytest.approx(cllr_min(labels, again))


def test_least_cost_depends_on_order_alone():
    label, ratio = two_gaussians(80, 60, 5)
    assert cllr_min(label, np.arctan(ratio - 2)) == pytest.approx(cllr_min(label, ratio))
    assert cllr_min([0, 0, 1, 1], [1, 2, 3, 4]) == 0
    assert cllr_min([1, 1, 0, 0], [1, 2, 3, 4]) == 1  # the wrong way round: PAV pools all


def test_metrics_hold_the_data_and_their_intervals_the_truth():
    label, ratio = two_gaussians(300, 300, 6)
    found = ratio_metrics(label, ratio, np.arange(600), draws=200)
    assert tuple(found) == RATIO_METRICS
    assert found["cllr"].value == pytest.approx(cllr(ratio[label == 1], ratio[label == 0]))
    assert found["cllr_min"].value == pytest.approx(cllr_min(label, ratio))
    assert found["cllr_cal"].value == pytest.approx(found["cllr"].value - found["cllr_min"].value)
    assert found["cllr"].low < true_cost() < found["cllr"].high
    # As many of both: the calibration error needs no weights.
    plain = metric_values(label, chance_of_fake(ratio, 0.5))["ece"]
    assert found["ece"].value == pytest.approx(plain)
    assert 0 < found["ece"].low < found["ece"].high < 0.2
    assert found == ratio_metrics(label, ratio, np.arange(600), draws=200)


def test_calibration_error_is_that_of_the_prior():
    """True ratios keep their word whatever the mix of the data and the prior."""
    label, ratio = two_gaussians(20_000, 4_000, 7)
    for prior in (0.1, 0.5):
        found = ratio_metrics(label, ratio, np.arange(24_000), prior=prior, draws=1)
        assert found["ece"].value < 0.02
        wrong = ratio_metrics(label, 2 * ratio + 0.5, np.arange(24_000), prior=prior, draws=1)
        assert wrong["ece"].value > 0.05


def test_copies_of_a_person_do_not_narrow_an_interval():
    label, ratio = two_gaussians(40, 40, 8)
    alone = ratio_metrics(label, ratio, np.arange(80), draws=300)["cllr"]
    copies = ratio_metrics(
        np.repeat(label, 9), np.repeat(ratio, 9), np.repeat(np.arange(80), 9), draws=300
    )["cllr"]
    assert (copies.value, copies.low, copies.high) == pytest.approx(
        (alone.value, alone.low, alone.high)
    )


def test_few_groups_have_no_interval():
    label, ratio = two_gaussians(30, 30, 9)
    found = ratio_metrics(label, ratio, np.arange(60) // 4, draws=5)
    assert isinstance(found["cllr"], Interval)
    assert np.isnan(found["cllr"].low)
    assert not np.isnan(found["cllr"].value)


def test_groups_weigh_the_same_in_their_class():
    weight = equal_groups([0, 0, 0, 0, 1, 1], ["a", "a", "a", "b", "a", "c"])
    assert weight == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2, 1 / 2, 1 / 2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cllr([], [0.0]), "fakes, but got none"),
        (lambda: cllr([0.0], [np.nan]), "reals as numbers, but got NaN"),
        (lambda: cllr([0.0], [0.0], [0.0], [1.0]), "weights of fakes"),
        (lambda: cllr_min([1, 1], [0.0, 1.0]), "both reals and fakes"),
        (lambda: pav_log10_lr([0, 1], [0.0, np.nan]), "NaN"),
        (lambda: equal_groups([1, 1], ["a", "b"]), "both reals and fakes"),
        (lambda: ratio_metrics([0, 1], [0.0, np.inf], ["a", "b"]), "finite"),
        (lambda: ratio_metrics([0, 1], [0.0, 1.0], ["a", "b"], prior=1.0), "prior"),
        (lambda: ratio_metrics([1, 1], [0.0, 1.0], ["a", "b"]), "both reals and fakes"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
