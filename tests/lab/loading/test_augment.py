"""Augmentations stay pictures, do what they say, and depend on their seed alone."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from blurprint.errors import InputError
from blurprint.lab.loading.augment import CHANGES, augment, check_changes


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    return data.astronaut()[:96, 160:256].astype(np.float32) / 255


def detail(rgb: np.ndarray) -> float:
    return float(np.abs(np.diff(rgb, axis=0)).mean())


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_gives_a_picture_and_follows_its_seed(name, rgb):
    change = CHANGES[name]
    out = change(rgb, np.random.default_rng(1))
    assert out.shape == rgb.shape and out.dtype == np.float32
    assert out.min() >= 0 and out.max() <= 1
    assert not np.array_equal(out, rgb)
    assert np.array_equal(out, change(rgb, np.random.default_rng(1)))


def test_blur_and_resize_soften_and_noise_roughens(rgb):
    for name, softer in (("blur", True), ("resize", True), ("noise", False)):
        details = [detail(CHANGES[name](rgb, np.random.default_rng(s))) for s in range(8)]
        assert all((d < detail(rgb)) == softer for d in details), name


def test_flip_is_its_own_inverse(rgb):
    rng = np.random.default_rng(0)
    assert np.array_equal(CHANGES["flip"](CHANGES["flip"](rgb, rng), rng), rgb)


def test_names_are_put_in_order_and_checked():
    assert check_changes(["jpeg", "flip"]) == ("flip", "jpeg")
    with pytest.raises(InputError, match="flip, brightness, blur, resize, noise, jpeg"):
        check_changes(["rotate"])


def test_about_half_of_the_draws_change_the_picture(rgb):
    same = [
        np.array_equal(augment(rgb, ["flip"], np.random.default_rng(s)), rgb) for s in range(200)
    ]
    assert 0.4 < np.mean(same) < 0.6
