from __future__ import annotations

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.measures.ratio_calibration import fit_table
from blurprint.lab.measures.ratio_cost import cllr
from blurprint.lab.measures.ratio_thresholds import fit_thresholds, weighted_quantile
from blurprint.score.calibration import Condition
from blurprint.score.policy import label_of


def test_a_quantile_is_the_least_value_with_little_enough_above():
    values = np.arange(100.0)
    for share in (0.5, 0.95, 0.99, 1.0):
        found = weighted_quantile(values, np.ones(100), share)
        assert (values > found).mean() <= 1 - share + 1e-12
        assert (values > found - 1).mean() > 1 - share
    assert weighted_quantile([1.0, 2.0], [1.0, 1.0], 0.95) == 2
    assert weighted_quantile([1.0, 2.0], [99.0, 1.0], 0.95) == 1  # by weight
    assert weighted_quantile([2.0, 1.0, 1.0], np.ones(3), 2 / 3) == 1  # thirds, without rounding
    with pytest.raises(InputError, match="NaN"):
        weighted_quantile([np.nan], [1.0], 0.5)


def draw(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = np.r_[np.zeros(1000, int), np.ones(1000, int)]
    return label, rng.normal(size=2000) + 2 * label - 1


def test_false_alarms_are_what_they_are_said_to_be():
    label, ratio = draw()
    found = fit_thresholds(label, ratio, np.arange(2000))
    real = ratio[label == 0]
    assert (real > found.fake).mean() == pytest.approx(0.05) == found.false_alarms
    assert (real > found.strong).mean() == pytest.approx(0.01) == found.strong_false_alarms
    assert found.real == 0
    assert found.missed == pytest.approx((ratio[label == 1] < 0).mean())
    assert (found.reals, found.real_groups, found.fakes, found.fake_groups) == (1000,) * 4
    stricter = fit_thresholds(label, ratio, np.arange(2000), missed=0.02)
    assert (ratio[label == 1] < stricter.real).mean() == pytest.approx(0.02) == stricter.missed


def test_the_strictest_condition_decides():
    label, ratio = draw(1)
    kind = np.where(np.arange(2000) % 4 == 0, "soft", "sharp")
    ratio = ratio + 1.5 * (kind == "soft") * (label == 0)
    found = fit_thresholds(label, ratio, np.arange(2000), kind)
    soft = ratio[(label == 0) & (kind == "soft")]
    assert (soft > found.fake).mean() <= 0.05
    assert (soft > found.fake).mean() == pytest.approx(0.05, abs=0.005)
    assert found.false_alarms <= 0.05
    # Nine people are too few to decide for all.
    few = np.where(np.arange(2000) < 9, "few", "others")
    high = np.where(few == "few", 50.0, ratio)
    assert fit_thresholds(label, high, np.arange(2000), few).fake < 50


def test_a_ratio_on_the_bound_of_many_reals_is_no_fake():
    """A tenth of the reals share the largest ratio: no threshold below it keeps 5 %."""
    label = np.r_[np.zeros(100, int), np.ones(100, int)]
    ratio = np.r_[np.full(90, -1.0), np.full(10, 0.8), np.full(100, 0.8)]
    found = fit_thresholds(label, ratio, np.arange(200))
    assert found.fake == 0.8
    assert found.false_alarms == 0
    assert not (ratio > found.fake).any()


def test_fake_is_never_said_below_a_ratio_of_one_nor_real_above():
    label = np.r_[np.zeros(100, int), np.ones(100, int)]
    perfect = np.r_[np.full(100, -1.5), np.full(100, 1.5)]
    found = fit_thresholds(label, perfect, np.arange(200), missed=0.05)
    assert (found.fake, found.strong, found.real) == (0, 0, 0)


def test_pictures_of_one_person_count_once():
    label = np.r_[np.zeros(139, int), np.ones(100, int)]
    ratio = np.r_[np.full(40, 1.0), np.full(99, -1.0), np.full(100, 1.0)]
    groups = np.r_[np.zeros(40, int), np.arange(1, 200)]
    found = fit_thresholds(label, ratio, groups)
    assert found.fake == 0  # one person of a hundred, not 40 faces of 139
    assert found.false_alarms == pytest.approx(0.01)


def test_wrong_input_is_named():
    with pytest.raises(InputError, match="both reals and fakes"):
        fit_thresholds([0, 0], [0.0, 1.0], ["a", "b"])
    with pytest.raises(InputError, match="as many ratios"):
        fit_thresholds([0, 1], [0.0], ["a", "b"])
    with pytest.raises(InputError, match="second not above the first"):
        fit_thresholds([0, 1], [0.0, 1.0], ["a", "b"], false_alarms=(0.01, 0.05))
    with pytest.raises(InputError, match="NaN"):
        fit_thresholds([0, 1], [np.nan, 1.0], ["a", "b"])


@pytest.mark.parametrize("kind", ["line", "knots"])
def test_new_people_are_judged_as_the_thresholds_say(kind):
    """All of it together: calibrated by size on some people, judged on others."""
    rng = np.random.default_rng(3)

    def people(count: int) -> tuple:
        """Large faces say much, small ones little; three pictures a person, alike."""
        label = np.repeat(rng.integers(0, 2, count), 3)
        size = np.repeat(rng.choice([30.0, 90.0], count), 3)
        own = np.repeat(rng.normal(size=count), 3)
        distance = np.where(size == 90, 3.0, 1.0)
        logit = 2 * (0.8 * own + 0.6 * rng.normal(size=3 * count) + distance * label) - 1
        return label, logit, np.repeat(np.arange(count), 3), [Condition(one) for one in size]

    label, logit, groups, conditions = people(1500)
    fitted = fit_table(
        logit, label, groups, conditions, size_borders_px=[60.0], quality_borders=[], kind=kind
    )
    thresholds = fit_thresholds(label, fitted.log10_lr, groups, fitted.place)
    label, logit, groups, conditions = people(1500)
    ratios = [
        fitted.table.likelihood_ratio(one, condition)
        for one, condition in zip(logit, conditions, strict=True)
    ]
    called = np.array([label_of(one, thresholds) for one in ratios])
    size = np.array([condition.face_px for condition in conditions])
    for one in (30, 90):
        inside = size == one
        assert (called[inside & (label == 0)] == "fake").mean() < 0.08
    large = size == 90
    assert (called[large & (label == 1)] == "fake").mean() > 0.7
    assert (called[large & (label == 0)] == "real").mean() > 0.7
    log10 = np.array([one.log10 for one in ratios])
    costs = [
        cllr(log10[part & (label == 1)], log10[part & (label == 0)]) for part in (large, ~large)
    ]
    assert costs[0] < 0.45
    assert costs[1] < 0.95  # never above 1: small faces do not mislead
