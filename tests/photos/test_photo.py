"""Reading pictures: every mode, every orientation, and every way a file can be bad."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from blurprint import InputError, Photo, PhotoError, read_photo

WIDTH, HEIGHT = 40, 24


def gradient() -> np.ndarray:
    """uint8 (24, 40, 3), no two corners alike."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 6, y * 10, 255 - x * 3 - y * 5], axis=-1).astype(np.uint8)


def encoded(image: Image.Image, container: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, container, **options)
    return buffer.getvalue()


def close(photo: Photo, expected: np.ndarray, atol: float = 1.5 / 255) -> None:
    np.testing.assert_allclose(photo.rgb, np.broadcast_to(expected, photo.rgb.shape), atol=atol)


def test_rgb_png_is_read_exactly():
    data = encoded(Image.fromarray(gradient()))
    photo = read_photo(data)
    np.testing.assert_array_equal(photo.rgb, gradient().astype(np.float32) / np.float32(255))
    assert photo.rgb.dtype == np.float32
    assert photo.size == photo.native_size == (WIDTH, HEIGHT)
    assert photo.scale == 1
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert (photo.format, photo.source, photo.notes) == ("PNG", "<bytes>", ())


@pytest.mark.parametrize("name", ["plain.png", "with space.png", "Füße-写真-🎞.png", "-dash.png"])
def test_names(tmp_path, name):
    path = tmp_path / name
    Image.fromarray(gradient()).save(path)
    assert read_photo(path).source == str(path)
    assert read_photo(str(path)).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("container", ["PNG", "BMP", "TIFF", "WEBP", "PPM", "TGA", "GIF"])
def test_lossless_containers_agree(container):
    options = {"lossless": True} if container == "WEBP" else {}
    image = Image.fromarray(gradient())
    if container == "GIF":
        image = image.quantize(200)
    close(read_photo(encoded(image, container, **options)), np.asarray(image.convert("RGB")) / 255)


