"""The pixel's own share: exact, invertible, and of the size that a box has."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lens.pixel import (
    PIXEL_SIGMA,
    PIXEL_VARIANCE,
    whole_sigma,
    with_pixel,
    without_pixel,
)


def test_the_variance_is_that_of_a_box_one_pixel_wide():
    fine = (np.arange(100_000) + 0.5) / 100_000 - 0.5
    assert np.mean(fine**2) == pytest.approx(PIXEL_VARIANCE, rel=1e-6)
    assert round(PIXEL_SIGMA, 4) == 0.2887


def test_there_and_back_again():
    lens = np.linspace(0, 20, 401, dtype=np.float32).reshape(1, 401)
    whole = with_pixel(lens)
    assert whole.dtype == np.float32 and whole.shape == lens.shape
    assert whole.min() == pytest.approx(PIXEL_SIGMA)
    assert np.abs(without_pixel(whole) - lens).max() < 2e-3
    assert np.abs(without_pixel(whole) - lens)[0, 5:].max() < 1e-5


def test_an_estimate_under_the_pixel_is_a_perfect_lens():
    assert without_pixel([0.0, 0.1, 0.28]).tolist() == [0, 0, 0]


@pytest.mark.parametrize("function", [with_pixel, without_pixel])
@pytest.mark.parametrize("wrong", [-0.1, np.nan, [1.0, -1.0]])
def test_what_is_no_sigma_is_refused(function, wrong):
    with pytest.raises(InputError, match="at least 0"):
        function(wrong)


def test_a_card_says_whether_the_pixel_is_in_it():
    assert whole_sigma(2.0, "whole") == 2
    assert whole_sigma(2.0, "lens") == with_pixel(2.0)
    with pytest.raises(InputError, match="both"):
        whole_sigma(2.0, "both")
