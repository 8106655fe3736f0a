"""Pictures made of dots are not measured, and say so; photographs and test patterns are."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint import estimate_defocus
from blurprint.hiding.dots import DITHERED, is_dithered, spectrum
from blurprint.lab.evaluation.estimators.stripes import stripes
from blurprint.lab.rendering.dither import draw_halftone, ordered

NAMES = ("astronaut", "chelsea", "coffee", "rocket")
CLUSTERED = np.array([[12, 5, 6, 13], [4, 0, 1, 7], [11, 3, 2, 8], [15, 10, 9, 14]])


def photograph(name: str, sigma: float = 2.0) -> np.ndarray:
    rgb = getattr(data, name)()[:288, :384, :3]
    return cv2.GaussianBlur(rgb, (0, 0), sigma) if sigma else rgb


def floats(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(np.float32) / 255


def jpeg(rgb: np.ndarray, quality: int) -> np.ndarray:
    stored = io.BytesIO()
    Image.fromarray(rgb).save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored).convert("RGB"))


def clustered(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    threshold = np.tile((CLUSTERED + 0.5) * 16, (height // 4, width // 4))[..., None]
    return np.uint8(255) * (rgb[: height // 4 * 4, : width // 4 * 4] > threshold)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", [2, 4, 8])
@pytest.mark.parametrize("levels", [2, 4, 8])
def test_ordered_dither_is_recognised_after_a_codec_and_a_resize(name, side, levels):
    dithered = ordered(photograph(name), side, levels)
    assert is_dithered(floats(dithered))
    for quality in (95, 75):
        assert is_dithered(floats(jpeg(dithered, quality)))
    if levels == 2:
        for factor in (0.85, 1.2):
            resized = cv2.resize(dithered, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            assert is_dithered(floats(resized))


@pytest.mark.parametrize("name", NAMES)
def test_clustered_dots_and_error_diffusion_are_recognised(name):
    rgb = photograph(name)
    one_bit = np.asarray(Image.fromarray(rgb).convert("1").convert("RGB"))
    for dotted in (clustered(rgb), one_bit, jpeg(one_bit, 80)):
        assert is_dithered(floats(dotted))


@pytest.mark.parametrize("name", NAMES)
def test_the_screen_of_a_print_is_recognised(name):
    found = []
    for seed in range(5):
        dots = draw_halftone(np.random.default_rng(seed), photograph(name))
        found += [is_dithered(floats(dots)), is_dithered(floats(jpeg(dots, 80)))]
    assert np.mean(found) >= 0.9


def test_what_is_dithered_says_so():
    rgb = floats(ordered(photograph("coffee"), 4, 2))
    for method in ("net", "edge"):
        defocus = estimate_defocus(rgb, method=method)
        assert defocus.doubt == DITHERED and not defocus.confidence.any()


@pytest.mark.parametrize("name", (*NAMES, "immunohistochemistry", "hubble_deep_field"))
def test_photographs_are_not(name):
    for sigma in (0, 0.7, 3):
        rgb = photograph(name, sigma)
        assert not is_dithered(floats(rgb))
        assert not is_dithered(floats(jpeg(rgb, 30)))


def test_stripes_steps_and_ramps_are_not():
    step = np.zeros((256, 256, 3), np.float32)
    step[:, 128:] = 1
    y, x = np.mgrid[:256, :256]
    disk = np.repeat((np.hypot(x - 128, y - 128) < 60)[..., None], 3, 2).astype(np.float32)
    assert not is_dithered(np.zeros((200, 200, 3), np.float32))
    for one in (step, disk, cv2.GaussianBlur(disk, (0, 0), 3), stripes(10, "disk")):
        assert not is_dithered(one)
    for width in (1, 2, 3, 4):
        assert not is_dithered(np.repeat(((x // width) % 2)[..., None], 3, 2).astype(np.float32))


def test_spectra_are_those_of_the_fourier_transform_of_each_block():
    """The numbers that the bounds were set on, from np.fft and np.median."""
    for seed, shape in enumerate([(128, 128), (200, 333), (480, 640)]):
        gray = np.random.default_rng(seed).random(shape)
        gray = gray + cv2.GaussianBlur(np.random.default_rng(9).random(shape), (0, 0), 2)
        gray = (gray / gray.max()).astype(np.float32)
        tops, lefts = (np.linspace(0, n - 64, min(7, n // 64)).astype(int) for n in shape)
        window = np.hanning(66)[1:-1, None] * np.hanning(66)[None, 1:-1]
        cut = [gray[top : top + 64, left : left + 64] for top in tops for left in lefts]
        seen = np.fft.fft2([(block - block.mean()) * window for block in cut])
        power = np.square(np.abs(seen)) / np.square(window).sum()
        down, across = (np.abs(np.fft.fftfreq(64)).reshape(at) for at in ((-1, 1), (1, -1)))
        radius = np.hypot(down, across)
        finest = power[:, (radius > 0.4) & (np.minimum(down, across) > 0.05)].mean(axis=1)
        middle = power[:, (radius > 0.15) & (radius < 0.25)].mean(axis=1)
        total = power[:, radius > 0.09].sum(axis=1)
        shares = np.median(power / total[:, None, None], axis=0)
        around = [sum_around(shares, side) for side in (3, 5, 13)]
        ratio = around[0] / ((around[2] - around[1]) * 9 / (169 - 25))
        found = spectrum(np.repeat(gray[..., None], 3, axis=2))
        assert found is not None
        assert found.finest == pytest.approx(np.median(finest), rel=1e-4)
        assert found.rise == pytest.approx(np.median(finest / middle), rel=1e-4)
        assert found.peak == pytest.approx(ratio[radius > 0.09].max(), rel=1e-3)


def sum_around(plane: np.ndarray, side: int) -> np.ndarray:
    """Sums over a square around each place, beyond whose border the plane repeats."""
    steps = range(-(side // 2), side // 2 + 1)
    return sum(np.roll(plane, (down, across), (0, 1)) for down in steps for across in steps)
