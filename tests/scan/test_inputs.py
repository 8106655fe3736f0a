"""Every file of a folder is a picture, a failure, or left out and named."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.scan.inputs import THUMBNAIL_NAME, Inputs, find_inputs


def picture(path: Path, kind: str = "JPEG") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((16, 16, 3), 90, np.uint8)).save(path, format=kind)
    return path


def found(inputs: Inputs) -> list[str]:
    return [source.path.name for source in inputs.pictures]


def left_out(inputs: Inputs) -> dict[str, list[str]]:
    return {kind: [Path(n).name for n in one.names] for kind, one in inputs.left_out.items()}


def test_what_is_no_picture_is_left_out_by_kind(tmp_path):
    picture(tmp_path / "a10.jpg")
    picture(tmp_path / "a9.JPG")
    for name in ("clip.MP4", "clip.mts", "raw.nef", "notes.txt", ".hidden.jpg"):
        (tmp_path / name).write_bytes(b"words")
    picture(tmp_path / "inner/b.jpg")
    inputs = find_inputs([str(tmp_path)])
    assert found(inputs) == ["a9.JPG", "a10.jpg"]
    assert sorted(map(sorted, left_out(inputs).values())) == sorted(
        [["clip.MP4", "clip.mts"], ["raw.nef"], ["notes.txt"], [".hidden.jpg"], ["inner"]]
    )
    for kind, one in inputs.left_out.items():
        assert any(kind in line and f"({one.count})" in line for line in inputs.account())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "AVIF"])
def test_pictures_without_a_suffix_are_known_by_their_first_bytes(tmp_path, kind):
    picture(tmp_path / "IMG_0001", kind)
    (tmp_path / "LICENSE").write_text("text")
    (tmp_path / "nothing").write_bytes(b"")
    inputs = find_inputs([str(tmp_path)])
    assert found(inputs) == ["IMG_0001"]
    assert any("IMG_0001" in line for line in inputs.account())
    assert left_out(inputs)["other files"] == ["LICENSE", "nothing"]


def test_a_raw_file_that_begins_as_tiff_is_no_picture(tmp_path):
    picture(tmp_path / "x.3fr", "TIFF")
    assert found(find_inputs([str(tmp_path)])) == []


def test_what_cannot_be_decoded_here_is_a_picture_that_will_fail(tmp_path):
    (tmp_path / "phone.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert found(find_inputs([str(tmp_path)])) == ["empty.jpg", "phone.HEIC"]


def test_recursion_keeps_the_tree(tmp_path):
    picture(tmp_path / "a.jpg")
    picture(tmp_path / "x y/ü/b.jpg")
    inputs = find_inputs([str(tmp_path)], recursive=True)
    assert [source.parts for source in inputs.pictures] == [(), ("x y", "ü")]
    assert inputs.left_out == {}


def test_several_roots_keep_apart(tmp_path):
    for name in ("one/in/a.jpg", "two/in/a.jpg"):
        picture(tmp_path / name)
    inputs = find_inputs([str(tmp_path / "one/in"), str(tmp_path / "two/in")])
    assert [source.parts for source in inputs.pictures] == [("in",), ("in-2",)]


def test_links_are_followed_once_and_broken_ones_named(tmp_path):
    target = picture(tmp_path / "real/a.jpg")
    (tmp_path / "another.jpg").symlink_to(target)
    (tmp_path / "gone.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "real/loop").symlink_to("..")
    (tmp_path / "aaa").symlink_to("real")
    inputs = find_inputs([str(tmp_path)], recursive=True)
    assert found(inputs) == ["another.jpg"]
    assert [Path(path).name for path, _ in inputs.failures] == ["gone.jpg"]
    assert "nowhere.jpg" in inputs.failures[0][1]
    assert left_out(inputs)["broken links"] == ["gone"]
    (twice,) = inputs.left_out["files met twice (analysed once)"].names
    assert twice == f"{tmp_path / 'real/a.jpg'} (is {tmp_path / 'another.jpg'})"
    assert inputs.left_out["links to folders met already"].count == 2


def test_a_linked_folder_outside_is_entered(tmp_path):
    picture(tmp_path / "elsewhere/a.jpg")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path / "elsewhere")
    inputs = find_inputs([str(tmp_path / "root")], recursive=True)
    assert [source.parts for source in inputs.pictures] == [("link",)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_in_a_folder_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    picture(tmp_path / "a.jpg")
    inputs = find_inputs([str(tmp_path)])
    assert found(inputs) == ["a.jpg"]
    assert left_out(inputs) == {"pipes, sockets and devices": ["pipe.jpg"]}


def test_results_are_no_input(tmp_path):
    picture(tmp_path / "a.jpg")
    picture(tmp_path / "out/a/b.jpg")
    picture(tmp_path / "earlier/a" / THUMBNAIL_NAME, "WEBP")
    (tmp_path / "earlier/a/report.json").write_text("{}")
    picture(tmp_path / "mine" / THUMBNAIL_NAME, "WEBP")
    inputs = find_inputs([str(tmp_path)], recursive=True, out=tmp_path / "out")
    assert [str(s.path.relative_to(tmp_path)) for s in inputs.pictures] == [
        "a.jpg",
        f"mine/{THUMBNAIL_NAME}",
    ]
    assert left_out(inputs)["folder of the results"] == ["out"]
    assert left_out(inputs)["thumbnails of earlier results"] == [THUMBNAIL_NAME]


def test_addresses_videos_and_empty_folders_are_failures(tmp_path):
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"")
    (tmp_path / "none").mkdir()
    address = "https://example.org/a.jpg"
    inputs = find_inputs([address, str(video), str(tmp_path / "none")])
    assert inputs.pictures == []
    why = dict(inputs.failures)
    assert "not fetched" in why[address]
    assert "video" in why[str(video)]
    assert "holds no pictures" in why[str(tmp_path / "none")]


def test_a_file_given_twice_counts_once(tmp_path):
    one = picture(tmp_path / "a.jpg")
    inputs = find_inputs([str(one), str(tmp_path), str(tmp_path / "." / "a.jpg")])
    assert found(inputs) == ["a.jpg"]
    assert inputs.left_out["files met twice (analysed once)"].count == 2
    assert inputs.failures == []


def test_few_names_are_kept_and_all_are_counted(tmp_path):
    for index in range(40):
        (tmp_path / f"{index}.txt").touch()
    picture(tmp_path / "a.jpg")
    (line,) = find_inputs([str(tmp_path)]).account()
    assert "(40)" in line
    assert "35 more" in line


def test_results_may_go_where_the_pictures_are(tmp_path):
    picture(tmp_path / "a.jpg")
    inputs = find_inputs([str(tmp_path)], out=tmp_path)
    assert (found(inputs), inputs.failures) == (["a.jpg"], [])


def test_a_folder_that_cannot_be_listed_is_a_failure(tmp_path, monkeypatch):
    picture(tmp_path / "a.jpg")
    picture(tmp_path / "locked/b.jpg")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        inputs = find_inputs([str(tmp_path)], recursive=True)
    assert found(inputs) == ["a.jpg"]
    assert inputs.failures == [(str(tmp_path / "locked"), "cannot be listed (Permission denied)")]


def test_an_empty_path_is_not_the_current_folder(tmp_path, monkeypatch):
    picture(tmp_path / "a.jpg")
    monkeypatch.chdir(tmp_path)
    inputs = find_inputs([""])
    assert inputs.pictures == []
    assert inputs.failures == [("", "is an empty path")]
