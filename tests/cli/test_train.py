"""`blurprint train estimator` from photographs to weights that read, in miniature."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.optics.net import net_map

pytestmark = pytest.mark.slow

TINY = ["--examples", "32", "--validation-examples", "4", "--steps", "3", "--batch-size", "4"]


def train(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "blurprint", "train", "estimator", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    # Every split takes about a tenth, by the files' content: sixty make sure that none is empty.
    for name in ("astronaut", "coffee", "rocket"):
        picture = getattr(data, name)()
        for index in range(20):
            left = 10 * index
            Image.fromarray(picture[:380, left : left + 380]).save(folder / f"{name}-{index}.png")
    return folder


def test_from_photographs_to_weights(photos, tmp_path):
    run = train(
        "--photos",
        photos,
        "--out",
        "o",
        "--workers",
        "1",
        "--crop",
        "64",
        "--sources",
        "public domain",
        *TINY,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    out = tmp_path / "o"
    card = json.loads((out / "weights/estimator.json").read_text("utf-8"))
    assert card["training"]["settings"]["steps"] == 3
    assert card["training"]["rendered"]["train"] == 32
    assert card["training"]["photographs"]["sources"] == "public domain"
    assert card["training"]["photographs"]["count"] == 60
    assert card["sigma"] == card["training"]["settings"]["sigma"] == "whole"
    assert all(told["pixels"] > 0 for told in card["by_condition"].values())
    assert list((out / "tensorboard").iterdir())
    picture = np.random.default_rng(0).random((48, 70, 3)).astype(np.float32)
    assert net_map(picture, card=out / "weights/estimator.json").shape == (48, 70)
    fast = json.loads((out / "weights/estimator-int8.json").read_text("utf-8"))
    assert fast["quantized"]["from"]["sha256"] == card["sha256"]
    assert net_map(picture, card=out / "weights/estimator-int8.json").shape == (48, 70)

    again = train("--photos", photos, "--out", "o", *TINY, cwd=tmp_path)
    assert again.returncode == 1
    assert "--resume" in again.stderr


def test_an_empty_folder_is_named(tmp_path):
    (tmp_path / "none").mkdir()
    run = train("--photos", "none", "--out", "o", *TINY, cwd=tmp_path)
    assert run.returncode == 1
    assert "none" in run.stderr
    assert "Traceback" not in run.stderr


def test_wrong_usage(tmp_path):
    assert train("--photos", ".", cwd=tmp_path).returncode == 2
    assert train("--photos", ".", "--out", "o", "--sigma", "both", cwd=tmp_path).returncode == 2


def test_renders_of_an_earlier_version_are_refused_and_kept(photos, tmp_path):
    file = tmp_path / "o/rendered/train/shard-00000.npz"
    file.parent.mkdir(parents=True)
    settings = {"version": 8, "seed": 0, "index": 0, "count": 32, "size": 192}
    np.savez(file, settings=np.array(json.dumps(settings)))
    before = file.read_bytes()
    run = train("--photos", photos, "--out", "o", "--workers", "1", *TINY, cwd=tmp_path)
    assert run.returncode == 1
    assert "version 8" in run.stderr and "render again" in run.stderr
    assert "Traceback" not in run.stderr
    assert file.read_bytes() == before
