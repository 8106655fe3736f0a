"""Conditions of training examples: the truth is true, and where there is none it is said."""

from __future__ import annotations

import numpy as np
import pytest

from astronaut import Astronaut
from blurprint.errors import InputError
from blurprint.lab.rendering.blur_fields import MAX_SIGMA
from blurprint.lab.rendering.conditions import CONDITIONS, render_training_example
from blurprint.lab.rendering.dither import PALETTE_SHOWS, draw_dither, ordered
from blurprint.lab.rendering.draw_lens import draw_lens
from blurprint.lab.rendering.frame import Frame, enlarged, recoded
from blurprint.lab.rendering.lights import draw_lights_scene
from blurprint.lab.rendering.screens import draw_overlay
from blurprint.lab.rendering.shading import draw_shading
from blurprint.lens.camera import Camera
from blurprint.lens.pixel import with_pixel

NEVER_KNOWN = {"shading", "halftone", "nearest"}
PARTLY_KNOWN = {"overlay", "screen", "dither"}


@pytest.fixture(scope="module")
def sources():
    return Astronaut()


def flat_frame(sigma: float = 1.0, size: int = 64) -> Frame:
    plane = np.full((size, size), sigma, np.float32)
    rgb = np.full((size, size, 3), 100, np.uint8)
    return Frame(rgb, plane, np.ones_like(plane), np.ones(plane.shape, np.bool_), 0 * plane)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_gives_what_is_promised(sources, condition):
    for seed in range(6):
        rng, other = np.random.default_rng(seed), np.random.default_rng(seed)
        example = render_training_example(rng, sources, 96, condition)
        assert (example.rgb.shape, example.rgb.dtype) == ((96, 96, 3), np.uint8)
        for plane in (example.sigma, example.weight, example.anisotropy):
            assert (plane.shape, plane.dtype) == ((96, 96), np.float32)
            assert np.isfinite(plane).all() and plane.min() >= 0
        assert example.sigma.max() <= MAX_SIGMA
        assert max(example.weight.max(), example.anisotropy.max()) <= 1
        assert (example.known.shape, example.known.dtype) == ((96, 96), np.bool_)
        again = render_training_example(other, sources, 96, condition)
        assert all(np.array_equal(a, b) for a, b in zip(example, again, strict=True))


@pytest.mark.parametrize("condition", CONDITIONS)
def test_where_there_is_no_lens_nothing_is_known(sources, condition):
    shares = [
        render_training_example(np.random.default_rng(seed), sources, 64, condition).known.mean()
        for seed in range(12)
    ]
    if condition in NEVER_KNOWN:
        assert max(shares) == 0
    elif condition in PARTLY_KNOWN:
        assert min(shares) < 0.95
    else:
        assert min(shares) == 1


def test_conditions_are_drawn_as_often_as_told(sources, monkeypatch):
    shares = {name: share for name, (share, _) in CONDITIONS.items()}
    assert sum(shares.values()) == pytest.approx(1)
    blank = {name: (share, lambda *_: flat_frame(size=8)) for name, share in shares.items()}
    monkeypatch.setattr("blurprint.lab.rendering.conditions.CONDITIONS", blank)
    drawn = [
        render_training_example(np.random.default_rng(seed), sources, 8).condition
        for seed in range(4000)
    ]
    for name, share in shares.items():
        assert drawn.count(name) / 4000 == pytest.approx(share, abs=0.02)


def test_only_motion_is_far_from_round(sources):
    def most(condition: str) -> float:
        return max(
            float(
                render_training_example(
                    np.random.default_rng(seed), sources, 64, condition
                ).anisotropy.max()
            )
            for seed in range(25)
        )

    assert most("lens") < 0.13
    assert most("motion") > 0.8


def test_a_smooth_enlargement_scales_the_whole_spread():
    frame = enlarged(flat_frame(1.0, 40), 80, Camera(resample="lanczos"))
    assert with_pixel(frame.sigma) == pytest.approx(2 * with_pixel(1.0), rel=1e-5)
    assert frame.known.all() and frame.rgb.shape == (80, 80, 3)


def test_bars_are_uniform_and_unknown_and_leave_the_rest_as_it_was():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    for seed in range(60):
        frame = draw_overlay(np.random.default_rng(seed), flat_frame()._replace(rgb=noise))
        assert 0 < frame.known.mean() < 1
        assert np.array_equal(frame.rgb[frame.known], noise[frame.known])


def test_lights_are_clipped_disks_of_the_radius_that_is_told(sources):
    clipped = []
    for seed in range(25):
        scene = draw_lights_scene(np.random.default_rng(seed), sources, 128, draw_lens)
        back = float(scene.sigma.max())
        assert 2 <= back <= 10
        clipped.append(float((scene.linear.max(axis=2) > 1).mean()))
    assert np.mean(np.array(clipped) > 0.005) > 0.6
    assert np.median(clipped) < 0.5, "lights, not a white picture"


def test_shading_has_no_edge():
    """No gradient that noise does not explain, even where shades are strongest."""
    for seed in range(40):
        picture = draw_shading(np.random.default_rng(seed), 128).astype(np.float32).mean(axis=2)
        smooth = picture.reshape(16, 8, 16, 8).mean(axis=(1, 3)) / 255
        assert np.abs(np.diff(smooth, axis=0)).max() / 8 < 0.05


def test_ordered_dither_keeps_the_mean_and_draws_few_tones():
    ramp = np.repeat(np.tile(np.arange(256, dtype=np.uint8), (64, 1))[..., None], 3, axis=2)
    seen = ordered(ramp, 8, 2)
    assert set(np.unique(seen)) == {0, 255}
    columns = seen.reshape(64, 32, 8, 3).mean(axis=(0, 2, 3))
    assert columns == pytest.approx(ramp.reshape(64, 32, 8, 3).mean(axis=(0, 2, 3)), abs=12)


def test_few_colours_hide_the_blur_and_many_do_not():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    for seed in range(80):
        rgb, hidden = draw_dither(np.random.default_rng(seed), noise)
        colours = len(np.unique(rgb.reshape(-1, 3), axis=0))
        if not hidden:
            assert PALETTE_SHOWS < colours <= 256
        assert colours <= 8**3


def test_a_file_changes_the_picture_and_no_truth():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    frame = flat_frame()._replace(rgb=noise)
    seen = recoded(frame, np.random.default_rng(1))
    assert not np.array_equal(seen.rgb, noise)
    assert all(np.array_equal(a, b) for a, b in zip(seen[1:], frame[1:], strict=True))


def test_an_unknown_condition_is_refused(sources):
    with pytest.raises(InputError, match="fog"):
        render_training_example(np.random.default_rng(0), sources, 32, "fog")
