"""Views of a picture: what each branch sees, held to the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.fft import dctn

from blurprint.errors import InputError
from blurprint.score.make_views import ViewOptions
from blurprint.score.views import defocus_view, fit_square, frequency_view, rgb_view


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


def test_minmax_spans_zero_to_one_and_forgets_scale_and_offset():
    sigma = noise(20, 20)
    view = defocus_view(sigma, "minmax")
    assert view.shape == (3, 20, 20) and view.dtype == np.float32
    assert (view.min(), view.max()) == (0, 1)
    assert np.allclose(view, defocus_view(3 * sigma + 2, "minmax"), atol=1e-5)


def test_metric_shows_the_same_blur_alike_in_every_picture():
    # 0 px -> 0, 2 px -> one half, 6 px -> three quarters, whatever else is in the map.
    for rest in (0.0, 20.0):
        sigma = np.array([[0, 2, 6, rest]], np.float32)
        assert np.allclose(defocus_view(sigma, "metric")[0, 0, :3], [0, 0.5, 0.75])


def test_a_constant_map_becomes_zeros():
    assert (defocus_view(np.ones((4, 4), np.float32), "minmax") == 0).all()


def test_fft_of_a_wave_has_its_two_peaks_where_they_belong():
    size, waves = 64, 10
    x = np.arange(size) * 2 * np.pi * waves / size
    wave = np.broadcast_to(0.5 + 0.5 * np.cos(x), (size, size))
    view = frequency_view(np.repeat(wave[..., None], 3, axis=2).astype(np.float32), "fft")
    assert view.shape == (3, size, size) and view.min() >= 0 and view.max() <= 1
    row = view[0, size // 2]
    peaks = np.flatnonzero(row > 0.5)
    assert peaks.tolist() == [size // 2 - waves, size // 2, size // 2 + waves]
    # log(1 + N/2) / log(1 + N) at the middle, N pixels
    assert row[size // 2] == pytest.approx(np.log1p(size**2 / 2) / np.log1p(size**2), rel=1e-4)


def test_block_dct_equals_scipy_block_by_block():
    rgb = noise(20, 20, 3)  # not a multiple of 8
    view = frequency_view(rgb, "dct")
    assert view.shape == (3, 20, 20)
    block = dctn(rgb[8:16, :8, 1], norm="ortho")
    expected = np.log1p(255 * np.abs(block)) / np.log1p(255 * 8)
    assert np.allclose(view[1, 8:16, :8], expected, atol=1e-5)


def test_fit_square_squashes_or_crops():
    rgb = noise(40, 80, 3)
    assert fit_square(rgb, 20, "squash").shape == (20, 20, 3)
    cropped = fit_square(rgb, 20, "crop")
    assert np.allclose(cropped, fit_square(rgb[:, 20:60], 20, "squash"))
    enlarged = fit_square(rgb, 100, "squash")
    assert enlarged.min() >= 0 and enlarged.max() <= 1
    assert np.shares_memory(fit_square(noise(20, 20, 3), 20, "squash"), rgb) is False


def test_rgb_view_moves_the_channels_first():
    rgb = noise(5, 5, 3)
    assert (rgb_view(rgb)[2] == rgb[..., 2]).all()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("views", (), "distinct"),
        ("views", ("rgb", "rgb"), "distinct"),
        ("views", ("depth",), "rgb, defocus, frequency"),
        ("estimator", "magic", "paper"),
        ("variant", "z", "minmax, metric"),
        ("frequency", "wavelet", "fft, dct"),
        ("fit", "pad", "squash, crop"),
        ("size", 4, "16 to 4096"),
        ("size", "64", '`size` to be a whole number, but got "64"'),
        ("size", True, "`size` to be a whole number, but got true"),
        ("views", "rgb", "`views` to be a list of names"),
        ("colour", 1, "known, but got `colour`"),
        ("views", [1], "`views` to be text, but got 1"),
    ],
)
def test_options_say_what_they_expect(field, value, expected):
    with pytest.raises(InputError, match=expected):
        ViewOptions(**{field: value})
