"""`blurprint benchmark reference`: one command from photographs to the table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from blurprint.cli.main import app


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["benchmark", "reference", *map(str, arguments)])
    return result.exit_code, result.output


def test_photographs_to_a_table(tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "table.json"
    photos.mkdir()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8)).save(photos / "a.png")
    (photos / "b.jpg").write_bytes(b"broken")
    code, said = run("--photos", photos, "--out", out, "--method", "edge")
    assert code == 0
    assert "1 photographs measured" in said
    assert "b.jpg" in said
    assert json.loads(out.read_text("utf-8"))["methods"]["edge"]["photographs"] == 1


def test_nothing_is_written_without_photographs(tmp_path: Path) -> None:
    code, said = run("--photos", tmp_path, "--out", tmp_path / "table.json")
    assert code == 1
    assert "Expected photographs" in said
    assert list(tmp_path.iterdir()) == []
    assert run("--photos", tmp_path, "--out", tmp_path / "x", "--method", "sharp")[0] == 2
