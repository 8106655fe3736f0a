from __future__ import annotations

import os
import subprocess
import sys

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


def test_the_number_of_threads_does_not_matter():
    """A BLAS would add 1,280 products in another order on another number of threads."""
    steps = np.random.default_rng(1).integers(-127, 128, (16, 1280))
    one = coverage(
        mean=packed([0.1] * 1280, "<f4"),
        scale=packed([1.3] * 1280, "<f4"),
        directions=packed(steps.tolist(), "int8"),
        largest=[0.05] * 16,
        variances=[3.0] * 16,
    )
    program = (
        "import sys, numpy as np\n"
        "from blurprint.score.coverage import Coverage\n"
        "one = Coverage.model_validate_json(sys.stdin.read())\n"
        "rows = np.random.default_rng(0).normal(size=(20, 1280))\n"
        "print([one.distance(row) for row in rows])\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=one.model_dump_json(),
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "3")
    }
    assert len(printed) == 1
    assert len(printed.pop().split(",")) == 20
