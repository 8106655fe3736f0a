"""`blurprint dataset table`: counts on the screen, the table in a file."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from blurprint.cli.data_options import LAYOUT_NAMES
from blurprint.cli.dataset import app
from blurprint.lab.datasets.read import LAYOUTS
from trees import grow


@pytest.fixture
def root(tmp_path):
    for index in range(10):
        grow(tmp_path, f"gan/real/{index}/0.png", f"gan/fake/{index}/0.png")
    return tmp_path


def run(*arguments: object):
    return CliRunner().invoke(app, ["table", *map(str, arguments)], env={"COLUMNS": "100"})


@pytest.mark.parametrize("name", ["new/table.csv", "table.parquet"])
def test_counts_and_file(root, name):
    result = run("--data", f"folder:{root}", "--out", root / name)
    assert result.exit_code == 0, result.output
    assert [part for part in ("train", "val", "test") if part in result.output] == [
        "train",
        "val",
        "test",
    ]
    read = pd.read_csv if name.endswith("csv") else pd.read_parquet
    written = read(root / name)
    assert written.columns.tolist() == ["path", "label", "method", "group", "split", "clip"]
    assert len(written) == 20
    again = run("--data", f"table:{root / name}", "--part", "test")
    assert again.exit_code == 0, again.output


def test_a_table_written_elsewhere_is_read_back(root, monkeypatch):
    monkeypatch.chdir(root)
    assert run("--data", "folder:gan", "--out", "tables/t.csv").exit_code == 0
    monkeypatch.chdir(root / "tables")
    result = run("--data", "table:t.csv", "--out", "again.csv")
    assert result.exit_code == 0, result.output
    assert (root / "tables/t.csv").read_text() == (root / "tables/again.csv").read_text()


def test_errors_are_one_line(root):
    for arguments, words in (
        (["--data", "pictures:/a"], "Expected LAYOUT:PATH"),
        (["--data", f"folder:{root}", "--split", "authors"], "folder has (official, identity)"),
        (["--data", f"folder:{root}", "--fake-type", "vae"], "fake types among gan"),
        (["--data", f"folder:{root}", "--out", root / "t.xlsx"], "but got .xlsx"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("blurprint: ")
        assert words in result.stderr
        assert result.stderr.count("\n") == 1


def test_warnings_are_notes(root):
    grow(root, "ddb/part-000001/a.png", "ddb/part-000001/b.png")
    result = run("--data", f"diffusiondb:{root / 'ddb'}")
    assert result.exit_code == 0
    assert result.stderr.startswith("blurprint: note: ")
    assert "UserWarning" not in result.stderr


def test_the_help_names_every_layout_and_does_not_wait_for_pandas():
    assert tuple(LAYOUTS) == LAYOUT_NAMES
    code = "import sys, blurprint.cli.dataset; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
