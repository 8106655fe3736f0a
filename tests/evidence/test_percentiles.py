"""Weighted percentiles against a full sort."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blurprint.errors import InputError
from blurprint.evidence.percentiles import weighted_percentiles

PERCENTS = (0, 5, 25, 50, 75, 95, 100)


def by_sorting(
    values: npt.NDArray[np.float32], weights: npt.NDArray[np.float32], percent: float
) -> float:
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[order].astype(np.float64))
    reached = running >= percent / 100 * running[-1]
    return float(values[order][reached & (weights[order] > 0)][0])


# Weights in eighths add up without rounding, so both ways must agree exactly.
PIXELS = st.lists(st.tuples(st.floats(0, 50, width=32), st.integers(0, 8)), min_size=1).filter(
    lambda pixels: any(weight for _, weight in pixels)
)


@given(PIXELS)
def test_equals_a_full_sort(pixels: list[tuple[float, int]]) -> None:
    values = np.array([value for value, _ in pixels], np.float32)
    weights = np.array([weight for _, weight in pixels], np.float32) / 8
    expected = tuple(by_sorting(values, weights, percent) for percent in PERCENTS)
    assert weighted_percentiles(values, weights, PERCENTS) == expected


def test_is_exact_on_a_large_map_with_a_far_outlier() -> None:
    rng = np.random.default_rng(3)
    values = rng.gamma(2, 1, (600, 500)).astype(np.float32)
    values[0, 0] = 1e4  # stretches the histogram until nearly all lies in one bin
    weights = (rng.integers(0, 9, values.shape) / 8).astype(np.float32)
    expected = [by_sorting(values.ravel(), weights.ravel(), percent) for percent in PERCENTS]
    assert list(weighted_percentiles(values, weights, PERCENTS)) == expected


def test_no_weight_is_an_error() -> None:
    with pytest.raises(InputError, match="all are zero"):
        weighted_percentiles(np.ones(3, np.float32), np.zeros(3, np.float32), (50,))
