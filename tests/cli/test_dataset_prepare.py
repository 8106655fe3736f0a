"""`blurprint dataset prepare` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from interrupts import interrupts_heard
from videos import moving, numbered, write_video


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "blurprint", "dataset", "prepare", *map(str, arguments)]


def prepare(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=300, check=False
    )


def test_a_broken_video_is_named_and_the_rest_is_done(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    write_video(source / "videos/good.mp4", moving(8))
    write_video(source / "videos/stripes.mp4", numbered(8))
    (source / "videos/bad [x].mp4").write_bytes(b"no video")
    run = prepare(source, "--out", out, "--frames", 3)
    assert run.returncode == 1
    assert "1 of 3 files gave 3 crops; 1 show no face, 1 failed; 0 were done before" in run.stdout
    assert "bad [x].mp4: cannot be read as a video" in run.stderr
    assert "stripes.mp4: no face found" in run.stderr
    assert len(list((out / "faces/good").glob("*.png"))) == 3
    (source / "videos/bad [x].mp4").unlink()
    again = prepare(source, "--out", out, "--frames", 3)
    assert again.returncode == 0
    assert "2 were done before" in again.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_leaves_what_was_finished(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    first = write_video(source / "00.mp4", moving(20))
    for index in range(1, 8):
        os.link(first, source / f"{index:02d}.mp4")
    arguments = (source, "--out", out, "--frames", 10, "--workers", 1)
    with interrupts_heard():
        process = subprocess.Popen(
            command(*arguments), stderr=subprocess.PIPE, text=True, start_new_session=True
        )
    manifest = out / "manifest.jsonl"
    deadline = time.monotonic() + 240
    while not (manifest.exists() and manifest.read_bytes().count(b"\n") >= 2):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "interrupted; the same command goes on" in errors
    assert "Traceback" not in errors
    done = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    assert 2 <= len(done) < 8
    assert {one["status"] for one in done} == {"done"}
    run = prepare(*arguments)
    assert run.returncode == 0
    assert f"8 of 8 files gave 80 crops; 0 show no face, 0 failed; {len(done)} were" in run.stdout


def test_a_folder_of_nothing_is_named(tmp_path):
    run = prepare(tmp_path, "--out", tmp_path / "out")
    assert run.returncode == 1
    assert run.stderr.strip().endswith(f"{tmp_path}: holds no videos and no pictures")
    assert not Path(tmp_path / "out").exists()
