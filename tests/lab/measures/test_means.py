from __future__ import annotations

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.measures.means import mean_and_ratio, mean_interval, ratio_interval


def test_interval_of_a_mean_is_that_of_the_normal_law():
    values = np.random.default_rng(0).normal(5, 2, 400)
    mean = ratio_interval(values, np.ones(400))
    assert mean.value == pytest.approx(values.mean())
    half = 1.96 * values.std() / 20
    assert (mean.high - mean.low) / 2 == pytest.approx(half, rel=0.1)


def test_units_count_by_what_they_hold():
    assert ratio_interval(np.array([0.0, 9.0]), np.array([1.0, 3.0])).value == pytest.approx(9 / 4)


def test_each_unit_is_drawn_as_a_whole():
    rng = np.random.default_rng(1)
    totals, counts = rng.gamma(2, size=30), rng.integers(1, 9, 30).astype(float)
    found = ratio_interval(totals, counts, draws=500, seed=3)
    chosen = np.random.default_rng(3).integers(30, size=(500, 30))  # all resamples at once
    ratios = totals[chosen].sum(axis=1) / counts[chosen].sum(axis=1)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(ratios, (0.025, 0.975))))


def test_nothing_measured_is_not_a_number():
    assert np.isnan(ratio_interval(np.zeros(3), np.zeros(3)).value)


def test_means_and_ratio_by_hand() -> None:
    found = mean_and_ratio(
        [[2.0], [4.0], [6.0]], ["a", "a", "b"], [[1.0], [3.0]], ["a", "b"], fewest=2
    )
    assert [found[name][0].value for name in ("upper", "lower", "ratio")] == [4, 2, 2]
    # Draws are a+a (3 to 1), a+b (4 to 2), b+b (6 to 3): ratios 3, 2, 2.
    assert (found["ratio"][0].low, found["ratio"][0].high) == (2, 3)
    assert np.isnan(mean_and_ratio([[1.0]], ["a"], [], [])["ratio"][0].value)
    assert np.isnan(mean_and_ratio([[1.0]], ["a"], [[1.0]], ["a"])["ratio"][0].low)


def test_a_mean_over_groups_is_that_of_the_normal_law():
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(300), 4)
    values = rng.normal(size=300)[groups]  # four copies of each
    found = mean_interval(values, groups)
    assert found.value == pytest.approx(values.mean())
    half = 1.96 * values.std() / np.sqrt(300)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)
    assert np.isnan(mean_interval(values[:36], groups[:36]).low)  # 9 groups are too few
    assert np.isfinite(mean_interval(values[:36], groups[:36], fewest=9).low)


def test_every_resample_holds_both_sets_of_rows():
    # Nine groups of the upper rows, one of the lower: without strata, a third of all resamples
    # would have no lower rows at all.
    upper, lower = np.arange(1.0, 10)[:, None], [[2.0]]
    found = mean_and_ratio(upper, np.arange(9), lower, [9], fewest=1)
    assert found["lower"][0].value == 2
    assert np.isnan(found["lower"][0].low)  # of a single group
    whole = mean_and_ratio(np.repeat(upper, 2, 0), [*range(9)] * 2, [[2.0]] * 2, [9, 10], fewest=2)
    assert (whole["lower"][0].low, whole["lower"][0].high) == (2, 2)
    assert whole["ratio"][0].low == pytest.approx(whole["upper"][0].low / 2)
    assert whole["ratio"][0].high == pytest.approx(whole["upper"][0].high / 2)


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError, match=r"\(N, K\)"):
        mean_and_ratio([1.0], ["a"], [], [])
    with pytest.raises(InputError, match="group for each row"):
        mean_and_ratio([[1.0]], ["a", "b"], [], [])
