"""JPEG quality from the tables, and the resolution of colour."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from skimage import data as samples

from blurprint import read_provenance
from exif_data import jpeg

PICTURE = Image.fromarray(samples.coffee()[:120, :160])


@pytest.mark.parametrize("quality", [5, 49, 50, 51, 75, 90, 95, 100])
@pytest.mark.parametrize(("sampling", "words"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_the_quality_of_the_standard_library(quality: int, sampling: int, words: str) -> None:
    row = read_provenance(jpeg(PICTURE, quality, subsampling=sampling))["jpeg"]
    assert row.details["quality"] == quality
    assert row.details["standard_tables"] is True
    assert row.details["subsampling"] == words
    assert f"Quality {quality} of 100" in row.found


def test_other_tables_are_said() -> None:
    file = io.BytesIO()
    table = [2 + n // 4 for n in range(64)]
    PICTURE.save(file, "JPEG", qtables=[table, table])
    row = read_provenance(file.getvalue())["jpeg"]
    assert row.details["standard_tables"] is False
    assert "Not the standard tables: Photoshop or a camera" in row.found


def test_gray() -> None:
    assert read_provenance(jpeg(PICTURE.convert("L")))["jpeg"].found.endswith("; gray.")


@pytest.mark.parametrize("container", ["PNG", "WEBP", "GIF", "TIFF"])
def test_no_jpeg(container: str) -> None:
    file = io.BytesIO()
    PICTURE.save(file, container)
    row = read_provenance(file.getvalue())["jpeg"]
    assert row.status == "none"
    assert container in row.found
