"""Rounded corners: found on any colour and after JPEG, and no corner of a photograph is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint import Photo, estimate_defocus
from blurprint.photos.bars import Rectangle
from blurprint.photos.corners import corners_beyond, rounded_corners

CAT = data.chelsea()[:240, 60:380]


def rounded(radius: int, colour: tuple[int, int, int] = (250, 250, 245)) -> np.ndarray:
    """The cat with rounded corners and a smooth outline, uint8."""
    fine = corners_beyond((4 * 240, 4 * 320), 4 * radius).astype(np.float32)
    beyond = cv2.resize(fine, (320, 240), interpolation=cv2.INTER_AREA)[..., None]
    return np.rint(CAT * (1 - beyond) + np.array(colour) * beyond).astype(np.uint8)


def jpeg(rgb: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)


@pytest.mark.parametrize(
    ("radius", "frame"), [(12, 0), (24, 0), (60, 0), (120, 0), (12, 25), (24, 25), (60, 25)]
)
@pytest.mark.parametrize("colour", [(250, 250, 245), (0, 0, 0), (30, 90, 160)])
def test_corners_of_any_colour_are_no_photograph(radius, frame, colour):
    picture = rounded(radius, colour)
    if frame:
        picture = cv2.copyMakeBorder(
            picture, *4 * [frame], borderType=cv2.BORDER_CONSTANT, value=colour
        )
    photo = Photo.from_array(jpeg(picture, 95))
    expected = np.pad(~corners_beyond((240, 320), radius), frame)
    # subsampled colour bleeds over the outline by 2 px, which a radius follows by up to 3
    assert np.mean(photo.mask != expected) < 0.01
    outside = 2 * corners_beyond((240, 320), radius)[:120, :160].sum() * 2 / photo.mask.size
    assert photo.absent["corners"] == pytest.approx(outside, rel=0.45)
    assert "rounded corners" in photo.notes[0]


def test_a_white_sky_in_one_corner_does_not_hide_the_others():
    picture = rounded(24)
    picture[:60, 200:] = (250, 250, 245)
    photo = Photo.from_array(picture)
    assert np.mean(photo.mask != ~corners_beyond((240, 320), 24)) < 0.002


def test_corners_of_photographs_are_square():
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        rgb = getattr(data, name)().astype(np.float32) / 255
        height, width = rgb.shape[:2]
        assert rounded_corners(rgb, Rectangle(0, 0, height, width)) is None
    # square corners of one colour: a bar, or something in the middle of white
    white = np.ones((90, 120, 3), np.float32)
    white[30:60, 40:80] = 0.2
    assert rounded_corners(white, Rectangle(0, 0, 90, 120)) is None


def test_the_map_within_is_that_of_the_photograph():
    plain = estimate_defocus(CAT, "edge")
    found = estimate_defocus(Photo.from_array(rounded(24)), "edge")
    beyond = corners_beyond((240, 320), 24)
    assert not found.confidence[beyond].any()
    middle = np.s_[40:-40, 40:-40]
    apart = np.abs(found.sigma[middle] - plain.sigma[middle])
    assert np.median(apart) < 0.03 and np.percentile(apart, 90) < 0.2
