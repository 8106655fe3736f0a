"""`blurprint benchmark portraits`: one command from portraits to the table."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image
from skimage import data
from typer.testing import CliRunner

from blurprint.cli.main import app


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["benchmark", "portraits", *map(str, arguments)])
    return result.exit_code, result.output


def test_portraits_to_a_table(tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "table.json"
    photos.mkdir()
    Image.fromarray(data.astronaut()[:256, :320]).save(photos / "a.png")
    Image.fromarray(data.coffee()[:200, :200]).save(photos / "b.png")
    (photos / "c.jpg").write_bytes(b"broken")
    code, said = run("--photos", photos, "--out", out, "--method", "edge")
    assert code == 0
    assert "1 portraits measured" in said
    assert "1 without a face" in said
    assert "c.jpg" in said
    assert json.loads(out.read_text("utf-8"))["portraits"] == 1


def test_nothing_is_written_without_a_face(tmp_path: Path) -> None:
    code, said = run("--photos", tmp_path, "--out", tmp_path / "table.json")
    assert code == 1
    assert "found a face in none" in said
    assert list(tmp_path.iterdir()) == []
    assert run("--photos", tmp_path, "--out", tmp_path / "x", "--method", "sharp")[0] == 2
