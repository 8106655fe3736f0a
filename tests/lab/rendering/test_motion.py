"""Motion: its kernel has the moments of its path, and variances add to those of the lens."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.lab.rendering.frame import anisotropy_of
from blurprint.lab.rendering.motion import LENGTHS, Motion, draw_path, motion_kernel, moved
from blurprint.lab.rendering.scenes import Scene


def line(length: float, angle: float) -> Motion:
    along = np.linspace(-length / 2, length / 2, 4000)
    return motion_kernel(np.stack([along * np.cos(angle), along * np.sin(angle)], axis=1))


def scene(sigma: np.ndarray, linear: np.ndarray | None = None) -> Scene:
    linear = np.full((*sigma.shape, 3), 0.5, np.float32) if linear is None else linear
    return Scene(linear, sigma, np.ones_like(sigma))


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 4, 1.2, np.pi / 2])
@pytest.mark.parametrize("length", [6.0, 15.0, 30.0])
def test_a_line_has_its_length_over_the_root_of_24(length, angle):
    motion = line(length, angle)
    assert motion.kernel.sum() == pytest.approx(1, abs=1e-5)
    # Pixels integrate the path, which adds up to their own box, and cut its ends to whole pixels.
    assert motion.variance == pytest.approx(length**2 / 24, abs=0.17)
    turned = np.array([np.cos(2 * angle), np.sin(2 * angle)])
    assert motion.oval @ turned == pytest.approx(length**2 / 24, abs=0.17)


def test_light_spreads_as_far_as_is_told():
    point = np.zeros((81, 81, 3), np.float32)
    point[40, 40] = 1
    for seed in range(12):
        motion = motion_kernel(draw_path(np.random.default_rng(seed)))
        seen = moved(scene(np.zeros((81, 81), np.float32), point), motion).linear[..., 0]
        y, x = np.mgrid[:81, :81] - 40.0
        assert seen.sum() == pytest.approx(1, abs=1e-4)
        assert (seen * (x**2 + y**2)).sum() / 2 == pytest.approx(motion.variance, abs=0.02)


def test_variances_of_lens_and_motion_add():
    motion = line(12.0, 0.5)
    seen = moved(scene(np.full((64, 64), 2.0, np.float32)), motion)
    assert np.allclose(seen.sigma, np.sqrt(4 + motion.variance), atol=1e-3)
    assert np.allclose(seen.weight, 1, atol=1e-3)


def test_anisotropy_is_one_for_a_long_line_and_falls_with_defocus():
    motion = line(24.0, 0.0)

    def told(lens: float) -> float:
        seen = moved(scene(np.full((64, 64), lens, np.float32)), motion)
        return float(anisotropy_of(seen.sigma, seen.oval)[32, 32])

    assert told(0.0) > 0.9
    values = [told(lens) for lens in (0.0, 1.0, 3.0, 8.0)]
    assert values == sorted(values, reverse=True)
    expected = 1 - np.sqrt((9 + 1 / 12) / (9 + 1 / 12 + 24**2 / 12))
    assert told(3.0) == pytest.approx(expected, abs=0.02)


def test_weight_falls_where_blurs_of_different_size_meet_under_the_kernel():
    sigma = np.zeros((64, 64), np.float32)
    sigma[:, 32:] = 5
    seen = moved(scene(sigma), line(10.0, 0.0))
    assert seen.weight[32, 32] < 0.3
    assert seen.weight[32, [4, 60]].min() > 0.99


def test_what_stands_still_keeps_its_blur():
    where = np.zeros((64, 64), np.float32)
    where[:, 32:] = 1
    seen = moved(scene(np.ones((64, 64), np.float32)), line(20.0, 1.0), where)
    assert seen.sigma[10, 10] == 1 and seen.oval[10, 10].tolist() == [0, 0]
    assert seen.sigma[10, 50] > 4


def test_paths_are_of_every_length_and_shape():
    paths = [draw_path(np.random.default_rng(seed)) for seed in range(200)]
    lengths = np.array([np.hypot(*np.diff(p, axis=0).T).sum() for p in paths])
    ends = np.array([np.hypot(*(p[-1] - p[0])) for p in paths])
    assert lengths.min() > 0.95 * LENGTHS[0] and lengths.max() <= LENGTHS[1] + 0.1
    assert np.mean(lengths > 10) == pytest.approx(np.log(3) / np.log(10), abs=0.1)
    assert np.mean(ends > 0.999 * lengths) == pytest.approx(0.55, abs=0.1)
    assert (ends < 0.8 * lengths).mean() > 0.1
