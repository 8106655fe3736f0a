"""Fur: sharp across, one way here and there, another elsewhere, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.arrays import FloatMap
from blurprint.lab.rendering.strands import draw_strands

SEEDS = range(12)


def gradients(picture: FloatMap) -> tuple[FloatMap, FloatMap]:
    gray = np.sqrt(picture).mean(axis=2)
    return np.diff(gray, axis=1)[1:], np.diff(gray, axis=0)[:, 1:]


def coherence(picture: FloatMap) -> float:
    """How far all gradients point one way, 0 to 1."""
    across, down = gradients(picture)
    uneven = np.hypot((across**2 - down**2).mean(), 2 * (across * down).mean())
    return float(uneven / (across**2 + down**2).mean())


def test_a_coat_is_a_picture_and_the_same_for_the_same_seed():
    for seed in SEEDS:
        picture = draw_strands(np.random.default_rng(seed), 96)
        assert (picture.shape, picture.dtype) == ((96, 96, 3), np.float32)
        assert picture.min() >= 0 and picture.max() <= 1
        np.testing.assert_array_equal(picture, draw_strands(np.random.default_rng(seed), 96))


def test_strands_lie_one_way_and_not_all_the_same():
    found = [coherence(draw_strands(np.random.default_rng(seed), 96)) for seed in SEEDS]
    assert np.median(found) > 0.2, "white noise has less than 0.05"
    assert np.median(found) < 0.95, "stripes have 1"
    assert np.ptp(found) > 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_strands_are_sharp(seed: int):
    """Steps from pixel to pixel are most of those over three pixels somewhere in every coat."""
    picture = np.sqrt(draw_strands(np.random.default_rng(seed), 96)).mean(axis=2)
    one = np.abs(np.diff(picture, axis=1))[:, 1:-1]
    three = np.abs(picture[:, 3:] - picture[:, :-3])
    strong = three > np.percentile(three, 90)
    assert np.percentile((one / np.maximum(three, 1e-6))[strong], 75) > 0.45
