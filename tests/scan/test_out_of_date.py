"""Rows of files and archives that could not be read, and what a later run says of them."""

from __future__ import annotations

import errno
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blurprint.scan import video_rows
from blurprint.scan.items.lists import NameList
from blurprint.scan.scan_run import ScanTotals, run_scan
from scan_engines import PLAIN, inline


def png(seed: int = 0) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def scan(tmp_path) -> Callable[..., ScanTotals]:
    """Scans into the one folder; the second run onwards must add no row."""

    def run(*inputs: str | Path, **more: Any) -> ScanTotals:
        return run_scan([str(one) for one in inputs], tmp_path / "out", PLAIN, inline, **more)

    return run


@pytest.fixture
def refused(monkeypatch) -> set[str]:
    """Names of files that the system refuses to open; the tests may run as one who may open all."""
    names: set[str] = set()
    original = os.open

    def opened(path: Any, *rest: Any, **more: Any) -> int:
        if not isinstance(path, int) and Path(os.fsdecode(path)).name in names:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return original(path, *rest, **more)

    monkeypatch.setattr(os, "open", opened)
    return names


def test_an_archive_that_was_still_being_copied(tmp_path, scan) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for number in range(3):
            info = tarfile.TarInfo(f"{number}.png")
            info.size = len(png(number))
            tar.addfile(info, io.BytesIO(png(number)))
    shard = tmp_path / "in/s.tar"
    shard.parent.mkdir()
    (shard.parent / "t.tar").write_bytes(plain.getvalue())
    shard.write_bytes(plain.getvalue()[: 1024 + len(png()) + 3 * 512])
    first = scan(shard.parent)
    assert not first.complete and first.statuses["unreadable"] == 2
    again = scan(shard.parent)
    assert not again.changed.count and again.kept == first.rows, "it is the same archive"
    assert again.kept_failed == 2
    shard.write_bytes(plain.getvalue())
    whole = scan(shard.parent)
    assert whole.changed.names == [f"{shard}!1.png", str(shard)]
    assert whole.new == 1, "the member that was not met before"
    assert not whole.complete and not whole.account.problems.count and whole.flawed


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_an_archive_that_could_not_be_opened(tmp_path, scan, refused, name) -> None:
    path = tmp_path / name
    if name == "a.zip":
        with zipfile.ZipFile(path, "w") as opened:
            opened.writestr("0.png", png())
    else:
        (tmp_path / "0.png").write_bytes(png())
        with tarfile.open(path, "w") as tar:
            tar.add(tmp_path / "0.png", "0.png")
    refused.add(name)
    assert scan(path).statuses == {"unreadable": 1}
    assert not scan(path).changed.count
    refused.clear()
    totals = scan(path, path)
    assert totals.changed.names == [str(path)] and (totals.new, totals.complete) == (1, False)


def test_an_archive_whose_trouble_is_another_now(tmp_path, scan, refused) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"no zip")
    refused.add("a.zip")
    scan(path)
    refused.clear()
    assert scan(path).changed.names == [str(path)]


@pytest.mark.parametrize("name", ["late.png", "late.zip", "late.mp4"])
def test_a_file_that_was_missing(tmp_path, scan, name) -> None:
    (tmp_path / "names").write_text(f"{tmp_path}/{name}\n")

    def listed() -> ScanTotals:
        return scan(lists=[NameList(str(tmp_path / "names"))])

    first = listed()
    assert first.complete and first.statuses == {"unreadable": 1}
    again = listed()
    assert again.complete and (again.kept, again.kept_failed) == (1, 1)
    with zipfile.ZipFile(tmp_path / "late.zip", "w") as opened:
        opened.writestr("0.png", png())
    for one in ("late.png", "late.mp4"):
        (tmp_path / one).write_bytes(png())
    late = listed()
    assert late.changed.names == [f"{tmp_path}/{name}"] and not late.complete


def test_a_file_that_is_gone_has_changed(tmp_path, scan) -> None:
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "names").write_text(f"{tmp_path}/a.png\n")
    assert scan(lists=[NameList(str(tmp_path / "names"))]).complete
    (tmp_path / "a.png").unlink()
    totals = scan(lists=[NameList(str(tmp_path / "names"))])
    assert totals.changed.names == [f"{tmp_path}/a.png"] and not totals.complete


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_a_file_that_could_not_be_opened(tmp_path, scan, refused, name) -> None:
    """Its size and time stay as they are."""
    path = tmp_path / "in" / name
    path.parent.mkdir()
    path.write_bytes(png())
    refused.add(name)
    assert scan(path.parent).statuses == {"unreadable": 1}
    again = scan(path.parent)
    assert again.complete and again.kept_failed == 1
    refused.clear()
    totals = scan(path.parent)
    assert totals.changed.names == [str(path)] and not totals.complete


