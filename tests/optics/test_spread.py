from __future__ import annotations

import cv2
import numpy as np
import pytest

from blurprint.optics.pyramid import REDUCE_NOISE, REDUCE_VARIANCE, enlarge, halve, reduce
from blurprint.optics.spread import guided_filter, pull_push
from restatement import plain_guided_filter


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(40, 53), (15, 15), (9, 30)])
def test_guided_filter_equals_its_definition(shape):
    guide, values = random(*shape), random(*shape)[::-1].copy()
    expected = plain_guided_filter(guide.astype(float), values.astype(float), radius=7, eps=1e-2)
    np.testing.assert_allclose(guided_filter(guide, values, 7, 1e-2), expected, atol=1e-5)


def test_guided_filter_keeps_the_edges_of_its_guide():
    guide = np.zeros((40, 40), np.float32)
    guide[:, 20:] = 1
    values = guide + 0.1 * (random(40, 40) - 0.5)
    smooth = guided_filter(guide, values, radius=5, eps=1e-4)
    assert smooth[:, 19].max() < 0.1
    assert smooth[:, 20].min() > 0.9


def test_pull_push_fills_with_the_one_value_there_is():
    values, weight = np.zeros((50, 71), np.float32), np.zeros((50, 71), np.float32)
    values[7, 9], weight[7, 9] = 3.5, 0.2
    np.testing.assert_allclose(pull_push(values, weight), 3.5, rtol=1e-5)


def test_pull_push_without_evidence_is_zero():
    assert not pull_push(random(20, 20), np.zeros((20, 20), np.float32)).any()


def test_pull_push_stays_between_its_values_and_near_the_evidence():
    values = np.full((64, 64), 1.0, np.float32)
    values[:, 32:] = 4.0
    weight = np.zeros_like(values)
    weight[::8, ::8] = 1
    spread = pull_push(values, weight)
    assert spread.min() >= 1
    assert spread.max() <= 4
    assert spread[:, :16].mean() < 1.5
    assert spread[:, 48:].mean() > 3.5


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_pull_push_turns_with_the_picture(turn):
    values, weight = random(64, 64), (random(64, 64) > 0.9).astype(np.float32)
    turned = pull_push(np.rot90(values, turn).copy(), np.rot90(weight, turn).copy())
    np.testing.assert_allclose(turned, np.rot90(pull_push(values, weight), turn), atol=1e-5)


def test_halve_is_the_mean_of_blocks_and_pads_odd_sizes():
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_allclose(halve(image), [[2.5, 4.5], [8.5, 10.5]])


def test_reduce_blurs_and_shrinks_noise_as_it_says():
    spot = np.zeros((64, 64), np.float32)
    spot[31:33, 31:33] = 1
    down = reduce(cv2.GaussianBlur(spot, (0, 0), 3.0))
    x = np.arange(32) - 15.5
    variance = (down.sum(axis=0) * x**2).sum() / down.sum() * 4
    assert variance == pytest.approx(3.0**2 + 0.25 + REDUCE_VARIANCE, rel=0.01)
    noise = np.random.default_rng(0).normal(0, 1, (512, 512)).astype(np.float32)
    assert reduce(noise).std() == pytest.approx(REDUCE_NOISE, rel=0.03)


def test_enlarge_returns_each_pixel_to_its_block():
    image = random(4, 5)
    grown = enlarge(image, 2, (15, 18), cv2.INTER_NEAREST)
    assert grown.shape == (15, 18)
    assert (grown[4:8, 8:12] == image[1, 2]).all()
