from __future__ import annotations

import numpy as np
import pytest
from lir.algorithms.logistic_regression import LogitCalibrator
from sklearn.isotonic import IsotonicRegression

from blurprint.errors import InputError
from blurprint.lab.measures.log_odds import stratified_folds
from blurprint.lab.measures.ratio_calibration import (
    fit_calibration,
    fit_knots,
    fit_line,
    fit_table,
)
from blurprint.lab.measures.ratio_cost import cllr, equal_groups, pav_log10_lr, ratio_metrics
from blurprint.score.calibration import Calibration, Condition

LN10 = np.log(10)


def draw(reals: int, fakes: int, seed: int, distance: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Raw scores whose true log10 ratio is 0.5 x - 1: N(0, 1) and N(distance, 1), stretched."""
    rng = np.random.default_rng(seed)
    label = np.r_[np.zeros(reals, int), np.ones(fakes, int)]
    true = distance * (rng.normal(size=len(label)) + distance * label - distance / 2) / LN10
    return label, (true + 1) / 0.5


@pytest.mark.parametrize(("reals", "fakes"), [(30, 40), (500, 90)])
@pytest.mark.parametrize("seed", range(4))
def test_a_line_is_that_of_the_netherlands_forensic_institute(reals, fakes, seed):
    label, logit = draw(reals, fakes, seed)
    line = fit_line(logit, label, np.ones(len(label)))
    theirs = LogitCalibrator(C=1e9, tol=1e-10).fit(logit, label)
    assert [line.at(one) for one in logit] == pytest.approx(theirs.transform(logit), abs=1e-4)


def test_a_line_recovers_the_true_ratios_whatever_the_class_mix():
    label, logit = draw(40_000, 4_000, 0)
    line = fit_line(logit, label, np.ones(len(label)))
    assert line.slope == pytest.approx(0.5, rel=0.03)
    assert line.intercept == pytest.approx(-1, abs=0.05)


def test_a_line_is_where_the_likelihood_does_not_rise():
    label, logit = draw(60, 30, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 90)
    line = fit_line(logit, label, weight)
    chance = 1 / (1 + 10.0 ** -(line.slope * logit + line.intercept))
    for one in (0, 1):
        weight[label == one] /= weight[label == one].sum()
    assert (weight * (label - chance)).sum() == pytest.approx(0, abs=1e-9)
    assert (weight * (label - chance) * logit).sum() == pytest.approx(0, abs=1e-8)


def test_a_line_of_nearly_separate_classes_is_found():
    logit = np.r_[np.zeros(50), 1.0, 0.999, np.full(50, 2.0)]
    label = np.r_[np.zeros(51, int), np.ones(51, int)]
    line = fit_line(logit, label, np.ones(102))
    assert line.at(0) < -1 < 1 < line.at(2)


def test_scores_the_wrong_way_round_or_constant_say_nothing():
    label, logit = draw(100, 100, 2)
    for scores in (-logit, np.ones(200), np.full(200, 0.1)):
        line = fit_line(scores, label, np.ones(200))
        assert (line.slope, line.intercept) == (0, 0)


def test_separate_classes_have_no_line():
    with pytest.raises(InputError, match='overlap; fit separate ones with "knots"'):
        fit_line([0.0, 1.0, 1.0, 2.0], [0, 0, 1, 1], np.ones(4))


@pytest.mark.parametrize("seed", range(4))
def test_knots_are_isotonic_regression(seed):
    label, logit = draw(200, 60, seed)
    weight = equal_groups(label, np.arange(260) // 3)
    knots = fit_knots(logit, label, weight)
    found = np.array([knots.at(one) for one in logit])
    largest = np.log10(201)  # 200 reals support no larger ratio, 60 fakes no smaller than this
    assert found == pytest.approx(
        np.clip(pav_log10_lr(label, logit, weight), -np.log10(61), largest)
    )
    chance = IsotonicRegression().fit_transform(logit, label, sample_weight=weight)
    inside = (chance > 0) & (chance < 1)
    chance = chance[inside]
    assert found[inside] == pytest.approx(np.log10(chance / (1 - chance)))
    assert len(knots.logits) < 80  # ends of blocks only


@pytest.mark.parametrize("kind", ["line", "knots"])
def test_held_out_ratios_keep_their_word(kind):
    label, logit = draw(1500, 700, 3)
    fitted = fit_calibration(logit, label, np.arange(2200), kind=kind)
    found = ratio_metrics(label, fitted.log10_lr, np.arange(2200), draws=50)
    assert found["cllr_cal"].value < 0.03
    assert found["ece"].value < 0.05
    true = np.clip(0.5 * logit - 1, fitted.calibration.lower, fitted.calibration.upper)
    again = [fitted.calibration.log10_lr(one) for one in logit]
    assert np.abs(again - true).mean() < (0.03 if kind == "line" else 0.15)


def test_ratios_are_held_out():
    """Scores of chance: each row's own label would make ratios that seem to know."""
    own, held = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        label, logit = np.arange(60) % 2, rng.normal(size=60)
        fakes = label == 1
        seen = fit_knots(logit, label, np.ones(60))
        ratio = np.clip([seen.at(one) for one in logit], -1, 1)
        own.append(cllr(ratio[fakes], ratio[~fakes]))
        ratio = fit_calibration(logit, label, np.arange(60), kind="knots").log10_lr
        held.append(cllr(ratio[fakes], ratio[~fakes]))
    assert np.mean(own) < 0.95
    assert np.mean(held) > 0.98


def test_separate_classes_are_bounded_by_one_misleading_group_each():
    label, logit = np.arange(80) % 2, np.arange(80) % 2 + np.linspace(0, 0.5, 80)
    fitted = fit_calibration(logit, label, np.arange(80))
    assert 0 < fitted.calibration.upper <= np.log10(41)
    assert (fitted.log10_lr[label == 1] > 0).all()
    assert (fitted.log10_lr[label == 0] < 0).all()
    assert fitted.calibration.reals == 40  # what was added does not count


def test_a_person_is_never_calibrated_by_her_own_pictures():
    label, logit = draw(120, 120, 5)
    groups = np.arange(240) // 4
    fitted = fit_calibration(logit, label, groups, folds=4, seed=3)
    expected = np.empty(240)
    for known, unknown in stratified_folds(label, groups.astype(str), 4, 3):
        assert not set(groups[known]) & set(groups[unknown])
        weight = equal_groups(label[known], groups[known])
        line = fit_line(logit[known], label[known], weight)
        expected[unknown] = [line.at(one) for one in logit[unknown]]
    bounds = fitted.calibration.lower, fitted.calibration.upper
    assert fitted.log10_lr == pytest.approx(np.clip(expected, *bounds))


def test_every_group_counts_the_same():
    label, logit = draw(100, 100, 6)
    copies = np.where(np.arange(200) % 10 == 0, 30, 1)
    once = fit_calibration(logit, label, np.arange(200))
    again = fit_calibration(*(np.repeat(x, copies) for x in (logit, label, np.arange(200))))
    assert again.calibration.map == once.calibration.map or (
        again.calibration.map.at(1.0) == pytest.approx(once.calibration.map.at(1.0))
    )
    assert again.calibration.reals == 390
    assert again.calibration.real_groups == 100


def test_bounds_hold_both_maps():
    label, logit = draw(150, 90, 7, distance=6.0)
    for kind in ("line", "knots"):
        fitted = fit_calibration(logit, label, np.arange(240), kind=kind)
        one = fitted.calibration
        assert one.log10_lr(1e6) == one.upper <= np.log10(151)
        assert one.log10_lr(-1e6) == one.lower >= -np.log10(91)
        assert fitted.log10_lr.min() >= one.lower
        assert fitted.log10_lr.max() <= one.upper


def test_the_same_data_give_the_same_file():
    label, logit = draw(80, 80, 8)
    texts = [
        fit_calibration(logit, label, np.arange(160), kind="knots").calibration.model_dump_json()
        for _ in range(2)
    ]
    assert texts[0] == texts[1]
    read = Calibration.model_validate_json(texts[0])
    assert read.log10_lr(1.234) == fit_calibration(
        logit, label, np.arange(160), kind="knots"
    ).calibration.log10_lr(1.234)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"logit": [np.nan] * 40}, "finite logits"),
        ({"logit": [0.0] * 39}, "as many labels and groups"),
        ({"groups": [1] * 40}, "at least 10 groups of each class, but got 1"),
        ({"label": [0] * 40}, "0 of fakes"),
    ],
)
def test_wrong_input_is_named(change, message):
    given = {
        "logit": list(np.linspace(0, 1, 40)),
        "label": [0, 1] * 20,
        "groups": list(range(40)),
    } | change
    with pytest.raises(InputError, match=message):
        fit_calibration(**given)


