"""Noise and grain over a blurred photograph are not measured as sharp; photographs are measured."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint import estimate_defocus
from blurprint.evidence.measure import measure_evidence
from blurprint.hiding.noise import HIDDEN, _percentile, noise_hides_blur

NAMES = ("astronaut", "chelsea", "coffee", "rocket")


def photograph(name: str) -> np.ndarray:
    return getattr(data, name)().astype(np.float32)[..., :3] / 255


def with_grain(rgb: np.ndarray, amplitude: float, size: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=rgb.shape).astype(np.float32)
    if size:
        noise = cv2.GaussianBlur(noise, (0, 0), size)
        noise /= noise.std()
    return np.clip(rgb + amplitude * noise, 0, 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("amplitude", "size"), [(0.05, 0), (0.05, 0.8), (0.08, 1.5), (0.15, 0)])
def test_grain_over_a_blurred_photograph_leaves_nothing_measured(name, amplitude, size):
    blurred = cv2.GaussianBlur(photograph(name), (0, 0), 3)
    defocus = estimate_defocus(with_grain(blurred, amplitude, size))
    right = np.abs(defocus.sigma - 3) <= 0.5
    assert (defocus.confidence >= 0.5).mean() < 0.1 or right[defocus.confidence >= 0.5].mean() > 0.5


def test_what_is_hidden_is_said():
    blurred = cv2.GaussianBlur(photograph("coffee"), (0, 0), 3)
    defocus = estimate_defocus(with_grain(blurred, 0.1, 0.7))
    assert defocus.doubt == HIDDEN and not defocus.confidence.any()
    said = {one.name: one.sentence for one in measure_evidence(defocus)}
    assert said["measured_share"] == HIDDEN


@pytest.mark.parametrize("name", (*NAMES, "immunohistochemistry", "hubble_deep_field"))
def test_photographs_sharp_and_blurred_are_measured(name):
    sharp = photograph(name)
    for rgb in (sharp, cv2.GaussianBlur(sharp, (0, 0), 2), with_grain(sharp, 0.01, 0)):
        assert not noise_hides_blur(rgb)


def test_the_papers_map_is_left_alone():
    noisy = with_grain(np.full((300, 300, 3), 0.5, np.float32), 0.1, 0)
    assert estimate_defocus(noisy, method="paper").doubt == ""
    assert estimate_defocus(noisy, method="edge").doubt == HIDDEN


@pytest.mark.parametrize("count", [25, 26, 324, 1000])
def test_percentiles_of_blocks_are_numpys(count):
    values = np.sort(np.random.default_rng(count).random(count, np.float32))
    for percent in (0, 10, 80, 100):
        assert _percentile(values, percent) == pytest.approx(np.percentile(values, percent))
