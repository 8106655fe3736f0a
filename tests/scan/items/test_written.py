"""Names in rows: each of one item, and read back from a list."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.scan.items.account import Account
from blurprint.scan.items.find import find_items
from blurprint.scan.items.lists import NameList
from blurprint.scan.items.same_file import identity_of
from blurprint.scan.items.written import file_of_row, row_path
from blurprint.scan.scan_run import run_scan
from blurprint.scan.scan_settings import ScanSettings
from scan_engines import PLAIN, found, inline
from videos import moving, write_video

posix = pytest.mark.skipif(os.sep != "/", reason="of names of POSIX")


def png(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(noise).save(data, "png")
    return data.getvalue()


def rows(out: Path) -> dict[str, dict[str, object]]:
    lines = (out / "rows.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines if not line.startswith('{"totals"')]
    by_path = {row["path"]: row for row in found}
    assert len(by_path) == len(found), "a path has one row"
    return by_path


def listed(path: Path) -> tuple[list[str], Account]:
    account = Account()
    return [one.path for one in find_items([], [NameList(str(path))], account=account)], account


@pytest.fixture
def like_a_member(tmp_path) -> Path:
    folder = tmp_path / "in"
    (folder / "y.zip!").mkdir(parents=True)
    for archive in ("z.zip", "y.zip"):
        with zipfile.ZipFile(folder / archive, "w") as opened:
            opened.writestr("p.png", png(1))
            opened.writestr("/q.png", png(2))
    (folder / "z.zip!p.png").write_bytes(png(3))
    (folder / "y.zip!/q.png").write_bytes(png(4))
    return folder


def test_a_file_named_like_a_member_has_a_row_of_its_own(like_a_member, tmp_path) -> None:
    totals = run_scan([str(like_a_member)], tmp_path / "out", PLAIN, inline, output="jsonl")
    found = rows(tmp_path / "out")
    assert totals.rows == 6 and "files met twice (one row)" not in totals.account.left_out
    names = {name.removeprefix(f"{like_a_member}/"): row for name, row in found.items()}
    assert set(names) == {
        *("z.zip!p.png", "z.zip!/q.png", r"z.zip\u0021p.png"),
        *("y.zip!p.png", "y.zip!/q.png", r"y.zip\u0021/q.png"),
    }
    assert len({row["sha256"] for row in names.values()}) == 4
    again = run_scan([str(like_a_member)], tmp_path / "out", PLAIN, inline, output="jsonl")
    assert (again.rows, again.kept) == (6, 6)


def test_rows_of_files_lead_to_the_file_and_those_of_members_to_none(like_a_member) -> None:
    items, _ = found(like_a_member)
    files = [file_of_row(row_path(item)) for item in items]
    assert sorted(filter(None, files)) == sorted(
        str(like_a_member / name) for name in ("z.zip!p.png", "y.zip!/q.png")
    )


def test_archives_of_names_that_hold_an_archive_are_told_apart(tmp_path) -> None:
    for archive, member in (("a.zip", "b.zip!c.png"), ("a.zip!b.zip", "c.png")):
        with zipfile.ZipFile(tmp_path / archive, "w") as opened:
            opened.writestr(member, png(1))
    items, _ = found(tmp_path)
    assert len({identity_of(item, "/") for item in items}) == 2
    assert len(set(map(row_path, items))) == 2


@posix
def test_paths_of_rows_can_be_listed_whatever_bytes_a_name_has(tmp_path) -> None:
    folder, again = tmp_path / "in", tmp_path / "list.txt"
    folder.mkdir()
    for seed, name in enumerate((b"bad\xff.png", rb"n\udcfe.png", b"x.zip!y.png", b"\\\xfd.png")):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(png(seed))
    run_scan([str(folder)], tmp_path / "one", PLAIN, inline, output="jsonl")
    first = rows(tmp_path / "one")
    assert f"{folder}/n\\\\udcfe.png" in first and f"{folder}/bad\\udcff.png" in first
    again.write_text("".join(f"{path}\n" for path in first), "utf-8")
    run_scan([], tmp_path / "two", PLAIN, inline, lists=[NameList(str(again))], output="jsonl")
    second = rows(tmp_path / "two")
    assert {name: row["sha256"] for name, row in first.items()} == {
        name: row["sha256"] for name, row in second.items()
    }


@posix
def test_a_listed_name_is_first_that_of_the_file_as_it_is_written(tmp_path) -> None:
    written, bytes_ = tmp_path / "a\\udcff.png", tmp_path / "a\udcff.png"
    names = tmp_path / "list.txt"
    names.write_text(f"{written}\n", "utf-8")
    bytes_.write_bytes(png(1))
    assert listed(names)[0] == [str(bytes_)]
    written.write_bytes(png(2))
    paths, account = listed(names)
    assert paths == [str(written)]
    (left,) = account.left_out.values()
    assert left.names == [f"{tmp_path}/a\\udcff.png"], "that it could be another is said"


@posix
def test_names_of_what_has_no_row_are_told_apart_on_the_page_and_in_totals(tmp_path) -> None:
    folder, names = tmp_path / "in", Path(f"{tmp_path}/\udcfe.txt")
    folder.mkdir()
    for name in ("a\\udcff.txt", "a\udcff.txt"):
        (folder / name).write_bytes(b"text")
    (folder / "b\udcff.zip").write_bytes(b"none")
    names.write_bytes(b"")
    lists = [NameList(str(names))]
    run_scan([str(folder)], tmp_path / "out", PLAIN, inline, lists=lists)
    totals = json.loads((tmp_path / "out/totals.json").read_text("utf-8"))["totals"]
    page = (tmp_path / "out/summary.html").read_text("utf-8")
    first = totals["input"]["left_out"]["other files"]["first"]
    assert sorted(first) == [rf"{folder}/a\\udcff.txt", rf"{folder}/a\udcff.txt"]
    assert all(name in page for name in first)
    assert rf"{folder}/b\udcff.zip: cannot" in page


@posix
def test_a_video_of_a_name_without_an_encoding_has_rows_and_frames(tmp_path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    write_video(tmp_path / "a.mp4", moving(4, 1)).rename(path)
    settings = ScanSettings(method="edge", faces=False, frames=2)
    run_scan([str(path)], tmp_path / "out", settings, inline, output="jsonl")
    (row,) = rows(tmp_path / "out").values()
    assert row["error"] is None and row["path"] == f"{tmp_path}/caf\\udce9.mp4"
    assert "caf\\\\udce9.mp4" in (tmp_path / "out/frames.jsonl").read_text("utf-8")


@posix
def test_names_of_what_changed_or_came_twice_are_those_of_rows(tmp_path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "z.zip!p.png").write_bytes(png(0))
    (folder / "y.zip!").mkdir()
    archive = folder / "y.zip!/a.zip"
    archive.write_bytes(b"no zip")
    run_scan([str(folder)], tmp_path / "out", PLAIN, inline)
    named = sorted(rows(tmp_path / "out"))
    (folder / "z.zip!p.png").write_bytes(png(1) + b"longer")
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("0.png", png(2))
    totals = run_scan([str(folder), f"{folder}/z.zip!p.png"], tmp_path / "out", PLAIN, inline)
    assert sorted(totals.changed.names) == named
    assert named[1] == f"{folder}/z.zip\\u0021p.png"
    assert totals.account.left_out["files met twice (one row)"].names == named[1:]
