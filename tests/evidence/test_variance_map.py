"""The one local variance of reports and studies: by hand at each border, and equal everywhere."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.evidence.local_variance import local_variance
from blurprint.evidence.variance_map import BORDERS, DEFAULT_BORDER, variance_map
from blurprint.optics.defocus_map import DefocusMap

NINE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
CORNERS = {
    # 1 2 / 4 5: mean 3, mean of squares 46 / 4.
    "inside": 46 / 4 - 3**2,
    # Mirrored: 5 4 5 / 2 1 2 / 5 4 5: mean 33 / 9, mean of squares 141 / 9.
    "mirror": 141 / 9 - (33 / 9) ** 2,
    # Five zeros beside 1 2 / 4 5: mean 12 / 9, mean of squares 46 / 9.
    "zero": 46 / 9 - (12 / 9) ** 2,
}


@pytest.mark.parametrize("border", BORDERS)
def test_corner_and_middle_by_hand(border) -> None:
    found = variance_map(NINE, 3, border)
    assert found[0, 0] == pytest.approx(CORNERS[border])
    assert found[1, 1] == pytest.approx(285 / 9 - 25)  # whole windows know no border


@pytest.mark.parametrize(("border", "pad"), [("mirror", "reflect"), ("zero", "constant")])
def test_equals_the_definition_in_whole_windows(border, pad) -> None:
    sigma = np.random.default_rng(0).random((20, 23))
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sigma, 7, mode=pad), (15, 15))
    expected = (windows**2).mean((2, 3)) - windows.mean((2, 3)) ** 2
    np.testing.assert_allclose(variance_map(sigma, 15, border), expected, atol=1e-12)


def test_an_offset_changes_nothing_but_beside_zeros() -> None:
    sigma = np.random.default_rng(1).random((20, 23))
    for border in ("inside", "mirror"):
        plain, moved = (variance_map(one, 15, border) for one in (sigma, sigma + 1000))
        np.testing.assert_allclose(moved, plain, atol=1e-9)
        assert not variance_map(np.full((16, 16), 0.1), 15, border).any()
    even = variance_map(np.full((31, 31), 2.0), 15, "zero")
    assert even[15, 15] == 0
    # The corner's window holds 64 of 225 pixels: 4 * 64 / 225 - (2 * 64 / 225)^2.
    assert even[0, 0] == pytest.approx(4 * 64 / 225 - (2 * 64 / 225) ** 2)


def test_the_report_and_the_studies_have_one_definition() -> None:
    sigma = np.random.default_rng(2).uniform(0, 4, (40, 31)).astype(np.float32)
    row = local_variance(DefocusMap(sigma, np.ones_like(sigma), "edge"))
    assert row.value == variance_map(sigma, border=DEFAULT_BORDER).mean()


def test_borders_agree_away_from_the_border() -> None:
    sigma = np.random.default_rng(3).random((30, 30))
    inner = [variance_map(sigma, 15, one)[7:-7, 7:-7] for one in BORDERS]
    for one, other in pairwise(inner):
        np.testing.assert_allclose(one, other, atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "window", "border"),
    [((20, 20), 0, "inside"), ((20, 20), 2, "zero"), ((7, 20), 15, "mirror"), ((5,), 3, "inside")],
)
def test_windows_that_do_not_fit(shape, window, border) -> None:
    with pytest.raises(InputError, match="Expected"):
        variance_map(np.zeros(shape), window, border)


def test_unknown_borders_are_named() -> None:
    with pytest.raises(InputError, match="inside, mirror, zero"):
        variance_map(np.zeros((20, 20)), 15, "wrap")


def test_off_a_mask_it_is_as_beyond_the_border() -> None:
    sigma = np.random.default_rng(4).uniform(0, 4, (40, 31))
    mask = np.zeros(sigma.shape, bool)
    mask[7:33, 4:29] = True
    found = variance_map(np.where(mask, sigma, 1e3), mask=mask)
    np.testing.assert_allclose(found[7:33, 4:29], variance_map(sigma[7:33, 4:29]), atol=1e-9)
    assert not found[~mask].any()
    np.testing.assert_array_equal(
        variance_map(sigma, mask=np.ones(sigma.shape, bool)), variance_map(sigma)
    )


def test_a_mask_goes_with_no_other_border() -> None:
    with pytest.raises(InputError, match="inside"):
        variance_map(NINE, 3, "zero", NINE > 1)
