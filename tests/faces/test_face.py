"""A face by its landmarks: size, tilt, turn, and the square around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.faces.crop import reach_of, upright_crop
from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.faces.outline import FACE_HULL, INNER, OVAL, outline

FRONT = np.array([(-0.5, -0.55), (0.5, -0.55), (0, 0), (-0.4, 0.55), (0.4, 0.55)], np.float32)


def face_at(x: float, y: float, eyes: float, degrees: float = 0.0) -> Face:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    marks = eyes * FRONT @ turn.T + (x, y)
    box = FaceBox(x - eyes, y - 1.5 * eyes, 2 * eyes, 3 * eyes)
    return Face(box, marks.astype(np.float32), 1.0)


@pytest.mark.parametrize("degrees", [-75, -20, 0, 8, 90])
def test_a_turned_face_has_its_tilt_and_keeps_its_size(degrees: float) -> None:
    face = face_at(120, 90, 40, degrees)
    assert np.rad2deg(face.tilt) == pytest.approx(degrees, abs=0.01)
    assert face.eye_distance == pytest.approx(40, rel=1e-4)
    assert face.centre == pytest.approx((120, 90), abs=1e-3)
    assert face.turn == pytest.approx(0, abs=1e-5)


def test_a_profile_keeps_its_size_and_says_how_far_it_is_turned() -> None:
    face = face_at(120, 90, 40)
    marks = face.landmarks.copy()
    marks[:2, 0] = 120 + 0.3 * (marks[:2, 0] - 120)  # eyes close together
    marks[2, 0] += 18  # the nose beside them
    profile = replace(face, landmarks=marks)
    assert profile.eye_distance == pytest.approx(0.9 * 1.1 * 40, rel=1e-3)
    assert profile.turn == pytest.approx(18 / (profile.eye_distance / 2), rel=1e-3)


def test_a_face_moves_and_scales_with_its_picture() -> None:
    face = face_at(50, 60, 20)
    half = face.scaled(0.5)
    # the centre of pixel 50 lies at 50.5 from the edge, and at 25.25 in half the picture
    assert half.centre == pytest.approx((24.75, 29.75), abs=1e-4)
    assert half.eye_distance == pytest.approx(10, rel=1e-5)
    assert half.scaled(2).landmarks == pytest.approx(face.landmarks, abs=1e-4)
    moved = face.moved(-7, 3)
    assert moved.centre == pytest.approx((43, 63), abs=1e-4)
    assert (moved.box.left, moved.box.top) == (face.box.left - 7, face.box.top + 3)


def dotted(face: Face, shape: tuple[int, int], radius: float) -> np.ndarray:
    """A picture, black but for white dots on the landmarks."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.zeros(shape, np.uint8)
    for mark in face.landmarks:
        picture[np.hypot(x - mark[0], y - mark[1]) <= radius] = 255
    return np.repeat(picture[..., None], 3, axis=2)


@pytest.mark.parametrize(("eyes", "degrees"), [(20, 0), (37.3, 25), (90, -40), (150, 10)])
def test_a_crop_is_upright_centred_and_of_the_width_asked_for(eyes: float, degrees: float) -> None:
    face = face_at(300.4, 280.7, eyes, degrees)
    crop = upright_crop(dotted(face, (600, 620), 0.12 * eyes), face, size=152, width=3.8)
    unit, middle = 152 / 3.8, 75.5  # eye distance in the crop, its centre
    for place in range(5):
        x, y = FRONT[place] * unit + middle
        window = crop[round(y) - 9 : round(y) + 10, round(x) - 9 : round(x) + 10, 0].astype(float)
        rows, columns = np.mgrid[: window.shape[0], : window.shape[1]]
        found_x = (columns * window).sum() / window.sum() + round(x) - 9
        found_y = (rows * window).sum() / window.sum() + round(y) - 9
        assert (found_x, found_y) == pytest.approx((x, y), abs=0.6)


@pytest.mark.parametrize("eyes", [90.0, 110.0, 150.0])
def test_shrinking_averages_and_does_not_alias(eyes: float) -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = upright_crop(stripes, face_at(400, 400, eyes), size=112)
    averaged = 3.8 * eyes / 112  # pixels in one: all but one of their stripes cancel
    assert crop.astype(float).std() < 127.5 / averaged  # taken point by point they would be 127
    assert crop.mean() == pytest.approx(127.5, abs=2)


@pytest.mark.parametrize("lean", [0.0, 20.0, -115.0])
@pytest.mark.parametrize("eyes", [9.0, 40.0, 150.0])
def test_nothing_beyond_its_reach_enters_a_crop(eyes: float, lean: float) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (900, 900, 3), np.uint8)
    face = face_at(450, 450, eyes, lean)
    reach = int(reach_of(face, size=112, width=3.8)) + 1
    other = np.zeros_like(picture)
    inside = np.s_[450 - reach : 451 + reach, 450 - reach : 451 + reach]
    other[inside] = picture[inside]
    crop = upright_crop(picture, face, size=112)
    np.testing.assert_array_equal(crop, upright_crop(other, face, size=112))
    assert reach < 1.05 * 1.9 * 2**0.5 * eyes + 5  # no more than it needs


def test_a_crop_beyond_the_border_is_continued_by_reflection() -> None:
    picture = np.full((100, 100, 3), 90, np.uint8)
    crop = upright_crop(picture, face_at(10, 50, 40), size=64)
    assert crop.min() >= 89


def test_a_crop_of_nothing_is_refused() -> None:
    picture = np.zeros((50, 50, 3), np.uint8)
    with pytest.raises(InputError, match="above 0"):
        upright_crop(picture, face_at(25, 25, 10), size=0)
    with pytest.raises(InputError, match="extent"):
        upright_crop(picture, face_at(25, 25, 0), size=10)


@pytest.mark.parametrize("shape", [OVAL, FACE_HULL, INNER])
def test_an_outline_lies_around_its_face_and_turns_with_it(shape: tuple) -> None:
    points = np.array(shape, np.float32)
    upright = outline(face_at(100, 100, 10), points)
    assert upright == pytest.approx(100 + 10 * points, abs=1e-3)
    turned = outline(face_at(100, 100, 10, 90), points)
    # a quarter turn clockwise takes (x, y) to (-y, x)
    assert turned == pytest.approx(100 + 10 * points[:, ::-1] * (-1, 1), abs=1e-3)


def test_the_cheek_that_turns_away_is_narrower() -> None:
    face = face_at(100, 100, 20)
    marks = face.landmarks.copy()
    marks[2, 0] += 8
    turned = outline(replace(face, landmarks=marks), np.array(OVAL, np.float32))
    assert turned[:, 0].max() - 100 < 0.75 * (100 - turned[:, 0].min())
