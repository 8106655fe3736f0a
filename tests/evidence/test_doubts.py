"""What may be wrong: found where it is, not claimed where it is not, unknown where unchecked."""

from __future__ import annotations

import io
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from skimage import data

from blurprint.evidence.doubts import Doubt, check_doubts
from blurprint.evidence.file_check import facts_in, file_facts, jpeg_quality
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo, read_photo

CAT = data.chelsea()


def doubts(photo: Photo, sigma: float = 0.5, method: str = "edge") -> dict[str, Doubt]:
    height, width = photo.rgb.shape[:2]
    one = np.ones((height, width), np.float32)
    defocus = DefocusMap(sigma * one, one, method, scale=photo.scale)
    return {doubt.name: doubt for doubt in check_doubts(photo, defocus)}


def saved(folder: Path, name: str, picture: npt.NDArray[np.uint8], **options: object) -> Path:
    Image.fromarray(picture).save(folder / name, **options)
    return folder / name


@pytest.mark.parametrize("quality", [5, 30, 50, 75, 90, 100])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(quality: int) -> None:
    buffer = io.BytesIO()
    Image.fromarray(CAT).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        assert jpeg_quality(image.quantization[0]) == (quality, True)


def test_tables_of_another_maker_are_called_near() -> None:
    table = [min(255, 3 + 2 * index) for index in range(64)]
    quality, is_exact = jpeg_quality(table)
    assert 1 <= quality <= 100
    assert not is_exact


@pytest.mark.parametrize(("quality", "found"), [(60, True), (92, False)])
def test_strong_compression(tmp_path: Path, quality: int, found: bool) -> None:
    photo = read_photo(saved(tmp_path, "cat.jpg", CAT, quality=quality))
    doubt = doubts(photo)["compressed"]
    assert doubt.found is found
    assert f" {quality} of 100" in doubt.sentence


def test_compression_is_unknown_without_the_very_file(tmp_path: Path) -> None:
    path = saved(tmp_path, "cat.jpg", CAT, quality=60)
    photo = read_photo(path)
    assert file_facts(photo) is not None
    assert file_facts(photo) == facts_in(path.read_bytes())
    assert facts_in(b"no picture") is None
    path.write_bytes(path.read_bytes() + b"x")
    assert file_facts(photo) is None
    assert doubts(photo)["compressed"].found is None
    assert doubts(Photo.from_array(CAT))["compressed"].found is None
    assert doubts(read_photo(saved(tmp_path, "cat.png", CAT)))["compressed"].found is None


def test_small_and_reduced_pictures(tmp_path: Path) -> None:
    path = saved(tmp_path, "cat.png", CAT)
    whole, reduced = doubts(read_photo(path)), doubts(read_photo(path, max_side=200))
    assert (whole["small"].found, whole["reduced"].found) == (False, False)
    assert (reduced["small"].found, reduced["reduced"].found) == (True, True)
    assert "200 pixels" in reduced["small"].sentence


def test_enlarged_by_blur_and_by_exif(tmp_path: Path) -> None:
    assert doubts(Photo.from_array(CAT), sigma=0.5)["enlarged"].found is False
    assert doubts(Photo.from_array(CAT), sigma=1.5)["enlarged"].found is True
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA002: 200, 0xA003: 133})
    photo = read_photo(saved(tmp_path, "cat.jpg", CAT, exif=exif))
    doubt = doubts(photo)["enlarged"]
    assert doubt.found is True
    assert "200 × 133" in doubt.sentence


def test_screenshots_by_size_and_camera(tmp_path: Path) -> None:
    screen = np.resize(CAT, (1136, 640, 3))
    assert doubts(read_photo(saved(tmp_path, "a.png", screen)))["screenshot"].found is True
    assert doubts(read_photo(saved(tmp_path, "b.png", CAT)))["screenshot"].found is False
    assert doubts(Photo.from_array(screen))["screenshot"].found is None
    camera = Photo(
        rgb=np.zeros((1136, 640, 3), np.float32),
        format="PNG",
        exif=MappingProxyType({"camera": "Box 1"}),
    )
    assert doubts(camera)["screenshot"].found is False


def test_drawings_have_even_parts() -> None:
    drawn = np.full((300, 500, 3), 255, np.uint8)
    drawn[100:200, 100:300] = (200, 30, 30)
    assert doubts(Photo.from_array(drawn))["drawing"].found is True
    assert doubts(Photo.from_array(CAT))["drawing"].found is False


def test_movement_only_where_the_method_tells_it() -> None:
    photo = Photo.from_array(CAT)
    one = np.ones(CAT.shape[:2], np.float32)
    assert doubts(photo)["motion"].found is None

    def motion(anisotropy: float) -> bool | None:
        defocus = DefocusMap(one, one, "net", anisotropy=anisotropy * one)
        return next(d for d in check_doubts(photo, defocus) if d.name == "motion").found

    assert (motion(0.1), motion(0.8)) == (False, True)
    # Where blur is a streak, one sigma is not all there is to say, and confidence is low.
    unsure = DefocusMap(one, 0.1 * one, "net", anisotropy=0.9 * one)
    assert next(d for d in check_doubts(photo, unsure) if d.name == "motion").found is True
    noisy = DefocusMap(one, 0 * one, "net", anisotropy=0.9 * one, doubt="Noise hides the blur.")
    assert next(d for d in check_doubts(photo, noisy) if d.name == "motion").found is None


def text(height: int, width: int) -> npt.NDArray[np.uint8]:
    """Dense lines of letters, as a screen shows them."""
    page = Image.new("RGB", (width, height), (250, 250, 250))
    words = "The quick brown fox measures 12.5 px of blur, or so; (see below) OK / Cancel " * 2
    for top in range(4, height - 14, 22):
        line = words[top % 20 :]
        ImageDraw.Draw(page).text((4, top), line, (20, 20, 20), ImageFont.load_default(14))
    return np.asarray(page)


def test_drawn_parts_of_a_photograph_are_found() -> None:
    whole = estimate_defocus(text(480, 640), method="edge")
    found = next(d for d in check_doubts(Photo.from_array(text(480, 640)), whole) if d.found)
    assert (found.name, found.sentence) == ("drawing", whole.doubt)
    half = Photo.from_array(np.concatenate([CAT, text(300, 451)]))
    doubt = doubts(half)["drawing"]
    assert doubt.found is True
    share = int(doubt.sentence.split(" %")[0])
    assert 25 < share < 55


def test_text_over_a_blurred_picture_is_finer_than_its_blur() -> None:
    blurred = np.asarray(
        Image.fromarray(CAT).resize((480, 320)).filter(ImageFilter.GaussianBlur(3))
    )
    plain = doubts(Photo.from_array(blurred), sigma=3.0)["finer_detail"]
    assert plain.found is False
    written = Image.fromarray(blurred)
    for top in (40, 120, 200):
        ImageDraw.Draw(written).text((20, top), "breaking news", font=ImageFont.load_default(48))
    found = doubts(Photo.from_array(np.asarray(written)), sigma=3.0)["finer_detail"]
    assert found.found is True
    assert "drawn over a blurred picture" in found.sentence


def test_finer_detail_is_unknown_without_pixels() -> None:
    one = np.ones(CAT.shape[:2], np.float32)
    defocus = DefocusMap(one, one, "paper", unit="map units")
    found = {doubt.name: doubt for doubt in check_doubts(Photo.from_array(CAT), defocus)}
    assert found["finer_detail"].found is None
