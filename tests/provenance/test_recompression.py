"""Earlier JPEG compressions of pictures of known history: shrunk, then saved once or twice."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data as samples

from blurprint import ProvenanceRow, read_provenance
from exif_data import jpeg

# Shrinking by an odd factor removes what compression there was.
PICTURES = {
    name: Image.fromarray(picture).resize((330, 330), Image.Resampling.LANCZOS)
    for name, picture in (
        ("astronaut", samples.astronaut()),
        ("coffee", samples.coffee()[:400, :400]),
        ("cat", samples.chelsea()[:, 50:350]),
    )
}
every_picture = pytest.mark.parametrize("name", PICTURES)


def row_of(data: bytes) -> ProvenanceRow:
    return read_provenance(data)["recompression"]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def saved(picture: Image.Image, container: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, container, **options)
    return file.getvalue()


@every_picture
@pytest.mark.parametrize("quality", [50, 75, 85, 92, 98, 100])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_saved_once(name: str, quality: int, subsampling: int) -> None:
    row = row_of(jpeg(PICTURES[name], quality, subsampling=subsampling))
    assert row.status == "none", row.found
    assert row.brief == ""


@every_picture
@pytest.mark.parametrize(("first", "second"), [(60, 90), (75, 85), (75, 95), (85, 95), (85, 75)])
def test_saved_twice_on_one_grid(name: str, first: int, second: int) -> None:
    row = row_of(jpeg(opened(jpeg(PICTURES[name], first)), second))
    assert row.status == "found"
    assert abs(float(str(row.details["quality"])) - first) <= 2
    assert row.details["same_grid"] is True
    assert "on the same grid of blocks as this file" in row.found


@every_picture
@pytest.mark.parametrize(("left", "top"), [(3, 5), (0, 4), (7, 0)])
def test_cropped_between(name: str, left: int, top: int) -> None:
    """The grid of the first file begins 8 - crop later in the second."""
    first = opened(jpeg(PICTURES[name], 60))
    row = row_of(jpeg(first.crop((left, top, 330, 330)), 95))
    assert row.status == "found"
    assert (row.details["grid_left"], row.details["grid_top"]) == (-left % 8, -top % 8)
    assert abs(float(str(row.details["quality"])) - 60) <= 2
    assert "cropped or moved" in row.found


@every_picture
@pytest.mark.parametrize("quality", [60, 80, 92])
@pytest.mark.parametrize("crop", [(0, 0), (3, 5)])
def test_a_png_of_a_jpeg(name: str, quality: int, crop: tuple[int, int]) -> None:
    picture = opened(jpeg(PICTURES[name], quality)).crop((*crop, 330, 330))
    row = row_of(saved(picture, "PNG"))
    assert row.status == "found"
    assert (row.details["grid_left"], row.details["grid_top"]) == (-crop[0] % 8, -crop[1] % 8)
    assert abs(float(str(row.details["quality"])) - quality) <= 2


@every_picture
@pytest.mark.parametrize("container", ["PNG", "WEBP", "TIFF"])
def test_never_a_jpeg(name: str, container: str) -> None:
    assert row_of(saved(PICTURES[name], container)).status == "none"


@every_picture
def test_what_leaves_no_sign_is_no_finding(name: str) -> None:
    """The same quality again, or resized between: the words say that these are not seen."""
    again = row_of(jpeg(opened(jpeg(PICTURES[name], 80)), 80))
    resized = row_of(jpeg(opened(jpeg(PICTURES[name], 80)).resize((250, 250)), 90))
    assert (again.status, resized.status) == ("none", "none")
    assert "the same quality again" in again.does_not_mean
    assert "resizing" in again.does_not_mean


def test_a_drawing_is_unknown() -> None:
    """Few colours look quantised on every grid."""
    rng = np.random.default_rng(0)
    page = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(page)
    for _ in range(80):
        x, y = int(rng.integers(600)), int(rng.integers(440))
        box = (x, y, x + int(rng.integers(9, 120)), y + int(rng.integers(9, 90)))
        draw.rectangle(box, fill=tuple(int(value) for value in rng.integers(0, 256, 3)))
    row = row_of(saved(page, "PNG"))
    assert row.status in ("unknown", "none")
    assert row_of(jpeg(page, 75)).status in ("unknown", "none")


@pytest.mark.parametrize("mode", ["P", "1", "CMYK", "I;16"])
def test_pictures_without_eight_bits_of_luminance_are_unknown(mode: str) -> None:
    picture = Image.new(mode, (128, 128))
    container = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    assert row_of(saved(picture, container)).status == "unknown"


def test_small_pictures_are_unknown() -> None:
    assert row_of(jpeg(PICTURES["cat"].resize((200, 40)))).status == "unknown"


def test_an_even_picture_shows_no_sign() -> None:
    assert row_of(jpeg(Image.new("RGB", (200, 200), "gray"))).status == "none"


@every_picture
def test_the_same_numbers_on_every_run(name: str) -> None:
    data = jpeg(opened(jpeg(PICTURES[name], 70)), 90)
    assert row_of(data) == row_of(data)
