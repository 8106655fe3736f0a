"""A video of a scan: one row, and a row for each face in each frame."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pyarrow import parquet

from blurprint.clips.row import clip_row
from blurprint.scan import video_rows as module
from blurprint.scan.engine import Work
from blurprint.scan.item_rows import item_rows
from blurprint.scan.item_work import died, done
from blurprint.scan.items.local import file_item
from blurprint.scan.scan_run import run_scan
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.columns import columns_of
from blurprint.scan.table.frame_columns import FACE_COLUMNS, frame_columns_of
from blurprint.scan.table.row import full_row
from scan_engines import found, inline
from videos import moving, portrait, write_video

SETTINGS = ScanSettings(method="edge", frames=3)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clip") / "astronaut.mp4", moving(6, 1))


def test_a_video_is_a_row_and_a_row_for_each_face_in_each_frame(clip, tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        opened.write(clip, "inside")  # a name that says nothing
    run_scan([str(clip), str(tmp_path / "z.zip")], tmp_path / "out", SETTINGS, inline)
    rows = parquet.read_table(tmp_path / "out/rows-00000.parquet").to_pylist()
    assert [row["path"] for row in rows] == [str(clip), f"{tmp_path}/z.zip!inside"]
    for row in rows:
        assert row["error"] is None
        assert (row["status"], row["kind"], row["faces"]) == ("ok", "video", 1)
        assert (row["clip_frames"], row["clip_frames_analysed"]) == (6, 3)
        assert row["judged_width_px"] == row["working_width_px"] > 0
        assert row["face_eyes_native_px"] == row["face_eyes_px"] / row["scale"]
        assert row["bytes"] == clip.stat().st_size and len(row["sha256"]) == 64
    same = [name for name in rows[0] if name not in ("path", "seconds")]
    assert [rows[0][name] for name in same] == [rows[1][name] for name in same]
    frames = parquet.read_table(tmp_path / "out/frames-00000.parquet").to_pylist()
    assert [(frame["path"], frame["face"]) for frame in frames] == [
        (row["path"], "face 1") for row in rows for _ in range(3)
    ]
    assert (tmp_path / "out/frames.jsonl").read_text("utf-8").count("\n") == 7


def test_a_clip_has_no_column_that_the_tables_have_not(clip) -> None:
    row, frames = clip_row(clip, frames=6, method="edge")  # enough frames to flicker
    assert row.keys() <= {column.name for column in columns_of("edge")}
    assert row["face_flicker_log_ratio"] is not None
    assert frames[0].keys() <= {column.name for column in frame_columns_of("edge")}


def test_the_map_alone_has_no_faces(clip) -> None:
    settings = replace(SETTINGS, faces=False)
    row, frames, _ = item_rows(file_item(str(clip), "video"), settings)
    full = full_row(row, columns_of("edge"))
    assert row["status"] == "ok" and full["blur_median_px"] is not None
    faces = [name for name in full if "face" in name or name in ("label", "p_fake", "prior")]
    assert faces and not any(full[name] for name in faces)
    assert len({frame["frame"] for frame in frames}) == len(frames) == 3
    for frame in frames:
        full = full_row(frame, frame_columns_of("edge"))
        assert not any(full.get(name) for name in FACE_COLUMNS)


def test_without_its_package_a_video_is_told(clip, monkeypatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    row = item_rows(file_item(str(clip), "video"), SETTINGS).row
    assert row["status"] == "video_unsupported" and "'.[video]'" in str(row["error"])


@pytest.mark.parametrize("data", [b"", b"\0\0\0\x18ftypmp42 and no more"])
def test_a_broken_video_is_a_row(tmp_path, data) -> None:
    (tmp_path / "x.mp4").write_bytes(data)
    row = item_rows(found(tmp_path / "x.mp4")[0][0], SETTINGS).row
    assert row["status"] == "unreadable" and row["error"] and row["kind"] == "video"
    assert str(tmp_path) not in str(row["error"])
    row = item_rows(file_item(str(tmp_path / "none.mp4"), "video"), SETTINGS).row
    assert (row["status"], row["error"]) == ("unreadable", "no such file")


def test_a_member_beyond_the_bound_is_not_unpacked(clip, tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        opened.write(clip, "clip.mp4")
    small = replace(SETTINGS, max_bytes=1000)
    assert item_rows(found(tmp_path / "z.zip")[0][0], small).row["status"] == "too_large"
    local = item_rows(file_item(str(clip), "video"), small).row
    assert local["status"] == "ok", "a local file is read where it is"


def test_what_a_file_is_its_content_says(clip, tmp_path) -> None:
    named_picture = tmp_path / "a.jpg"
    named_picture.write_bytes(clip.read_bytes())
    row = item_rows(file_item(str(named_picture), "picture"), SETTINGS).row
    assert (row["status"], row["kind"], row["clip_frames"]) == ("ok", "video", 6)
    named_video = tmp_path / "a.mp4"
    Image.fromarray(portrait(0)).save(named_video, "PNG")
    row = item_rows(file_item(str(named_video), "video"), SETTINGS).row
    assert (row["status"], row["kind"], row["format"]) == ("ok", "picture", "PNG")
    assert not row["notes"]


@pytest.mark.parametrize("method", ["edge", "paper"])
def test_a_row_without_blur_says_so(tmp_path, method) -> None:
    Image.new("RGB", (64, 64), (90, 90, 90)).save(tmp_path / "flat.png")
    settings = ScanSettings(method=method, faces=False)
    row = item_rows(file_item(str(tmp_path / "flat.png"), "picture"), settings).row
    assert row["status"] == "ok" and "No blur could be measured" in str(row["notes"])
    (tmp_path / "no.png").write_bytes(b"no picture")
    row = item_rows(file_item(str(tmp_path / "no.png"), "picture"), settings).row
    assert row["status"] == "unreadable" and row.get("notes") is None


def test_engines_share_one_work(tmp_path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    work = Work(7, file_item(str(tmp_path / "a.png"), "picture"))
    assert done(SETTINGS, work).work is work and done(SETTINGS, work).rows.row["sha256"]
    assert died(SETTINGS, work).rows.row["status"] == "died"
