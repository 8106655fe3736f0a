from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import stats

from blurprint.lab.measures.interval import (
    Interval,
    null_interval,
    p_of_null,
    percentile_ends,
    percentile_interval,
)


@pytest.mark.parametrize("ends", [(0.1, 0.3), (math.nan, math.nan), (0.1, math.inf)])
def test_to_json_and_back(ends):
    document = json.loads(json.dumps(Interval(0.2, *ends).to_json(), allow_nan=False))
    assert list(document) == ["value", "low", "high"]
    back = Interval.from_json(document)
    for given, found in zip((0.2, *ends), (back.value, back.low, back.high), strict=True):
        assert found == given if math.isfinite(given) else math.isnan(found)


def test_numbers_of_numpy_become_plain_ones():
    document = Interval(np.float32(0.5), np.float64(0.25), np.float64("nan")).to_json()
    assert document == {"value": 0.5, "low": 0.25, "high": None}
    assert type(document["value"]) is float


@pytest.mark.parametrize(
    ("document", "error"),
    [({"value": 1.0}, KeyError), ([1, 2, 3], TypeError), ({"value": "x"}, ValueError)],
)
def test_what_is_no_interval_is_refused(document, error):
    with pytest.raises(error):
        Interval.from_json(document)


def test_percentiles_are_those_of_the_level():
    low, high = percentile_ends(np.linspace(0, 1, 1001)[:, None])
    assert (low[0], high[0]) == pytest.approx((0.025, 0.975))
    whole = percentile_interval(0.4, np.linspace(0, 1, 1001), level=0.99)
    assert (whole.value, whole.low, whole.high) == pytest.approx((0.4, 0.005, 0.995))


def test_of_chance_the_mean_is_the_value():
    found = null_interval([1.0] * 39 + [41.0])
    assert found.value == 2
    assert found.low == 1 < found.high


def test_p_is_scipys():
    """SciPy's permutation test counts the labelling that was found in the same way."""
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=20), rng.normal(0.5, size=20)
    theirs = stats.permutation_test(
        (second, first),
        lambda a, b: a.mean() - b.mean(),
        n_resamples=300,
        alternative="greater",
        random_state=1,
    )
    assert p_of_null(theirs.statistic, theirs.null_distribution) == pytest.approx(theirs.pvalue)
    assert p_of_null(2.0, np.zeros(99)) == 0.01
    assert p_of_null(0.1 + 0.2, np.full(99, 0.3)) == 1  # equal but for rounding
