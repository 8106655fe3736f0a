"""The quality of JPEG files is what they were saved with."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from blurprint import InputError, Photo, read_photo
from blurprint.photos.jpeg_quality import LUMA, jpeg_quality


def picture(side: int = 48) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8))


def saved(image: Image.Image, container: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, container, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("quality", [*range(10, 100, 5), 97, 100])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_file_has_the_quality_that_it_was_saved_with(quality, mode):
    photo = read_photo(saved(picture().convert(mode), quality=quality))
    assert photo.jpeg_quality == pytest.approx(quality, abs=1)


def test_a_photo_that_is_reduced_while_it_is_decoded_keeps_it():
    photo = read_photo(saved(picture(400), quality=71), max_side=50)
    assert (photo.scale, photo.jpeg_quality) == (0.125, 71)


def test_the_luma_is_asked_and_not_the_colour():
    table = list(LUMA)
    data = saved(picture(), qtables=[table, [255] * 64])
    assert read_photo(data).jpeg_quality == 50


def test_damaged_metadata_leave_it():
    data = saved(picture(), quality=83, exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40)
    assert read_photo(data).jpeg_quality == 83


def test_an_open_picture_has_it_and_what_is_no_jpeg_has_none():
    assert Photo.from_array(Image.open(io.BytesIO(saved(picture(), quality=64)))).jpeg_quality == 64
    assert Photo.from_array(np.asarray(picture())).jpeg_quality is None
    for container in ("PNG", "WEBP", "TIFF"):
        assert read_photo(saved(picture(), container)).jpeg_quality is None


def test_a_table_of_another_program_gets_the_nearest():
    flatter = np.maximum(1, np.array(LUMA) * 0.4 + 3).astype(int).tolist()
    assert 70 <= jpeg_quality(flatter) <= 85


@pytest.mark.parametrize("table", [[1] * 63, [0] + [1] * 63, [1.5] * 64, []])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(InputError, match="64 steps"):
        jpeg_quality(table)
