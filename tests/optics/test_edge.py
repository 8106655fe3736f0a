"""Method "edge" against pictures whose blur is known."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint import DefocusMap, estimate_defocus
from rendering import analytic_step, degraded, hard_step, stripes

SIGMAS = [0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0]


def reading(defocus: DefocusMap) -> float:
    """Median over the confident pixels: what a person reads off the report."""
    confident = defocus.confidence >= 0.5
    assert confident.any(), "nothing was measured with confidence"
    return float(np.median(defocus.sigma[confident]))


def read_edge(rgb: np.ndarray) -> float:
    return reading(estimate_defocus(rgb, method="edge"))


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize(
    "step",
    [
        hard_step,
        analytic_step,
        pytest.param(lambda s: analytic_step(s, angle=7.0), id="slanted 7 degrees"),
        pytest.param(lambda s: analytic_step(s, angle=31.0), id="slanted 31 degrees"),
    ],
)
def test_step_edges_read_true_within_a_tenth(step, sigma):
    assert read_edge(step(sigma)) == pytest.approx(sigma, rel=0.10)


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("step", [hard_step, analytic_step])
@pytest.mark.parametrize("seed", [0, 1])
def test_noise_and_jpeg_cost_less_than_a_fifth(step, sigma, seed):
    worn = degraded(step(sigma), noise=0.01, quality=90, seed=seed)
    assert read_edge(worn) == pytest.approx(sigma, rel=0.20)


@pytest.mark.parametrize("width", [10, 20, 40, 80])
@pytest.mark.parametrize("sigma", SIGMAS)
def test_reading_does_not_depend_on_how_close_the_edges_are(width, sigma):
    if sigma > 0.3 * width:
        pytest.skip("a square wave this blurred is a sine: no width is left in it to read")
    assert read_edge(stripes(sigma, width)) == pytest.approx(sigma, rel=0.10)


@pytest.mark.parametrize("step", [hard_step, analytic_step])
def test_monotone_in_true_blur(step):
    read = [read_edge(step(sigma)) for sigma in np.arange(0.4, 5.1, 0.2)]
    assert np.all(np.diff(read) > 0)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turning_the_picture_turns_the_map(turn):
    photo = data.astronaut()[:256, 100:356]  # powers of two: no level is padded
    turned = estimate_defocus(np.ascontiguousarray(np.rot90(photo, turn)), method="edge")
    upright = estimate_defocus(photo, method="edge")
    np.testing.assert_allclose(np.rot90(turned.sigma, -turn), upright.sigma, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.01, 0.02, 0.05])
@pytest.mark.parametrize("quality", [None, 90, 75])
def test_a_flat_field_gives_no_confidence(noise, quality):
    flat = np.full((299, 299, 3), 0.5, np.float32)
    defocus = estimate_defocus(degraded(flat, noise=noise, quality=quality), method="edge")
    assert defocus.confidence.mean() < 0.02
    assert (defocus.confidence > 0.5).mean() < 0.001
    assert np.isfinite(defocus.sigma).all()


def test_smooth_shading_is_no_edge():
    ramp = np.linspace(0, 1, 299, dtype=np.float32)
    shaded = np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (299, 299, 3)))
    assert (estimate_defocus(shaded, method="edge").confidence > 0.5).mean() < 0.001


def test_confidence_falls_with_distance_and_with_noise():
    step = hard_step(1.5, size=256)
    confidence = estimate_defocus(step, method="edge").confidence
    near, mid, far = (float(np.median(confidence[:, 128 + d])) for d in (0, 40, 110))
    assert near > 0.8
    assert near > mid > far
    assert far < 0.05
    faint = degraded(0.5 + 0.25 * (step - 0.5), noise=0.03, quality=None)
    noisy = estimate_defocus(faint, method="edge").confidence
    assert np.median(noisy[:, 128]) < near - 0.05


def test_two_depths_read_as_two_blurs():
    sharp, soft = hard_step(0.8, size=160), hard_step(3.0, size=160)
    defocus = estimate_defocus(np.vstack([sharp, soft]), method="edge")
    assert np.median(defocus.sigma[20:120, 70:90]) == pytest.approx(0.8, rel=0.12)
    assert np.median(defocus.sigma[200:300, 70:90]) == pytest.approx(3.0, rel=0.12)


@pytest.mark.timing
def test_time_for_the_papers_size():
    photo = data.astronaut()[:299, :299]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        times = []
        for _ in range(7):
            start = perf_counter()
            estimate_defocus(photo, method="edge")
            times.append(perf_counter() - start)
    finally:
        cv2.setNumThreads(threads)
    assert median(times) < 0.080, "the bar is 40 ms on a quiet core; twice that is a regression"