class TestModes:
    def test_gray(self):
        gray = gradient()[..., 0]
        photo = read_photo(encoded(Image.fromarray(gray)))
        close(photo, np.repeat(gray[..., None], 3, axis=2) / 255)
        assert "gray" in photo.notes[0]

    def test_one_bit(self):
        photo = read_photo(encoded(Image.fromarray(gradient()[..., 0] > 100)))
        assert set(np.unique(photo.rgb)) == {0.0, 1.0}

    def test_gray_of_16_bits_keeps_its_levels(self):
        gray = (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) * 60).astype(np.uint16)
        photo = read_photo(encoded(Image.fromarray(gray)))
        close(photo, np.repeat(gray[..., None], 3, axis=2) / 65535, atol=1e-6)

    def test_rgb_of_16_bits(self):
        levels = (gradient().astype(np.uint16) * 257).astype(">u2")
        close(read_photo(png_of_16_bits(levels)), gradient() / 255)

    def test_palette(self):
        image = Image.fromarray(gradient()).quantize(64)
        close(read_photo(encoded(image)), np.asarray(image.convert("RGB")) / 255)

    def test_palette_with_transparency(self):
        image = Image.new("P", (WIDTH, HEIGHT), 1)
        image.putpalette([0, 0, 0, 200, 0, 0])
        image.paste(0, (0, 0, 20, HEIGHT))
        photo = read_photo(encoded(image, transparency=0))
        close(photo, np.where(np.arange(WIDTH)[None, :, None] < 20, 1, [200 / 255, 0, 0]))

    def test_rgba_is_laid_on_white(self):
        rgba = np.dstack([gradient(), np.full((HEIGHT, WIDTH), 128, np.uint8)])
        photo = read_photo(encoded(Image.fromarray(rgba)))
        close(photo, (gradient() / 255) * (128 / 255) + (1 - 128 / 255))
        assert photo.notes == ("Transparent parts were laid on white.",)

    def test_opaque_rgba_needs_no_note(self):
        rgba = np.dstack([gradient(), np.full((HEIGHT, WIDTH), 255, np.uint8)])
        photo = read_photo(encoded(Image.fromarray(rgba)))
        close(photo, gradient() / 255)
        assert photo.notes == ()

    def test_gray_with_alpha(self):
        gray_alpha = np.dstack([gradient()[..., 0], np.zeros((HEIGHT, WIDTH), np.uint8)])
        close(read_photo(encoded(Image.fromarray(gray_alpha, "LA"))), np.ones((HEIGHT, WIDTH, 3)))

    def test_cmyk(self):
        image = Image.fromarray(gradient()).convert("CMYK")
        photo = read_photo(encoded(image, "TIFF"))
        close(photo, np.asarray(image.convert("RGB")) / 255)
        assert "CMYK" in photo.notes[0]
        assert read_photo(encoded(image, "JPEG", quality=95)).size == (WIDTH, HEIGHT)

    def test_floating_point(self):
        gray = np.linspace(0, 1, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
        close(read_photo(encoded(Image.fromarray(gray), "TIFF")), gray[..., None].repeat(3, 2))
        for wrong in (gray * 255, np.where(gray > 0.5, np.nan, gray).astype(np.float32)):
            with pytest.raises(PhotoError, match=r"\[0, 1\]"):
                read_photo(encoded(Image.fromarray(wrong), "TIFF"))


@pytest.mark.parametrize("container", ["GIF", "WEBP"])
def test_of_an_animation_the_first_frame_is_measured_and_said_so(container):
    first = Image.fromarray(gradient())
    others = [Image.new("RGB", first.size, c) for c in ("red", "blue")]
    options = {"lossless": True} if container == "WEBP" else {}
    data = encoded(first, container, save_all=True, append_images=others, **options)
    photo = read_photo(data)
    assert photo.notes[0] == "The file holds 3 frames; the first was measured."
    close(photo, gradient() / 255, atol=0.15)  # GIF has few colours


@pytest.mark.parametrize("orientation", [1, 6])
def test_reduced_pictures_are_upright_and_know_their_scale(orientation):
    picture = Image.effect_noise((400, 200), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = read_photo(encoded(picture, "JPEG", exif=exif), max_side=100)
    assert photo.size == ((100, 50) if orientation == 1 else (50, 100))
    assert photo.native_size == ((400, 200) if orientation == 1 else (200, 400))
    assert photo.scale == pytest.approx(0.25)


def test_reduction_averages_areas():
    fine = np.kron(gradient(), np.ones((4, 4, 1), np.uint8))
    close(read_photo(encoded(Image.fromarray(fine)), max_side=WIDTH), gradient() / 255)


def test_large_jpeg_reduced_while_decoding_equals_reducing_after():
    y, x = np.mgrid[:1200, :1600] / 60
    wave = np.uint8(127 + 120 * np.sin(x) * np.cos(y))
    data = encoded(Image.fromarray(np.dstack([wave] * 3)), "JPEG", quality=95)
    plain = np.asarray(Image.open(io.BytesIO(data)).resize((200, 150), Image.Resampling.BOX)) / 255
    photo = read_photo(data, max_side=200)  # an eighth: the decoder does part of it
    assert photo.size == (200, 150)
    assert photo.scale == pytest.approx(1 / 8)
    close(photo, plain, atol=0.02)


def test_max_side_leaves_small_pictures_alone():
    assert read_photo(encoded(Image.fromarray(gradient())), max_side=1000).scale == 1


def test_exif_of_interest():
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Nikon", "Nikon D90"
    exif[0x0131] = "Editor 1.0\x00\n<script>"
    detail = exif.get_ifd(0x8769)
    detail[0x920A], detail[0x829D], detail[0x829A], detail[0x8827] = 50.0, 1.8, 0.01, 200
    photo = read_photo(encoded(Image.fromarray(gradient()), "JPEG", exif=exif))
    assert photo.exif["camera"] == "Nikon D90"
    assert photo.exif["focal_length_mm"] == pytest.approx(50)
    assert photo.exif["f_number"] == pytest.approx(1.8)
    assert photo.exif["iso"] == 200
    assert photo.exif["exposure_s"] == pytest.approx(0.01)
    assert "\n" not in str(photo.exif["software"])


def test_a_picture_without_exif_has_none():
    assert dict(read_photo(encoded(Image.fromarray(gradient()))).exif) == {}


class TestBadFiles:
    """One clear line that names the file and the reason; never another exception."""

    def refused(self, path: Path, match: str, **options: int) -> None:
        with pytest.raises(PhotoError, match=match) as caught:
            read_photo(path, **options)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_missing(self, tmp_path):
        self.refused(tmp_path / "none.jpg", "no such file")

    def test_folder(self, tmp_path):
        self.refused(tmp_path, "folder")

    def test_name_that_no_file_can_have(self):
        with pytest.raises(PhotoError, match="cannot be read"):
            read_photo("a\0b.jpg")

    def test_empty(self, tmp_path):
        path = tmp_path / "empty.jpg"
        path.touch()
        self.refused(path, "empty")

    @pytest.mark.parametrize(
        "content", [b"Dear Sir,\n", b"<svg></svg>", b"\xff\xd8\xff", b"\x00" * 99]
    )
    def test_no_picture(self, tmp_path, content):
        path = tmp_path / "letter.jpg"
        path.write_bytes(content)
        self.refused(path, r"not a picture|cannot be decoded")

    @pytest.mark.parametrize("container", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
    @pytest.mark.parametrize("kept", [0.3, 0.7, 0.95])
    def test_truncated(self, tmp_path, container, kept):
        noise = Image.effect_noise((200, 160), 80).convert("RGB")
        data = encoded(noise, container)
        path = tmp_path / f"cut.{container.lower()}"
        path.write_bytes(data[: int(len(data) * kept)])
        self.refused(path, r"not a picture|cannot be decoded")

    def test_broken_inside(self, tmp_path):
        data = bytearray(encoded(Image.effect_noise((100, 100), 80)))
        data[len(data) // 2] ^= 0xFF
        path = tmp_path / "broken.png"
        path.write_bytes(data)
        self.refused(path, "cannot be decoded")

    @pytest.mark.parametrize("size", [(0, 40), (1, 40), (40, 1), (7, 40)])
    def test_too_small(self, tmp_path, size):
        path = tmp_path / "thin.png"
        path.write_bytes(png_header(*size))
        self.refused(path, r"too few|not a picture|cannot be decoded")

    def test_one_pixel_wide(self, tmp_path):
        path = tmp_path / "line.png"
        Image.new("RGB", (1, 100)).save(path)
        self.refused(path, "1 x 100 pixels are too few")

    def test_bomb_is_refused_before_decoding(self, tmp_path):
        path = tmp_path / "bomb.png"
        path.write_bytes(png_header(60_000, 60_000))
        self.refused(path, "60000 x 60000 pixels|declares more pixels than the limit")

    def test_the_bound_can_be_lowered_and_raised(self, tmp_path):
        path = tmp_path / "p.png"
        Image.fromarray(gradient()).save(path)
        self.refused(path, "limit", max_pixels=WIDTH * HEIGHT - 1)
        assert read_photo(path, max_pixels=WIDTH * HEIGHT).size == (WIDTH, HEIGHT)

    @pytest.mark.parametrize("max_side", [-1, 3])
    def test_max_side_out_of_range(self, tmp_path, max_side):
        with pytest.raises(InputError, match="max_side"):
            read_photo(encoded(Image.fromarray(gradient())), max_side=max_side)

    @settings(max_examples=150, deadline=None)
    @given(data=st.data())
    def test_any_damage_gives_a_photo_or_a_photo_error(self, data):
        container = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"]))
        code = bytearray(SAMPLES[container])
        for _ in range(data.draw(st.integers(1, 6))):
            at = data.draw(st.integers(0, len(code) - 1))
            code[at] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(code)))
        try:
            photo = read_photo(bytes(code[: cut or None]), max_pixels=1_000_000)
        except PhotoError:
            return
        assert photo.rgb.ndim == 3


def png_header(width: int, height: int, extra: bytes = b"") -> bytes:
    """A PNG that declares a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, body)
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(extra)), (b"IEND", b""))
    )


def png_of_16_bits(levels: np.ndarray) -> bytes:
    height, width = levels.shape[:2]
    rows = b"".join(b"\x00" + row.tobytes() for row in levels)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, body)
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + checksum


SAMPLES = {
    name: encoded(Image.fromarray(gradient()), name)
    for name in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP")
}


def test_floats_that_miss_the_range_by_rounding_are_clipped():
    rgb = np.linspace(-5e-5, 1 + 5e-5, 16 * 16 * 3, dtype=np.float32).reshape(16, 16, 3)
    photo = Photo.from_array(rgb)
    assert (photo.rgb.min(), photo.rgb.max()) == (0, 1)
    np.testing.assert_allclose(photo.rgb, rgb, atol=6e-5)


@pytest.mark.parametrize("wrong", [-0.01, 1.01, 255, np.nan, np.inf])
def test_floats_out_of_range_are_told(wrong):
    rgb = np.full((16, 16, 3), 0.5)
    rgb[3, 4, 1] = wrong
    with pytest.raises(InputError, match=r"Expected values in \[0, 1\]"):
        Photo.from_array(rgb)


def test_the_ends_of_the_range_are_in_it_and_the_next_numbers_are_not():
    for value in (0.0, -0.0, 1.0, np.finfo(np.float32).smallest_subnormal):
        Photo(rgb=np.full((16, 16, 3), value, np.float32))
        Photo(rgb=np.full((32, 16, 3), value, np.float32)[::2, ::-1])
    for value in (np.nextafter(np.float32(1), np.float32(2)), -1e-30, -np.nan, -np.inf):
        rgb = np.zeros((16, 16, 3), np.float32)
        rgb[-1, -1, -1] = value
        with pytest.raises(InputError, match=r"Expected values in \[0, 1\]"):
            Photo(rgb=rgb)


def test_arrays_of_the_other_order_of_bytes_are_read_alike():
    values = gradient().astype(np.uint16) * 257
    swapped = Photo.from_array(values.astype(values.dtype.newbyteorder("S")))
    np.testing.assert_array_equal(swapped.rgb, Photo.from_array(values).rgb)


def test_a_masked_array_is_refused():
    with pytest.raises(InputError, match="without a mask"):
        Photo.from_array(np.ma.masked_array(gradient(), gradient() > 100))


def test_an_empty_path_is_refused():
    with pytest.raises(PhotoError, match="empty one"):
        read_photo("")


def test_two_bytes_are_said_to_begin_as_no_format():
    with pytest.raises(PhotoError) as caught:
        read_photo(b"xx")
    assert "begins as" not in str(caught.value)


def test_what_became_too_small_by_reducing_says_so():
    data = encoded(Image.new("RGB", (400, 20)))
    with pytest.raises(PhotoError, match=r"100 x 5 pixels are too few.*reduced from 400 x 20"):
        read_photo(data, max_side=100)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"\0\0\0\x18ftypmp42", "is a video .MPEG-4 or QuickTime., not a .*analyze_clip"),
        (b"\0\0\0\x18ftypqt  ", "is a video .MPEG-4 or QuickTime., not a .*analyze_clip"),
        (b"\0\0\0\x18ftypwhat", "a video, or a picture in a format.*analyze_clip"),
        (b"\0\0\0\x18ftypM4A ", "is sound"),
        (b"\x1aE\xdf\xa3", "Matroska.*analyze_clip"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI.*analyze_clip"),
    ],
)
def test_a_video_is_named_with_what_reads_it(start, said):
    with pytest.raises(PhotoError, match=said):
        read_photo(start + bytes(64))


def test_the_pixels_in_eight_bits_are_those_of_the_file_and_are_kept():
    for turn in (1, 3, 6):
        exif = Image.Exif()
        exif[0x0112] = turn
        photo = read_photo(encoded(Image.fromarray(gradient()), exif=exif))
        np.testing.assert_array_equal(photo.rgb8, np.rint(photo.rgb * np.float32(255)))
        assert photo.rgb8.dtype == np.uint8 and photo.rgb8 is photo.rgb8
        with pytest.raises(ValueError, match="read-only"):
            photo.rgb8[0] = 0
    np.testing.assert_array_equal(read_photo(encoded(Image.fromarray(gradient()))).rgb8, gradient())


def test_the_pixels_in_eight_bits_are_rounded_where_the_picture_has_more():
    rng = np.random.default_rng(0)
    halves = (np.arange(255, dtype=np.float32) + np.float32(0.5)) / np.float32(255)
    rgb = np.concatenate([halves, rng.random(15 * 17 * 2 * 3 - 255, np.float32)])
    rgb = rgb.reshape(30, 17, 3)
    for one in (rgb, rgb[:, ::-1], rgb[..., ::-1], rgb.transpose(1, 0, 2)):
        expected = np.rint(one * np.float32(255))
        np.testing.assert_array_equal(Photo(rgb=one).rgb8, expected)
    deep = Photo.from_array(np.rint(rgb * 65535).astype(np.uint16))
    np.testing.assert_array_equal(deep.rgb8, np.rint(deep.rgb * np.float32(255)))


def test_the_pixels_in_eight_bits_follow_the_gamma_that_a_file_states():
    png = encoded(Image.fromarray(gradient()))
    body = b"gAMA" + struct.pack(">I", 100_000)
    chunk = struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body))
    photo = read_photo(png[:33] + chunk + png[33:])
    assert "gamma" in photo.notes[0]
    np.testing.assert_array_equal(photo.rgb8, np.rint(photo.rgb * np.float32(255)))
    assert (photo.rgb8 != gradient()).mean() > 0.5


def test_a_copy_with_other_pixels_has_other_pixels_in_eight_bits():
    photo = read_photo(encoded(Image.fromarray(gradient())))
    assert (photo.rgb8 > 0).any()
    assert not replace(photo, rgb=np.zeros_like(photo.rgb)).rgb8.any()
    again = pickle.loads(pickle.dumps(photo))
    np.testing.assert_array_equal(again.rgb8, photo.rgb8)
