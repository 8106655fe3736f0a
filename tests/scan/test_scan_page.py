"""docs/scan.md names every column and status, as the tables have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from blurprint.evidence.measure import MEASURES
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.scan.bytes_row import bytes_row
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.columns import STATUSES, Column, columns_of
from blurprint.scan.table.frame_columns import FACE_COLUMNS, frame_columns_of

PAGE = (Path(__file__).parents[2] / "docs/scan.md").read_text("utf-8")
TYPES = {str: "text", int: "whole number", float: "number"}


def table_after(heading: str) -> list[tuple[str, ...]]:
    text = PAGE.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `(.+)$", text, re.M)
    return [tuple(cell.strip(" `") for cell in row.removesuffix("|").split(" | ")) for row in rows]


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("## Columns", columns_of("net")),
        ("### Faces in frames of videos", frame_columns_of("net")),
    ],
)
def test_the_page_has_the_columns_of_the_table(heading: str, columns: tuple[Column, ...]) -> None:
    wanted = [(one.name, TYPES[one.type], one.meaning.strip("`")) for one in columns]
    assert [(name, kind, meaning) for name, kind, meaning in table_after(heading)] == wanted
    assert len({one.name for one in columns}) == len(columns)


def test_the_page_has_the_statuses() -> None:
    assert dict(table_after("## Statuses")) == STATUSES


@pytest.mark.parametrize("method", ["net", "edge", "paper"])
def test_every_measurement_has_its_column_and_error(method: str) -> None:
    names = {one.name for one in columns_of(method)}
    for measure in (*MEASURES, *FACE_MEASURES):
        assert any(name.startswith(f"{measure}_error") for name in names)
        assert f"{measure}_percentile" in names
    assert not {"blur_median_px", "blur_p50_px"} & names or method != "paper"
    assert {one.name for one in frame_columns_of(method)} & FACE_COLUMNS


def test_a_row_has_no_column_that_the_table_has_not(astronaut_jpeg: bytes) -> None:
    row = bytes_row(astronaut_jpeg, ScanSettings(method="edge"))
    assert row["status"] == "ok"
    assert set(row) <= {one.name for one in columns_of("edge")}


@pytest.fixture(scope="module")
def astronaut_jpeg() -> bytes:
    import io

    from PIL import Image
    from skimage import data

    file = io.BytesIO()
    Image.fromarray(data.astronaut()).resize((256, 256)).save(file, "JPEG")
    return file.getvalue()
