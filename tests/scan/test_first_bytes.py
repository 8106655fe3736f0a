"""What a file is, by its first bytes: every kind of video that FFmpeg reads, and nothing else."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from blurprint.scan.first_bytes import START, begins_as_video, is_picture_inside, is_video_inside
from blurprint.scan.inputs import find_inputs
from blurprint.scan.item_rows import item_rows
from blurprint.scan.items.local import file_item
from blurprint.scan.one_picture import is_clip
from blurprint.scan.scan_settings import ScanSettings
from scan_engines import found
from videos import numbered, portrait, write_video

VIDEOS = [
    ("a.wmv", "wmv2"),
    ("a.flv", "flv1"),
    ("a.mpg", "mpeg1video"),
    ("a.vob", "mpeg2video"),
    ("a.ts", "libx264"),
    ("a.m2ts", "libx264"),
    ("a.m1v", "mpeg1video"),
    ("a.m2v", "mpeg2video"),
    ("a.ogv", "libvpx"),
    ("a.mxf", "mpeg2video"),
    ("a.ivf", "libvpx"),
    ("a.y4m", "wrapped_avframe"),
    ("a.mp4", "libx264"),
    ("a.mkv", "libx264"),
    ("a.avi", "mpeg4"),
]
SETTINGS = ScanSettings(method="edge", frames=3, faces=False)


def sound(path: Path, codec: str) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48000, layout="stereo")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 9600), np.float32), "fltp", "stereo")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(("name", "codec"), VIDEOS)
def test_a_video_is_known_by_its_content(tmp_path, name, codec):
    data = write_video(tmp_path / name, numbered(12), codec=codec).read_bytes()
    for other in ("a.jpg", "a.ts", "a"):
        (tmp_path / other).write_bytes(data)
        assert is_video_inside(tmp_path / other) and not is_picture_inside(tmp_path / other)
        assert is_clip(tmp_path / other)


@pytest.mark.parametrize(("name", "codec"), [("a.wma", "wmav2"), ("a.ogg", "libopus")])
def test_a_sound_is_no_video(tmp_path, name, codec):
    assert not is_video_inside(sound(tmp_path / name, codec))


def test_an_ogg_of_sound_and_video_is_one_whatever_comes_first():
    def page(packet: bytes) -> bytes:
        return b"OggS\0\2" + bytes(20) + bytes([1, len(packet)]) + packet

    opus = page(b"OpusHead" + bytes(11))
    assert begins_as_video(opus + page(b"\x80theora" + bytes(30)))
    assert not begins_as_video(opus + page(b"OpusTags \x80theora"))
    assert not begins_as_video(opus)
    assert not begins_as_video(b"OggS")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "TGA", "ICO"])
def test_no_picture_is_a_video(tmp_path, kind):
    shades = (np.arange(64 * 64 * 3) * 7 % 192 + 0x47).reshape(64, 64, 3).astype(np.uint8)
    for number, rgb in enumerate((portrait(), shades, np.full_like(shades, 0x47))):
        Image.fromarray(rgb).save(tmp_path / str(number), kind)
        assert not is_video_inside(tmp_path / str(number))


def test_no_other_file_is_a_video():
    rng = np.random.default_rng(5)
    for text in (
        b"G" * START,
        (b"G".ljust(187, b"1") + b"\n") * 20,
        (b"\0" * START),
        b"",
        b"GIF89a",
    ):
        assert not begins_as_video(text)
    assert not begins_as_video(bytes(START // 2) + b"G" * (START // 2))
    for _ in range(300):
        noise = rng.bytes(START)
        assert not any(begins_as_video(head + noise) for head in (b"", b"G", b"\0\0\1", b"FLV\1\2"))
    for start in (b"\0\0\1\xba", b"\0\0\1\xb3" + bytes(20), b"FLV\1\4", b"\0\0\1\0\1\0"):
        assert not begins_as_video(start)


def test_a_scan_and_an_analysis_read_what_they_find(tmp_path):
    video = write_video(tmp_path / "clip.ts", [portrait(shift) for shift in range(4)])
    (tmp_path / "types.ts").write_text("export const a: number = 1;\n" * 200)
    lying = tmp_path / "lying.jpg"
    lying.write_bytes(write_video(tmp_path / "a.wmv", numbered(6), codec="wmv2").read_bytes())
    (tmp_path / "a.wmv").unlink()
    items, account = found(tmp_path)
    assert {Path(item.path).name: item.kind for item in items} == {
        "clip.ts": "video",
        "lying.jpg": "picture",
    }
    assert [one.count for one in account.left_out.values()] == [1]
    for item in (file_item(str(video), "video"), file_item(str(lying), "picture")):
        row = item_rows(item, SETTINGS).row
        assert (row["status"], row["kind"]) == ("ok", "video"), row["error"]
    inputs = find_inputs([str(tmp_path)], videos=True)
    assert [one.path.name for one in inputs.pictures] == ["clip.ts", "lying.jpg"]
    assert [one.count for one in inputs.left_out.values()] == [1]


def test_an_analysis_of_pictures_leaves_videos_out_by_content(tmp_path):
    write_video(tmp_path / "clip.ts", numbered(6))
    inputs = find_inputs([str(tmp_path)])
    assert not inputs.pictures
    assert list(inputs.left_out) == ["videos"]


def test_members_of_archives_are_known_by_their_content(tmp_path):
    video = write_video(tmp_path / "clip.ts", [portrait(shift) for shift in range(4)])
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(video, "a.ts")
        packed.write(video, "lying.jpg")
        packed.writestr("types.ts", "let a = 1;\n" * 900)
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        tar.add(video, "inside")
    items, account = found(tmp_path / "z.zip", tmp_path / "t.tar")
    rows = [item_rows(item, SETTINGS).row for item in items]
    assert [(row["status"], row["kind"]) for row in rows] == [("ok", "video")] * 3
    assert [one.count for one in account.left_out.values()] == [1]
