"""`blurprint analyze` of videos: by name, in folders, with a table, kept, and where they fail."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.cli.summary import _of_frames
from blurprint.scan import inputs
from blurprint.scan.inputs import find_inputs
from blurprint.scan.one_picture import is_clip
from videos import write_video

RNG = np.random.default_rng(4)
NOISE = [RNG.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(6)]


def blurprint(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blurprint", *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    write_video(tmp_path / "in/clip.mp4", NOISE)
    Image.fromarray(NOISE[0]).save(tmp_path / "in/picture.png")
    (tmp_path / "in/broken.mov").write_bytes(b"no video")
    return tmp_path


def test_clips_of_a_folder_are_analysed_like_pictures(tree):
    command = ("analyze", "in", "--out", "o", "--table", "t.csv", "--method", "edge")
    run = blurprint(*command, "--frames", "3", cwd=tree)
    assert run.returncode == 1
    assert "2 of 3 files analysed (1 video, 1 picture), 1 failed." in run.stdout
    assert run.stderr.startswith("blurprint: in/broken.mov: cannot be read as a video")
    document = json.loads((tree / "o/clip/report.json").read_text("utf-8"))
    assert len(document["frames"]) == 3
    assert (tree / "o/clip/thumbnail.webp").exists()
    page = (tree / "o/index.html").read_text("utf-8")
    assert "Video of 0.2 s, 3 frames." in page
    assert "<h1>2 pictures and 1 video, 1 without a result</h1>" in page
    with (tree / "t.csv").open(newline="") as file:
        rows = {row["source"]: row for row in csv.DictReader(file)}
    assert rows["in/clip.mp4"]["clip_frames_analysed"] == "3"
    assert rows["in/picture.png"]["clip_frames_analysed"] == ""
    kept = blurprint(*command, "--frames", "3", "--skip-existing", cwd=tree)
    assert "2 kept from an earlier run" in kept.stdout
    other = blurprint(*command, "--frames", "all", "--skip-existing", cwd=tree)
    assert "was made of other frames" in other.stderr


def test_one_clip_alone_has_its_map_too(tree):
    run = blurprint("analyze", "in/clip.mp4", "--out", "o", "--method", "edge", cwd=tree)
    assert run.returncode == 0, run.stderr
    assert "All its 6 frames in 0.2 s were analysed." in run.stdout
    assert "No face was found in 6 frames." in run.stdout
    assert sorted(file.name for file in (tree / "o/clip").iterdir()) == [
        "defocus.npz",
        "report.html",
        "report.json",
    ]


def test_another_number_of_frames_is_wrong_usage(tree):
    run = blurprint("analyze", "in/clip.mp4", "--frames", "some", cwd=tree)
    assert run.returncode == 2
    assert "Expected `frames`" in run.stderr


def test_what_is_a_video_is_told_by_its_content(tree):
    named = tree / "no suffix"
    named.write_bytes((tree / "in/clip.mp4").read_bytes())
    picture = tree / "picture.mp4"
    picture.write_bytes((tree / "in/picture.png").read_bytes())
    assert is_clip(named)
    assert not is_clip(picture)
    assert is_clip(tree / "in/broken.mov")
    assert is_clip(tree / "missing.mp4")
    assert not is_clip(tree / "in/picture.png")


def test_without_the_package_clips_of_folders_are_left_out_and_named(tree, monkeypatch):
    monkeypatch.setattr(inputs, "find_spec", lambda name: None)
    found = find_inputs([tree / "in"], videos=True)
    assert [one.path.name for one in found.pictures] == ["picture.png"]
    account = " ".join(found.account())
    assert "videos, which need PyAV (pip install 'blurprint[video]') (2)" in account
    alone = find_inputs([tree / "in/clip.mp4"], videos=True)
    assert [one.path.name for one in alone.pictures] == ["clip.mp4"]


def test_a_value_of_few_frames_says_of_how_many():
    row = {"value": 0.35, "details": {"frames": 1.0}}
    assert _of_frames(row, 16) == ", in 1 of 16 frames"
    assert _of_frames(row, 1) == _of_frames(row, None) == ""
    assert _of_frames({"value": None, "details": {}}, 16) == ""
