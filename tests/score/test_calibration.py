from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from blurprint.errors import InputError
from blurprint.score.calibration import (
    Calibration,
    CalibrationTable,
    Cell,
    Condition,
    KnotMap,
    LikelihoodRatio,
    LineMap,
    posterior,
)

COUNTS = {"reals": 90, "fakes": 80, "real_groups": 50, "fake_groups": 40}


def calibration(
    slope: float = 0.5, lower: float = -1.0, upper: float = 1.5, without_sign: float = 0.0
) -> Calibration:
    line = LineMap(slope=slope, intercept=0)
    return Calibration(map=line, lower=lower, upper=upper, without_sign=without_sign, **COUNTS)


def table(**changes: object) -> CalibrationTable:
    """Small faces in any file; large ones in good files only."""
    cells = [
        Cell(size=0, quality=0, calibration=calibration(0.1)),
        Cell(size=0, quality=1, calibration=calibration(0.2)),
        Cell(size=2, quality=1, calibration=calibration(0.5)),
    ]
    given = {
        "size_borders_px": [40.0, 80.0],
        "quality_borders": [70.0],
        "cells": cells,
    } | changes
    return CalibrationTable(**given)


KNOTS = KnotMap(logits=[-2.0, 0.0, 1.0], log10_lr=[-0.8, 0.0, 0.6])


def test_knots_are_joined_by_lines_and_constant_beyond():
    assert [KNOTS.at(x) for x in (-9, -2, -1, 0, 0.5, 1, 9)] == pytest.approx(
        [-0.8, -0.8, -0.4, 0, 0.3, 0.6, 0.6]
    )


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=2))
def test_a_higher_logit_never_gives_a_lower_ratio(logits):
    low, high = sorted(logits)
    for one in (calibration(), calibration().model_copy(update={"map": KNOTS})):
        assert one.lower <= one.log10_lr(low) <= one.log10_lr(high) <= one.upper


@pytest.mark.parametrize("logit", [math.nan, math.inf, -math.inf])
def test_logits_that_are_no_numbers_are_refused(logit):
    with pytest.raises(InputError, match="finite logit"):
        calibration().log10_lr(logit)
    with pytest.raises(InputError, match="finite logit"):
        table().likelihood_ratio(logit, Condition(90))
    with pytest.raises(InputError, match="finite logit"):  # also where nothing covers it
        table().likelihood_ratio(logit, Condition(60))


def test_each_condition_has_its_own_ratio():
    found = {
        size: table().likelihood_ratio(1.0, Condition(size, quality))
        for size, quality in ((39.9, 100), (40, 100), (80, 100), (79, 100))
    }
    assert found[39.9].value == pytest.approx(10**0.2)
    assert found[80].value == pytest.approx(10**0.5)
    assert found[40] is None and found[79] is None  # the border belongs to the range above
    assert table().likelihood_ratio(1.0, Condition(20, 69)).value == pytest.approx(10**0.1)
    assert table().likelihood_ratio(1.0, Condition(20, 70)).value == pytest.approx(10**0.2)
    assert table().likelihood_ratio(1.0, Condition(90, 60)) is None


def test_the_nearest_calibration_is_borrowed_within_its_reach():
    near = table(farthest=1)
    between = near.likelihood_ratio(1.0, Condition(60, 90))
    assert between.borrowed
    assert between.value == pytest.approx(10**0.2)  # of two, that of the smaller faces
    compressed = near.likelihood_ratio(1.0, Condition(90, 60))
    assert compressed.borrowed
    assert compressed.value == pytest.approx(10**0.5)
    assert not near.likelihood_ratio(1.0, Condition(90, 90)).borrowed
    only = table(cells=[Cell(size=0, quality=0, calibration=calibration())], farthest=2)
    assert only.likelihood_ratio(1.0, Condition(60, 90)).borrowed  # 1 + 1 ranges
    assert only.likelihood_ratio(1.0, Condition(90, 90)) is None  # 2 + 1


def test_the_order_of_cells_does_not_matter():
    cells = table().cells
    turned = table(cells=cells[::-1], farthest=1)
    for size in (20, 60, 90):
        for quality in (50, 90):
            condition = Condition(size, quality)
            assert turned.cell(condition) == table(farthest=1).cell(condition)


