"""From what was given to one regular file: streams without end, and what is none."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from blurprint.clips.source import clip_file
from blurprint.errors import PhotoError


def test_a_file_stays_where_it_is(tmp_path):
    file = tmp_path / "a.mp4"
    file.write_bytes(b"some bytes")
    with clip_file(file) as found:
        assert found.path == file
        assert found.sha256 == hashlib.sha256(b"some bytes").hexdigest()
        assert (found.size, found.note) == (10, "")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing.mp4", "missing.mp4: no such file"),
        ("", "empty one"),
        ("https://example.org/a.mp4", "addresses are not fetched"),
        ("empty.mp4", "empty.mp4: the file is empty"),
        ("folder", "is a folder, not a video"),
        ("nul\0.mp4", "is no path"),
    ],
)
def test_what_is_none_is_named(tmp_path, monkeypatch, name, why):
    monkeypatch.chdir(tmp_path)
    Path("empty.mp4").touch()
    Path("folder").mkdir()
    with pytest.raises(PhotoError, match=why), clip_file(name):
        pass


def feed(pipe: Path, data: bytes, *, for_ever: bool) -> threading.Thread:
    def write() -> None:
        try:
            with pipe.open("wb") as file:
                file.write(data)
                while for_ever:
                    file.write(data)
        except BrokenPipeError:
            pass

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


def test_a_pipe_that_ends_is_taken_whole(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    thread = feed(pipe, b"abc" * 100_000, for_ever=False)
    with clip_file(pipe) as found:
        assert found.path.read_bytes() == b"abc" * 100_000
        assert (found.size, found.note) == (300_000, "")
        kept = found.path
    assert not kept.exists()
    thread.join(5)


def test_of_a_pipe_without_end_the_beginning_is_taken(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    thread = feed(pipe, bytes(1000), for_ever=True)
    with clip_file(pipe, stream_bytes=50_000) as found:
        assert found.size == found.path.stat().st_size == 50_000
        assert "had not ended: its first 50,000 bytes" in found.note
    thread.join(5)
    assert not thread.is_alive()


def test_a_device_that_ends_at_once_is_empty():
    nothing = pytest.raises(PhotoError, match="/dev/null: the stream gave nothing")
    began = time.monotonic()
    with nothing, clip_file("/dev/null"):
        pass
    assert time.monotonic() - began < 5


def test_a_pipe_that_nobody_writes_to_does_not_wait_for_ever(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    began = time.monotonic()
    nothing = pytest.raises(PhotoError, match=r"gave nothing within 0\.3 s")
    with nothing, clip_file(pipe, stream_seconds=0.3):
        pass
    assert time.monotonic() - began < 5
