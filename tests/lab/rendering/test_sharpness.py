"""Where a photograph is sharp: soft shapes are told from walls, whatever their contrast."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.lab.rendering.dead_leaves import draw_dead_leaves
from blurprint.lab.rendering.sharpness import judge, sharpness
from blurprint.lens.lens import GAUSSIAN, blur

SIZE = 240


def step(sigma: float) -> np.ndarray:
    """A slanted step, area-sampled, of this blur; gray (128, 128)."""
    fine = 8
    y, x = np.mgrid[: 128 * fine, : 128 * fine] / fine - 64
    hard = (x * np.cos(0.3) + y * np.sin(0.3) > 0.2).astype(np.float32)
    return cv2.resize(blur(hard, sigma * fine, GAUSSIAN), (128, 128), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def leaves():
    """A sharp texture, gray (240, 240)."""
    picture = draw_dead_leaves(np.random.default_rng(0), SIZE)
    return np.sqrt(picture).mean(axis=2)


def out_of_focus(leaves: np.ndarray, sigma: float) -> np.ndarray:
    """The shapes that a lens leaves of a varied background: 0.5 +- 0.1 after the blur."""
    soft = blur(leaves, sigma, GAUSSIAN)
    return (0.5 + 0.1 * (soft - soft.mean()) / soft.std()).astype(np.float32)


def in_front_of(background: np.ndarray, leaves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A sharp disc of leaves before a background, and where the background is, well off it."""
    y, x = np.mgrid[:SIZE, :SIZE]
    distance = np.hypot(x - SIZE / 2, y - SIZE / 2)
    alpha = np.clip(60.5 - distance, 0, 1).astype(np.float32)
    return background + alpha * (leaves - background), distance > 75


# The values in the docstring of SHARP_RATIO.
@pytest.mark.parametrize(
    ("sigma", "ratio"), [(0.0, 1.10), (0.3, 0.82), (0.4, 0.69), (0.5, 0.57), (1.0, 0.29)]
)
def test_band_ratio_of_a_step_follows_its_blur(sigma, ratio):
    measured, _ = sharpness(step(sigma))
    assert measured[64, 64] == pytest.approx(ratio, rel=0.12)


def test_band_ratio_does_not_depend_on_contrast():
    full, _ = sharpness(step(0.4))
    low, _ = sharpness(0.4 + 0.1 * step(0.4))
    assert low[64, 64] == pytest.approx(full[64, 64], rel=0.01)


def test_a_texture_is_trusted_and_its_blurred_copy_is_not(leaves):
    assert judge(leaves).trusted.mean() > 0.97
    soft = judge(blur(leaves, 1.2, GAUSSIAN))
    assert soft.trusted[~soft.flat].mean() < 0.02


@pytest.mark.parametrize("sigma", [6.0, 10.0, 16.0])
def test_a_background_far_out_of_focus_is_not_trusted_where_it_looks_flat(leaves, sigma):
    picture, behind = in_front_of(out_of_focus(leaves, sigma), leaves)
    judged = judge(picture)
    assert judged.flat[behind].mean() > 0.5  # the finest bands alone would let it pass
    assert judged.trusted[behind].mean() < 0.05
    assert judged.trusted[~behind & ~judged.flat].mean() > 0.9


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_a_wall_behind_a_sharp_thing_is_trusted(leaves, level):
    picture, behind = in_front_of(np.full((SIZE, SIZE), level, np.float32), leaves)
    assert judge(picture).trusted[behind].mean() > 0.99


def test_a_shaded_wall_is_trusted_too(leaves):
    x = np.linspace(0, 1, SIZE, dtype=np.float32)
    picture, behind = in_front_of(np.broadcast_to(0.3 + 0.4 * x, (SIZE, SIZE)), leaves)
    assert judge(picture.astype(np.float32)).trusted[behind].mean() > 0.99


def test_a_soft_background_condemns_its_own_region_only(leaves):
    """Beside a sharp wall of texture, a flat wall and a soft one: each for itself."""
    picture = np.full((SIZE, SIZE), 0.6, np.float32)
    picture[:, :100] = out_of_focus(leaves, 10)[:, :100]
    picture[:, 100:140] = leaves[:, 100:140]
    trusted = judge(picture).trusted
    assert trusted[:, :85].mean() < 0.1
    assert trusted[:, 155:].mean() > 0.99


def test_no_structure_at_all_is_trusted():
    assert judge(np.full((64, 80), 0.5, np.float32)).trusted.all()


def test_half_a_photograph_out_of_focus():
    gray = data.coffee().mean(axis=2).astype(np.float32) / 255
    gray = cv2.resize(gray, None, fx=1 / 2.4, fy=1 / 2.4, interpolation=cv2.INTER_AREA)
    half = gray.shape[1] // 2
    mixed = gray.copy()
    mixed[:, :half] = blur(gray, 5, GAUSSIAN)[:, :half]
    before, after = judge(gray).trusted, judge(mixed).trusted
    assert after[:, : half - 8].mean() < 0.25 * before[:, : half - 8].mean()
    assert after[:, half + 8 :].mean() > 0.9 * before[:, half + 8 :].mean()
