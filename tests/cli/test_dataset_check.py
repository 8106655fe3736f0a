"""`blurprint dataset check` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.lab.datasets.table import Sample, make_table, write_table
from trees import grow


def check(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "blurprint", "dataset", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reals are JPEG, fakes are PNG; the first fake of both parts is the same."""
    root = tmp_path_factory.mktemp("set")
    rng = np.random.default_rng(0)
    rows = []
    for index in range(48):
        label, split = index % 2, ("train", "test")[index // 2 % 2]
        coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        file = root / f"{index:02d}.{'png' if label else 'jpg'}"
        coarse.resize((80, 60), Image.Resampling.BICUBIC).save(file)
        if index == 3:
            file.write_bytes((root / "01.png").read_bytes())
        method = "GAN" if label else "real"
        rows.append(Sample(str(file), label, method, file.stem, split, str(file)))
    write_table(make_table(rows), root / "table.csv")
    return root


def test_findings_are_shown_and_written(data_set, tmp_path):
    run = check("--data", f"table:{data_set / 'table.csv'}", "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert "Warning: train: format alone predicts the label: AUC 1.00" in run.stdout
    assert "Warning: test: format alone predicts the label: AUC 1.00" in run.stdout
    assert "Warning: 1 pair of clips or pictures show the same in different splits" in run.stdout
    content = json.loads((tmp_path / "out/check.json").read_text("utf-8"))
    assert sum(one["pictures"] for one in content["counts"]) == 48
    assert "03.png" in (tmp_path / "out/check.csv").read_text("utf-8")


def test_strict_makes_warnings_fail(data_set):
    run = check("--data", f"table:{data_set / 'table.csv'}", "--strict", "--part", "train")
    assert run.returncode == 1
    assert "Warning: train: format" in run.stdout
    assert "Warning: test" not in run.stdout


def test_a_part_without_a_class_is_a_warning(tmp_path):
    grow(tmp_path, *(f"{part}/real/{index}.png" for part in ("train", "test") for index in "ab"))
    grow(tmp_path, "train/fake/a.png", "train/fake/b.png", "train/fake/c.png", "val/fake/d.png")
    run = check("--data", f"folder:{tmp_path}", "--strict")
    assert run.returncode == 1
    assert "Warning: part val has no reals; part test has no fakes" in run.stderr
    assert "Warning: part val has no reals; part test has no fakes" in run.stdout
    assert "No warnings" not in run.stdout


def test_a_missing_folder_is_named(tmp_path):
    run = check("--data", f"folder:{tmp_path / 'none'}")
    assert run.returncode == 1
    assert "none" in run.stderr
    assert "Traceback" not in run.stderr
