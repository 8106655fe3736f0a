"""Many pictures in several processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.errors import OutputError
from blurprint.scan.analyze_files import analyze_files, check_folder
from blurprint.scan.settings import ANALYSED, FAILED, Job, Settings
from dying import DyingPath

SETTINGS = Settings("edge", 2048, 10**8)


def jobs(folder: Path, count: int) -> list[Job]:
    made = []
    for index in range(count):
        path = folder / f"{index}.png"
        Image.fromarray(np.full((12, 16, 3), index, np.uint8)).save(path)
        made.append(Job(index, path, str(index)))
    return made


def test_a_picture_that_ends_its_process_is_one_failure(tmp_path):
    work = jobs(tmp_path, 5)
    work[2] = Job(2, DyingPath(work[2].path), "2")
    outcomes = {o.job.index: o for o in analyze_files(work, SETTINGS, jobs=2)}
    assert {index: outcome.status for index, outcome in outcomes.items()} == {
        **dict.fromkeys(range(5), ANALYSED),
        2: FAILED,
    }
    assert "ended the process" in outcomes[2].error


def test_a_stop_lets_what_is_at_work_be_finished(tmp_path):
    done: list[int] = []
    work = jobs(tmp_path, 12)
    for outcome in analyze_files(work, SETTINGS, jobs=1, stopped=lambda: len(done) >= 3):
        assert outcome.status == ANALYSED
        done.append(outcome.job.index)
    assert 3 <= len(done) <= 5


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file/o: cannot be made \(Not a directory\)"):
        check_folder(tmp_path / "file/o")
    check_folder(tmp_path / "a/b")
    assert list((tmp_path / "a/b").iterdir()) == []


def test_many_pictures_need_neither_torch_nor_pandas():
    code = (
        "import sys, blurprint.cli.analyze_printer, blurprint.scan.scan_pictures, "
        "blurprint.scan.table_file, blurprint.scan.rows; "
        "print([m for m in ('torch', 'pandas', 'pyarrow', 'scipy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
