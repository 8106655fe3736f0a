"""HEIC: read through a plugin of Pillow's, named where that is missing."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from PIL import Image, ImageFile

from blurprint import PhotoError, read_photo
from odd_pictures import TURN_BACK, gradient

BRANDS = [b"heic", b"heix", b"mif1", b"hevc"]


def container(brand: bytes, compatible: bytes = b"mif1") -> bytes:
    """The beginning of a HEIF file."""
    return b"\0\0\0\x14ftyp" + brand + b"\0\0\0\0" + compatible


class Stub(ImageFile.ImageFile):
    """Stands for a plugin: a file of the format is its brand, then raw pixels of the gradient."""

    format = "HEIF"
    format_description = "stands for HEIF in tests"

    def _open(self) -> None:
        self._size, self._mode = (40, 24), "RGB"
        self.tile = [ImageFile._Tile("raw", (0, 0, *self._size), 20, ("RGB", 0, 1))]


@pytest.fixture
def no_plugin(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)


@pytest.mark.usefixtures("no_plugin")
@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "renamed.jpg", "no_suffix"])
def test_without_the_plugin_the_extra_is_named(tmp_path, brand, name):
    path = tmp_path / name
    path.write_bytes(container(brand) + bytes(200))
    with pytest.raises(PhotoError, match=r"HEIC picture, which needs the extra 'heif'") as caught:
        read_photo(path)
    assert str(caught.value).startswith(str(path))
    assert ".[heif]" in str(caught.value)


@pytest.mark.usefixtures("no_plugin")
@pytest.mark.parametrize("content", [container(b"avif"), container(b"isom", b"mp42")])
def test_other_brands_are_not_taken_for_it(content):
    with pytest.raises(PhotoError) as caught:
        read_photo(content + bytes(200))
    assert "heif" not in str(caught.value)


@pytest.mark.usefixtures("no_plugin")
@pytest.mark.parametrize("brand", BRANDS)
def test_a_plugin_that_pillow_knows_is_used(monkeypatch, brand):
    def accept(prefix: bytes) -> bool:
        return prefix[4:8] == b"ftyp" and prefix[8:12] in BRANDS

    Image.init()
    monkeypatch.setattr(Image, "ID", [*Image.ID, "HEIF"])
    monkeypatch.setitem(Image.OPEN, "HEIF", (Stub, accept))
    photo = read_photo(container(brand) + gradient().tobytes())
    np.testing.assert_array_equal(photo.rgb, gradient().astype(np.float32) / np.float32(255))
    assert photo.format == "HEIF"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_real_plugin_is_used_without_registering_it(monkeypatch, orientation):
    plugin = pytest.importorskip("pillow_heif")
    turn = TURN_BACK[orientation]
    upright = Image.fromarray(gradient())
    picture = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = orientation, "Phone"
    buffer = io.BytesIO()
    Image.init()
    with monkeypatch.context() as registered:
        for registry in ("OPEN", "SAVE", "SAVE_ALL", "EXTENSION", "MIME"):
            registered.setattr(Image, registry, dict(getattr(Image, registry)))
        registered.setattr(Image, "ID", list(Image.ID))
        plugin.register_heif_opener()
        picture.save(buffer, "HEIF", quality=-1, chroma=444, exif=exif.tobytes())
    assert "HEIF" not in Image.OPEN
    photo = read_photo(buffer.getvalue())
    np.testing.assert_allclose(photo.rgb, gradient() / 255, atol=0.03)
    assert (photo.format, photo.notes, dict(photo.exif)) == ("HEIF", (), {"camera": "Phone"})
    assert "HEIF" not in Image.OPEN
