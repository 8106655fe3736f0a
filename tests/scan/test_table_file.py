"""Tables: the same rows in CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blurprint.errors import InputError
from blurprint.scan.rows import Rows, row_without_results
from blurprint.scan.table_file import check_table_file, write_table

ROWS = [
    {
        "source": 'a "b",\nc.jpg',
        "status": "analysed",
        "error": None,
        "blur_px": 0.25,
        "width_px": 8,
    },
    row_without_results("b.jpg", "failed", "is empty"),
    {"source": "c.jpg", "status": "analysed", "error": None, "blur_px": None, "width_px": 9},
]
COLUMNS = ["source", "status", "error", "blur_px", "width_px"]


@pytest.fixture
def rows() -> Iterator[Rows]:
    with Rows() as kept:
        indices = [kept.expect(str(row["source"])) for row in ROWS]
        for index in reversed(indices):  # pictures are not done in their order
            kept.put(index, ROWS[index])
        yield kept


def read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_every_row_and_column_comes_back(rows, tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    check_table_file(path)
    write_table(path, rows)
    back = read(path)
    assert [list(row) for row in back] == [COLUMNS] * 3
    assert [row["source"] for row in back] == [row["source"] for row in ROWS]
    assert [row["blur_px"] for row in back] in ([0.25, None, None], ["0.25", None, None])
    assert back[1]["error"] == "is empty"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_what_was_never_reached_says_so():
    with Rows() as rows:
        rows.expect("a.jpg")
        assert [row["status"] for row in rows] == ["not reached"]


@pytest.mark.parametrize("name", ["t.xlsx", "t", "no/such/folder/t.csv"])
def test_impossible_tables_are_refused_before_the_work(tmp_path, name):
    with pytest.raises(InputError, match=name.rpartition("/")[2]):
        check_table_file(tmp_path / name)


def test_an_earlier_table_is_not_replaced_unasked(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("precious")
    with pytest.raises(InputError, match="exists already"):
        check_table_file(path)
    check_table_file(path, replace=True)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match="pip install pyarrow"):
        check_table_file(tmp_path / "t.parquet")
    check_table_file(tmp_path / "t.csv")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_file_is_a_formula(tmp_path, start):
    row = {"source": f"{start}cmd|' /C calc'!A0.jpg", "blur_px": -0.5}
    for suffix in (".csv", ".jsonl"):
        write_table(tmp_path / f"table{suffix}", [row])
    (csv_row,) = read(tmp_path / "table.csv")
    assert csv_row == {"source": f"'{row['source']}", "blur_px": "-0.5"}
    assert read(tmp_path / "table.jsonl") == [row]


def test_a_table_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        check_table_file(tmp_path / f"{'x' * 250}.csv")
    check_table_file(tmp_path / "table.csv")
    assert list(tmp_path.iterdir()) == []
