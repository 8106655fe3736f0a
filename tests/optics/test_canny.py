"""Canny against scikit-image's, pixel for pixel."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data
from skimage.feature import canny as reference

from blurprint.optics.edges import canny

PICTURES = ["camera", "coins", "page", "moon", "brick", "grass"]


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.5])
def test_the_same_edges(name, sigma):
    image = getattr(data, name)()[:300, :400].astype(np.float32) / 255
    expected = reference(image, sigma=sigma)
    assert expected.any()
    assert (canny(image, sigma) != expected).mean() < 2e-5  # ties in the last bit of a float


@pytest.mark.parametrize("thresholds", [(0.02, 0.05), (0.1, 0.9), (0.3, 0.3)])
def test_the_same_edges_at_other_thresholds(thresholds):
    image = data.camera()[:200, :300].astype(np.float32) / 255
    low, high = thresholds
    expected = reference(image, sigma=1.5, low_threshold=low, high_threshold=high)
    assert (canny(image, 1.5, low, high) != expected).mean() < 2e-5


def test_no_edges_in_a_flat_image():
    assert not canny(np.full((40, 50), 0.3, np.float32), 1.5).any()


def test_weak_edges_survive_only_beside_strong_ones():
    image = np.zeros((40, 80), np.float32)
    image[:, 20:] = 0.06  # alone it stays below `high`
    assert not canny(image, 1.0, low=0.05, high=0.2).any()
    image[:, 20:] = np.linspace(0.06, 0.6, 40, dtype=np.float32)[:, None]
    assert canny(image, 1.0, low=0.05, high=0.2)[5:35, 18:22].any(axis=1).all()
