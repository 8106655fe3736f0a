"""The page of a scan: distributions, and what stands apart from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.store.layout import Layout, Output
from blurprint.scan.store.shards import write_shard
from blurprint.scan.summary.gather import MOST_OF_ONE, MOST_SHOWN, gathered
from blurprint.scan.summary.measures import Counts, Measure, measures_of
from blurprint.scan.summary.page import write_summary
from blurprint.scan.table.columns import columns_of
from blurprint.scan.table.row import full_row

NET = measures_of("net")


def folder_of(path: Path, rows: list[dict[str, Any]], output: Output = "parquet") -> Layout:
    columns = columns_of("net")
    lines = [json.dumps(full_row(row, columns)).encode() + b"\n" for row in rows]
    path.mkdir(exist_ok=True)
    if output == "parquet":
        half = len(lines) // 2
        write_shard(path / "rows-00000.parquet", lines[:half], columns)
        write_shard(path / "rows-00001.parquet", lines[half:], columns)
    else:
        (path / "rows.jsonl").write_bytes(b"".join(lines) + b'{"totals": {}}\n')
    return Layout(path, output)


def row(number: int, **more: Any) -> dict[str, Any]:
    values = np.random.default_rng(number).normal(0, 0.1, 4)
    return {
        "path": f"{number}.jpg",
        "status": "ok",
        "label": "unsure",
        "blur_median_px": float(np.exp(values[0])),
        "blur_median_error_px": 0.01,
        "blur_range_px": float(np.exp(values[1])),
        "centre_border_px": float(values[2]),
        "face_inner_ring_log_ratio": float(values[3]),
        "face_inner_ring_error_log_ratio": 0.01,
        "measured_share_percent": 50.0,
        **more,
    }


@given(st.lists(st.floats(0.01, 100), min_size=20, max_size=200))
def test_quartiles_of_the_bins_are_those_of_the_values(values: list[float]) -> None:
    counts = Counts(Measure("a", "", "A", "", 0.01, 100, log=True))
    counts.add(np.array([*values, np.nan]))
    assert counts.total == len(values)
    for share in (0.25, 0.5, 0.75):
        low, high = (np.quantile(values, share, method=how) for how in ("lower", "higher"))
        bin_width = (100 / 0.01) ** (1.01 / 480)
        got = counts.measure.value(counts.place(share))
        assert low / bin_width <= got <= high * bin_width or got == pytest.approx(low)


def test_what_lies_beyond_the_axis_is_counted() -> None:
    counts = Counts(Measure("a", "", "A", "", -1, 1))
    counts.add(np.array([-5.0, -1.0, 0.0, 1.0, 7.0, np.nan, np.inf]))
    assert (counts.below, counts.above, int(counts.bins.sum())) == (1, 1, 3)


@pytest.mark.parametrize("output", ["parquet", "jsonl"])
def test_what_stands_apart_comes_first_and_errors_count(tmp_path, output) -> None:
    rows = [row(number) for number in range(60)]
    rows[7] |= {"blur_median_px": 12.0}
    rows[8] |= {"face_inner_ring_log_ratio": -1.2}
    rows[9] |= {"face_inner_ring_log_ratio": 1.3, "face_inner_ring_error_log_ratio": 1.0}
    rows[10] |= {"label": "fake", "likelihood_ratio": 9.0}
    rows[11] |= {"label": "fake", "likelihood_ratio": 30.0}
    rows[12] |= {"status": "unreadable", "blur_median_px": None, "label": None}
    found = gathered(folder_of(tmp_path / "out", rows, output), NET, len(rows))
    assert [one.row["path"] for one in found.fakes] == ["11.jpg", "10.jpg"]
    first = found.unusual[:2]
    assert {one.row["path"] for one in first} == {"7.jpg", "8.jpg"}
    assert {one.measure.column for one in first if one.measure} == {
        "blur_median_px",
        "face_inner_ring_log_ratio",
    }
    strength = {one.row["path"]: one.strength for one in found.unusual}
    assert strength.get("9.jpg", 0.0) < 2, "its error is as large as its distance"
    assert strength["8.jpg"] > 3


def test_no_measure_fills_the_page_alone(tmp_path) -> None:
    rows = [row(number) for number in range(200)]
    for number in range(20):
        rows[number] |= {"centre_border_px": 4.0 + number / 10}
    found = gathered(folder_of(tmp_path / "out", rows), NET, len(rows))
    apart = [
        one for one in found.unusual if one.measure and one.measure.column.startswith("centre")
    ]
    assert len(apart) == MOST_OF_ONE and len(found.unusual) <= MOST_SHOWN
    assert [one.row["path"] for one in apart] == [f"{number}.jpg" for number in range(19, 13, -1)]


def test_few_pictures_have_nothing_unusual(tmp_path) -> None:
    found = gathered(folder_of(tmp_path / "out", [row(1), row(2)]), NET, 2)
    assert found.unusual == []


def test_the_page_escapes_names_and_shows_the_pictures(tmp_path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    name = '<img src=x onerror="alert(1)">\u202e.png'
    Image.fromarray(pixels).save(tmp_path / name)
    rows = [row(number) for number in range(30)]
    rows[3] |= {"path": str(tmp_path / name), "blur_median_px": 15.0}
    member = tmp_path / "a.zip!b.png"
    Image.fromarray(pixels).save(member)  # a file of that name, whose picture is another
    rows[4] |= {"path": str(member), "label": "fake", "likelihood_ratio": 12.0}
    layout = folder_of(tmp_path / "out", rows)
    path = write_summary(
        layout,
        ScanSettings(),
        statuses={"ok": 30},
        labels={"unsure": 29, "fake": 1},
        account=["Left out: other files (1): <b>.txt"],
        problems=["<b>cut.tar: unexpected end of data"],
        complete=False,
    )
    page = path.read_text("utf-8")
    assert "<img src=x" not in page and "&lt;img src=x" in page and "\u202e" not in page
    assert "<b>.txt" not in page and "<b>cut.tar" not in page
    assert "&lt;b&gt;cut.tar: unexpected end of data" in page
    assert page.count("data:image/webp") == 1
    assert "Not shown here" in page and "Likelihood ratio 12" in page
    assert "not complete" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


@pytest.mark.parametrize("method", ["net", "paper"])
def test_a_scan_without_rows_has_a_page(tmp_path, method) -> None:
    columns = columns_of(method)
    (tmp_path / "out").mkdir()
    write_shard(tmp_path / "out/rows-00000.parquet", [], columns)
    settings = ScanSettings(method=method)
    path = write_summary(Layout(tmp_path / "out", "parquet"), settings, statuses={}, labels={})
    assert "Nothing was measured" in path.read_text("utf-8")


@pytest.mark.parametrize("method", ["net", "paper"])
def test_the_page_shows_columns_that_there_are(method) -> None:
    names = {column.name for column in columns_of(method)}
    for measure in measures_of(method):
        assert measure.column in names and (not measure.error or measure.error in names)
