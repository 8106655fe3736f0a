from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import signal

from blurprint.optics.edge_profile import derivative_taps, edge_profile, slope_2_noise, slope_noise
from blurprint.optics.gradients import gradient_magnitude, invert_ratio
from rendering import analytic_step


def test_magnitude_is_the_two_dimensional_convolution():
    image = np.random.default_rng(0).random((30, 41)).astype(np.float32)
    y, x = np.mgrid[-5:6, -5:6].astype(float)
    bell = np.exp(-(x**2 + y**2) / (2 * 2.0**2)) / (2 * np.pi * 2.0**4)
    expected = np.hypot(*(signal.convolve2d(image, -c * bell, mode="same") for c in (x, y)))
    np.testing.assert_allclose(gradient_magnitude(image, 2.0, radius=5), expected, atol=1e-6)


def test_ratio_inverts_to_the_blur_of_a_step():
    sigma = np.array([0.5, 1.0, 3.0, 4.9])
    ratio = np.sqrt((sigma**2 + 2.5**2) / (sigma**2 + 2.0**2))
    np.testing.assert_allclose(invert_ratio(ratio, 2.0, 2.5, cap=5), sigma, atol=1e-4)


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (0.5, 0.0),  # no step reads below 1: negative squares become 0
        (2.0, 0.0),  # sharper than any step
        (1.0001, 5.0),  # wider than the cap
        (0.0, 0.0),  # off the edges
    ],
)
def test_ratios_that_no_step_gives(ratio, expected):
    assert invert_ratio(np.array([ratio]), 2.0, 2.5, cap=5)[0] == pytest.approx(expected)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("scale", [0.8, 1.2, 3.0])
def test_taps_differentiate_polynomials_exactly(order, scale):
    taps = derivative_taps(scale, order)
    x = np.arange(len(taps)) - len(taps) // 2
    for power in range(order + 1):
        expected = float(np.prod(np.arange(1, order + 1))) if power == order else 0.0
        assert (taps * x**power).sum() == pytest.approx(expected, abs=1e-9)


def test_unknown_order_is_refused():
    with pytest.raises(ValueError, match="order"):
        derivative_taps(1.0, 4)


@pytest.mark.parametrize("angle", [0, 20, 45, 90])
def test_log_curvature_is_one_over_the_squared_width(angle):
    step = analytic_step(2.0, angle=angle)[..., 0]
    profile = edge_profile(step, 1.5)
    at = (slice(60, 68), slice(60, 68))  # on and beside the ridge
    slope, slope_1, slope_2 = (p[at] for p in profile[:3])
    strong = slope > 0.3 * slope.max()
    kappa = (slope_1 / slope) ** 2 - slope_2 / slope
    np.testing.assert_allclose(1 / kappa[strong], 2.0**2 + 1.5**2, rtol=0.03)


def test_noise_of_the_derivatives():
    noise = np.random.default_rng(1).normal(0, 1, (400, 400)).astype(np.float32)
    for scale in (1.2, 2.4):
        x = cv2.sepFilter2D(noise, -1, derivative_taps(scale, 1), derivative_taps(scale, 0))
        xxx = cv2.sepFilter2D(noise, -1, derivative_taps(scale, 3), derivative_taps(scale, 0))
        assert x.std() == pytest.approx(slope_noise(scale), rel=0.05)
        assert xxx.std() == pytest.approx(slope_2_noise(scale), rel=0.10)


def test_stray_slope_is_zero_on_a_straight_edge_and_full_on_noise():
    edge = edge_profile(analytic_step(1.5)[..., 0], 1.2)
    assert edge.stray[64, 60:68].max() < 1e-3 * edge.slope.max()
    noise = np.random.default_rng(2).normal(0, 0.1, (128, 128)).astype(np.float32)
    assert np.median(edge_profile(noise, 1.2).stray) > 0.5 * 0.1 * slope_noise(1.2)