def conditions_of(sizes: np.ndarray, quality: float = 90.0) -> list[Condition]:
    return [Condition(float(size), quality) for size in sizes]


def test_a_table_has_a_calibration_where_there_are_enough_people():
    """Small faces say less than large ones, and too few lie between."""
    label, logit = draw(400, 400, 9)
    sizes = np.random.default_rng(1).permutation(
        np.r_[np.full(390, 30), np.full(390, 120), [60] * 20]
    )
    noise = np.random.default_rng(2).normal(size=800)
    logit = np.where(sizes == 30, noise, logit)
    fitted = fit_table(
        logit,
        label,
        np.arange(800),
        conditions_of(sizes),
        size_borders_px=[50.0, 100.0],
        quality_borders=[70.0],
        farthest=1,
    )
    table = fitted.table
    assert [(cell.size, cell.quality) for cell in table.cells] == [(0, 1), (2, 1)]
    assert (~fitted.calibrated).sum() == 20
    assert (fitted.place[~fitted.calibrated] == "size 1, quality 1").all()
    strong = table.likelihood_ratio(6.0, Condition(120, 90))
    weak = table.likelihood_ratio(6.0, Condition(30, 90))
    assert strong is not None and weak is not None
    assert weak.value < 3
    assert strong.value > 9
    between = table.likelihood_ratio(6.0, Condition(60, 90))
    assert between is not None and between.borrowed
    assert between.value == weak.value  # of two equally near, that which says less
    assert set(fitted.place) == {"size 0, quality 1", "size 1, quality 1", "size 2, quality 1"}


def test_tables_that_cannot_be_are_refused():
    label, logit = draw(20, 20, 10)
    given = (logit, label, np.arange(40))
    with pytest.raises(InputError, match="at least 30 groups"):
        fit_table(*given, conditions_of(np.ones(40)), size_borders_px=[], quality_borders=[])
    with pytest.raises(InputError, match="40 conditions, but got 1"):
        fit_table(*given, conditions_of(np.ones(1)), size_borders_px=[], quality_borders=[])
    with pytest.raises(InputError, match="borders that rise"):
        fit_table(*given, conditions_of(np.ones(40)), size_borders_px=[5, 5], quality_borders=[])
