"""Views of a picture: what each branch sees, held to the definitions; and a menu for all of them.

A view that is added needs a line in `MENU`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import cv2
import numpy as np
import pytest
from scipy.fft import dctn
from skimage import data

from blurprint import Photo
from blurprint.errors import InputError
from blurprint.score.make_views import ViewOptions, make_views, square_map
from blurprint.score.views import (
    VIEWS,
    Frequency,
    MapVariant,
    defocus_view,
    fit_square,
    frequency_view,
    rgb_view,
)
from rendering import analytic_step


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


# The menu

SIZE = 96
PICTURE = data.astronaut()[100:196, 150:246].astype(np.float32) / 255
MENU = {
    "rgb": {"views": ("rgb",)},
    "defocus, stretched": {"views": ("defocus",), "estimator": "paper", "variant": "minmax"},
    "defocus, in pixels": {"views": ("defocus",), "estimator": "edge", "variant": "metric"},
    "defocus, network": {"views": ("defocus",), "estimator": "net", "variant": "metric"},
    "FFT": {"views": ("frequency",), "frequency": "fft"},
    "DCT": {"views": ("frequency",), "frequency": "dct"},
}
every_view = pytest.mark.parametrize("kind", MENU)


def view_of(kind: str, rgb: np.ndarray, size: int | None = None) -> np.ndarray:
    ((name, view),) = make_views(ViewOptions(size=size or len(rgb), **MENU[kind]), rgb).items()
    assert name == MENU[kind]["views"][0]
    return view


@every_view
def test_a_view_shows_something_and_three_channels_of_it(kind):
    view = view_of(kind, PICTURE)
    assert all(np.ptp(channel) > 0.05 for channel in view)
    same = np.array_equal(view[0], view[1]) and np.array_equal(view[0], view[2])
    assert same == kind.startswith("defocus")


def test_the_menu_has_every_kind_of_view():
    for field, known in (
        ("views", [(view,) for view in VIEWS]),
        ("variant", get_args(MapVariant)),
        ("frequency", get_args(Frequency)),
    ):
        assert {kind[field] for kind in MENU.values() if field in kind} == set(known)


@every_view
@pytest.mark.parametrize("size", [16, 17, 33, 100])
def test_any_size_gives_float32_from_0_to_1(kind, size):
    noisy = noise(size, size, 3)
    black, white = np.zeros_like(noisy), np.ones_like(noisy)
    for picture in (noisy, black, white, np.round(noisy)):
        view = view_of(kind, picture)
        assert view.dtype == np.float32 and view.shape == (3, size, size)
        assert view.flags.c_contiguous
        assert view.min() >= 0 and view.max() <= 1 + 1e-6


@every_view
@pytest.mark.parametrize(
    "strided",
    [lambda a: a[:, ::-1], lambda a: a[::2, ::2], np.asfortranarray],
    ids=["mirrored", "every second", "Fortran"],
)
def test_the_layout_in_memory_does_not_matter(kind, strided):
    picture = strided(PICTURE)
    assert np.array_equal(view_of(kind, picture), view_of(kind, np.ascontiguousarray(picture)))


@pytest.mark.parametrize("sigma", [1.0, 2.0])
def test_a_map_in_pixels_shows_known_blur_and_twice_the_size_as_twice_the_blur(sigma):
    small = analytic_step(sigma)
    large = np.clip(cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), 0, 1)
    for picture, true in ((small, sigma), (large, 2 * sigma)):
        middle = view_of("defocus, in pixels", picture)[:, :, len(picture) // 2]
        assert np.median(middle) == pytest.approx(true / (true + 2), rel=0.05)


def test_frequencies_of_an_even_picture_do_not_depend_on_its_size():
    for size in (16, 33, 64):
        gray = np.full((size, size, 3), 0.5, np.float32)
        fft = view_of("FFT", gray)
        middle = fft[:, size // 2, size // 2]
        assert middle == pytest.approx(np.log1p(size**2 / 2) / np.log1p(size**2), rel=1e-5)
        assert np.count_nonzero(fft > 1e-6) == 3
        # 8 is the largest coefficient of a block of 8 x 8, and 0.5 the gray.
        assert view_of("DCT", gray)[:, 8, 8] == pytest.approx(
            np.log1p(255 * 4) / np.log1p(255 * 8), rel=1e-5
        )


def test_an_offset_changes_the_mean_frequency_alone_and_contrast_all_alike():
    lighter, half = np.float32(0.2) + np.float32(0.7) * PICTURE, np.float32(0.7) * PICTURE
    for kind, scale, means in (
        ("FFT", np.log1p(SIZE**2), [(SIZE // 2, SIZE // 2)]),
        ("DCT", np.log1p(255 * 8), [(y, x) for y in range(0, 96, 8) for x in range(0, 96, 8)]),
    ):
        amplitude = [np.expm1(scale * view_of(kind, p)) for p in (PICTURE, half, lighter)]
        np.testing.assert_allclose(amplitude[1], 0.7 * amplitude[0], atol=0.02, rtol=1e-3)
        for y, x in means:
            assert (amplitude[2][:, y, x] > amplitude[1][:, y, x]).all()
            amplitude[1][:, y, x] = amplitude[2][:, y, x]
        np.testing.assert_allclose(amplitude[2], amplitude[1], atol=0.02, rtol=1e-3)


def test_a_map_in_pixels_does_not_depend_on_contrast_and_offset():
    step = analytic_step(1.5)
    plain = view_of("defocus, in pixels", step)
    for gain, offset in ((0.5, 0.0), (0.5, 0.5), (-1.0, 1.0)):
        changed = view_of("defocus, in pixels", np.float32(gain) * step + np.float32(offset))
        np.testing.assert_allclose(changed, plain, atol=1e-3)


@every_view
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda a: np.where(a == a[30, 30], np.float32(np.nan), a), "NaN or infinity"),
        (lambda a: np.where(a == a[30, 30], np.float32(np.inf), a), "NaN or infinity"),
        (lambda a: 2 * a, r"values in \[0, 1\], but they reach from"),
        (lambda a: a - 1, r"values in \[0, 1\], but they reach from -1"),
        (lambda a: a[:1], "96 x 1 pixels are too few"),
        (lambda a: a[:50], r"`rgb` to be \(96, 96, 3\), but got \(50, 96, 3\)"),
        (lambda a: a.astype(np.float64), "to be float32"),
        (lambda a: np.uint8(255 * a), "to be float32"),
        (lambda a: a[..., 0], r"float32 \(H, W, 3\), but got"),
    ],
    ids=["NaN", "inf", "above 1", "below 0", "one row", "oblong", "float64", "uint8", "gray"],
)
def test_what_is_no_picture_of_that_size_is_refused(kind, wrong, said):
    with pytest.raises(InputError, match=said):
        view_of(kind, wrong(PICTURE), SIZE)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (np.full((SIZE, SIZE), np.nan, np.float16), "`sigma` to be finite"),
        (np.full((SIZE, SIZE), np.inf, np.float32), "`sigma` to be finite"),
        (np.full((SIZE, SIZE), -1, np.float32), "`sigma` in px not to be negative"),
        (np.ones((SIZE, 1), np.float32), r"`sigma` to be \(96, 96\), but got \(96, 1\)"),
    ],
    ids=["NaN", "inf", "negative", "one column"],
)
def test_a_map_that_cannot_be_one_is_refused(wrong, said):
    options = ViewOptions(size=SIZE, **MENU["defocus, in pixels"])
    with pytest.raises(InputError, match=said):
        make_views(options, sigma=wrong)


def test_a_view_without_its_picture_is_refused():
    for kind in ("rgb", "FFT", "DCT", "defocus, in pixels"):
        with pytest.raises(InputError, match="Expected a picture to make the view"):
            make_views(ViewOptions(size=SIZE, **MENU[kind]))


@pytest.mark.parametrize("kind", [kind for kind in MENU if kind.startswith("defocus")])
def test_a_map_at_hand_gives_the_same_view(kind):
    options = ViewOptions(size=SIZE, **MENU[kind])
    stored = square_map(PICTURE, options.estimator)
    assert stored.dtype == np.float16
    (view,) = make_views(options, sigma=stored).values()
    assert np.array_equal(view, view_of(kind, PICTURE))


@every_view
def test_colours_behind_what_is_transparent_reach_no_view(kind):
    alpha = np.ones((SIZE, SIZE, 1), np.float32)
    alpha[30:60, 20:50] = 0
    views = []
    for behind in (np.float32(0), noise(SIZE, SIZE, 3)):
        rgba = np.concatenate([np.where(alpha > 0, PICTURE, behind), alpha], axis=2)
        views.append(view_of(kind, fit_square(Photo.from_array(rgba).rgb, SIZE, "squash")))
    assert np.array_equal(*views)
    assert not np.array_equal(views[0], view_of(kind, PICTURE)), "that part is white"


@every_view
def test_runs_and_threads_agree_and_the_picture_is_not_changed(kind):
    given = PICTURE.copy()
    first = view_of(kind, given)
    assert np.array_equal(given, PICTURE)
    first[:] = -1
    assert np.array_equal(given, PICTURE), "the view has memory of its own"
    first = view_of(kind, given)
    with ThreadPoolExecutor(4) as pool:
        assert all(
            np.array_equal(first, view)
            for view in pool.map(lambda _: view_of(kind, PICTURE), range(8))
        )
