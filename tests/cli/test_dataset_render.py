"""`blurprint dataset render`: a data set that the other commands read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "blurprint", "dataset", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def test_it_renders_what_table_reads(tmp_path):
    done = run(
        "render", "--out", "d", "--identities", "5", "--pairs", "2", "--size", "48", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "20 pictures: --data folder:d" in done.stdout
    shown = run("table", "--data", "folder:d", "--out", "t.csv", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert len((tmp_path / "t.csv").read_text("utf-8").splitlines()) == 21
    again = run("render", "--out", "d", cwd=tmp_path)
    assert again.returncode == 1 and "not an empty folder" in again.stderr
