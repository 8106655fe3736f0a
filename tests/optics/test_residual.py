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
from blurprint.optics.residual import residual


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
