"""What the pictures of a report show, read back from their files."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import UNKNOWN_GRAYS, viridis
from blurprint.photos.photo import Photo
from blurprint.report.distribution import round_up, ticks
from blurprint.report.figures import (
    map_png,
    photo_jpeg,
    sample_png,
)

Bytes8 = npt.NDArray[np.uint8]
ROUNDING = 4  # of the map's colours


def decode(data: bytes) -> Bytes8:
    """RGB."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image[..., ::-1].astype(np.uint8)


def decode_uri(uri: str) -> Bytes8:
    return decode(base64.b64decode(uri.removeprefix("data:image/webp;base64,")))


def flat_map(sigma: float, confidence: float, unit: str = "px") -> DefocusMap:
    shape = (20, 30)
    return DefocusMap(
        np.full(shape, sigma, np.float32), np.full(shape, confidence, np.float32), "edge", unit=unit
    )


def apart(shown: Bytes8, expected: object) -> int:
    return int(np.abs(shown.astype(int) - np.array(expected, int)).max())


ORANGE = (230, 120, 30)


def test_photographs_keep_their_colours() -> None:
    rgb = np.broadcast_to(np.float32(ORANGE) / 255, (400, 600, 3)).astype(np.float32)
    photo = Photo(rgb=rgb)
    assert apart(decode(photo_jpeg(photo)), ORANGE) <= 3


@pytest.mark.parametrize("sigma", [0.0, 1.0, 4.0, 99.0])
def test_sure_parts_have_the_colour_of_their_blur(sigma: float) -> None:
    shown = decode(map_png(flat_map(sigma, 1), top=4))
    assert shown.shape == (20, 30, 3)
    assert apart(shown, viridis(np.array(min(sigma / 4, 1)))) < ROUNDING


@pytest.mark.parametrize("confidence", [0.0, 0.2, 0.49])
def test_where_nothing_is_measured_the_map_is_hatched_in_gray_whatever_fills_it(
    confidence: float,
) -> None:
    for sigma in (0, 2, 4):
        shown = decode(map_png(flat_map(sigma, confidence), top=4))
        assert set(np.unique(shown)) == {int(gray) & 0xFC for gray in UNKNOWN_GRAYS}


def test_beside_measured_parts_a_guess_is_hatched_and_pale() -> None:
    sigma = np.full((40, 60), 4, np.float32)
    confidence = np.full((40, 60), 0.4, np.float32)
    confidence[:, :30] = 0.5
    shown = decode(map_png(DefocusMap(sigma, confidence, "edge"), top=4)).astype(int)
    full = viridis(np.array(1.0)).astype(int)
    assert np.abs(shown[:, :30] - full).max() < ROUNDING
    lines = np.abs(shown[:, 30:] - int(UNKNOWN_GRAYS[0])).max(axis=2) < ROUNDING
    assert 0.1 < lines.mean() < 0.4
    pale = shown[:, 30:][~lines]
    assert (pale > full).all(axis=1).sum() == 0
    assert (pale[:, 2] > full[2] + 20).all(), "nearer to the ground than the colour"


def test_the_papers_map_is_drawn_whole() -> None:
    shown = decode(map_png(flat_map(4, 0, unit="map units"), top=4))
    assert apart(shown, viridis(np.array(1.0))) < ROUNDING


@pytest.mark.parametrize("gray", [int(gray) for gray in UNKNOWN_GRAYS])
def test_the_scale_does_not_contain_the_grays_of_unknown_parts(gray: int) -> None:
    scale = viridis(np.linspace(0, 1, 256)).astype(int)
    assert np.abs(scale - gray).max(axis=1).min() > 40


def test_the_scale_grows_brighter_throughout() -> None:
    luminance = viridis(np.linspace(0, 1, 16)) @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > 0).all()


def test_a_sample_is_a_disc_of_the_stated_blur() -> None:
    # Blur keeps the light: the disc's area in pixels, however soft its edge.
    for sigma in (0.5, 4.0):
        shown = decode(sample_png(sigma))[..., 0] / 255
        assert shown.sum() == pytest.approx(np.pi * 8**2, rel=0.02)
    middle = decode(sample_png(1.0))[24, :, 0] / 255
    slope = np.abs(np.diff(middle)).max()
    assert slope == pytest.approx(1 / np.sqrt(2 * np.pi), rel=0.08)


@pytest.mark.parametrize("value", [0.0123, 0.99, 1.0, 3.0001, 9.99, 31.4, 250.0])
def test_axes_end_soon_after_the_largest_value(value: float) -> None:
    top = round_up(value)
    assert value <= top <= 1.51 * value
    marks = ticks(top)
    assert 4 <= len(marks) <= 7
    assert marks[0] == 0
    assert marks[-1] <= top * 1.000001
