"""Boxes of faces, and the squares around them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.errors import InputError
from blurprint.faces.find import FaceBox, find_faces, square_crop
from videos import FACE


def holds(box: FaceBox, point: tuple[float, float]) -> bool:
    return box.left < point[0] < box.left + box.width and box.top < point[1] < box.top + box.height


def gradient(height: int, width: int) -> np.ndarray:
    """Every pixel tells where it is."""
    y, x = np.mgrid[:height, :width]
    return np.dstack([x, y, x * 0]).astype(np.uint8)


def test_the_astronauts_face_is_found_and_nothing_else():
    (box,) = find_faces(data.astronaut())
    assert holds(box, FACE)
    assert 80 < box.width < 130
    assert box.score > 0


@pytest.mark.parametrize("scale", [0.5, 2.5])
def test_the_box_scales_with_the_picture(scale):
    rgb = data.astronaut()
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    (box,) = find_faces(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=how))
    assert holds(box, (FACE[0] * scale, FACE[1] * scale))
    assert box.width / scale == pytest.approx(find_faces(rgb)[0].width, rel=0.12)


def test_the_largest_face_comes_first():
    rgb = data.astronaut()
    large = cv2.resize(rgb[:220], (768, 330), interpolation=cv2.INTER_CUBIC)
    both = np.zeros((550, 768, 3), np.uint8)
    both[:330], both[330:, :512] = large, rgb[:220]
    first, second = find_faces(both)[:2]
    assert first.area > second.area
    assert holds(first, (FACE[0] * 1.5, FACE[1] * 1.5))
    assert holds(second, (FACE[0], FACE[1] + 330))


@pytest.mark.parametrize("name", ["coffee", "rocket", "chelsea", "retina"])
def test_pictures_without_faces_show_none(name):
    assert find_faces(getattr(data, name)()) == []


@pytest.mark.parametrize("margin", [1.0, 1.3, 2.0])
def test_a_crop_is_the_box_times_the_margin_in_the_pictures_own_pixels(margin):
    rgb = data.astronaut()
    box = FaceBox(200, 100, 100, 80)
    crop = square_crop(rgb, box, margin)
    side = round(margin * 100)
    left, top = round(250 - side / 2), round(140 - side / 2)
    np.testing.assert_array_equal(crop, rgb[top : top + side, left : left + side])


@pytest.mark.parametrize(
    ("box", "left", "top"),
    [
        (FaceBox(-10, 30, 40, 40), 0, 30),  # over the left edge
        (FaceBox(150, 30, 60, 40), 140, 20),  # over the right edge
        (FaceBox(50, -20, 40, 40), 50, 0),  # over the top
        (FaceBox(50, 90, 40, 40), 50, 60),  # over the bottom
    ],
)
def test_a_crop_over_the_border_is_moved_inside(box, left, top):
    crop = square_crop(gradient(100, 200), box, 1.0)
    assert tuple(crop[0, 0, :2]) == (left, top)
    assert crop.shape[0] == crop.shape[1] == max(box.width, box.height)


def test_only_a_picture_that_is_too_small_is_continued_by_reflection():
    rgb = gradient(40, 200)
    crop = square_crop(rgb, FaceBox(80, 0, 60, 60), 1.0)
    assert crop.shape == (60, 60, 3)
    top = int(np.flatnonzero(crop[:, 0, 1] == 0)[0])
    np.testing.assert_array_equal(crop[top : top + 40], rgb[:, 80:140])
    np.testing.assert_array_equal(crop[:top], crop[top + 1 : 2 * top + 1][::-1])


def test_a_size_reduces_by_average_and_enlarges():
    rgb = data.astronaut()
    box = FaceBox(100, 100, 100, 100)
    small = square_crop(rgb, box, 1.0, size=50)
    blocks = rgb[100:200, 100:200].reshape(50, 2, 50, 2, 3).mean(axis=(1, 3))
    assert np.abs(small - blocks).max() <= 1
    assert square_crop(rgb, box, 1.0, size=150).shape == (150, 150, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: find_faces(np.zeros((9, 9), np.uint8)),
            r"uint8 \(H, W, 3\), but got uint8 \(9, 9\)",
        ),
        (lambda: find_faces(np.zeros((9, 9, 3), np.float32)), "but got float32"),
        (lambda: square_crop(gradient(9, 9), FaceBox(0, 0, 5, 5), 0), "`margin` to be above 0"),
        (
            lambda: square_crop(gradient(9, 9), FaceBox(0, 0, 5, 5), size=0),
            "`size` to be at least 1",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_threads_find_what_one_finds():
    pictures = [data.astronaut(), data.astronaut()[:, ::-1], data.astronaut()[40:400, 60:460]] * 4
    pictures = [np.ascontiguousarray(picture) for picture in pictures]
    alone = [find_faces(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find_faces, pictures)) == alone
    assert all(alone)
