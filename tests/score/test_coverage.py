from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from blurprint.errors import InputError
from stored_coverage import coverage, packed


@pytest.mark.parametrize(
    ("features", "square"),
    [([1, 2, 3], 0), ([5, 2, 3], 2**2 / 4), ([1, 3, 3], 1 / 0.25), ([-1, 2, 5], 1 / 4 + 4 / 0.25)],
)
def test_distances_by_hand(features, square):
    assert coverage().distance(features) == pytest.approx(np.sqrt(square / 3))


def test_the_threshold_is_covered():
    edge = 1.0 + 2 * np.sqrt(1.5**2 * 3 * 4)
    assert coverage().covers([edge - 1e-9, 2, 3])
    assert not coverage().covers([edge + 1e-6, 2, 3])


def test_features_that_are_no_numbers_or_too_few_are_refused():
    for wrong in (np.nan, np.inf):
        with pytest.raises(InputError, match="finite features"):
            coverage().covers([1, 2, wrong])
    with pytest.raises(InputError, match="3 features"):
        coverage().distance([1, 2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean": packed([1, 2], "<f4")}, "as many features each"),
        ({"mean": "no base64!"}, "as many features each"),
        ({"directions": packed([1, 2, 3, 4], "int8")}, "as many features each"),
        ({"scale": packed([1, 0, 1], "<f4")}, "`scale` above 0"),
        ({"mean": packed([1, np.nan, 1], "<f4")}, "finite `mean`"),
        ({"variances": [0.0]}, "`variances` above 0"),
        ({"variances": [1.0, 1.0]}, "one for each direction"),
        ({"rest": 0.0}, "greater than 0"),
    ],
)
def test_a_coverage_that_cannot_be_is_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        coverage(**change)
