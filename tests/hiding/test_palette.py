"""So few colours that the blur is hidden are said; palettes that do no harm are measured."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint import estimate_defocus
from blurprint.hiding.palette import FEW_COLOURS, has_few_colours

NAMES = ("astronaut", "chelsea", "coffee", "rocket")


def photograph(name: str) -> np.ndarray:
    return cv2.GaussianBlur(getattr(data, name)()[:288, :384, :3], (0, 0), 2)


def in_palette(rgb: np.ndarray, colours: int, *, dither: bool) -> np.ndarray:
    picture = Image.fromarray(rgb)
    palette = picture.quantize(colours, Image.Quantize.MEDIANCUT)
    how = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    shown = np.asarray(picture.quantize(palette=palette, dither=how).convert("RGB"))
    return shown.astype(np.float32) / 255


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("colours", [4, 8, 16])
def test_bands_of_few_colours_are_recognised(name, colours):
    assert has_few_colours(in_palette(photograph(name), colours, dither=False))


def test_they_hide_the_blur_and_it_is_said():
    rgb = in_palette(photograph("coffee"), 12, dither=False)
    defocus = estimate_defocus(rgb, method="edge")
    assert defocus.doubt == FEW_COLOURS and not defocus.confidence.any()


@pytest.mark.parametrize("name", NAMES)
def test_with_a_full_palette_and_dither_what_is_measured_is_right(name):
    rgb = photograph(name)
    shown = in_palette(rgb, 256, dither=True)
    assert not has_few_colours(shown)
    full = estimate_defocus(rgb)
    palette = estimate_defocus(shown)
    sure = (palette.confidence > 0.5) & (full.confidence > 0.5)
    # Of "chelsea" and "coffee" nothing is: the network takes the dots for what hides blur.
    assert not sure.any() or np.abs(palette.sigma - full.sigma)[sure].mean() < 0.25
    assert sure.any() == (name in ("astronaut", "rocket"))


@pytest.mark.parametrize("name", NAMES)
def test_photographs_in_colour_and_gray_are_not_meant(name):
    rgb = photograph(name).astype(np.float32) / 255
    gray = np.repeat(np.rint(255 * rgb.mean(axis=2, keepdims=True)) / 255, 3, axis=2)
    assert not has_few_colours(rgb)
    assert not has_few_colours(gray.astype(np.float32))


def test_steps_stripes_and_silhouettes_are_not_meant():
    y, x = np.mgrid[:128, :128]
    disk = np.hypot(x - 64, y - 64) < 40
    for plane in (x > 64, (x // 4) % 2, disk, (x // 32) / 3, np.zeros((128, 128))):
        assert not has_few_colours(np.repeat(plane[..., None], 3, 2).astype(np.float32))
    blurred = cv2.GaussianBlur(np.float32(disk), (0, 0), 3)
    assert not has_few_colours(np.repeat(blurred[..., None], 3, axis=2))
