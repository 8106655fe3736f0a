"""Frames of a video: which ones, when, upright, and what happens to broken files."""

from __future__ import annotations

import av
import numpy as np
import pytest

from blurprint.errors import InputError, PhotoError
from blurprint.photos.video import read_frames, spread
from blurprint.photos.video_table import frame_table
from videos import (
    number_of,
    numbered,
    portrait,
    set_matrix,
    write_of_sizes,
    write_video,
    write_with_cover,
)


@pytest.mark.parametrize(
    ("total", "count", "wanted"),
    [
        (100, 1, [50]),
        (100, 4, [12, 37, 62, 87]),
        (4, 4, [0, 1, 2, 3]),
        (3, 32, [0, 1, 2]),  # fewer frames than asked for: each once
        (0, 4, []),
    ],
)
def test_spread_takes_the_middles_of_equal_parts(total, count, wanted):
    assert spread(total, count) == wanted


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),  # frames out of order in the file
        ("a.mkv", "libx264"),  # no number of frames in the header
        ("a.avi", "mpeg4"),
        ("a.ts", "libx264"),  # times do not begin at 0
        ("a.mpg", "mpeg1video"),
    ],
)
@pytest.mark.parametrize("count", [1, 3, 8, 99])
def test_the_wanted_frames_come_out_of_every_container(tmp_path, name, codec, count):
    video = write_video(tmp_path / name, numbered(60), codec=codec)
    frames = list(read_frames(video, count))
    assert [frame.index for frame in frames] == spread(60, count)
    assert [number_of(frame.rgb) for frame in frames] == [frame.index for frame in frames]
    times = [frame.time_s for frame in frames]
    assert times == pytest.approx([frame.index / 25 for frame in frames], abs=1e-3)


def test_seeking_gives_what_decoding_everything_gives(tmp_path):
    video = write_video(tmp_path / "a.mp4", [portrait(3 * index) for index in range(50)])
    with av.open(str(video)) as container:
        everything = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for frame in read_frames(video, 3):
        np.testing.assert_array_equal(frame.rgb, everything[frame.index])


def test_frames_of_a_variable_rate_are_counted_not_timed(tmp_path):
    times = [*range(0, 40, 4), *range(100, 500, 40)]
    video = write_video(tmp_path / "a.mp4", numbered(20), times=times)
    frames = list(read_frames(video, 4))
    assert [number_of(frame.rgb) for frame in frames] == [2, 7, 12, 17]
    expected = [times[frame.index] / 100 for frame in frames]
    assert [frame.time_s for frame in frames] == pytest.approx(expected, abs=0.011)


# The track header's matrix moves a pixel at (x, y) to (a x + c y, b x + d y) (ISO/IEC 14496-12,
# 8.3.2; QuickTime File Format, "Matrices").
@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((1, 0, 0, 1), lambda rgb: rgb),
        ((0, 1, -1, 0), lambda rgb: np.rot90(rgb, -1)),  # a phone held upright: right becomes down
        ((-1, 0, 0, -1), lambda rgb: np.rot90(rgb, 2)),
        ((0, -1, 1, 0), np.rot90),
        ((-1, 0, 0, 1), np.fliplr),  # a front camera
        ((1, 0, 0, -1), np.flipud),
        ((0, 1, 1, 0), lambda rgb: np.swapaxes(rgb, 0, 1)),
        ((0, -1, -1, 0), lambda rgb: np.rot90(np.swapaxes(rgb, 0, 1), 2)),
    ],
)
def test_frames_are_turned_and_mirrored_as_the_file_says(tmp_path, matrix, shown):
    video = write_video(tmp_path / "a.mp4", [portrait()] * 3)
    stored = next(read_frames(video, 1)).rgb
    set_matrix(video, *matrix)
    np.testing.assert_array_equal(next(read_frames(video, 1)).rgb, shown(stored))


