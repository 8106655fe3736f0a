"""What a file says of itself, each in words, and what bounds a search in it."""

from __future__ import annotations

import sys
from fractions import Fraction

import av
import pytest
from PIL import Image

from blurprint.errors import InputError, PhotoError
from blurprint.photos.video import frames_at, read_frames
from blurprint.photos.video_facts import video_facts
from blurprint.photos.video_table import VideoLimits, frame_table
from videos import number_of, numbered, set_matrix, write_video


def facts_of(path):
    return video_facts(path, frame_table(path))


def test_a_plain_clip(tmp_path):
    facts = facts_of(write_video(tmp_path / "a.mp4", numbered(50), options={"crf": "21"}))
    assert (facts.codec, facts.width, facts.height, facts.frames) == ("h264", 96, 64, 50)
    assert facts.duration_s == pytest.approx(2.0, abs=0.01)
    assert facts.rate == pytest.approx(25, abs=0.1)
    assert facts.variable_rate is False
    assert facts.encoder == "x264, CRF 21"
    assert (facts.transfer, facts.interlaced, facts.pixel_aspect) == ("SDR", False, 1.0)
    assert facts.notes == ()
    assert facts.bit_rate == pytest.approx(
        8 * frame_table(tmp_path / "a.mp4").stream_bytes / 2.0, rel=0.01
    )


def test_a_variable_rate(tmp_path):
    times = [*range(0, 40, 4), *range(100, 500, 40)]
    facts = facts_of(write_video(tmp_path / "a.mp4", numbered(20), times=times))
    assert facts.variable_rate is True
    assert "rate is variable" in " ".join(facts.notes)


@pytest.mark.parametrize(
    ("matrix", "turned", "mirrored"),
    [((0, 1, -1, 0), 90, False), ((0, -1, 1, 0), 270, False), ((-1, 0, 0, 1), 0, True)],
)
def test_turned_and_mirrored(tmp_path, matrix, turned, mirrored):
    video = write_video(tmp_path / "a.mp4", numbered(5))
    set_matrix(video, *matrix)
    facts = facts_of(video)
    assert (facts.turned, facts.mirrored) == (turned, mirrored)
    assert len(facts.notes) == 1


def test_hdr_interlaced_and_pixels_that_are_not_square(tmp_path):
    hdr = facts_of(write_video(tmp_path / "a.mp4", numbered(5), transfer=18))
    assert hdr.transfer == "HLG"
    assert hdr.matrix == "BT.2020"
    options = {"x264-params": "tff=1", "qp": "4"}
    woven = facts_of(write_video(tmp_path / "b.mp4", numbered(5), options=options, interlaced=True))
    assert woven.interlaced
    wide = facts_of(write_video(tmp_path / "c.mp4", numbered(5), pixel_aspect=Fraction(64, 45)))
    assert wide.pixel_aspect == pytest.approx(64 / 45)
    assert "not square" in wide.notes[0]


def test_a_file_that_was_cut_off(tmp_path):
    video = write_video(tmp_path / "a.mp4", numbered(60), muxing={"movflags": "faststart"})
    data = video.read_bytes()
    video.write_bytes(data[: len(data) * 2 // 3])
    facts = facts_of(video)
    assert 0 < facts.frames < 60
    assert "may have been cut off" in facts.notes[-1]
    assert len(list(read_frames(video, 8))) >= 5


def test_a_file_cut_off_before_its_index_is_refused(tmp_path):
    video = write_video(tmp_path / "a.mp4", numbered(30))
    video.write_bytes(video.read_bytes()[:2000])
    with pytest.raises(PhotoError, match=r"a\.mp4: cannot be read as a video"):
        frame_table(video)


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (VideoLimits(frames=10), "frames"),
        (VideoLimits(bytes=1500), "bytes"),
        (VideoLimits(seconds=0.5), "seconds"),
    ],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_limits_end_the_search_and_are_said(tmp_path, limits, what, name):
    codec = "mpeg4" if name == "a.avi" else "libx264"
    video = write_video(tmp_path / name, numbered(60), codec=codec)
    table = frame_table(video, limits)
    assert table.total < 60
    assert table.limit == what
    facts = video_facts(video, table)
    assert f"limit of {what}" in facts.notes[0] and f"first {table.total} frames" in facts.notes[0]
    assert (facts.frames, facts.met) == (60, table.total), "the count of the file is the file's"
    assert facts.duration_s == pytest.approx(2.4, abs=0.05)
    assert facts.met_s == pytest.approx(table.total / 25, abs=0.001)
    last = next(frames_at(video, table, [table.total - 1]))
    assert number_of(last.rgb) == table.total - 1


def test_neighbouring_frames_are_given(tmp_path):
    video = write_video(tmp_path / "a.mp4", numbered(60))
    wanted = [7, 8, 9, 40, 41, 42]
    frames = list(frames_at(video, frame_table(video), wanted))
    assert [number_of(frame.rgb) for frame in frames] == wanted


def test_key_frames_are_known(tmp_path):
    for name, codec in (("a.mp4", "libx264"), ("a.avi", "mpeg4")):
        video = write_video(tmp_path / name, numbered(30), codec=codec)
        with av.open(str(video)) as container:
            keys = [n for n, frame in enumerate(container.decode(video=0)) if frame.key_frame]
        assert list(frame_table(video).keys) == keys
        assert len(keys) > 1


def test_a_playlist_that_calls_itself_a_video_opens_nothing(tmp_path):
    piece = write_video(tmp_path / "piece.ts", numbered(5))
    for text in ("#EXTM3U\n#EXTINF:1\npiece.ts\n", f"ffconcat version 1.0\nfile {piece.name}\n"):
        listed = tmp_path / "list.mp4"
        listed.write_text(text)
        with pytest.raises(PhotoError, match=r"list\.mp4: cannot be read as a video"):
            frame_table(listed)


def test_an_animated_picture_is_no_video(tmp_path):
    file = tmp_path / "a.mp4"
    pictures = [Image.fromarray(frame) for frame in numbered(3)]
    pictures[0].save(file, format="GIF", save_all=True, append_images=pictures[1:])
    with pytest.raises(PhotoError, match="its container is none of a video"):
        frame_table(file)


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    video = write_video(tmp_path / "a.mp4", numbered(5))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(InputError, match=r"a\.mp4: .*pip install 'blurprint\[video\]'"):
        frame_table(video)
