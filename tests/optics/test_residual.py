"""The map against the picture: detail that so wide a blur would have taken away."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint import InputError
from blurprint.lens.lens import DISK, GAUSSIAN, Aperture, blur, to_linear, to_srgb
from blurprint.lens.pixel import with_pixel
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.residual import (
    AROUND_PX,
    CLAIMED,
    LADDER_PX,
    QUIET,
    _left_over,
    _quantile,
    residual,
)
from blurprint.photos.bars import Rectangle


@pytest.fixture(scope="module")
def linear() -> np.ndarray:
    photo = cv2.resize(data.coffee(), (300, 200), interpolation=cv2.INTER_AREA)
    return to_linear(photo.astype(np.float32) / 255)


def claiming(lens_sigma: float, shape: tuple[int, int], confidence: float = 1.0) -> DefocusMap:
    one = np.ones(shape, np.float32)
    return DefocusMap(float(with_pixel(lens_sigma)) * one, confidence * one, "net")


def photographed(linear: np.ndarray, sigma: float, aperture: Aperture = DISK) -> np.ndarray:
    rng = np.random.default_rng(0)
    noisy = to_srgb(blur(linear, sigma, aperture)) + rng.normal(0, 0.005, linear.shape)
    return np.rint(np.clip(noisy, 0, 1) * 255).astype(np.float32) / 255


@pytest.mark.parametrize("aperture", [DISK, GAUSSIAN, Aperture("polygon", blades=6)])
@pytest.mark.parametrize("sigma", [1.5, 3.0, 6.0])
def test_the_true_blur_explains_the_picture(linear, sigma, aperture):
    found = residual(photographed(linear, sigma, aperture), claiming(sigma, linear.shape[:2]))
    assert found.unexplained.mean() < 0.01
    assert 0 < found.noise < 0.01


@pytest.mark.parametrize("claimed", [3.0, 6.0])
def test_more_blur_than_there_is_leaves_detail_over(linear, claimed):
    found = residual(photographed(linear, 0.5), claiming(claimed, linear.shape[:2]))
    assert (found.strength > 8 / 255).mean() > 0.2
    assert found.unexplained.mean() > 0.1


def test_text_drawn_over_a_blurred_picture_is_found_where_it_is(linear):
    rgb = photographed(linear, 3.0)
    cv2.putText(rgb, "read this", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1, (1, 1, 1), 2)
    found = residual(rgb, claiming(3.0, linear.shape[:2])).unexplained
    assert found[30:70, 20:160].mean() > 0.6
    assert found[90:].mean() < 0.01


def test_less_blur_than_there_is_explains_everything_as_does_no_claim(linear):
    rgb = photographed(linear, 3.0)
    assert not residual(rgb, claiming(1.2, linear.shape[:2])).unexplained.any()
    unsure = residual(rgb, claiming(9.0, linear.shape[:2], confidence=0.2))
    assert not unsure.unexplained.any()
    assert unsure.noise == 0
    sharp = residual(photographed(linear, 0.3), claiming(0.3, linear.shape[:2]))
    assert not sharp.strength.any()


def test_other_sizes_and_other_units_are_refused(linear):
    with pytest.raises(InputError, match="Expected a map of"):
        residual(np.zeros((30, 30, 3), np.float32), claiming(1, (30, 31)))
    one = np.ones((30, 30), np.float32)
    with pytest.raises(InputError, match="map units"):
        residual(np.zeros((30, 30, 3), np.float32), DefocusMap(one, one, "paper", unit="map units"))


def test_parts_of_a_picture_are_blurred_as_the_whole_is(linear):
    """What a rung of the ladder leaves of a part is what it leaves of the picture there."""
    gray = cv2.cvtColor(photographed(linear, 1.0), cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    for sigma in LADDER_PX:
        whole = _left_over(gray, sigma, Rectangle(0, 0, height, width))
        for box in (
            Rectangle(90, 140, 120, 150),
            Rectangle(0, 3, 20, width),
            Rectangle(7, 0, 8, 1),
        ):
            part = _left_over(gray, sigma, box)
            np.testing.assert_allclose(part, whole[box.cut], atol=1e-6)


def test_what_is_not_measured_is_not_computed_and_changes_nothing(linear):
    """A map of two parts, one sure and sharper: the other's wide blur is put to no test."""
    rgb = photographed(linear, 0.5)
    height, width = linear.shape[:2]
    half = np.zeros((height, width), np.bool_)
    half[40:150, 60:180] = True
    sigma = np.where(half, 2.5, 9.0).astype(np.float32)
    sure = half.astype(np.float32)
    found = residual(rgb, DefocusMap(sigma, sure, "net"))
    everywhere = residual(rgb, DefocusMap(np.full_like(sigma, 2.5), np.ones_like(sigma), "net"))
    assert not found.strength[~half].any() and not found.unexplained[~half].any()
    inside = cv2.erode(half.astype(np.uint8), np.ones((AROUND_PX, AROUND_PX))) > 0
    np.testing.assert_allclose(found.strength[inside], everywhere.strength[inside], atol=1e-6)
    assert found.unexplained[inside].any()


def test_of_the_whole_ladder_each_pixel_counts_between_its_rungs(linear):
    """Against the ladder written out over the whole picture, for a map of every blur at once."""
    rgb = photographed(linear, 0.7)
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    claimed = np.tile(np.geomspace(0.4, 9, width, dtype=np.float32), (height, 1))
    defocus = DefocusMap(
        with_pixel(claimed / CLAIMED).astype(np.float32), np.ones_like(gray), "net"
    )
    left = []
    for sigma in LADDER_PX:
        seen = gray
        for _ in range(4):
            seen = seen - cv2.GaussianBlur(seen, (0, 0), sigma)
        left.append(np.square(seen))
    place = np.interp(claimed, LADDER_PX, np.arange(len(LADDER_PX)))
    below = np.minimum(place.astype(int), len(LADDER_PX) - 2)
    low, high = (np.take_along_axis(np.stack(left), below[None] + k, 0)[0] for k in (0, 1))
    power = np.where(claimed >= LADDER_PX[0], low + (high - low) * (place - below), 0)
    expected = np.sqrt(cv2.blur(power, (AROUND_PX, AROUND_PX)))
    found = residual(rgb, defocus)
    tested = claimed >= LADDER_PX[0] * 1.0001
    np.testing.assert_allclose(found.strength[tested], expected[tested], rtol=0.01, atol=1e-4)
    assert found.noise == pytest.approx(np.quantile(expected[tested], QUIET), rel=0.01)


@pytest.mark.parametrize("count", [1, 2, 17, 5000])
def test_a_quantile_is_numpys(count):
    values = np.random.default_rng(count).random(count, np.float32)
    for share in (0.0, 0.2, 0.77, 1.0):
        assert _quantile(values, share) == pytest.approx(np.quantile(values, share), rel=1e-6)
