"""What is taken for a photo: paths, bytes, arrays of several shapes, pictures of Pillow's."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from blurprint import InputError, Photo, PhotoError, analyze, estimate_defocus, read_photo
from blurprint.photos import decode
from blurprint.photos.photo import as_photo, read_photos
from calls import Calls
from odd_pictures import HEIGHT, WIDTH, encoded, gradient, plain

UNIT = gradient().astype(np.float32) / np.float32(255)


def test_gray_arrays_are_three_equal_channels():
    gray = gradient()[..., 0]
    for array in (gray, gray[..., None], gray / 255, gray.astype(np.uint16) * 257):
        photo = Photo.from_array(array)
        np.testing.assert_allclose(photo.rgb, np.repeat(gray[..., None], 3, 2) / 255, atol=1e-6)
        assert any("gray" in note for note in photo.notes)


def test_rgba_arrays_are_laid_on_white_as_files_are():
    alpha = np.where(np.arange(WIDTH) < 20, 255, 0)[None].repeat(HEIGHT, 0).astype(np.uint8)
    rgba = np.dstack([gradient(), alpha])
    of_file = read_photo(encoded(Image.fromarray(rgba)))
    for array in (rgba, rgba / 255, rgba.astype(np.uint16) * 257, Image.fromarray(rgba)):
        photo = Photo.from_array(array)
        np.testing.assert_allclose(photo.rgb, of_file.rgb, atol=1e-6)
        np.testing.assert_array_equal(photo.mask, of_file.mask)
        assert photo.notes == of_file.notes
        assert photo.absent == pytest.approx(of_file.absent)
    assert not of_file.mask.all()


def test_opaque_rgba_is_rgb():
    rgba = np.dstack([gradient(), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    photo = Photo.from_array(rgba)
    np.testing.assert_array_equal(photo.rgb, UNIT)
    assert photo.notes == ()


def test_twelve_bits_in_an_array_of_sixteen():
    photo = Photo.from_array(np.rint(UNIT * 4095).astype(np.uint16))
    np.testing.assert_allclose(photo.rgb, UNIT, atol=1e-3)
    assert "picture of 12 bits" in photo.notes[0]


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((3, 24, 40), np.uint8),
        np.zeros((24, 40, 2), np.uint8),
        np.zeros((1, 24, 40, 3), np.uint8),
        np.zeros(24, np.uint8),
        np.zeros((24, 40), np.int32),
        np.zeros((24, 40), bool),
        np.zeros((24, 40, 3), complex),
        np.full((24, 40), np.nan),
        np.dstack([UNIT, np.full((HEIGHT, WIDTH), 7, np.float32)]),
        np.dstack([UNIT, np.full((HEIGHT, WIDTH), np.nan, np.float32)]),
        np.zeros((0, 40, 3), np.uint8),
        np.zeros((0, 40, 4), np.uint8),
        np.zeros((0, 0), np.uint16),
        [[1, 2], [3, 4]],
        None,
        7,
    ],
)
@pytest.mark.parametrize("take", [Photo.from_array, as_photo, analyze, estimate_defocus])
def test_what_is_no_picture_is_refused(take, wrong):
    with pytest.raises(InputError):
        take(wrong)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "LA", "P", "CMYK", "I;16", "F", "YCbCr"])
def test_pictures_of_pillow_are_taken_as_their_files_are(mode):
    if mode == "I;16":
        picture = Image.fromarray(gradient()[..., 0].astype(np.uint16) * 257)
    elif mode == "F":
        picture = Image.fromarray(UNIT[..., 0])
    else:
        picture = Image.fromarray(gradient()).convert(mode)
    before = picture.tobytes()
    photo = Photo.from_array(picture)
    assert photo.size == (WIDTH, HEIGHT)
    assert photo.source == "<picture>"
    assert picture.tobytes() == before
    if mode != "YCbCr":
        of_file = read_photo(encoded(picture, "TIFF"))
        np.testing.assert_allclose(photo.rgb, of_file.rgb, atol=1e-6)
        assert photo.notes == of_file.notes


def test_a_picture_of_pillow_that_cannot_be_decoded_is_named(tmp_path):
    path = tmp_path / "cut.jpg"
    path.write_bytes(plain("JPEG")[:700])
    with Image.open(path) as picture, pytest.raises(PhotoError, match=r"cut\.jpg: cannot be dec"):
        Photo.from_array(picture)


def test_every_source_gives_one_report(tmp_path):
    path = tmp_path / "photo.png"
    rgb = np.kron(gradient(), np.ones((3, 3, 1), np.uint8))
    Image.fromarray(rgb).save(path)
    sources = [str(path), path, path.read_bytes(), rgb, Image.fromarray(rgb), read_photo(path)]
    reports = [analyze(source, method="edge") for source in sources]
    for report in reports:
        np.testing.assert_array_equal(report.defocus.sigma, reports[0].defocus.sigma)
    assert [report.photo.source for report in reports[:4]] == [str(path)] * 2 + [
        "<bytes>",
        "<array>",
    ]
    for source in sources:
        found = estimate_defocus(source, method="edge")
        np.testing.assert_array_equal(found.sigma, reports[0].defocus.sigma)


def test_bytes_may_have_a_name():
    photo = read_photo(plain("PNG"), name="upload/cat.png")
    assert photo.source == "upload/cat.png"
    for data in (b"", b"no picture", plain("PNG")[:60]):
        with pytest.raises(PhotoError, match=r"^upload/cat\.png: "):
            read_photo(data, name="upload/cat.png")


def test_files_that_are_open_and_other_things_are_no_paths():
    with pytest.raises(InputError, match="Expected a path or the bytes of a file, but got BytesIO"):
        read_photo(io.BytesIO(plain("PNG")))


@pytest.mark.parametrize(
    ("container", "size", "decodings"),
    [
        ("PNG", (160, 120), 1),
        ("JPEG", (160, 120), 1),
        # The JPEG decoder itself halves what is reduced to a quarter: each size is decoded.
        ("JPEG", (400, 300), 4),
    ],
)
def test_several_sizes_of_one_file_are_as_each_alone(container, size, decodings, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    data = encoded(Image.fromarray(noise), container)
    alone = [read_photo(data, max_side=side) for side in (0, 90, 160)]
    calls = Calls(monkeypatch, "blurprint.photos.decode.open_picture")
    together = read_photos(data, (0, 90, 160))
    assert calls.taken() == {"open_picture": decodings}
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one.rgb, other.rgb)
        assert (one.size, one.scale, one.native_size) == (other.size, other.scale, size)
        assert (one.sha256, one.format, one.notes) == (other.sha256, other.format, other.notes)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "CMYK", "I;16", "F"])
def test_several_sizes_of_other_modes_are_as_each_alone(mode):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (120, 160, 4), np.uint8)
    if mode == "I;16":
        image = Image.fromarray(noise[..., 0].astype(np.uint16) * np.uint16(257))
    elif mode == "F":
        image = Image.fromarray(noise[..., 0] / np.float32(255))
    else:
        image = Image.fromarray(noise, "RGBA").convert(mode)
    data = encoded(image, "TIFF")
    for one, side in zip(read_photos(data, (0, 90)), (0, 90), strict=True):
        other = read_photo(data, max_side=side)
        np.testing.assert_array_equal(one.rgb, other.rgb)
        np.testing.assert_array_equal(one.rgb8, other.rgb8)
        np.testing.assert_array_equal(one.mask, other.mask)
        assert (one.notes, one.absent) == (other.notes, other.absent)


def test_sizes_that_are_equal_are_one_photo():
    native, reduced, large = read_photos(encoded(Image.fromarray(gradient())), (0, 20, 4000))
    assert native is large and native is not reduced
    with pytest.raises(InputError, match="max_side"):
        read_photos(encoded(Image.fromarray(gradient())), (0, 1))


def test_sizes_of_a_file_with_broken_metadata_have_the_note_on_it(monkeypatch):
    data = encoded(Image.fromarray(gradient()), "PNG")

    def refuse_once(*arguments, **options):
        monkeypatch.setattr("blurprint.photos.decode.open_picture", whole)
        raise PhotoError("broken metadata")

    whole = decode.open_picture
    monkeypatch.setattr("blurprint.photos.decode.open_picture", refuse_once)
    monkeypatch.setattr("blurprint.photos.decode.without_metadata", lambda data: bytes(data) + b" ")
    first, other, same = read_photos(data, (0, 20, 0))
    assert first is same and first is not other
    for photo in (first, other):
        assert len([note for note in photo.notes if "damaged" in note]) == 1
