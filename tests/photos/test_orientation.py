"""One picture, stored in eight ways in five containers, is read as one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from blurprint import Photo, read_photo
from odd_pictures import EXACT, HEIGHT, TURN_BACK, WIDTH, encoded, gradient


def stored(orientation: int, container: str, scale: int = 1, **options: object) -> bytes:
    upright = Image.fromarray(gradient()).resize((scale * WIDTH, scale * HEIGHT), Image.NEAREST)
    turn = TURN_BACK[orientation]
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = orientation, "Camera"
    picture = upright if turn is None else upright.transpose(turn)
    return encoded(picture, container, exif=exif, **EXACT[container], **options)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("container", EXACT)
def test_orientation_is_applied_once(orientation, container):
    photo = read_photo(stored(orientation, container))
    assert photo.native_size == photo.size == (WIDTH, HEIGHT)
    assert photo.notes == ()
    exact = container not in ("JPEG", "AVIF")
    np.testing.assert_allclose(photo.rgb, gradient() / 255, atol=1e-6 if exact else 0.03)
    assert photo.exif == {"camera": "Camera"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiff(orientation, compression):
    photo = read_photo(stored(orientation, "TIFF", compression=compression))
    np.testing.assert_allclose(photo.rgb, gradient() / 255, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("container", EXACT)
def test_a_reduced_picture_is_upright_too(orientation, container):
    photo = read_photo(stored(orientation, container, scale=8), max_side=WIDTH)
    assert photo.native_size == (8 * WIDTH, 8 * HEIGHT)
    assert photo.size == (WIDTH, HEIGHT)
    assert photo.scale == pytest.approx(1 / 8)
    np.testing.assert_allclose(photo.rgb, gradient() / 255, atol=0.05)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("container", EXACT)
def test_an_opened_picture_of_pillow_is_turned_as_its_file_is(tmp_path, orientation, container):
    path = tmp_path / "picture"
    path.write_bytes(stored(orientation, container))
    with Image.open(path) as picture:
        photo = Photo.from_array(picture)
    np.testing.assert_array_equal(photo.rgb, read_photo(path).rgb)
    assert photo.source == str(path)
