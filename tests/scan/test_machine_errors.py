"""Errors of the machine, which are no rows about files: the run stops, and the next one goes on."""

from __future__ import annotations

import errno
import os
import tempfile
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from blurprint.errors import MachineError
from blurprint.scan import item_rows as module
from blurprint.scan.bytes_row import bytes_row
from blurprint.scan.engine import Work
from blurprint.scan.item_rows import item_rows
from blurprint.scan.items import local
from blurprint.scan.items.item import Item, ItemError
from blurprint.scan.items.local import LocalFile
from blurprint.scan.local_engine import local_engine
from blurprint.scan.rows import Rows
from blurprint.scan.scan_run import run_scan
from blurprint.scan.system_errors import system_error, temporary_file
from dying import CrowdedSource
from scan_engines import PLAIN, inline


def refusing(number: int) -> Any:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        opened.writestr("clip.mp4", b"\0\0\0\x18ftypmp42 and no more")
    return tmp_path / "z.zip"


@pytest.mark.parametrize("what", ["mkdir", "write"])
@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EMFILE, errno.ENOMEM, errno.EACCES, errno.EROFS]
)
def test_a_full_temporary_folder_stops_the_run_and_is_named(
    archive, tmp_path, monkeypatch, what, number
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    with monkeypatch.context() as patch:
        if what == "mkdir":
            patch.setattr(tempfile, "mkdtemp", refusing(number))
        else:
            patch.setattr(Path, "write_bytes", refusing(number))
        with pytest.raises(MachineError, match=r"room: takes no temporary file .*TMPDIR"):
            run_scan([str(archive)], tmp_path / "out", PLAIN, inline)
    assert not list(room.iterdir()) and not (tmp_path / "out/totals.json").exists()
    totals = run_scan([str(archive)], tmp_path / "out", PLAIN, inline)
    assert (totals.new, totals.kept, totals.statuses) == (1, 0, {"unreadable": 1})


def test_no_folder_for_temporary_files_stops_the_run(archive, tmp_path, monkeypatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/ram']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setenv("TMPDIR", "/ram")
    with pytest.raises(MachineError, match=r"^/ram: takes no temporary file \(No usable"):
        run_scan([str(archive)], tmp_path / "out", PLAIN, inline)


def test_it_reaches_the_run_from_the_processes_of_the_local_engine() -> None:
    work = iter([Work(0, Item("a.png", CrowdedSource("a.png")))])
    with pytest.raises(MachineError, match="Too many open files"):
        list(local_engine(1)(work, PLAIN))


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT])
def test_what_the_next_file_would_meet_as_well_is_no_row(tmp_path, monkeypatch, number) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    item = Item("a", LocalFile(str(tmp_path / "a.png")), "picture")
    monkeypatch.setattr(module, "_measured", OrderedDict())
    for place, name in ((local, "open_regular"), (module, "bytes_row")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, refusing(number))
            with pytest.raises(MachineError, match="refuses to go on"):
                item_rows(item, PLAIN)
    monkeypatch.setattr("blurprint.scan.bytes_row._row", refusing(number))
    with pytest.raises(MachineError):
        bytes_row(b"", PLAIN)


@pytest.mark.parametrize("name", ["z.zip", "t.tar"])
def test_an_archive_that_the_machine_refuses_is_no_row(
    archive, tmp_path, monkeypatch, name
) -> None:
    (tmp_path / "t.tar").write_bytes(bytes(1024))
    with monkeypatch.context() as patch:
        patch.setattr(f"blurprint.scan.items.{name[2:]}s.open_place", refusing(errno.EMFILE))
        with pytest.raises(MachineError, match="Too many open files"):
            run_scan([str(tmp_path / name)], tmp_path / "out", PLAIN, inline)
    assert run_scan([str(archive)], tmp_path / "out", PLAIN, inline).new == 1


def test_a_member_whose_first_bytes_the_machine_refuses_is_not_passed_over(
    tmp_path, monkeypatch
) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        opened.writestr("pic", b"\xff\xd8\xff")
    monkeypatch.setattr("blurprint.scan.items.zips.ZipMember._read", refusing(errno.EMFILE))
    with pytest.raises(MachineError, match="Too many open files"):
        run_scan([str(tmp_path / "z.zip")], tmp_path / "out", PLAIN, inline)


def test_an_engine_that_can_begin_no_process_stops_the_run(archive, tmp_path) -> None:
    with pytest.raises(MachineError, match="Too many open files"):
        run_scan([str(archive)], tmp_path / "out", PLAIN, refusing(errno.EMFILE))
    with pytest.raises(OSError, match="Permission"):
        run_scan([str(archive)], tmp_path / "out", PLAIN, refusing(errno.EACCES))


@pytest.mark.parametrize("when", ["opened", "written"])
def test_the_rows_of_analyze_name_the_folder_too(tmp_path, monkeypatch, when) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if when == "opened":
        monkeypatch.setattr(tempfile, "TemporaryFile", refusing(errno.ENOSPC))
        with pytest.raises(MachineError, match=f"^{tmp_path}: takes no temporary file"):
            Rows()
        return
    monkeypatch.setattr("blurprint.scan.rows.json.dumps", refusing(errno.ENOSPC))
    with Rows() as rows, pytest.raises(MachineError, match=f"^{tmp_path}: takes no temporary"):
        rows.expect("a.png")


def test_what_is_about_one_file_is_its_row(tmp_path, monkeypatch) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    item = Item("a", LocalFile(str(tmp_path / "a.png")), "picture")
    for number in (errno.EACCES, errno.EIO, errno.ESTALE, errno.ENOENT):
        with monkeypatch.context() as patch:
            patch.setattr(local, "open_regular", refusing(number))
            rows = item_rows(item, PLAIN)
        assert rows.refused and rows.row["status"] == "unreadable"
    with monkeypatch.context() as patch:
        patch.setattr(local, "open_regular", refusing(errno.EINVAL))
        assert not item_rows(item, PLAIN).refused, "a place that no file has"
    assert not item_rows(item, PLAIN).refused


def test_errors_of_decoders_are_none_of_the_system() -> None:
    av = pytest.importorskip("av")
    assert system_error(av.error.PermissionError(1, "of a broken file")) is None
    assert system_error(OSError("image file is truncated")) is None
    assert system_error(ItemError("is cut off")) is None
    with pytest.raises(ItemError) as caught:
        LocalFile("/nowhere/a.png").read(1)
    found = system_error(caught.value)
    assert found is not None and found.errno == errno.ENOENT


def test_a_temporary_file_is_removed() -> None:
    with temporary_file(b"data") as path:
        assert path.read_bytes() == b"data"
    assert not path.parent.exists()
