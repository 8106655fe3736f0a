"""The thumbnail in EXIF against the picture: the same however it was made, or another."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data as samples

from blurprint import ProvenanceRow, read_provenance
from exif_data import exif, jpeg, jpeg_with

PICTURE = Image.fromarray(samples.coffee())  # 600 x 400
OTHER = Image.fromarray(samples.astronaut())


def row_of(picture: Image.Image, thumbnail: Image.Image | bytes) -> ProvenanceRow:
    small = thumbnail if isinstance(thumbnail, bytes) else jpeg(thumbnail, 70)
    return read_provenance(jpeg_with(picture, exif({}, thumbnail=small)))["thumbnail"]


def fitted(picture: Image.Image, width: int = 160) -> Image.Image:
    return picture.resize((width, round(width * picture.height / picture.width)))


def in_bars(picture: Image.Image) -> Image.Image:
    frame = Image.new("RGB", (160, 120))
    small = fitted(picture)
    frame.paste(small, (0, (120 - small.height) // 2))
    return frame


def cropped(picture: Image.Image) -> Image.Image:
    small = picture.resize((180, 120))
    return small.crop((10, 0, 170, 120))


@pytest.mark.parametrize("quality", [40, 90])
@pytest.mark.parametrize("make", [fitted, in_bars, cropped, lambda p: p.resize((160, 120))])
def test_a_thumbnail_of_the_picture(make: object, quality: int) -> None:
    row = row_of(PICTURE, jpeg(make(PICTURE), quality))
    assert row.status == "none", row.found
    assert "shows the picture" in row.found


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_thumbnail_that_was_not_turned_with_the_picture(turns: int) -> None:
    turned = Image.fromarray(np.rot90(np.asarray(PICTURE), turns).copy())
    row = row_of(turned, fitted(PICTURE))
    assert row.status == "none"
    assert "turned" in str(row.details["made"])


def test_brighter_is_still_the_same() -> None:
    brighter = PICTURE.point(lambda value: min(255, int(value * 1.1 + 6)))
    assert row_of(brighter, fitted(PICTURE)).status == "none"


def test_another_picture() -> None:
    row = row_of(PICTURE, OTHER.resize((160, 107)))
    assert row.status == "found"
    assert "another picture" in row.found
    assert row.brief == "thumbnail differs"


def test_the_picture_before_it_was_cropped() -> None:
    inner = PICTURE.crop((60, 40, 540, 360))
    assert row_of(inner, fitted(PICTURE)).status == "found"


def test_something_was_pasted_after_the_thumbnail_was_made() -> None:
    changed = PICTURE.copy()
    ImageDraw.Draw(changed).ellipse((400, 60, 500, 160), fill=(230, 220, 40))
    row = row_of(changed, fitted(PICTURE))
    assert row.status == "found"
    assert "at least one place" in row.found


def test_no_thumbnail_is_unknown() -> None:
    assert read_provenance(jpeg(PICTURE))["thumbnail"].status == "unknown"


@pytest.mark.parametrize(
    "thumbnail",
    [
        b"not a jpeg at all",
        b"\xff\xd8\xff\xe0" + bytes(100),
        jpeg(PICTURE, 90)[:400],
        jpeg(Image.new("RGB", (2000, 8)), 90),
        jpeg(Image.new("RGB", (16, 16)), 90),
    ],
)
def test_thumbnails_that_cannot_be_used_are_unknown(thumbnail: bytes) -> None:
    assert row_of(PICTURE, thumbnail).status == "unknown"


def test_an_even_picture_has_nothing_to_compare() -> None:
    row = row_of(Image.new("RGB", (300, 200), "gray"), fitted(PICTURE))
    assert row.status == "unknown"
    assert "nothing to compare" in row.found
