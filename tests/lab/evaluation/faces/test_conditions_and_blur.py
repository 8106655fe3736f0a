"""What happens to files has the size that its name says; blur of a face is measured and matched."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.faces.face import Face
from blurprint.faces.mtcnn import find_landmarks
from blurprint.faces.outline import INNER, OVAL
from blurprint.lab.evaluation.faces.blur import FaceBlur, blur_of, even_out, measured
from blurprint.lab.evaluation.faces.conditions import AS_IT_IS, ATTACK, BLUR_MEASURED, CONDITIONS
from blurprint.lab.fakes.masks import filled_mask
from blurprint.optics.defocus_map import DefocusMap

BY_NAME = {one.name: one for one in CONDITIONS}


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def portrait() -> tuple[np.ndarray, Face]:
    rgb = np.ascontiguousarray(data.astronaut()[:260, 90:350])
    return rgb, find_landmarks(rgb)[0]


def test_names_are_distinct_and_the_first_changes_nothing() -> None:
    assert len(BY_NAME) == len(CONDITIONS)
    assert {one for one in BLUR_MEASURED if one != ATTACK} <= set(BY_NAME)
    rgb, _ = portrait()
    assert CONDITIONS[0].name == AS_IT_IS
    assert (CONDITIONS[0].change(rgb, rng()) == rgb).all()


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda one: one.name)
def test_a_condition_has_the_size_that_it_says(condition) -> None:
    rgb, _ = portrait()
    changed = condition.change(rgb[:201, :181], rng())
    assert changed.dtype == np.uint8
    assert changed.shape[1] == pytest.approx(181 * condition.scale, abs=0.51)
    assert changed.shape[0] == pytest.approx(201 * condition.scale, abs=0.51)


def test_noise_has_its_sigma_and_light_its_gain() -> None:
    gray = np.full((200, 200, 3), 120, np.uint8)
    for sigma in (2, 5, 10):
        noisy = BY_NAME[f"noise {sigma}"].change(gray, rng()).astype(float) - 120
        assert noisy.std() == pytest.approx(np.hypot(sigma, np.sqrt(1 / 12)), rel=0.02)
    assert (BY_NAME["darker"].change(gray, rng()) == 72).all()
    assert (BY_NAME["brighter"].change(gray, rng()) == 168).all()
    assert BY_NAME["colour cast"].change(gray, rng())[0, 0].tolist() == [138, 120, 96]
    assert BY_NAME["gamma 1.6"].change(gray, rng())[0, 0, 0] == round(255 * (120 / 255) ** 1.6)


def test_stronger_compression_costs_more() -> None:
    rgb, _ = portrait()
    for names in (
        [f"JPEG {quality}" for quality in (95, 75, 50, 30)],
        [f"H.264 CRF {crf}" for crf in (18, 23, 28, 35)],
    ):
        errors = [
            np.abs(BY_NAME[name].change(rgb, rng()).astype(float) - rgb).mean() for name in names
        ]
        assert errors == sorted(errors)
        assert errors[0] < errors[-1] / 1.8
    assert BY_NAME["JPEG 50"].jpeg_quality == 50


def planted(inner: float, ring: float, face: Face, shape: tuple[int, int]) -> DefocusMap:
    inside = filled_mask(face, OVAL, shape, 0.3) > 0.5
    sigma = np.where(inside, inner, ring).astype(np.float32)
    return DefocusMap(sigma, np.full(shape, 0.8, np.float32), "edge")


def test_blur_of_a_face_and_its_ring_are_those_of_the_map() -> None:
    rgb, face = portrait()
    found = blur_of(planted(2.0, 0.8, face, rgb.shape[:2]), face)
    assert found.inner == pytest.approx(2.0, rel=1e-4)
    assert found.ring == pytest.approx(0.8, rel=0.03)  # its border is that of a filled polygon
    assert found.difference == pytest.approx(np.log(2.5), abs=0.03)


def test_blur_without_confidence_is_not_measured() -> None:
    rgb, face = portrait()
    shape = rgb.shape[:2]
    there = planted(2.0, 0.8, face, shape)
    inside = filled_mask(face, INNER, shape, 0.3) > 0.2
    confidence = np.where(inside, 0.01, 0.8).astype(np.float32)
    assert np.isnan(blur_of(DefocusMap(there.sigma, confidence, "edge"), face).difference)
    away = face.moved(-4000, 0)
    assert np.isnan(blur_of(there, away).difference)


@pytest.mark.parametrize("softer", ["face", "surround"])
def test_matched_blur_is_nearer_to_that_of_the_surround(softer: str) -> None:
    rgb, face = portrait()
    mask = filled_mask(face, OVAL, rgb.shape[:2], 2.0)
    soft = cv2.GaussianBlur(rgb, (0, 0), 1.2).astype(np.float32)
    weight = mask[..., None] if softer == "face" else 1 - mask[..., None]
    fake = np.round(weight * soft + (1 - weight) * rgb).astype(np.uint8)
    before = measured(fake, face)
    assert (before.difference > 0) == (softer == "face")
    found = even_out(fake, face, mask, before, measured)
    assert abs(found.difference) < 0.6 * abs(before.difference)
    assert found.difference == pytest.approx(measured(found.rgb, face).difference)
    assert (found.rgb[mask == 0] == fake[mask == 0]).all()


def test_what_is_not_measured_or_even_stays_as_it_is() -> None:
    rgb, face = portrait()
    mask = filled_mask(face, OVAL, rgb.shape[:2], 2.0)
    nothing = float("nan")

    def never(*_: object) -> FaceBlur:
        raise AssertionError("measured")

    for before in (FaceBlur(nothing, nothing), FaceBlur(1.0, 1.01)):
        assert even_out(rgb, face, mask, before, never).rgb is rgb


def test_a_version_that_is_worse_is_not_kept() -> None:
    rgb, face = portrait()
    mask = filled_mask(face, OVAL, rgb.shape[:2], 2.0)
    found = even_out(rgb, face, mask, FaceBlur(1.0, 1.5), lambda *_: FaceBlur(3.0, 1.0))
    assert found.rgb is rgb
    assert found.difference == pytest.approx(np.log(1 / 1.5))
