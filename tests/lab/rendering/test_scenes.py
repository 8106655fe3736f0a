"""Rendered examples: the truth beside the picture is the truth."""

from __future__ import annotations

import numpy as np
import pytest

from astronaut import Astronaut
from blurprint.lab.rendering.blur_fields import STRONGEST, draw_field, draw_level
from blurprint.lab.rendering.frame import shoot
from blurprint.lab.rendering.procedural import draw_procedural
from blurprint.lab.rendering.scenes import (
    Scene,
    draw_aperture,
    draw_scene,
)
from blurprint.lab.rendering.shapes import draw_outline, threshold
from blurprint.lab.rendering.sharp_sources import SharpPatch
from blurprint.lens.camera import Camera
from blurprint.lens.lens import GAUSSIAN, blur
from blurprint.optics.edge import edge_map


@pytest.fixture(scope="module")
def sources():
    return Astronaut()


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.35])
def test_truth_follows_the_picture_through_the_camera(factor):
    """A border of two blurs, marked by a border of two colours, must stay in its place."""
    size = 200
    linear = np.full((size, size, 3), 0.05, np.float32)
    linear[:, size // 2 + 9 :] = 0.8
    sigma = np.where(linear[..., 0] > 0.4, np.float32(2), np.float32(1))
    weight = np.ones_like(sigma)
    camera = Camera(factor=factor, resample="linear", codec="jpeg", quality=95)
    example = shoot(Scene(linear, sigma, weight), camera, np.random.default_rng(3), 100)
    bright = example.rgb[..., 1] > 140
    assert example.rgb.shape == (100, 100, 3)
    agree = (example.sigma > 1.5 * factor) == bright
    assert agree.mean() > 0.98 and 0.1 < bright.mean() < 0.9


def test_no_exposure_or_tone_curve_follows_the_blur_of_a_finished_picture():
    ramp = np.linspace(0, 1, 100, dtype=np.float32)
    linear = np.repeat(np.tile(ramp, (100, 1))[..., None], 3, axis=2)
    flat = np.ones((100, 100), np.float32)
    bold = Camera(gain=1.6, balance=(1.1, 1, 0.9), gamma=1.2, contrast=0.5, saturation=0.5)

    def seen(camera: Camera, *, finished: bool) -> np.ndarray:
        scene = Scene(linear, flat, flat, finished)
        return scene.develop(camera, np.random.default_rng(0))[0]

    assert np.array_equal(seen(bold, finished=True), seen(Camera(), finished=True))
    assert (seen(bold, finished=False) == 255).mean() > (seen(bold, finished=True) == 255).mean()
    soft = Camera(gain=1.6, low_pass=2.0, mosaic="bilinear", sharpen=0.5, factor=0.7)
    kept = Camera(low_pass=2.0, mosaic="bilinear", sharpen=0.5, factor=0.7)
    assert np.array_equal(seen(soft, finished=True), seen(kept, finished=False))


def test_the_phase_of_the_jpeg_blocks_varies(sources):
    def offsets(seed: int) -> tuple[int, int]:
        scene = Scene(*(np.zeros((100, 100, *c), np.float32) for c in ((3,), (), ())))
        y, x = np.mgrid[:100, :100].astype(np.float32)
        scene = Scene(scene.linear, x / 100, y)
        example = shoot(scene, Camera(), np.random.default_rng(seed), 64)
        return round(100 * float(example.sigma[0, 0])) % 8, int(example.weight[0, 0]) % 8

    assert len({offsets(seed) for seed in range(60)}) > 30


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_an_independent_estimator_reads_the_truth_off_procedural_edges(sigma):
    readings = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        sharp = 0.3 + 0.2 * draw_outline(rng, 160)
        linear = blur(np.repeat(sharp[..., None], 3, axis=2), sigma, GAUSSIAN)
        field = np.full((160, 160), sigma, np.float32)
        example = shoot(Scene(linear, field, field), Camera(), rng, 120)
        read = edge_map(example.rgb.astype(np.float32) / 255)
        confident = read.confidence > 0.5
        if confident.sum() > 50:
            readings.append(float(np.median(read.sigma[confident])))
    assert len(readings) > 6
    # A disk's edge is a little steeper in the middle than a Gaussian's of the same moment.
    assert np.median(readings) == pytest.approx(sigma, rel=0.15)


def test_weight_is_low_only_where_layers_mix_or_textures_are_soft(sources):
    for seed in range(20):
        scene = draw_scene(np.random.default_rng(seed), sources, 96)
        jump = np.abs(np.diff(scene.sigma, axis=1)).max()
        if jump < 0.05:
            assert scene.weight.min() > 0.9
        assert scene.weight.mean() > 0.4


def test_textures_that_are_not_sharp_do_not_count():
    class Half(Astronaut):
        def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
            patch = super().draw(rng, size)
            patch.trust[: size // 2] = 0
            return patch

    sources, counted = Half(), 0
    for seed in range(20):
        scene = draw_scene(np.random.default_rng(seed), sources, 64)
        if scene.weight[:32].max() == 0:
            counted += 1
            assert scene.weight[32:].max() > 0.5
    assert counted > 14, "all but the procedural tenth"


def test_levels_favour_small_blurs_and_reach_large_ones():
    rng = np.random.default_rng(0)
    levels = np.array([draw_level(rng) for _ in range(5000)])
    assert np.mean(levels == 0) == pytest.approx(0.12, abs=0.02)
    assert np.mean(levels < 2) == pytest.approx(0.69, abs=0.04)
    assert np.mean(levels > 7) == pytest.approx(0.03, abs=0.01)
    assert 15 < levels.max() <= STRONGEST


def test_fields_stay_in_range_and_start_at_their_level():
    rng = np.random.default_rng(0)
    kinds = set()
    for _ in range(200):
        field = draw_field(rng, 48, level=1.5)
        if isinstance(field, float):
            assert field == 1.5
        else:
            assert field.dtype == np.float32 and field.shape == (48, 48)
            assert field.min() >= 0 and field.max() <= STRONGEST
        kinds.add(type(field))
    assert len(kinds) == 2


def test_outlines_have_borders_one_pixel_wide():
    for seed in range(40):
        mask = draw_outline(np.random.default_rng(seed), 96)
        assert mask.dtype == np.float32 and mask.min() >= 0 and mask.max() <= 1
        between = (mask > 0.02) & (mask < 0.98)
        inner = np.abs(np.diff(mask, axis=0)).sum() + np.abs(np.diff(mask, axis=1)).sum()
        assert between.sum() < 1.5 * inner + 8


def test_threshold_puts_the_border_where_the_field_crosses():
    ramp = np.tile(np.linspace(0, 9.5, 20, dtype=np.float32), (20, 1))  # slope 1/2 a pixel
    mask = threshold(ramp, 5.0)
    assert np.allclose(mask[5, 8:13], [0, 0, 0.5, 1, 1], atol=1e-3)


def test_procedural_pictures_are_sharp_and_of_every_density():
    density = []
    for seed in range(60):
        picture = draw_procedural(np.random.default_rng(seed), 96)
        assert picture.shape == (96, 96, 3) and picture.dtype == np.float32
        assert picture.min() >= -1e-6 and picture.max() <= 1 + 1e-6
        gray = picture.mean(axis=2)
        density.append(np.mean(np.abs(np.diff(gray, axis=1)) > 0.02))
    assert np.quantile(density, 0.1) < 0.03 and np.quantile(density, 0.9) > 0.2


def test_every_shape_of_aperture_is_drawn():
    rng = np.random.default_rng(0)
    drawn = [draw_aperture(rng) for _ in range(500)]
    assert {a.kind for a in drawn} == {"gaussian", "disk", "polygon"}
    assert {a.blades for a in drawn if a.kind == "polygon"} == {5, 6, 7, 8, 9}


def test_graphics_are_blurred_by_software_more_often_than_photographs(sources):
    def share(procedural: int) -> float:
        scenes = (
            draw_scene(np.random.default_rng(k), sources, 48, procedural_share=procedural)
            for k in range(200)
        )
        return float(np.mean([scene.finished for scene in scenes]))

    # Photographs: 0.3 of 0.5 (Gaussian) and 0.7 of 0.2. Graphics: 0.35, and that of the others.
    assert share(0) == pytest.approx(0.29, abs=0.09)
    assert share(1) == pytest.approx(0.35 + 0.65 * 0.29, abs=0.09)
