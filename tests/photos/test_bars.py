"""Bars and frames are found to the line; skies, nights, studios and drawings are left alone."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.photos.bars import Rectangle, find_photograph
from rendering import stripes

COLOURS = [(0, 0, 0), (255, 255, 255), (200, 180, 40), (30, 40, 60)]


def photographs() -> dict[str, np.ndarray]:
    return {
        "astronaut": data.astronaut()[:400],
        "coffee": data.coffee(),
        "cat": data.chelsea(),
        "rocket": data.rocket(),  # a dusk sky that is nearly even
    }


def framed(photo: np.ndarray, widths: tuple[int, int, int, int], colour: object) -> np.ndarray:
    return cv2.copyMakeBorder(photo, *widths, cv2.BORDER_CONSTANT, value=colour)


def found(picture: np.ndarray) -> tuple[int, int, int, int]:
    """(top, bottom, left, right): widths of what was cut off."""
    height, width = picture.shape[:2]
    box = find_photograph(np.ascontiguousarray(picture, np.float32) / np.float32(255))
    return box.top, height - box.bottom, box.left, width - box.right


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


@pytest.mark.parametrize("name", photographs())
def test_a_photograph_has_no_bars(name):
    photo = photographs()[name]
    assert found(photo) == (0, 0, 0, 0)
    assert found(as_jpeg(photo, 60)) == (0, 0, 0, 0)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "widths",
    [
        (63, 61, 0, 0),
        (0, 0, 40, 57),
        (33, 33, 33, 33),
        (20, 90, 25, 26),
        (0, 50, 0, 0),
        (2, 2, 2, 2),
    ],
    ids=["letterbox", "pillarbox", "frame", "polaroid", "one side", "thin"],
)
@pytest.mark.parametrize("name", ["astronaut", "coffee", "cat"])
def test_bars_are_found_to_the_line(name, widths, colour):
    assert found(framed(photographs()[name], widths, colour)) == widths


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("quality", [50, 75, 95])
@pytest.mark.parametrize("widths", [(63, 61, 0, 0), (20, 90, 25, 26)])
def test_compressed_and_noisy_bars_are_found_within_two_lines(widths, quality, colour):
    picture = framed(data.coffee(), widths, colour)
    noise = np.random.default_rng(0).normal(0, 1, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    for one in (picture, noisy):
        assert np.abs(np.subtract(found(as_jpeg(one, quality)), widths)).max() <= 2


def test_a_reduced_picture_loses_no_more_than_the_mixed_line():
    picture = framed(data.coffee(), (63, 61, 0, 0), (0, 0, 0))
    small = cv2.resize(picture, None, fx=0.61, fy=0.61, interpolation=cv2.INTER_AREA)
    top, bottom, *sides = found(small)
    assert sides == [0, 0]
    assert 0 <= top - 63 * 0.61 < 2
    assert 0 <= bottom - 61 * 0.61 < 2


def test_a_frame_within_a_frame():
    inner = framed(data.chelsea(), (6, 6, 6, 6), (0, 0, 0))
    assert found(framed(inner, (40, 70, 30, 30), (255, 255, 255))) == (46, 76, 36, 36)


def test_turning_the_picture_turns_the_bars():
    picture = framed(data.chelsea(), (20, 90, 25, 30), (255, 255, 255))
    assert found(np.rot90(picture)) == (30, 25, 20, 90)
    assert found(picture[::-1, ::-1]) == (90, 20, 30, 25)


def sky(top: float, bottom: float, noise: float) -> np.ndarray:
    """200 rows of sky above a photograph, from one brightness to another."""
    photo = data.coffee().astype(np.float64)
    rows = np.linspace(top, bottom, 200)[:, None, None]
    above = rows + np.random.default_rng(1).normal(0, noise, (200, photo.shape[1], 3))
    return np.clip(np.vstack([above, photo]) + 0.5, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_a_sky_that_grows_brighter_is_photograph(noise):
    assert found(sky(150, 190, noise)) == (0, 0, 0, 0)
    assert found(sky(240, 250, noise)) == (0, 0, 0, 0)


def skyline(background: int, subject: int) -> np.ndarray:
    """An even background down to a skyline of steps: houses at night, a thing in a studio."""
    picture = np.full((300, 400, 3), background, np.uint8)
    rng = np.random.default_rng(2)
    for left in range(0, 400, 25):
        top = int(rng.integers(90, 220))
        picture[top:, left : left + 25] = rng.integers(
            subject, subject + 60, (300 - top, 25, 3), dtype=np.uint8
        )
    return picture


def test_a_night_and_a_studio_background_are_photograph():
    assert found(skyline(0, 40)) == (0, 0, 0, 0)
    assert found(skyline(255, 90)) == (0, 0, 0, 0)
    product = np.full((300, 400, 3), 255, np.uint8)
    product[60:260, 120:280] = data.coffee()[:200, :160]
    round_one = np.where(
        np.hypot(*np.mgrid[-150:150, -200:200])[..., None] < 100, product, np.uint8(255)
    )
    assert found(round_one) == (0, 0, 0, 0)


def test_drawings_are_left_alone():
    assert found(np.full((200, 300, 3), 128)) == (0, 0, 0, 0)
    halves = np.zeros((200, 300, 3))
    halves[:, 150:] = 255
    assert found(halves) == (0, 0, 0, 0)
    assert found(255 * stripes(0.1, 20)) == (0, 0, 0, 0)
    noisy = halves * 0.5 + 60 + np.random.default_rng(0).normal(0, 3, halves.shape)
    assert found(noisy) == (0, 0, 0, 0)


def test_a_rectangle_knows_its_size_and_place():
    box = Rectangle(top=2, left=3, bottom=7, right=11)
    assert (box.size, box.area) == ((8, 5), 40)
    assert np.zeros((20, 20))[box.cut].shape == (5, 8)
    assert box.moved(10, 1) == Rectangle(12, 4, 17, 12)
