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
    for arguments, words, status in (
        (["--data", "pictures:/a"], "Expected LAYOUT:PATH", 2),
        (["--data", f"folder:{root}", "--part", "exam"], "train, val, test or all", 2),
        (["--data", f"folder:{root}", "--split", "luck"], "Expected `split`", 2),
        (["--data", f"folder:{root}", "--label", "cat"], "NAME=real", 2),
        (["--data", f"folder:{root}", "--split", "authors"], "folder has (official, identity)", 1),
        (["--data", f"folder:{root}", "--fake-type", "vae"], "fake types among gan", 1),
        (["--data", f"folder:{root}", "--out", root / "t.xlsx"], "but got .xlsx", 2),
    ):
        result = run(*arguments)
        assert result.exit_code == status
        assert result.stderr.startswith("blurprint: ")
        assert words in result.stderr
        assert result.stderr.count("\n") == 1


def test_what_was_inferred_comes_first_in_six_lines(root):
    grow(root, "gan/old/a.png", "gan/real/0/1.mp4", "gan/readme.txt", "gan/fake/0/1.png")
    result = run("--data", f"folder:{root / 'gan'}", "--frames", "1", "--label", "Foo=fake")
    assert result.exit_code == 0
    lines = result.stderr.splitlines()
    assert lines[:2] == [
        'Labels: real = "real" (10); fake = "fake" (10)',
        "Parts: drawn by whole groups, 70/10/20 %, seed 42",
    ]
    assert lines[2].startswith("Read: train: 7 real pictures (7 clips, 7 groups), 7 fake pictures")
    assert lines[3] == (
        "Inferred: at most 1 frame of each clip (--frames): 1 of 2 in 1 clip that has more; --label"
        " Foo met no such name"
    )
    assert lines[4] == (
        "Left out: 1 video in class folders that hold pictures: real (1); 1 picture or video"
        " in no folder named as a label: old/ (1) (--label old=real|fake takes them); 1 file of"
        " another kind"
    )
    assert len(lines) == 5
    assert "UserWarning" not in result.stderr


def test_a_part_that_lacks_a_class_is_a_warning(root):
    grow(root, "a/train/real/0.png", "a/train/fake/0.png", "a/dev/fake/0.png", "a/eval/real/0.png")
    result = run("--data", f"folder:{root / 'a'}")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[1] == (
        'Parts: train = "train" (2); val = "dev" (1); test = "eval" (1)'
    )
    assert result.stderr.splitlines()[-1] == (
        "Warning: part val has no reals; part test has no fakes"
    )


def test_the_help_names_every_layout_and_does_not_wait_for_pandas():
    assert tuple(LAYOUTS) == LAYOUT_NAMES
    code = "import sys, blurprint.cli.dataset; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
