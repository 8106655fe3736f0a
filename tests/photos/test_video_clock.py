"""Times of frames whose stamps jump back, repeat or are missing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from blurprint.photos.video import frames_at
from blurprint.photos.video_clock import NO_FAULTS, Clock
from blurprint.photos.video_facts import video_facts
from blurprint.photos.video_table import VideoLimits, frame_table
from videos import number_of, numbered, write_video

TENTH = Fraction(1, 10)


def clocked(
    *stamps: int | None, duration: int = 0, rate: Fraction | None = Fraction(10)
) -> tuple[list[int], Clock]:
    clock = Clock(TENTH, rate)
    return [clock.add(stamp, duration) for stamp in stamps], clock


def test_times_begin_at_the_first_frame():
    times, clock = clocked(7, 8, 10, 11)
    assert times == list(clock.times) == [0, 1, 3, 4]
    assert clock.faults.sentences(4) == NO_FAULTS.sentences(4) == []


def test_after_a_jump_back_they_are_counted_on():
    times, clock = clocked(7, 9, 7, 9, 11, 8, duration=2)
    assert times == [0, 2, 4, 6, 8, 10]
    (said,) = clock.faults.sentences(6)
    assert "jump back 2 times, first at frame 2," in said and "counted on" in said
    assert "jump back once at frame 1," in clocked(5, 4)[1].faults.sentences(2)[0]


def test_stamps_that_repeat_and_are_missing_are_counted():
    times, clock = clocked(0, 1, 1, None, 3)
    assert times == [0, 1, 1, 2, 3]
    repeated, missing = clock.faults.sentences(5)
    assert repeated == "1 frame has the time stamp of the frame before."
    assert "1 of 5 frames have no time stamp" in missing and "a rate of 10 frames" in missing


def test_without_stamps_or_a_rate_times_are_unknown():
    times, clock = clocked(None, None, rate=None)
    assert times == [0, 0]
    assert clock.faults.sentences(2) == ["2 of 2 frames have no time stamp: times are unknown."]


def joined(path: Path, codec: str, *, late: int = 0) -> Path:
    """Frames 0 to 29, then 30 to 59, whose stamps begin anew, `late` hundredths later."""
    parts = []
    for number, frames in enumerate((numbered(60)[:30], numbered(60)[30:])):
        times = [4 * index + late * number for index in range(30)]
        part = path.with_name(f"{number}-{path.name}")
        parts.append(write_video(part, frames, codec=codec, times=times).read_bytes())
        part.unlink()
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "late"),
    [
        ("a.ts", "libx264", 0),
        ("a.ts", "libx264", 2),  # between those of the first part: none occurs twice
        ("a.mpg", "mpeg2video", 0),
        ("a.mkv", "libx264", 0),
    ],
)
def test_frames_of_joined_streams_keep_order_and_time(tmp_path, name, codec, late):
    video = joined(tmp_path / name, codec, late=late)
    table = frame_table(video)
    assert table.total == 60
    wanted = [14, 29, 30, 44, 59]
    frames = list(frames_at(video, table, wanted))
    assert [number_of(frame.rgb) for frame in frames] == wanted
    assert [frame.time_s for frame in frames] == pytest.approx([i / 25 for i in wanted], abs=1e-6)
    facts = video_facts(video, table)
    assert facts.duration_s == pytest.approx(2.4, abs=0.001)
    assert any("jump back once at frame 30," in note for note in facts.notes)


def test_a_limit_of_seconds_holds_beyond_a_jump_back(tmp_path):
    video = joined(tmp_path / "a.ts", "libx264")
    table = frame_table(video, VideoLimits(seconds=1.5))
    assert (table.total, table.limit) == (38, "seconds")


def test_stamps_that_jump_ahead_are_said(tmp_path):
    times = [4 * index + (100_000 if index >= 12 else 0) for index in range(24)]
    video = write_video(tmp_path / "a.mp4", numbered(24), times=times)
    table = frame_table(video)
    assert any(
        "jump ahead by 1,000.0 s at frame 12." in note for note in video_facts(video, table).notes
    )
    even = write_video(tmp_path / "b.mp4", numbered(4), times=[6000 * index for index in range(4)])
    assert video_facts(even, frame_table(even)).notes == ()


def test_of_a_stream_without_stamps_times_are_inferred(tmp_path):
    video = write_video(tmp_path / "a.h264", numbered(20))
    table = frame_table(video)
    frames = list(frames_at(video, table, [3, 12]))
    assert [number_of(frame.rgb) for frame in frames] == [3, 12]
    assert [frame.time_s for frame in frames] == pytest.approx([3 / 25, 12 / 25])
    facts = video_facts(video, table)
    assert facts.duration_s is None and facts.stated_s is None
    assert "20 of 20 frames have no time stamp: times are inferred" in facts.notes[0]
