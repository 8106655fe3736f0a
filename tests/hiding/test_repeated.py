"""Pictures enlarged by repeated pixels are not measured; others are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint import estimate_defocus
from blurprint.hiding.repeated import REPEATED, is_repeated

NAMES = ("astronaut", "chelsea", "coffee")


def photograph(name: str) -> np.ndarray:
    return getattr(data, name)()[:240, :240, :3].astype(np.float32) / 255


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("factor", [1.25, 1.5, 2, 3, 4])
def test_nearest_neighbour_is_recognised_at_any_factor(name, factor):
    small = photograph(name)
    side = round(240 * factor)
    large = cv2.resize(small, (side, side), interpolation=cv2.INTER_NEAREST)
    assert is_repeated(large)
    if factor == 2:
        for method in ("net", "edge"):
            defocus = estimate_defocus(large, method=method)
            assert defocus.doubt == REPEATED and not defocus.confidence.any()


@pytest.mark.parametrize("name", NAMES)
def test_photographs_and_other_enlargements_are_not(name):
    rgb = photograph(name)
    assert not is_repeated(rgb)
    for how in (cv2.INTER_LINEAR, cv2.INTER_CUBIC):
        assert not is_repeated(cv2.resize(rgb, (480, 480), interpolation=how))


def test_an_even_background_is_not_a_repetition():
    dark = np.zeros((240, 240, 3), np.float32)
    dark[120:, 60:180] = photograph("coffee")[:120, :120]
    assert not is_repeated(dark)


def test_flat_and_drawn_pictures_are_not_meant():
    blank = np.full((64, 64, 3), 0.5, np.float32)
    step = blank.copy()
    step[:, 32:] = 1
    stripes = np.zeros((64, 64, 3), np.float32)
    stripes[:, ::4] = stripes[:, 1::4] = 1
    for one in (blank, step, stripes):
        assert not is_repeated(one)