def test_a_member_whose_archive_could_not_be_opened_once_it_was_listed(
    tmp_path, scan, monkeypatch
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("0.png", png())

    def vanished(*_: object) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    with monkeypatch.context() as patch:
        patch.setattr("blurprint.scan.items.zips.OpenPlaces.get", vanished)
        assert scan(path).statuses == {"unreadable": 1}
    assert scan(path).changed.names == [f"{path}!0.png"]


@pytest.mark.parametrize("name", ["0.png", "pic"])
def test_a_zip_whose_beginning_is_missing_is_no_other_the_next_time(tmp_path, scan, name) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr(name, png())
    path.write_bytes(path.read_bytes()[100:])
    for kept in (False, True):
        totals = scan(path)
        assert totals.account.problems.count == 1 and not totals.complete
        assert not totals.changed.count and bool(totals.kept_failed) == kept


@pytest.mark.parametrize("name", ["late.png", "late", "late.zip", "late.mp4"])
def test_an_address_of_this_machine_that_was_missing(tmp_path, scan, name) -> None:
    url = f"file://{tmp_path}/{name}"
    for _ in range(2):
        assert not scan(url).changed.count
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as opened:
            opened.writestr("0.png", png())
    else:
        (tmp_path / name).write_bytes(png())
    late = scan(url)
    assert late.changed.names == [url] and not late.complete


@pytest.mark.parametrize("name", ["a.png", "a.mp4", "a.zip"])
def test_an_address_of_this_machine_that_could_not_be_opened(tmp_path, scan, refused, name) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in/a.zip", "w") as opened:
        opened.writestr("0.png", png())
    if name != "a.zip":
        (tmp_path / "in/a.zip").rename(tmp_path / "in" / name)
    refused.add(name)
    url = f"file://{tmp_path}/in"
    for _ in range(2):
        assert not scan(url).changed.count
    refused.clear()
    assert scan(url).changed.names == [f"{url}/{name}"]


def test_a_damaged_member_at_an_address_of_this_machine_is_mended(tmp_path, scan) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr("0.png", png())
    sound = (tmp_path / "a.zip").read_bytes()
    damaged = bytearray(sound)
    damaged[100] ^= 1
    (tmp_path / "a.zip").write_bytes(damaged)
    url = f"file://{tmp_path}/a.zip"
    for _ in range(2):
        assert not scan(url).changed.count
    (tmp_path / "a.zip").write_bytes(sound)
    os.utime(tmp_path / "a.zip", (0, 0))
    assert scan(url).changed.names == [f"{url}!0.png"]


@pytest.mark.parametrize("members", [["readme"], []])
@pytest.mark.parametrize("after", [True, False])
def test_an_archive_without_pictures_in_the_place_of_a_damaged_one(
    tmp_path, scan, members, after
) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in/a.zip"
    path.write_bytes(b"PK\x03\x04 no more")
    if after:
        (tmp_path / "in/b.png").write_bytes(png())
    assert not scan(path.parent).changed.count
    with zipfile.ZipFile(path, "w") as opened:
        for name in members:
            opened.writestr(name, b"words")
    for _ in range(2):
        totals = scan(path.parent)
        assert totals.changed.names == [str(path)] and not totals.complete


def test_an_archive_by_two_names_has_changed_once(tmp_path, scan, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "0.png").write_bytes(png())
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "0.png", "0.png")
    whole = (tmp_path / "a.tar.gz").read_bytes()
    (tmp_path / "a.tar.gz").write_bytes(whole[:-4])
    (tmp_path / "b.zip").write_bytes(b"no zip")
    names = ("a.tar.gz", "b.zip", "0.png", "./a.tar.gz", "./b.zip")
    assert not scan(*names).changed.count
    (tmp_path / "a.tar.gz").write_bytes(whole)
    zipfile.ZipFile(tmp_path / "b.zip", "w").close()
    totals = scan(*names)
    assert totals.changed.names == ["a.tar.gz", "b.zip"] and totals.changed.count == 2


def test_a_problem_of_an_archive_that_is_given_twice_is_one(tmp_path, scan) -> None:
    path = tmp_path / "pre.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("0.png", png())
    path.write_bytes(b"junk" + path.read_bytes())
    assert scan(path, path).account.problems.count == 1


def test_damage_stays_damage(tmp_path, scan) -> None:
    """What is in the file, and not in its way, keeps its row in peace, and is counted."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(b"no picture")
    (tmp_path / "in/b.mp4").write_bytes(b"no video")
    scan(tmp_path / "in")
    again = scan(tmp_path / "in")
    assert again.complete and (again.kept, again.kept_failed) == (2, 2)
    assert again.to_json()["this_run"]["kept_failed"] == 2


def test_videos_once_the_package_that_reads_them_is_there(tmp_path, scan, monkeypatch) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    with monkeypatch.context() as patch:
        patch.setattr(video_rows, "find_spec", lambda _: None)
        patch.setattr("blurprint.scan.store.stamps.find_spec", lambda _: None)
        assert scan(tmp_path / "a.mp4").statuses == {"video_unsupported": 1}
        assert scan(tmp_path / "a.mp4").complete
    assert scan(tmp_path / "a.mp4").changed.names == [str(tmp_path / "a.mp4")]
