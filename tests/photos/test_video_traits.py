"""What a decoded frame says of itself, and what is said of the frames of a clip."""

from __future__ import annotations

import pytest

from blurprint.photos.video import frames_at
from blurprint.photos.video_table import frame_table
from blurprint.photos.video_traits import PLAIN, FrameTraits, traits_notes
from videos import numbered, set_matrix, write_video

FIELDS = {"x264-params": "tff=1", "qp": "4"}
WOVEN = FrameTraits(interlaced=True)


@pytest.mark.parametrize("turned", [False, True])
def test_one_field_has_the_native_size_of_the_file(tmp_path, turned):
    video = write_video(tmp_path / "a.mp4", numbered(4), options=FIELDS, interlaced=True)
    if turned:
        set_matrix(video, 0, 1, -1, 0)
    (frame,) = frames_at(video, frame_table(video), [2], deinterlace=True)
    (whole,) = frames_at(video, frame_table(video), [2])
    size, half = ((64, 96), (32, 48)) if turned else ((96, 64), (48, 32))
    assert frame.native_size == whole.native_size == size
    assert frame.rgb.shape[1::-1] == half and whole.rgb.shape[1::-1] == size
    assert frame.traits == whole.traits == WOVEN


def test_fields_are_told_frame_by_frame(tmp_path):
    plain = write_video(tmp_path / "p.ts", numbered(12)).read_bytes()
    woven = write_video(tmp_path / "i.ts", numbered(12), options=FIELDS, interlaced=True)
    video = tmp_path / "pi.ts"
    video.write_bytes(plain + woven.read_bytes())
    frames = list(frames_at(video, frame_table(video), [2, 11, 12, 20], deinterlace=True))
    assert [frame.traits.interlaced for frame in frames] == [False, False, True, True]
    assert [frame.rgb.shape[1] for frame in frames] == [96, 96, 48, 48]
    assert {frame.native_size for frame in frames} == {(96, 64)}


def test_hdr_of_a_frame(tmp_path):
    video = write_video(tmp_path / "a.mp4", numbered(3), transfer=18)
    (frame,) = frames_at(video, frame_table(video), [1])
    assert frame.traits.transfer == "HLG"
    assert traits_notes([frame.traits])[0].startswith("HDR (HLG): highlights")


def test_what_only_some_frames_are_is_counted():
    assert traits_notes([PLAIN, PLAIN]) == []
    assert traits_notes([WOVEN])[0].startswith("Interlaced: one field of each frame")
    hdr = FrameTraits(transfer="PQ", guessed_matrix=True)
    first, second, third = traits_notes([PLAIN, hdr, WOVEN, WOVEN])
    assert first.startswith("1 of 4 frames is HDR (PQ): highlights")
    assert second.startswith("2 of 4 frames are interlaced: one field of each of these")
    assert "colour matrix of 1 of 4 frames; that of HD" in third
