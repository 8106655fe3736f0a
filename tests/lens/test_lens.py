"""The forward model against the physics that defines it."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.errors import InputError
from blurprint.lens.lens import (
    DISK,
    GAUSSIAN,
    Aperture,
    Layer,
    blur,
    blur_field,
    compose,
    psf,
    sigma_of_disk,
    to_linear,
    to_srgb,
)

APERTURES = [
    pytest.param(GAUSSIAN, id="gaussian"),
    pytest.param(DISK, id="disk"),
    pytest.param(Aperture("disk", rim=0.8), id="bright rim"),
    pytest.param(Aperture("disk", mix=0.4), id="soft rim"),
    pytest.param(Aperture("polygon", blades=5, rotation=0.3), id="5 blades"),
    pytest.param(Aperture("polygon", blades=8, rotation=1.0, roundness=0.5), id="8 round blades"),
]


def moments(kernel: np.ndarray) -> tuple[float, float, float, float]:
    """Means and root second moments of a kernel, across and down, in pixels."""
    reach = len(kernel) // 2
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return (
        float((kernel * x).sum()),
        float((kernel * y).sum()),
        float(np.sqrt((kernel * x * x).sum())),
        float(np.sqrt((kernel * y * y).sum())),
    )


def step(size: int = 96) -> np.ndarray:
    picture = np.full((size, size, 3), 0.1, np.float32)
    picture[:, size // 2 :] = 0.9
    return picture


def photo(size: int = 160) -> np.ndarray:
    return to_linear(data.astronaut()[:size, 100 : 100 + size].astype(np.float32) / 255)


@pytest.mark.parametrize("aperture", APERTURES)
@pytest.mark.parametrize("sigma", [0.5, 0.7, 1.0, 1.6, 3.0, 7.0, 20.0])
def test_second_moment_of_the_kernel_is_sigma_squared(aperture, sigma):
    kernel = psf(aperture, sigma)
    mean_x, mean_y, sigma_x, sigma_y = moments(kernel)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert kernel.min() >= 0
    assert (sigma_x, sigma_y) == (
        pytest.approx(sigma, rel=0.01),
        pytest.approx(sigma, rel=0.01),
    )
    assert max(abs(mean_x), abs(mean_y)) < 0.03, "the picture must not move"


@pytest.mark.parametrize("aperture", APERTURES)
@pytest.mark.parametrize("sigma", [0.05, 0.1, 0.2, 0.3, 0.4])
def test_blurs_far_below_a_pixel_keep_their_moment(aperture, sigma):
    _, _, sigma_x, sigma_y = moments(psf(aperture, sigma))
    assert np.sqrt((sigma_x**2 + sigma_y**2) / 2) == pytest.approx(sigma, rel=0.01)


def test_no_blur_is_the_identity():
    picture = photo()
    assert psf(DISK, 0.0).shape == (1, 1)
    assert np.array_equal(blur(picture, 0.0), picture)
    zero = np.zeros(picture.shape[:2], np.float32)
    assert np.array_equal(blur_field(picture, zero), picture)


def test_a_disk_is_uniform_inside_and_as_wide_as_its_conversion_says():
    radius = 9.0
    kernel = psf(DISK, sigma_of_disk(radius))
    y, x = np.mgrid[: len(kernel), : len(kernel)] - len(kernel) // 2
    inside = kernel[np.hypot(x, y) < radius - 1.5]
    assert np.ptp(inside) < 0.03 * inside.mean()
    assert kernel[np.hypot(x, y) > radius + 1.5].sum() == 0
    assert inside.mean() == pytest.approx(1 / (np.pi * radius**2), rel=0.02)


def test_a_bright_rim_is_brighter_than_the_centre():
    kernel = psf(Aperture("disk", rim=0.8), 5.0)
    middle = len(kernel) // 2
    assert kernel[middle, middle + 8] > 2 * kernel[middle, middle]


def test_an_odd_polygon_is_convolved_not_correlated():
    aperture = Aperture("polygon", blades=3)
    point = np.zeros((61, 61), np.float32)
    point[30, 30] = 1
    kernel = psf(aperture, 4.0)
    reach = len(kernel) // 2
    spread = blur(point, 4.0, aperture)[30 - reach : 31 + reach, 30 - reach : 31 + reach]
    assert np.abs(spread - kernel).max() < 1e-6
    assert np.abs(spread - np.flip(kernel)).max() > 1e-3


@pytest.mark.parametrize("aperture", APERTURES)
@pytest.mark.parametrize("sigma", [0.4, 1.3, 4.0])
def test_light_is_conserved(aperture, sigma):
    picture = np.zeros((90, 90, 3), np.float32)
    picture[30:60, 30:60] = np.random.default_rng(0).random((30, 30, 3))
    assert blur(picture, sigma, aperture).sum() == pytest.approx(picture.sum(), rel=1e-4)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("aperture", [GAUSSIAN, DISK, Aperture("polygon", blades=6)])
def test_a_step_spreads_by_sigma(aperture, sigma):
    row = blur(step(), sigma, aperture)[48, :, 0].astype(np.float64)
    line = np.diff(row) / (row[-1] - row[0])
    at = np.arange(len(line))
    centre = line @ at
    assert np.sqrt(line @ (at - centre) ** 2) == pytest.approx(sigma, rel=0.02)
    assert centre == pytest.approx(47, abs=0.02)


def test_blurs_in_a_row_add_their_squares():
    twice = blur(blur(step(), 1.2, DISK), 1.6, GAUSSIAN)[48, :, 0].astype(np.float64)
    line = np.diff(twice) / 0.8
    assert np.sqrt(line @ (np.arange(len(line)) - 47.0) ** 2) == pytest.approx(2.0, rel=0.02)


@pytest.mark.parametrize("aperture", [GAUSSIAN, DISK, Aperture("polygon", blades=7)])
@pytest.mark.parametrize("sigma", [0.2, 0.7, 1.4, 2.8, 6.0, 9.0])
def test_a_constant_field_is_a_uniform_blur(aperture, sigma):
    picture = photo()
    field = np.full(picture.shape[:2], sigma, np.float32)
    assert (
        np.abs(blur_field(picture, field, aperture) - blur(picture, sigma, aperture)).max() < 1e-5
    )


@pytest.mark.parametrize("aperture", [GAUSSIAN, DISK])
@pytest.mark.parametrize("sigma", [0.2, 0.7, 1.4, 2.8, 6.0])
def test_a_field_that_needs_the_ladder_is_close_to_the_uniform_blur(aperture, sigma):
    picture = photo()
    field = np.full(picture.shape[:2], sigma, np.float32)
    field[0, 0], field[-1, -1] = 0.0, 8.0  # so that the whole ladder is climbed
    error = blur_field(picture, field, aperture) - blur(picture, sigma, aperture)
    assert np.sqrt(np.mean(error[2:-2, 2:-2] ** 2)) < 2e-3


def test_between_two_levels_the_second_moment_is_exact():
    point = np.zeros((41, 41), np.float32)
    point[20, 20] = 1
    field = np.full((41, 41), 1.7, np.float32)
    field[0, 0] = 1.0
    _, _, sigma_x, _ = moments(blur_field(point, field, DISK, levels=(0.0, 1.0, 2.5)))
    assert sigma_x == pytest.approx(1.7, rel=0.01)


def test_each_pixel_has_its_own_blur():
    picture = photo()
    field = np.full(picture.shape[:2], 0.5, np.float32)
    field[:, 80:] = 4.0
    both = blur_field(picture, field)
    assert np.abs(both[:, :80] - blur(picture, 0.5)[:, :80]).max() < 0.02
    assert np.abs(both[:, 80:] - blur(picture, 4.0)[:, 80:]).max() < 0.02


def test_the_ladder_grows_beyond_its_top():
    picture = photo()
    field = np.full(picture.shape[:2], 15.0, np.float32)
    field[0] = 14.0
    error = blur_field(picture, field)[20:] - blur(picture, 15.0)[20:]
    assert np.sqrt(np.mean(error**2)) < 4e-3


def occlusion(front: float, back: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One row of a white occluder on the right half before a black background."""
    size = 96
    black = np.zeros((size, size, 3), np.float32)
    alpha = np.zeros((size, size), np.float32)
    alpha[:, size // 2 :] = 1
    white = np.ones((size, size, 3), np.float32)
    seen = compose([Layer(black, back), Layer(white, front, alpha)], DISK)
    return seen.rgb[48, :, 0], seen.sigma[48], seen.weight[48]


def test_a_sharp_occluder_cuts_a_blurred_background_off():
    row, sigma, weight = occlusion(front=0.0, back=4.0)
    assert row[:48].max() == 0 and row[48:].min() == 1
    assert np.all(sigma[:48] == 4.0) and np.all(sigma[48:] == 0.0)
    assert weight.min() == 1, "nothing mixes"


def test_a_blurred_occluder_bleeds_over_a_sharp_background():
    row, sigma, weight = occlusion(front=3.0, back=0.0)
    assert 0.05 < row[45] < 0.5 < row[50] < 0.95
    line = np.diff(row.astype(np.float64))
    assert np.sqrt(line @ (np.arange(95) - line @ np.arange(95)) ** 2) == pytest.approx(3, rel=0.02)
    assert np.all(sigma[:47] == 0) and np.all(sigma[49:] == 3)
    assert weight[46:50].max() < 0.4 and weight[:40].min() == weight[57:].min() == 1


def test_a_blurred_background_does_not_bleed_over_a_sharp_occluder():
    size = 64
    bright = np.ones((size, size, 3), np.float32)
    dark = np.zeros((size, size, 3), np.float32)
    alpha = np.zeros((size, size), np.float32)
    alpha[:, 32:] = 1
    seen = compose([Layer(bright, 5.0), Layer(dark, 0.0, alpha)])
    assert seen.rgb[:, 32:].max() < 1e-6
    assert seen.rgb[:, :32].min() > 1 - 1e-5, "the occluder casts no halo"


def test_layers_of_one_blur_are_not_ambiguous():
    _, sigma, weight = occlusion(front=2.0, back=2.0)
    assert np.all(sigma == 2) and weight.min() > 0.999


def test_the_front_layer_is_named_and_its_map_followed():
    size = 64
    picture = np.zeros((size, size, 3), np.float32)
    alpha = np.zeros((size, size), np.float32)
    alpha[20:44, 20:44] = 1
    field = np.tile(np.linspace(0.2, 1, size, dtype=np.float32), (size, 1))
    seen = compose([Layer(picture, 3.0), Layer(picture, field, alpha)])
    assert seen.layer[32, 32] == 1 and seen.layer[5, 5] == 0
    assert seen.sigma[32, 32] == field[32, 32]
    assert seen.sigma[5, 5] == 3


def test_srgb_and_linear_light_invert_each_other():
    values = np.linspace(0, 1, 256, dtype=np.float32)
    assert np.abs(to_srgb(to_linear(values)) - values).max() < 1e-5
    # IEC 61966-2-1: sRGB 0.5 is 21.4 % of the light.
    assert to_linear(np.float32([0.5]))[0] == pytest.approx(0.21404, abs=1e-4)
    assert to_linear(np.float32([0.04]))[0] == pytest.approx(0.04 / 12.92, rel=1e-4)


def test_linear_light_makes_highlights_win():
    point = np.zeros((33, 33, 3), np.float32)
    point[16, 16] = 1
    physical = to_srgb(blur(to_linear(point), 2.0))
    naive = blur(point, 2.0)
    assert physical[16, 16, 0] > 3 * naive[16, 16, 0]


def test_blur_does_not_depend_on_the_number_of_threads():
    picture, threads = photo(), cv2.getNumThreads()
    field = np.tile(np.linspace(0, 6, 160, dtype=np.float32), (160, 1))
    many = blur_field(picture, field)
    cv2.setNumThreads(1)
    try:
        assert np.array_equal(blur_field(picture, field), many)
    finally:
        cv2.setNumThreads(threads)


@pytest.mark.timing
def test_time_of_a_field_over_a_training_patch():
    picture, times = np.random.default_rng(0).random((224, 224, 3), np.float32), []
    field = np.tile(np.linspace(0, 8, 224, dtype=np.float32), (224, 1))
    for _ in range(7):
        start = perf_counter()
        blur_field(picture, field)
        times.append(perf_counter() - start)
    assert median(times) < 0.060, "10 ms on a quiet core; six times that is a regression"


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: psf(DISK, -1.0),
        lambda: psf(DISK, float("nan")),
        lambda: Aperture("square"),
        lambda: Aperture("polygon", blades=2),
        lambda: Aperture(mix=1.5),
        lambda: blur_field(photo(), np.zeros((3, 3), np.float32)),
        lambda: blur_field(photo(), np.full((160, 160), -1, np.float32)),
        lambda: blur_field(photo(), np.full((160, 160), np.nan, np.float32)),
        lambda: compose([]),
        lambda: compose([Layer(photo(), 1.0, np.ones((160, 160), np.float32))]),
        lambda: compose(
            [Layer(photo(), 1.0), Layer(photo(80), 1.0, np.ones((80, 80), np.float32))]
        ),
    ],
)
def test_mistakes_are_told(mistake):
    with pytest.raises(InputError, match="Expected"):
        mistake()