def test_bounds_are_named():
    one = table()
    assert one.likelihood_ratio(1.0, Condition(90)).at_bound is None
    assert one.likelihood_ratio(99.0, Condition(90)) == LikelihoodRatio(1.5, "upper")
    assert one.likelihood_ratio(-99.0, Condition(90)) == LikelihoodRatio(-1.0, "lower")


def test_one_calibration_for_all_needs_no_borders():
    one = CalibrationTable(cells=[Cell(size=0, quality=0, calibration=calibration())])
    assert one.likelihood_ratio(1.0, Condition(3, 5)) == LikelihoodRatio(0.5)


def test_a_file_gives_the_same_numbers():
    text = table().model_dump_json()
    read = CalibrationTable.model_validate_json(text)
    for logit in (-7.123, 0.1, 3.3):
        assert read.likelihood_ratio(logit, Condition(90)) == table().likelihood_ratio(
            logit, Condition(90)
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KnotMap(logits=[0.0, 0.0], log10_lr=[0.0, 1.0]), "rising knots"),
        (lambda: KnotMap(logits=[0.0], log10_lr=[0.0, 1.0]), "rising knots"),
        (lambda: KnotMap(logits=[], log10_lr=[]), "rising knots"),
        (lambda: KnotMap(logits=[0.0, 1.0], log10_lr=[1.0, 0.0]), "never fall"),
        (lambda: KnotMap(logits=[0.0, math.nan], log10_lr=[0.0, 1.0]), "finite"),
        (lambda: LineMap(slope=-0.1, intercept=0.0), "greater than or equal to 0"),
        (lambda: calibration(upper=-0.1), "greater than or equal to 0"),
        (lambda: calibration(lower=0.1), "less than or equal to 0"),
        (lambda: table(size_borders_px=[80.0, 40.0]), "borders that rise"),
        (lambda: table(cells=[]), "at least 1"),
        (lambda: table(cells=[table().cells[0]] * 2), "one cell for each"),
        (lambda: table(size_borders_px=[]), "within the borders"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused(make, message):
    with pytest.raises(ValidationError, match=message):
        make()


@pytest.mark.parametrize(
    ("size", "quality"), [(0, 90), (-1, 90), (math.nan, 90), (math.inf, 90), (50, 0), (50, 101)]
)
def test_conditions_are_checked(size, quality):
    with pytest.raises(InputError):
        Condition(size, quality)
    with pytest.raises(InputError):
        Condition(50, math.nan)


def test_bayes_rule():
    assert posterior(1.0, 0.3) == pytest.approx(0.3)
    assert posterior(9.0, 0.1) == pytest.approx(0.5)
    assert posterior(1 / 9.0, 0.5) == pytest.approx(0.1)
    # Evidence adds up in odds: twice 3 is once 9.
    assert posterior(3, posterior(3, 0.2)) == pytest.approx(posterior(9, 0.2))


@pytest.mark.parametrize(
    ("ratio", "prior"),
    [
        (0, 0.5),
        (-1, 0.5),
        (math.inf, 0.5),
        (math.nan, 0.5),
        (1, 0),
        (1, 1),
        (1, math.nan),
        (1, "x"),
        (1, None),
    ],
)
def test_what_is_no_ratio_or_prior_is_refused(ratio, prior):
    with pytest.raises(InputError):
        posterior(ratio, prior)


def test_a_ratio_is_finite():
    for wrong in (math.nan, math.inf, -math.inf, 301.0):
        with pytest.raises(InputError):
            LikelihoodRatio(wrong)
    assert LikelihoodRatio(-300).value > 0
    for wrong in (-0.1, 1.0, math.nan):
        with pytest.raises(InputError, match="without_sign"):
            LikelihoodRatio(0.0, without_sign=wrong)


def test_a_ratio_carries_the_assumption_that_limits_it():
    one = CalibrationTable(
        cells=[Cell(size=0, quality=0, calibration=calibration(without_sign=0.6))]
    )
    found = one.likelihood_ratio(-99.0, Condition(30))
    assert (found.at_bound, found.without_sign) == ("lower", 0.6)
    assert found.value == pytest.approx(0.4 * 10**-1.0 + 0.6)
