"""Pairs focused near and far: which side is sharper, and who says so."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from blurprint.errors import InputError
from blurprint.lab.evaluation.estimators.multifocus import (
    BLOCK_PX,
    FocusPair,
    find_pairs,
    order_pair,
    order_pairs,
    sharper_side,
)
from blurprint.optics.defocus_map import DefocusMap

ROWS, COLUMNS = 3, 4


@pytest.fixture
def pair() -> FocusPair:
    """`one` is sharp on the left, `other` on the right; the bottom row is flat in both."""
    rng = np.random.default_rng(0)
    height, width = ROWS * BLOCK_PX + 5, COLUMNS * BLOCK_PX + 7
    sharp = cv2.GaussianBlur(rng.random((height, width, 3), np.float32), (0, 0), 0.7)
    sharp[(ROWS - 1) * BLOCK_PX :] = 0.5
    soft = cv2.GaussianBlur(sharp, (0, 0), 2.5)
    soft[(ROWS - 1) * BLOCK_PX :] = 0.5
    left = np.arange(width)[None, :, None] < width // 2
    return FocusPair("made", np.where(left, sharp, soft), np.where(left, soft, sharp))


def fake(pair: FocusPair, wrong_right: bool = False, sure_right: float = 1.0):
    """Reads 0 on the sharp half and 2 on the soft one; the other way round on the right."""
    width = pair.one.shape[1]
    left = np.arange(width) < width // 2

    def method(rgb: np.ndarray) -> DefocusMap:
        blurred = left if rgb is pair.other else ~left
        if wrong_right:
            blurred = np.where(left, blurred, ~blurred)
        sigma = np.broadcast_to(np.float32(2) * blurred, rgb.shape[:2]).copy()
        trust = np.where(left, 1, sure_right).astype(np.float32)
        return DefocusMap(sigma, np.broadcast_to(trust, rgb.shape[:2]).copy(), "fake")

    return method


def constant(rgb: np.ndarray) -> DefocusMap:
    return DefocusMap(np.ones(rgb.shape[:2], np.float32), np.ones(rgb.shape[:2], np.float32), "one")


def never_sure(rgb: np.ndarray) -> DefocusMap:
    return DefocusMap(np.ones(rgb.shape[:2], np.float32), np.zeros(rgb.shape[:2], np.float32), "?")


def noise(rgb: np.ndarray) -> DefocusMap:
    rng = np.random.default_rng(int(rgb.sum() * 1000) % 2**32)
    sigma = rng.random(rgb.shape[:2], np.float32)
    return DefocusMap(sigma, np.ones_like(sigma), "noise")


def test_the_sharper_side_is_found_and_flat_blocks_are_not_asked(pair):
    expected = [[-1, -1, 1, 1], [-1, -1, 1, 1], [0, 0, 0, 0]]
    found = sharper_side(pair)
    assert found.tolist() == expected
    assert sharper_side(FocusPair("turned", pair.other, pair.one)).tolist() == (-found).tolist()
    assert not sharper_side(FocusPair("same", pair.one, pair.one)).any()


def test_ordering_by_hand(pair):
    methods = {
        "perfect": fake(pair),
        "constant": constant,
        "half": fake(pair, wrong_right=True),
        "half, and knows": fake(pair, wrong_right=True, sure_right=0.25),
        "contrary": lambda rgb: fake(pair)(pair.one if rgb is pair.other else pair.other),
        "never sure": never_sure,
    }
    result = order_pair(pair, methods)
    assert result.blocks == 8
    assert result.right["perfect"] == result.weighted["perfect"] == 1
    assert result.right["constant"] == result.weighted["constant"] == 0.5
    assert result.right["half"] == 0.5
    assert result.weighted["half, and knows"] == pytest.approx(4 / (4 + 4 * 0.25), abs=0.03)
    assert result.right["contrary"] == 0
    assert np.isnan(result.weighted["never sure"])
    turned = order_pair(FocusPair("turned", pair.other, pair.one), {"perfect": fake(pair)})
    assert turned.right["perfect"] == 1


def save(folder: Path, name: str, rgb: np.ndarray) -> None:
    Image.fromarray((rgb * 255).round().astype(np.uint8)).save(folder / name)


def test_pairs_of_a_folder(pair, tmp_path):
    for index in range(3):
        save(tmp_path, f"scene{index}_A.png", pair.one)
        save(tmp_path, f"scene{index}_B.png", pair.other)
    (tmp_path / "notes.txt").write_text("no pair")
    pairs = find_pairs(tmp_path)
    assert [one.name for one, _ in pairs] == [f"scene{k}_A.png" for k in range(3)]
    told = order_pairs(pairs, {"constant": constant, "noise": noise})
    assert [p.name for p in told.pairs] == ["scene0", "scene1", "scene2"]
    assert (told.right["constant"].low, told.right["constant"].high) == (0.5, 0.5)
    assert 0 < told.right["noise"].value < 1


def test_what_is_wrong_with_a_folder_is_said(pair, tmp_path):
    with pytest.raises(InputError, match="is none"):
        find_pairs(tmp_path / "missing")
    with pytest.raises(InputError, match="holds none"):
        find_pairs(tmp_path)
    save(tmp_path, "x_A.png", pair.one)
    with pytest.raises(InputError, match=r"x_B\.png"):
        find_pairs(tmp_path)
    save(tmp_path, "x_B.png", pair.other[:-1])
    with pytest.raises(InputError, match="of one size"):
        order_pairs(find_pairs(tmp_path), {"constant": constant})
    save(tmp_path, "x_B.png", pair.one)
    with pytest.raises(InputError, match="differ in focus"):
        order_pairs(find_pairs(tmp_path), {"constant": constant})
