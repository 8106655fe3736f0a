"""The blur between the sides of a pair, on pairs whose blur is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.lab.evaluation.matched_blur import LEVELS_PX, match_blur, match_pairs
from blurprint.lab.evaluation.multifocus import BLOCK_PX, Pair
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.lens import blur, to_linear, to_srgb

SIDE = 6 * BLOCK_PX


def a_pair(sigma: float, offset: float = 0.0) -> Pair:
    """`one` is sharp on the left, `other` on the right; the lowest two rows of blocks are flat."""
    sharp = data.coffee()[100 : 100 + SIDE, 100 : 100 + SIDE].astype(np.float32) / 255
    sharp[-2 * BLOCK_PX :] = 0.5
    soft = to_srgb(blur(to_linear(sharp), sigma))
    left = np.arange(SIDE)[None, :, None] < SIDE // 2
    one, other = np.where(left, sharp, soft), np.where(left, soft, sharp)
    return Pair("made", one, np.clip(other + np.float32(offset), 0, 1))


@pytest.mark.parametrize("offset", [0.0, 0.01])
@pytest.mark.parametrize("sigma", [1.3, 2.0, 3.1, 4.5])
def test_the_blur_between_the_sides_is_found(sigma, offset):
    one, other = match_blur(a_pair(sigma, offset))
    assert one.shape == other.shape == (6, 6)
    half = 3
    assert np.isnan(one[:, :half]).all() and np.isnan(other[:, half:]).all()  # the sharp sides
    assert np.isnan(one[-1]).all() and np.isnan(other[-1]).all()  # flat, far from any edge
    # Blocks beside the middle mix both sides.
    found = np.concatenate([one[:-2, half + 1 :].ravel(), other[:-2, : half - 1].ravel()])
    found = found[np.isfinite(found)]
    assert len(found) >= 5
    assert found == pytest.approx(np.full(len(found), sigma), rel=0.02)


def test_what_no_blur_explains_is_left_out():
    pair = a_pair(2.0)
    foreign = to_srgb(blur(to_linear(pair.one[::-1, ::-1].copy()), 2.0))
    one, other = match_blur(Pair("foreign", pair.one, foreign))
    assert np.isnan(one).all() and np.isnan(other).all()
    for sigma in (LEVELS_PX[0] - 0.3, LEVELS_PX[-1] + 1):  # out of range
        one, other = match_blur(a_pair(sigma))
        assert np.isnan(one[:, 4:]).all() and np.isnan(other[:, :2]).all()


def save(folder: Path, name: str, pair: Pair) -> tuple[Path, Path]:
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
    told = match_pairs(files, {"two": constant(2.0), "three": constant(3.0)})
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
    assert match_pairs(files[:0], {"two": constant(2.0)}) is None
