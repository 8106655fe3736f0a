"""Grain of the strength, size and colour that were asked for."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.lab.rendering.grain import Grain, denoised, draw_grain, grain_field, with_grain

GRAY = np.full((192, 192, 3), 128, np.uint8)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("strength", [0.01, 0.05, 0.15])
@pytest.mark.parametrize("size", [0.5, 2.0])
@pytest.mark.parametrize("colour", [0.0, 0.4, 1.0])
def test_strength(strength, size, colour):
    seen = with_grain(GRAY, Grain(strength, size, colour), rng()).astype(float)
    assert seen.std(axis=(0, 1)) / 255 == pytest.approx(3 * [strength], rel=0.06)
    assert seen.mean() == pytest.approx(128, abs=2)


@pytest.mark.parametrize("colour", [0.0, 0.3, 1.0])
def test_colour_is_the_share_of_the_variance_that_channels_have_alone(colour):
    field = grain_field(rng(), (256, 256), Grain(0.1, 0.5, colour))
    red, green = field[..., 0].ravel(), field[..., 1].ravel()
    assert np.corrcoef(red, green)[0, 1] == pytest.approx(1 - colour, abs=0.03)


@pytest.mark.parametrize("size", [1.5, 3.0])
def test_size_is_the_width_of_a_grain(size):
    field = grain_field(rng(), (512, 512), Grain(0.1, size))[..., 0]
    neighbour = float((field[:, 1:] * field[:, :-1]).mean())
    # Noise smoothed by s correlates as a Gaussian of sqrt(2) s; the width of s is 2.355 s.
    assert neighbour == pytest.approx(np.exp(-1 / (4 * (size / 2.355) ** 2)), abs=0.05)


def test_white_noise_has_neighbours_that_do_not_know_each_other():
    field = grain_field(rng(), (512, 512), Grain(0.1, 0.6))[..., 0]
    assert abs(float((field[:, 1:] * field[:, :-1]).mean())) < 0.01


def test_grain_of_a_film_fades_towards_black_and_white():
    levels = [
        with_grain(np.full_like(GRAY, v), Grain(0.02, midtones=True), rng()).std()
        for v in (25, 128, 230)
    ]
    assert levels[1] > 1.5 * max(levels[0], levels[2])


def test_draws_are_uniform_in_the_logarithm_up_to_fifteen_per_cent():
    drawn = [draw_grain(np.random.default_rng(seed)) for seed in range(600)]
    strength = np.array([g.strength for g in drawn])
    assert strength.min() < 0.011 and 0.13 < strength.max() <= 0.15
    assert np.mean(strength > (0.01 * 0.15) ** 0.5) == pytest.approx(0.5, abs=0.06)
    assert np.mean([g.colour == 0 for g in drawn]) == pytest.approx(0.35, abs=0.06)
    sizes = np.array([g.size for g in drawn])
    assert sizes.min() < 0.55 and sizes.max() > 2.7


def test_denoising_takes_noise_away():
    noisy = with_grain(GRAY, Grain(0.05), rng())
    for seed in range(12):
        clean = denoised(noisy, 0.05, np.random.default_rng(seed))
        assert clean.astype(float).std() < 0.9 * noisy.astype(float).std()
