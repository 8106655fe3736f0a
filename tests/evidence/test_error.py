"""Errors from confidence: by the distribution that confidence was made from."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.evidence.confident import CONFIDENT, confident_share, measured_percentiles
from blurprint.evidence.error import error_of, is_beyond, median_error, median_with_error
from blurprint.evidence.measure import MEASURES
from blurprint.evidence.percentiles import weighted_percentiles
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.tolerance import tolerance


def flat(sigma: float, confidence: float, method: str = "net") -> DefocusMap:
    one = np.ones((30, 30), np.float32)
    unit = "map units" if method == "paper" else "px"
    return DefocusMap(sigma * one, confidence * one, method, unit=unit)


@pytest.mark.parametrize("sigma", [0.4, 1.0, 5.0])
def test_a_networks_error_is_the_mean_of_laplace_errors_with_that_confidence(sigma: float) -> None:
    errors = np.abs(np.random.default_rng(0).laplace(0, 0.3, 400_000))
    confidence = float((errors <= tolerance(sigma)).mean())
    assert error_of(sigma, confidence, "net") == pytest.approx(errors.mean(), rel=0.02)


def test_an_edges_error_is_the_tolerance_at_one_half() -> None:
    assert error_of(0.5, 0.5, "edge") == pytest.approx(0.25)
    assert error_of(10.0, 0.5, "edge") == pytest.approx(1.5)


def test_no_confidence_no_error_and_no_error_without_pixels() -> None:
    assert error_of(1.0, 0.0, "net") == np.inf
    assert error_of(1.0, 1.0, "net") == 0
    assert median_error(flat(1, 0.9, "paper")) is None
    assert error_of(1.0, 0.9, "mine") is None


def test_the_error_of_a_median_does_not_shrink_with_pixels_and_ignores_guesses() -> None:
    few, many = flat(1, 0.8), flat(1, 0.8)
    assert median_error(few, (slice(3), slice(3))) == pytest.approx(median_error(many))
    confidence = np.full((30, 30), 0.8, np.float32)
    confidence[10:] = 0.1
    guessed = DefocusMap(few.sigma, confidence, "net")
    assert median_error(guessed) == pytest.approx(median_error(few))


@pytest.mark.parametrize("name", list(MEASURES))
def test_every_row_in_pixels_has_an_error(name: str) -> None:
    sigma = np.random.default_rng(1).uniform(0.3, 3, (40, 40)).astype(np.float32)
    row = MEASURES[name](DefocusMap(sigma, np.full_like(sigma, 0.8), "net"))
    assert row.error is not None
    assert (row.error == 0) == (name == "measured_share")


def two_halves(left: float, right: float, confidence: float) -> DefocusMap:
    """The centre is `left`, the border `right`."""
    sigma = np.full((40, 40), right, np.float32)
    sigma[10:30, 10:30] = left
    return DefocusMap(sigma, np.full_like(sigma, confidence), "net")


@pytest.mark.parametrize("name", ["centre_border", "blur_range", "local_variance"])
def test_no_difference_below_its_own_error_is_told(name: str) -> None:
    row = MEASURES[name](two_halves(0.5, 0.55, confidence=0.6))
    assert row.error is not None
    assert not is_beyond(row.value or 0, row.error)
    assert "can be measured" in row.sentence or "no more than the errors" in row.sentence
    assert "more blurred" not in row.sentence
    clear = MEASURES[name](two_halves(0.5, 5.0, confidence=0.9))
    assert "can be measured" not in clear.sentence


def test_what_several_rows_ask_of_a_map_is_what_its_pixels_say() -> None:
    rng = np.random.default_rng(1)
    sigma = rng.uniform(0.3, 4, (40, 50)).astype(np.float32)
    trust = rng.uniform(0, 1, (40, 50)).astype(np.float32)
    mask = np.ones((40, 50), bool)
    mask[:5] = False
    trust[:5] = 0
    defocus = DefocusMap(sigma, trust, "net", mask=mask)
    sure = trust >= CONFIDENT
    for percents in ((50,), (5, 95), (1, 50, 99), (5,)):
        expected = weighted_percentiles(sigma[sure], trust[sure], percents)
        assert measured_percentiles(defocus, percents) == expected
    assert confident_share(defocus) == sure.sum() / mask.sum()
    region = np.zeros((40, 50), bool)
    region[10:30, 5:25] = True
    for place in (None, region, (slice(10, 30), slice(5, 25))):
        inside = sure if place is None else sure & region
        middle, error = median_with_error(defocus, place)
        (expected,) = weighted_percentiles(sigma[inside], trust[inside], (50,))
        (certain,) = weighted_percentiles(trust[inside], trust[inside], (50,))
        assert (middle, error) == (expected, error_of(expected, certain, "net"))
        assert median_error(defocus, place) == error
