"""The blur between the sides of a pair, on pairs whose blur is known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.lab.evaluation.estimators import matched_blur
from blurprint.lab.evaluation.estimators.matched_blur import (
    LENSES,
    LEVELS_PX,
    match_all_pairs,
    match_blur,
)
from blurprint.lab.evaluation.estimators.multifocus import BLOCK_PX, FocusPair, sharper_side
from blurprint.lens.lens import DISK, Aperture, blur, to_linear, to_srgb
from blurprint.optics.defocus_map import DefocusMap

SIDE = 6 * BLOCK_PX
HALF = 3


def a_pair(sigma: float, lens: Aperture = DISK, own: float = 0.0, noise: float = 0.0) -> FocusPair:
    """`one` is sharp on the left, `other` on the right; the lowest two rows of blocks are flat.

    What is sharp is blurred by `own`.
    """
    sharp = cv2.resize(
        to_linear(data.coffee().astype(np.float32) / 255),
        (2 * SIDE, 3 * SIDE // 2),
        interpolation=cv2.INTER_AREA,
    )[70 : 70 + SIDE, 90 : 90 + SIDE]
    sharp[-2 * BLOCK_PX :] = 0.2
    rng = np.random.default_rng(0)
    near, far = (
        to_srgb(blur(sharp, s, lens)) + rng.normal(0, noise, sharp.shape).astype(np.float32)
        for s in (own, float(np.hypot(own, sigma)))
    )
    left = np.arange(SIDE)[None, :, None] < SIDE // 2
    return FocusPair("made", np.where(left, near, far), np.where(left, far, near))


def far_from_the_middle(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What is found of the blurred sides, but for the blocks that mix both."""
    found = np.concatenate([one[:, HALF + 1 :].ravel(), other[:, : HALF - 1].ravel()])
    return found[np.isfinite(found)]


@pytest.mark.parametrize("lens", LENSES, ids=["disk", "between", "gaussian"])
@pytest.mark.parametrize("sigma", [1.3, 2.0, 3.1, 4.5])
def test_the_blur_between_the_sides_is_found(sigma, lens):
    one, other = match_blur(a_pair(sigma, lens))
    assert one.shape == other.shape == (6, 6)
    assert np.isnan(one[:, :HALF]).all() and np.isnan(other[:, HALF:]).all()  # the sharp sides
    assert np.isnan(one[-1]).all() and np.isnan(other[-1]).all()  # flat, far from any edge
    found = far_from_the_middle(one, other)
    assert len(found) >= 8
    assert found == pytest.approx(np.full(len(found), sigma), rel=0.03)


def test_other_apertures_are_matched_by_the_nearest():
    found = far_from_the_middle(*match_blur(a_pair(3.0, Aperture("polygon", blades=6, rim=-0.3))))
    assert len(found) >= 8
    assert np.median(found) == pytest.approx(3.0, rel=0.03)


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_sharp_side_that_is_soft_itself_is_no_measure(noise):
    found = far_from_the_middle(*match_blur(a_pair(2.5, noise=noise)))
    assert len(found) >= 6
    assert found == pytest.approx(np.full(len(found), 2.5), rel=0.06)
    for own in (1.0, 1.5):
        pair = a_pair(2.5, own=own, noise=noise)
        assert (sharper_side(pair) != 0).sum() >= 8
        assert len(far_from_the_middle(*match_blur(pair))) == 0


def test_what_no_blur_explains_is_left_out():
    pair = a_pair(2.5)
    foreign = FocusPair("foreign", pair.one, pair.other[:, :, ::-1][::-1].copy())
    assert (sharper_side(foreign) != 0).sum() >= 8
    assert len(far_from_the_middle(*match_blur(foreign))) == 0


@pytest.mark.parametrize("sigma", [0.8, LEVELS_PX[-1] + 1])
def test_blur_out_of_range_is_left_out(sigma, monkeypatch):
    pair = a_pair(sigma)
    assert len(far_from_the_middle(*match_blur(pair))) == 0
    monkeypatch.setattr(matched_blur, "LEVELS_PX", (0.6, 8.9))
    found = far_from_the_middle(*match_blur(pair))
    assert len(found) >= 3
    assert np.median(found) == pytest.approx(sigma, rel=0.1)


def save(folder: Path, name: str, pair: FocusPair) -> tuple[Path, Path]:
    files = (folder / f"{name}_A.png", folder / f"{name}_B.png")
    for file, rgb in zip(files, (pair.one, pair.other), strict=True):
        Image.fromarray((rgb * 255).round().astype(np.uint8)).save(file)
    return files


def constant(value: float):
    def method(rgb: np.ndarray) -> DefocusMap:
        sigma = np.full(rgb.shape[:2], value, np.float32)
        return DefocusMap(sigma, np.ones_like(sigma), "constant")

    return method


def test_methods_are_held_against_the_match(tmp_path):
    files = [save(tmp_path, "two", a_pair(2.0)), save(tmp_path, "four", a_pair(4.0))]
    told = match_all_pairs(files, {"two": constant(2.0), "three": constant(3.0)})
    assert told is not None
    assert told.pairs == 2
    assert sum(told.blocks_by_level) == told.blocks > 12
    by_level = dict(zip(told.levels_px, told.blocks_by_level, strict=False))
    near_two, near_four = by_level[1.5] + by_level[2.0], by_level[3.0] + by_level[4.0]
    assert near_two + near_four > 0.9 * told.blocks
    two, three = told.errors["two"], told.errors["three"]
    assert two.mean.value == pytest.approx(2 * near_four / told.blocks, abs=0.15)
    assert two.weighted == pytest.approx(two.mean.value)
    assert three.mean.value == pytest.approx(1, abs=0.15)
    assert two.bias + 1 == pytest.approx(three.bias)
    assert np.isnan(two.rank_correlation)
    assert three.quartiles[1] == (3.0, 3.0, 3.0)
    assert match_all_pairs(files[:0], {"two": constant(2.0)}) is None
