"""Videos to crops: where, of what, again, and in spite of broken files."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.errors import InputError
from blurprint.faces.find import find_faces
from blurprint.lab.crops.manifest import Crop, Manifest, Record
from blurprint.lab.crops.prepare import PrepareSettings, prepare_faces
from blurprint.lab.crops.sources import find_sources
from blurprint.photos.video import spread
from videos import FACE, moving, numbered, portrait, write_of_sizes, write_video

SETTINGS = PrepareSettings(frames=4)


@pytest.fixture(scope="module")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("set")
    write_video(root / "original/c23/videos/000.mp4", moving(24))
    write_video(root / "original/c23/videos/001.mp4", moving(24, step=-2))
    (root / "original/c23/videos/002.mp4").write_bytes(b"no video" * 100)
    write_video(root / "original/c23/videos/003.mp4", numbered(12))
    write_video(root / "masks/videos/000.mp4", moving(3))
    Image.fromarray(portrait()).save(root / "still.png")
    (root / "splits").mkdir()
    (root / "splits/test.json").write_text('[["000", "001"]]', encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def prepared(data_set, tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared") / "out"
    return out, prepare_faces(data_set, out, SETTINGS)


def pixels(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image)


def test_one_broken_video_stops_nothing(prepared):
    out, result = prepared
    assert result.statuses == {"done": 3, "failed": 1, "no face": 1}
    (failed,) = result.failed
    assert failed.source.endswith("002.mp4")
    assert "002.mp4: cannot be read as a video" in failed.reason
    assert not (out / "original/c23/faces/002").exists()


def test_the_tree_is_mirrored_and_lists_are_copied(prepared):
    out, _ = prepared
    files = {file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file()}
    crops = {f"original/c23/faces/{clip}/{i:05d}.png" for clip in ("000", "001") for i in range(4)}
    assert files == crops | {"still.png", "splits/test.json", "manifest.jsonl"}
    assert (out / "splits/test.json").read_text("utf-8") == '[["000", "001"]]'


def test_a_crop_is_the_face_with_its_margin(prepared):
    out, result = prepared
    (record,) = [one for one in result.records if one.target.endswith("faces/000")]
    assert [crop.frame for crop in record.crops] == spread(24, 4)
    for crop in record.crops:
        rgb = pixels(out / crop.output)
        left, top, width, height = crop.box
        assert left < FACE[0] + 3 * crop.frame < left + width
        assert top < FACE[1] < top + height
        assert rgb.shape == (round(1.3 * width),) * 2 + (3,)
        (face,) = find_faces(rgb)
        assert face.centre == pytest.approx((rgb.shape[1] / 2,) * 2, abs=0.1 * width)
        assert crop.time_s == pytest.approx(crop.frame / 25)


def test_the_crop_of_a_picture_holds_its_own_pixels(prepared):
    out, result = prepared
    (record,) = [one for one in result.records if one.target == "still.png"]
    left, top, side, _ = record.crops[0].box
    crop = pixels(out / "still.png")
    around = round(1.3 * side)
    x, y = (round(edge + side / 2 - around / 2) for edge in (left, top))
    np.testing.assert_array_equal(crop, portrait()[y : y + around, x : x + around])


def test_the_manifest_holds_the_hashes(prepared, data_set):
    out, _ = prepared
    lines = (out / "manifest.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 5
    for record in map(json.loads, lines):
        source = Path(record["source"]).read_bytes()
        assert record["source_sha256"] == hashlib.sha256(source).hexdigest()
        for crop in record["crops"]:
            data = (out / crop["output"]).read_bytes()
            assert crop["sha256"] == hashlib.sha256(data).hexdigest()


def times(out: Path) -> dict[str, int]:
    return {str(file): file.stat().st_mtime_ns for file in out.rglob("*.png")}


def test_a_second_run_does_only_what_failed(prepared, data_set):
    out, _ = prepared
    before = times(out)
    result = prepare_faces(data_set, out, SETTINGS)
    assert result.kept == 4
    assert len(result.failed) == 1
    assert times(out) == before
    assert len((out / "manifest.jsonl").read_bytes().splitlines()) == 5


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    source = tmp_path / "in"
    for name in "ab":
        write_video(source / f"{name}.mp4", moving(6))
    return source, tmp_path / "out"


def test_an_interrupted_run_is_completed(two):
    source, out = two
    prepare_faces(source, out, SETTINGS)
    first, second = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    kept = {name: time for name, time in times(out).items() if "/a/" in name}
    # As a kill leaves it: the folder of b is there, its record is torn, the next one was begun.
    (out / "manifest.jsonl").write_bytes(first + second[:100])
    (out / ".b.partial").mkdir()
    result = prepare_faces(source, out, SETTINGS)
    assert (result.kept, result.statuses) == (1, {"done": 2})
    assert kept.items() <= times(out).items()
    assert [record.target for record in Manifest(out)] == ["a", "b"]
    assert not list(out.glob(".*"))


def test_other_settings_changes_and_lost_crops_are_done_again(two):
    source, out = two
    prepare_faces(source, out, SETTINGS)
    result = prepare_faces(source, out, PrepareSettings(frames=2, size=64))
    assert result.kept == 0
    assert len(list(out.rglob("*.png"))) == 4
    assert pixels(out / "a/00000.png").shape == (64, 64, 3)
    (out / "a/00001.png").unlink()
    write_video(source / "b.mp4", moving(9))
    os.utime(source / "b.mp4", ns=(1, 1))
    result = prepare_faces(source, out, PrepareSettings(frames=2, size=64))
    assert result.kept == 0
    assert (out / "a/00001.png").exists()


def test_touching_a_file_does_not_make_its_crops_again(two):
    source, out = two
    prepare_faces(source, out, SETTINGS)
    before = times(out)
    os.utime(source / "a.mp4", ns=(1, 1))
    prepare_faces(source, out, SETTINGS)
    assert times(out) == before
    assert prepare_faces(source, out, SETTINGS).kept == 2


def test_nothing_that_is_not_ours_is_replaced(two):
    source, out = two
    (out / "a").mkdir(parents=True)
    (out / "a/notes.txt").write_text("mine", encoding="utf-8")
    result = prepare_faces(source, out, SETTINGS)
    assert result.statuses == {"done": 1, "failed": 1}
    assert "exists and holds other things" in result.failed[0].reason
    assert (out / "a/notes.txt").read_text("utf-8") == "mine"


def test_crops_of_another_data_set_are_not_replaced(two, tmp_path):
    source, out = two
    prepare_faces(source, out, SETTINGS)
    write_video(tmp_path / "other/a.mp4", moving(8))
    (failed,) = prepare_faces(tmp_path / "other", out, SETTINGS).failed
    assert f"holds crops of {source / 'a.mp4'}" in failed.reason


@pytest.mark.parametrize(
    ("files", "targets"),
    [
        (["videos/a.mp4"], ["faces/a"]),
        (["x/videos/y/videos/a.mp4"], ["x/videos/y/faces/a"]),
        (["Celeb-real/id0_0000.mp4"], ["Celeb-real/id0_0000"]),
        (["a.jpg", "b.mp4"], ["a.png", "b"]),
        (["a.mp4", "a.avi", "a.jpg", "a.png"], ["a.avi", "a.jpg.png", "a.mp4", "a.png.png"]),
        ([".hidden/a.mp4", ".a.mp4", "b.mp4"], ["b"]),
    ],
)
def test_where_crops_go(tmp_path, files, targets):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    tree = find_sources(tmp_path, tmp_path / "out")
    assert [source.target for source in tree.sources] == targets


def test_crops_within_the_source_are_not_sources(tmp_path):
    Image.fromarray(portrait()).save(tmp_path / "a.png")
    for _ in range(2):
        result = prepare_faces(tmp_path, tmp_path / "out", SETTINGS)
        assert len(result.records) == 1


def test_wrong_arguments_are_named(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        prepare_faces(tmp_path / "none", tmp_path / "out")
    with pytest.raises(InputError, match="holds no videos and no pictures"):
        prepare_faces(tmp_path, tmp_path / "out")
    with pytest.raises(InputError, match="another folder than the source"):
        prepare_faces(tmp_path, tmp_path)
    for settings, message in (
        ({"frames": 0}, "`frames` to be at least 1"),
        ({"margin": 0.0}, "`margin` to be from 0.5"),
        ({"size": 3}, "`size` to be 0 or from 8"),
        ({"frames": 2.5}, "`frames` to be a whole number, but got 2.5"),
        ({"margin": "1"}, '`margin` to be a number, but got "1"'),
        ({"margin": float("nan")}, "`margin` to be from 0.5"),
        ({"side": 3}, "settings that are known, but got `side`"),
    ):
        with pytest.raises(InputError, match=message):
            PrepareSettings(**settings)


CROP = {"output": "a/0.png", "sha256": "0", "frame": 0, "time_s": 0, "box": [1, 2.5, 3, 4]}
ROW = {
    "target": "a\udcff",
    "source": "/in/a.mp4",
    "source_sha256": "0",
    "source_bytes": 1,
    "source_mtime_ns": 2,
    "settings": {"frames": 4},
    "status": "done",
    "reason": "",
    "crops": [CROP],
}


def test_a_record_comes_back_from_its_line(tmp_path):
    record = Record(**{**ROW, "crops": (Crop(**{**CROP, "box": (1.0, 2.5, 3.0, 4.0)}),)})
    Manifest(tmp_path).add(record)
    assert list(Manifest(tmp_path)) == [record]
    assert Record(**ROW) == record


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Expecting property name"),
        ("[]", "Expected `it` to be a table of names and values"),
        ("[" * 100_000, "recursion"),
        ('{"a": 1}', "Expected"),
        (ROW | {"status": "lost"}, '`status` to be among done, no face, failed, but got "lost"'),
        (ROW | {"source_bytes": "1"}, '`source_bytes` to be a whole number, but got "1"'),
        (ROW | {"settings": 3}, "`settings` to be a table of names and values, but got 3"),
        (ROW | {"crops": "ab"}, "`crops` to be a list"),
        (ROW | {"crops": [3]}, "`crops` to be a table of names and values"),
        (ROW | {"crops": [{}]}, "`output`, which is missing"),
        (
            ROW | {"crops": [CROP | {"box": [1, 2, 3]}]},
            "`box` to be four numbers, but got [1, 2, 3]",
        ),
        (ROW | {"crops": [CROP | {"box": "abcd"}]}, '`box` to be four numbers, but got "abcd"'),
        (ROW | {"crops": [CROP | {"box": [1, 2, 3, "4"]}]}, "`box` to be four numbers"),
        ({k: v for k, v in ROW.items() if k != "source"}, "`source`, which is missing"),
        (ROW | {"colour": 3}, "known, but got `colour`"),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_damaged_records_are_named_with_their_line(line, said, tmp_path):
    text = line if isinstance(line, str) else json.dumps(line)
    (tmp_path / "manifest.jsonl").write_text(json.dumps(ROW) + f"\n{text}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.jsonl: Expected a record .* line 2") as told:
        Manifest(tmp_path)
    assert said in str(told.value)


def test_crops_follow_a_face_through_frames_of_two_sizes(tmp_path):
    small = [np.ascontiguousarray(portrait()[::2, ::2])] * 6
    write_of_sizes(tmp_path / "set/clip.ts", [portrait()] * 6, small)
    (tmp_path / "set/clip.ts").rename(tmp_path / "set/clip.mpg")
    out = tmp_path / "out"
    assert prepare_faces(tmp_path / "set", out, SETTINGS).statuses == {"done": 1}
    (record,) = Manifest(out)
    assert record.reason == ""
    sides = []
    for crop, size in zip(record.crops, (1, 1, 0.5, 0.5), strict=True):
        left, top, width, height = crop.box
        centre = (left + width / 2, top + height / 2)
        assert centre == pytest.approx([size * place for place in FACE], abs=25 * size)
        sides.append(width)
    assert sides[2:] == pytest.approx([side / 2 for side in sides[:2]], rel=0.15)
