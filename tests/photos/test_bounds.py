"""One bound of pixels, ours; Pillow's, which belongs to the whole process, is left alone."""

from __future__ import annotations

import inspect
import io
import warnings

import numpy as np
import pytest
from PIL import Image

from blurprint import PhotoError, read_photo
from blurprint.cli import analyze, explain
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE
from blurprint.scan import report_there
from odd_pictures import EXACT, gradient, plain

CONTAINERS = [*EXACT, "GIF", "BMP", "PPM", "JPEG2000"]


@pytest.fixture
def small_bound(monkeypatch):
    """Pillow's bound, so small that every picture here exceeds it."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize("container", [c for c in CONTAINERS if c != "WEBP"])
@pytest.mark.parametrize("max_pixels", [DEFAULT_MAX_PIXELS, 10**12])
def test_what_pillow_alone_would_refuse_is_read_in_silence(container, max_pixels):
    data = plain(container)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo = read_photo(data, max_pixels=max_pixels)
    np.testing.assert_allclose(photo.rgb, gradient() / 255, atol=0.2)
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_large_tiff_that_is_turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = plain("TIFF", exif=exif, compression="tiff_lzw")
    turns = {1: 0, 3: 2, 6: -1, 8: 1}[orientation]
    np.testing.assert_allclose(read_photo(data).rgb, np.rot90(gradient(), turns) / 255, atol=1e-6)


@pytest.mark.usefixtures("small_bound")
def test_where_pillow_insists_the_message_says_whose_bound_it_is():
    with pytest.raises(PhotoError, match=r"a\.webp: declares more pixels than Pillow reads"):
        read_photo(plain("WEBP"), name="a.webp")


def test_pillows_bound_still_guards_the_rest_of_the_process(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    data = plain("PNG")
    read_photo(data, max_pixels=10**12)
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(data))


def test_one_working_size():
    assert inspect.signature(read_photo).parameters["max_side"].default == DEFAULT_MAX_SIDE
    assert inspect.signature(analyze.analyze).parameters["max_side"].default == DEFAULT_MAX_SIDE
    pixels = inspect.signature(analyze.analyze).parameters["max_pixels"].default
    assert pixels * 1e6 == DEFAULT_MAX_PIXELS
    for module in (analyze, explain, report_there):
        assert module.DEFAULT_MAX_SIDE is DEFAULT_MAX_SIDE


def test_large_files_are_reduced_unless_the_native_size_is_asked_for():
    noise = Image.effect_noise((DEFAULT_MAX_SIDE + 200, 40), 60)
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    photo = read_photo(buffer.getvalue())
    assert photo.size[0] == DEFAULT_MAX_SIDE
    assert photo.native_size == noise.size
    for native in (0, None):
        assert read_photo(buffer.getvalue(), max_side=native).size == noise.size
