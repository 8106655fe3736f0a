"""JPEG 2000 with more than 8 bits a value, whose white Pillow takes for black."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from blurprint import PhotoError, read_photo
from blurprint.photos.jpeg2000 import bits_of


def encoded(values: np.ndarray) -> bytes:
    lossless = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]
    done, code = cv2.imencode(".jp2", values, lossless)
    assert done
    return code.tobytes()


def colours(channels: int) -> np.ndarray:
    values = np.random.default_rng(0).integers(0, 65536, (40, 48, channels)).astype(np.uint16)
    values[:6] = 65535
    values[6:12] = 65408  # the least that Pillow rounds up beyond white
    return values


def test_white_of_16_bits_is_white():
    values = colours(3)
    photo = read_photo(encoded(values))
    np.testing.assert_allclose(photo.rgb, values[..., ::-1] / 65535, atol=1e-6)
    assert photo.format == "JPEG2000"


def test_alpha_of_16_bits_is_opaque():
    values = colours(4)
    values[..., 3] = 65535
    photo = read_photo(encoded(values))
    np.testing.assert_allclose(photo.rgb, values[..., 2::-1] / 65535, atol=1e-6)
    assert "transparent" not in photo.absent


def test_bits_are_those_of_the_codestream():
    assert bits_of(encoded(colours(3))) == 16
    assert bits_of(encoded((colours(3) >> 8).astype(np.uint8))) == 8
    assert bits_of(b"no picture") == 8


def test_other_colours_of_more_than_8_bits_are_refused(capfd):
    """Gray with alpha, which OpenCV does not read: made of a gray and alpha file of 8 bits."""
    buffer = io.BytesIO()
    Image.new("LA", (24, 24), (255, 255)).save(buffer, "JPEG2000")
    data = bytearray(buffer.getvalue())
    at = data.find(b"\xff\x4f\xff\x51") + 42
    assert data[at : at + 6 : 3] == b"\x07\x07"
    data[at] = data[at + 3] = 15
    with pytest.raises(PhotoError, match="cannot be read for certain"):
        read_photo(bytes(data))
    assert capfd.readouterr() == ("", "")
