"""Files whole or not at all, and nothing overwritten unasked."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blurprint.errors import InputError, OutputError
from blurprint.files import write_atomic
from blurprint.optics.defocus_map import DefocusMap
from blurprint.report.report import Report
from blurprint.report.write import existing_results, write_report

MakeReport = Callable[..., Report]
NAMES = {"html": "report.html", "json": "report.json", "npz": "defocus.npz"}


def test_writes_what_is_asked_and_nothing_else(make_report: MakeReport, tmp_path: Path) -> None:
    folder = tmp_path / "a b" / "ü"
    written = write_report(make_report(), folder, formats=["json", "npz"])
    assert written == {name: folder / NAMES[name] for name in ("json", "npz")}
    assert sorted(path.name for path in folder.iterdir()) == ["defocus.npz", "report.json"]


def test_npz_round_trip(make_report: MakeReport, tmp_path: Path) -> None:
    report = make_report(scale=0.5)
    read = DefocusMap.load(write_report(report, tmp_path)["npz"])
    np.testing.assert_array_equal(read.sigma, report.defocus.sigma)
    np.testing.assert_array_equal(read.confidence, report.defocus.confidence)
    assert (read.method, read.scale, read.unit) == ("edge", 0.5, "px")


@pytest.mark.parametrize("name", list(NAMES))
def test_refuses_to_overwrite_before_anything_is_written(
    make_report: MakeReport, tmp_path: Path, name: str
) -> None:
    (tmp_path / NAMES[name]).write_text("mine")
    with pytest.raises(OutputError, match=NAMES[name]):
        write_report(make_report(), tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
    assert existing_results(tmp_path, NAMES) == [tmp_path / NAMES[name]]


def test_a_dangling_link_counts_as_existing(make_report: MakeReport, tmp_path: Path) -> None:
    (tmp_path / "report.json").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists already"):
        write_report(make_report(), tmp_path, formats=["json"])


def test_overwrites_when_asked(make_report: MakeReport, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("old")
    report = make_report()
    write_report(report, tmp_path, overwrite=True)
    assert (tmp_path / "report.json").read_text("utf-8") == report.to_json()


def test_a_failure_half_way_leaves_nothing(
    make_report: MakeReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def disk_full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OutputError, match=r"report\.html: cannot be written \(No space left"):
        write_report(make_report(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_the_earlier_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "index.html"
    target.write_bytes(b"old")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert target.read_bytes() == b"old"


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_file_in_the_way_of_the_folder(make_report: MakeReport, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="out"):
        write_report(make_report(), tmp_path / "out")
    with pytest.raises(OutputError, match="cannot be made"):
        write_report(make_report(), tmp_path / "out" / "deeper")


@pytest.mark.parametrize("name", ["absent/file", "a\0b"])
def test_unwritable_targets_are_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="cannot be written") as caught:
        write_atomic(tmp_path / name, b"x")
    assert "\n" not in str(caught.value)


def test_a_folder_in_the_place_of_a_file(make_report: MakeReport, tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OutputError, match=r"report\.json: cannot be written"):
        write_report(make_report(), tmp_path, formats=["json"], overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_unknown_format(make_report: MakeReport, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='but got "pdf"'):
        write_report(make_report(), tmp_path, formats=["json", "pdf"])
    assert list(tmp_path.iterdir()) == []
