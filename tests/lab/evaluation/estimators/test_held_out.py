"""Held-out renders: one scene under many conditions, and what is told of the readings."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.lab.evaluation.estimators.held_out import (
    CONDITIONS,
    PictureReading,
    edge_share,
    is_textured,
    read_scenes,
    render_conditions,
)
from blurprint.lab.evaluation.estimators.held_out_errors import (
    ALL,
    MILD_GROUP,
    density_thirds,
    errors_of,
    headline,
    summarise,
)
from blurprint.lab.rendering.procedural import draw_procedural
from blurprint.lab.rendering.sharp_sources import SharpPatch
from blurprint.lens.pixel import with_pixel
from blurprint.optics.defocus_map import DefocusMap

SIZE, SCENES = 96, 4


class Procedural:
    def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
        return SharpPatch(draw_procedural(rng, size), np.ones((size, size), np.float32))


@pytest.fixture(scope="module")
def rendered():
    """By scene and condition."""
    return {
        (scene, condition.name): example
        for scene in range(SCENES)
        for condition, example in render_conditions(Procedural(), 5, scene, SIZE)
    }


def test_conditions_show_the_same_scene(rendered):
    for scene in range(SCENES):
        clean = rendered[scene, "clean"]
        for condition in CONDITIONS[1:-1]:
            other = rendered[scene, condition.name]
            assert np.array_equal(other.sigma, clean.sigma), condition.name
            assert np.array_equal(other.weight, clean.weight), condition.name
            far = np.abs(other.rgb.astype(float) - clean.rgb).mean()
            assert 0 < far < 12, condition.name


def test_a_worse_condition_is_farther_from_the_clean_picture(rendered):
    for kind in (("JPEG 95", "JPEG 75", "JPEG 30"), ("noise 0.5 %", "noise 1 %", "noise 2 %")):
        far = [
            np.mean(
                [
                    np.abs(rendered[s, name].rgb.astype(float) - rendered[s, "clean"].rgb).mean()
                    for s in range(SCENES)
                ]
            )
            for name in kind
        ]
        assert far == sorted(far)
        assert far[2] > 1.5 * far[0]


def test_noise_is_what_its_name_says(rendered):
    differences = []
    for scene in range(SCENES):
        clean = rendered[scene, "clean"].rgb.astype(float)
        middle = (clean > 110) & (clean < 145)
        differences.append((rendered[scene, "noise 2 %"].rgb - clean)[middle])
    assert np.concatenate(differences).std() / 255 == pytest.approx(0.02, rel=0.15)


def test_same_seed_same_pictures(rendered):
    again = {c.name: example for c, example in render_conditions(Procedural(), 5, 2, SIZE)}
    for name, example in again.items():
        assert np.array_equal(example.rgb, rendered[2, name].rgb)
    other = next(render_conditions(Procedural(), 6, 2, SIZE))[1]
    assert not np.array_equal(other.rgb, again["clean"].rgb)


def test_a_perfect_method_has_no_error_and_a_constant_that_of_its_place(rendered):
    truth = {example.rgb.tobytes(): example.sigma for example in rendered.values()}

    def perfect(rgb: np.ndarray) -> DefocusMap:
        sigma = with_pixel(truth[np.rint(rgb * 255).astype(np.uint8).tobytes()])
        return DefocusMap(sigma, np.ones_like(sigma), "perfect")

    def constant(rgb: np.ndarray) -> DefocusMap:
        return DefocusMap(
            np.full(rgb.shape[:2], 3, np.float32), np.ones(rgb.shape[:2], np.float32), "constant"
        )

    readings = read_scenes(
        {"perfect": perfect, "constant": constant}, Procedural(), scenes=SCENES, size=SIZE, seed=5
    )
    told = summarise(readings, probabilistic=("perfect",))
    assert told.pictures == SCENES * len(CONDITIONS)
    for condition in [c.name for c in CONDITIONS] + [MILD_GROUP, ALL]:
        errors = told.errors["perfect"][condition]
        assert (errors.mean.value, errors.mean.high, errors.bias, errors.weighted) == (0, 0, 0, 0)
        assert errors.rank_correlation == pytest.approx(1)
    true = np.concatenate([r.true for r in readings])
    assert told.errors["constant"][ALL].mean.value == pytest.approx(np.abs(true - 3).mean())
    assert told.errors["constant"][ALL].rank_correlation_by_picture == 0
    assert told.constant[ALL] <= told.errors["constant"][ALL].mean.value
    assert [(b.share_right, b.pixels) for b in told.reliability["perfect"]] == [(1, len(true))]


def test_only_trusted_pixels_are_read():
    class Untrusted(Procedural):
        def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
            return super().draw(rng, size)._replace(trust=np.zeros((size, size), np.float32))

    def pixels(sources: Procedural) -> list[int]:
        readings = read_scenes({}, sources, scenes=3, size=SIZE, seed=1, conditions=CONDITIONS[:1])
        return [len(reading.true) for reading in readings]

    assert min(pixels(Procedural())) > 0
    assert pixels(Untrusted()) == [0, 0, 0]


def reading(
    true: list[float],
    read: list[float],
    confidence: list[float],
    scene: int = 0,
    edges: float = 0.1,
    condition: str = "clean",
) -> PictureReading:
    as_array = (np.array(values, np.float32) for values in (true, read, confidence))
    t, r, c = as_array
    textured = np.arange(len(t)) % 2 == 0
    return PictureReading(scene, condition, edges, t, textured, {"net": r}, {"net": c})


def test_errors_by_hand():
    readings = [
        reading([1.0, 2.0], [1.5, 2.0], [0.2, 0.6], scene=0),
        reading([0.0, 4.0, 1.0], [0.0, 3.0, 1.0], [0.1, 0.1, 1.0], scene=1),
    ]
    errors = errors_of(readings, "net")
    assert errors.mean.value == pytest.approx(1.5 / 5)
    assert errors.bias == pytest.approx(-0.5 / 5)
    assert errors.weighted == pytest.approx((0.2 * 0.5 + 0.1 * 1) / 2)
    assert errors.textured == pytest.approx(0.5 / 3)
    assert errors.flat == pytest.approx(1 / 2)
    assert errors.mean.low == pytest.approx(0.25)
    assert errors.mean.high == pytest.approx(1 / 3)


def test_rank_within_pictures_is_not_that_between_them():
    # Within each picture the order is wrong, between them right.
    readings = [
        reading([0.0, 0.6], [0.6, 0.0], [1, 1], scene=0),
        reading([5.0, 5.6], [5.6, 5.0], [1, 1], scene=1),
    ]
    errors = errors_of(readings, "net")
    assert errors.rank_correlation == pytest.approx(0.6)
    assert errors.rank_correlation_by_picture == pytest.approx(-1)


def test_headline_by_hand():
    confidence = [0.74] * 5 + [0.75] * 4 + [0.85] * 6 + [0.86] * 5
    error = [9.0] * 5 + [0.25, 0.1, 0.0, 0.3] + [0.2] * 5 + [0.26] + [9.0] * 5
    true = np.full(20, 1.0)
    found = headline([reading(list(true), list(true + error), confidence)], "net")
    assert found.pixels == 10 - 1 + 1
    assert found.share_right.value == pytest.approx(0.8)
    assert found.mean_confidence == pytest.approx((4 * 0.75 + 6 * 0.85) / 10, abs=1e-6)


def test_headline_of_no_pixels_is_not_a_number():
    assert np.isnan(headline([reading([1], [1], [0.5])], "net").share_right.value)


def test_thirds_by_density_of_edges():
    readings = [
        reading([1.0], [1.0 + shift], [1], scene=scene, edges=edges)
        for scene, (edges, shift) in enumerate([(0.3, 3.0), (0.1, 1.0), (0.2, 2.0)])
    ]
    thirds = density_thirds(readings)
    assert [third.edge_share for third in thirds] == pytest.approx([0.1, 0.2, 0.3])
    assert [third.mean["net"] for third in thirds] == pytest.approx([1, 2, 3])


def test_texture_ends_twelve_pixels_from_the_last_edge():
    picture = np.full((50, 100, 3), 90, np.uint8)
    picture[:, 50:] = 200
    seen = is_textured(picture)
    assert np.flatnonzero(seen.all(axis=0)).tolist() == list(range(50 - 13, 50 + 13))
    assert np.array_equal(seen.any(axis=0), seen.all(axis=0))


def test_edge_share_by_hand():
    picture = np.zeros((50, 100, 3), np.uint8)
    picture[:, 50:] = 200
    assert edge_share(picture) == pytest.approx(2 / 100)
    assert edge_share(np.full((50, 100, 3), 90, np.uint8)) == 0
