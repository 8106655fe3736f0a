"""`blurprint analyze` on folders, as a user meets it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from blurprint.cli.main import app
from interrupts import interrupts_heard


def blurprint(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blurprint", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )


def paint(path: Path, seed: int = 0, side: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(pixels).save(path, format="JPEG")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for seed, name in enumerate(["a.jpg", "a.png", "one/a.jpg", "two words/ü/new\nline.jpg"]):
        paint(tmp_path / "in" / name, seed)
    (tmp_path / "in/one/broken.jpg").write_bytes(b"words")
    (tmp_path / "in/photo.cr2").write_bytes(b"")
    return tmp_path / "in"


def test_results_among_the_pictures_are_no_input_of_the_next_run(tree, tmp_path):
    shutil.rmtree(tree / "one")
    (tree / "a.png").unlink()
    for out in (tree / "results", tree, tmp_path / "outside"):
        arguments = ["analyze", "-r", tree, "--out", out, "--method", "edge", "--jobs", 1]
        run = CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})
        assert (run.exit_code, "2 pictures analysed" in run.stdout) == (0, True), run.stdout


def test_a_tree_and_its_account(tree, tmp_path):
    run = blurprint("analyze", "-r", "in", "--out", "o", "--method", "edge", cwd=tmp_path)
    assert run.returncode == 1
    assert "4 of 5 pictures analysed, 1 failed." in run.stdout
    assert "Left out: camera raw files, which cannot be read (1): in/photo.cr2" in run.stdout
    assert run.stderr.splitlines() == [
        "blurprint: in/one/broken.jpg: not a picture in a format that can be read"
    ]
    folders = {str(f.parent.relative_to(tmp_path / "o")) for f in (tmp_path / "o").rglob("*.json")}
    assert folders == {"a.jpg", "a.png", "one/a", "two words/ü/new\nline"}
    assert list((tmp_path / "o").rglob("*.npz")) == []
    page = (tmp_path / "o/index.html").read_text("utf-8")
    for name in ["broken.jpg", "not a picture in a format", "in/photo.cr2", "one/a/report.html"]:
        assert name in page
    again = blurprint(
        *("analyze", "-r", "in", "--out", "o", "--method", "edge", "--skip-existing"), cwd=tmp_path
    )
    assert "0 of 5 pictures analysed, 4 kept from an earlier run, 1 failed." in again.stdout


def test_json_and_table_have_a_row_for_every_failure(tree, tmp_path):
    (tree / "missing.jpg").symlink_to("nowhere")
    run = blurprint(
        *("analyze", "-r", "in", "https://example.org/x.jpg", "--json", "--table", "t.csv"),
        *("--method", "edge", "-j", "2"),
        cwd=tmp_path,
    )
    printed = [json.loads(line) for line in run.stdout.splitlines()]
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["source"]: row for row in csv.DictReader(file)}
    assert len(printed) == len(rows) == 7
    assert {one["input"]["source"] for one in printed} == set(rows)
    for one in printed:
        row = rows[one["input"]["source"]]
        assert (row["status"] == "failed") == ("error" in one)
        assert row["error"] == one.get("error", "")
    assert rows["https://example.org/x.jpg"]["status"] == "failed"
    assert {path.name for path in tmp_path.iterdir()} == {"in", "t.csv"}


def test_nothing_to_do_is_said(tree, tmp_path):
    command = ("analyze", "in/one/a.jpg", "in/a.jpg", "--out", "o", "--method", "edge")
    assert blurprint(*command, cwd=tmp_path).returncode == 0
    again = blurprint(*command, "--skip-existing", cwd=tmp_path)
    assert again.returncode == 0
    assert "Both pictures were analysed by an earlier run." in again.stdout


def test_a_folder_of_unreadable_files_has_an_overview_too(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(b"")
    run = blurprint("analyze", "in", "--out", "o", cwd=tmp_path)
    assert run.returncode == 1
    assert "0 of 1 picture analysed, 1 failed." in run.stdout
    assert "the file is empty" in (tmp_path / "o/index.html").read_text("utf-8")


def test_results_within_the_input_are_not_analysed(tree, tmp_path):
    for _ in range(2):
        run = blurprint(
            *("analyze", "-r", ".", "--out", "o", "--method", "edge", "--skip-existing"), cwd=tree
        )
        assert "of 5 pictures analysed" in run.stdout, run.stderr
    assert "folder of the results (1): o" in run.stdout


def test_npz_is_written_if_asked(tree, tmp_path):
    blurprint("analyze", "in/one", "--npz", "--out", "o", "--method", "edge", cwd=tmp_path)
    with np.load(tmp_path / "o/a/defocus.npz") as stored:
        assert stored["sigma"].dtype == np.float16


def test_a_picture_in_place_of_a_command_is_analysed(tree, tmp_path):
    run = blurprint("in/a.jpg", "--out", "o", "--method", "edge", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "o/a/report.html").exists()
    missing = blurprint("no.jpg", cwd=tmp_path)
    assert "no.jpg: no such file" in missing.stderr
    wrong = blurprint("analise", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "No such command" in wrong.stderr


def test_help_has_no_types_of_flags(tmp_path):
    for command in (["analyze"], ["dataset", "check"], []):
        assert "bool" not in blurprint(*command, "--help", cwd=tmp_path).stdout


def test_help_shows_the_defaults_that_stand_in_brackets(tmp_path):
    text = blurprint("analyze", "--help", cwd=tmp_path).stdout
    assert "[default: blurprint-report" in text
    assert "[default: as many as there are cores" in text


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--table", "t.xlsx"], ".parquet"),
        (["--skip-existing", "--json"], "--out"),
        (["--skip-existing", "--format", "html"], "report.json"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_wrong_usage_is_said_before_the_work(tree, tmp_path, arguments, word):
    run = blurprint("analyze", "in", *arguments, cwd=tmp_path)
    assert run.returncode == 2
    assert word in run.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def test_an_interrupted_run_says_what_was_kept_and_goes_on(tmp_path):
    for index in range(10):
        paint(tmp_path / f"in/{index}.jpg", index, side=700)
    command = ["analyze", "in", "--out", "o", "--table", "t.csv", "-j", "1"]
    with interrupts_heard():
        started = subprocess.Popen(
            [sys.executable, "-m", "blurprint", *command],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    with started as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "o/0/report.json").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    done = len(list((tmp_path / "o").glob("*/report.json")))
    assert 1 <= done < 10
    assert f"{done} of 10 pictures are kept in o; --skip-existing" in errors
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        states = [row["status"] for row in csv.DictReader(file)]
    assert states == ["analysed"] * done + ["not reached"] * (10 - done)
    again = blurprint(*command, "--skip-existing", cwd=tmp_path)
    assert f"{10 - done} of 10 pictures analysed, {done} kept from an earlier run." in again.stdout
