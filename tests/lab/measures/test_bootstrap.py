from __future__ import annotations

import numpy as np
import pytest

from blurprint.lab.measures.bootstrap import ratio_interval


def test_interval_of_a_mean_is_that_of_the_normal_law():
    values = np.random.default_rng(0).normal(5, 2, 400)
    mean = ratio_interval(values, np.ones(400))
    assert mean.value == pytest.approx(values.mean())
    half = 1.96 * values.std() / 20
    assert (mean.high - mean.low) / 2 == pytest.approx(half, rel=0.1)


def test_units_count_by_what_they_hold():
    assert ratio_interval(np.array([0.0, 9.0]), np.array([1.0, 3.0])).value == pytest.approx(9 / 4)


def test_nothing_measured_is_not_a_number():
    assert np.isnan(ratio_interval(np.zeros(3), np.zeros(3)).value)