def test_a_cover_picture_is_not_the_video(tmp_path):
    cover = np.full((720, 640, 3), 200, np.uint8)
    for suffix in (".mkv", ".mp4"):
        video = write_with_cover(tmp_path / f"a{suffix}", cover, numbered(30))
        frames = list(read_frames(video, 3))
        assert [number_of(frame.rgb) for frame in frames] == [5, 15, 25]
    with av.open(str(tmp_path / "a.mkv")) as container:
        assert container.streams.video[0].codec_context.width == 640  # it does come first


def test_a_sound_with_a_cover_is_no_video(tmp_path):
    sound = write_with_cover(tmp_path / "a.mp4", np.full((64, 64, 3), 90, np.uint8), sound=True)
    with pytest.raises(PhotoError, match=r"a\.mp4: holds no video stream, only a picture"):
        next(read_frames(sound, 1))


def test_frames_may_change_their_size(tmp_path):
    small = [np.ascontiguousarray(frame[::2, ::2]) for frame in numbered(20)]
    video = write_of_sizes(tmp_path / "a.ts", numbered(20), small)
    shapes = [frame.rgb.shape for frame in read_frames(video, 8)]
    assert shapes == [(64, 96, 3)] * 4 + [(32, 48, 3)] * 4


def test_colours_survive(tmp_path):
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    rgb = next(read_frames(write_video(tmp_path / "a.mp4", [red] * 3), 1)).rgb
    assert rgb.dtype == np.uint8
    assert rgb.mean(axis=(0, 1)) == pytest.approx([200, 0, 0], abs=6)


def test_frames_are_read_one_at_a_time(tmp_path):
    video = write_video(tmp_path / "a.mp4", numbered(30))
    frames = read_frames(video, 10)
    assert next(frames).index == 1
    frames.close()
    video.unlink()  # nothing keeps the file


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read as a video"),
        (b"not a video at all" * 100, "cannot be read as a video"),
    ],
)
def test_what_is_no_video_is_refused_by_name(tmp_path, content, reason):
    file = tmp_path / "broken.mp4"
    file.write_bytes(content)
    with pytest.raises(PhotoError, match=rf"broken\.mp4: {reason}"):
        list(read_frames(file, 4))


def test_a_missing_file_and_a_sound_are_refused(tmp_path):
    with pytest.raises(PhotoError, match=r"none\.mp4: .*No such file"):
        list(read_frames(tmp_path / "none.mp4", 4))
    sound = tmp_path / "sound.wav"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(PhotoError, match="holds no video stream"):
        list(read_frames(sound, 4))


def test_a_video_that_breaks_off_gives_its_beginning(tmp_path):
    video = write_video(tmp_path / "a.mkv", [portrait(3 * index) for index in range(60)])
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    indices = [frame.index for frame in read_frames(video, 4)]
    assert len(indices) == 4
    assert 20 < max(indices) < 40


def test_damage_in_the_middle_costs_the_damaged_frames_only(tmp_path):
    video = write_video(tmp_path / "a.mp4", [portrait(3 * index) for index in range(60)])
    data = bytearray(video.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    video.write_bytes(data)
    indices = [frame.index for frame in read_frames(video, 12)]
    assert indices == sorted(set(indices))
    assert {2, 57} <= set(indices)


def test_count_is_checked():
    with pytest.raises(InputError, match="at least 1, but got 0"):
        next(read_frames("any.mp4", 0))


def test_a_file_that_ends_before_its_index_is_called_cut_off(tmp_path):
    data = write_video(tmp_path / "whole.mp4", numbered(20)).read_bytes()
    assert data.index(b"mdat") < data.index(b"moov")
    (tmp_path / "cut.mp4").write_bytes(data[: data.index(b"moov") // 2])
    with pytest.raises(PhotoError, match=r"cut\.mp4: cannot be read as a video \(it is cut off"):
        frame_table(tmp_path / "cut.mp4")
    (tmp_path / "broken.mp4").write_bytes(data.replace(b"moov", b"none"))
    with pytest.raises(PhotoError, match="cannot be read as a video") as caught:
        frame_table(tmp_path / "broken.mp4")
    assert "cut off" not in str(caught.value)
