from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.isotonic import IsotonicRegression

from blurprint.lab.measures.blur_error import blur_error, rank_correlation
from blurprint.lab.measures.confidence_curve import fit_confidence, reliability


def test_errors_by_hand():
    error = blur_error(np.array([0.1, 1.0, 2.5]), np.array([0.0, 1.0, 2.0]), levels=(0, 1, 3, 9))
    assert error.mean == pytest.approx(0.2)
    assert error.bias == pytest.approx(0.2)
    assert error.rank_correlation == pytest.approx(1)
    assert error.by_level[:2] == pytest.approx((0.1, 0.25))
    assert np.isnan(error.by_level[2])


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation_is_that_of_the_ranks(ties):
    rng = np.random.default_rng(0)
    a = rng.normal(size=(20, 15))
    b = a + rng.normal(size=(20, 15))
    if ties:
        a, b = a.round(), b.round()
    expected = np.corrcoef(stats.rankdata(a), stats.rankdata(b))[0, 1]
    assert rank_correlation(a, b) == pytest.approx(expected)


def test_rank_correlation_of_a_constant_is_undefined():
    assert np.isnan(rank_correlation(np.ones(5), np.arange(5.0)))
    assert np.isnan(rank_correlation(np.arange(5.0), np.ones(5)))
    assert np.isnan(rank_correlation(np.ones(1), np.ones(1)))
    assert np.isnan(rank_correlation(np.ones(0), np.ones(0)))


def test_rank_correlation_with_nan_is_undefined():
    assert np.isnan(rank_correlation(np.array([1.0, 2.0, np.nan]), np.arange(3.0)))


def test_confidence_keeps_its_word_on_new_pixels():
    rng = np.random.default_rng(0)
    scale = np.exp(rng.uniform(-3, 1, 60_000))
    sigma = rng.uniform(0.3, 8, 60_000)
    error = np.abs(rng.laplace(0, 1.7 * scale))  # a network too sure of itself
    curve = fit_confidence(sigma[::2], scale[::2], error[::2])
    assert (curve.tolerance_px, curve.tolerance_share) == (0.25, 0.15)
    allowed = np.maximum(0.25, 0.15 * sigma[1::2])
    said = np.interp(np.log(scale[1::2] / allowed), curve.log_ratio, curve.probability)
    assert np.all(np.diff(curve.probability) <= 0)
    for mean, share, count in reliability(said, error[1::2] <= allowed):
        if count > 500:
            assert share == pytest.approx(mean, abs=0.03)


def test_the_curve_is_the_isotonic_regression_of_the_bins():
    rng = np.random.default_rng(2)
    scale = np.exp(rng.uniform(-3, 1, 1003))  # bins of 41 and of 42
    error = np.abs(rng.laplace(0, scale))
    curve = fit_confidence(np.ones(1003), scale, error)
    order = np.argsort(scale)
    bins = np.array_split(order, 24)
    model = IsotonicRegression(increasing=False)
    centres = [np.log(scale[part] / 0.25).mean() for part in bins]
    shares = [(error[part] <= 0.25).mean() for part in bins]
    expected = model.fit_transform(centres, shares, sample_weight=[len(part) for part in bins])
    assert np.any(np.diff(shares) > 0)  # else nothing would be pooled
    assert curve.log_ratio == pytest.approx(centres, abs=1e-6)
    assert curve.probability == pytest.approx(expected)


def test_confidence_stays_monotone_where_the_sample_is_not():
    scale = np.linspace(0.1, 1, 400)
    error = np.random.default_rng(1).random(400)
    curve = fit_confidence(np.ones(400), scale, error)
    assert np.all(np.diff(curve.probability) <= 0)
