"""A scan: what it does in which order, what it counts, and who hears of it."""

from __future__ import annotations

import csv
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blurprint.errors import OutputError
from blurprint.scan import scan_pictures as module
from blurprint.scan.inputs import find_inputs
from blurprint.scan.observer import Observer
from blurprint.scan.scan_pictures import ScanResult, scan_pictures
from blurprint.scan.settings import Settings
from interrupts import interrupts_heard


class Recorder(Observer):
    """Keeps the name of each event and what it is about."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def accounted(self, lines):
        self.events.append(("accounted", *lines))

    def progressed(self, done, wanted):
        self.events.append(("progressed", done, wanted))

    def analysed(self, outcome, folder):
        self.events.append(("analysed", outcome.job.path.name, outcome.status, folder))

    def failed(self, path, why):
        self.events.append(("failed", Path(path).name))

    def stopping(self):
        self.events.append(("stopping",))

    def ended(self):
        self.events.append(("ended",))

    def wrote(self, what, path):
        self.events.append(("wrote", what, path.name))

    def not_written(self, why):
        self.events.append(("not written", why))


def settings(out: Path | None, **more: Any) -> Settings:
    several: dict[str, Any] = {"formats": ("json",), "half": True, "thumbnails": True}
    return Settings("edge", 0, 10**6, out, **(several | more if out else more))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    for name in ("0.png", "1.png", "2.png"):
        Image.fromarray(pixels).save(tmp_path / "in" / name)
    (tmp_path / "in/1.png").write_bytes(b"no picture")
    (tmp_path / "in/notes.txt").write_text("left out")
    return tmp_path / "in"


def test_everything_is_heard_in_order_and_counted(folder, tmp_path) -> None:
    out, heard = tmp_path / "out", Recorder()
    inputs = find_inputs([str(folder), str(folder / "gone.png")], out=out)
    inputs.failures.append(("clip.mp4", "is a video"))
    result = scan_pictures(inputs, settings(out), observer=heard, table=tmp_path / "t.csv", jobs=1)
    assert result == ScanResult(pictures=5, analysed=2, kept=0, failed=3)
    assert heard.events == [
        ("failed", "clip.mp4"),
        ("accounted", f"Left out: other files (1): {folder / 'notes.txt'}"),
        ("progressed", 0, 4),
        ("analysed", "0.png", "analysed", out / "0"),
        ("progressed", 1, 4),
        ("failed", "1.png"),
        ("progressed", 2, 4),
        ("analysed", "2.png", "analysed", out / "2"),
        ("progressed", 3, 4),
        ("failed", "gone.png"),
        ("progressed", 4, 4),
        ("ended",),
        ("wrote", "Table", "t.csv"),
        ("wrote", "Overview", "index.html"),
    ]
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = [(Path(row["source"]).name, row["status"]) for row in csv.DictReader(file)]
    assert rows == [
        ("0.png", "analysed"),
        ("1.png", "failed"),
        ("2.png", "analysed"),
        ("gone.png", "failed"),
        ("clip.mp4", "failed"),
    ]
    assert result.words() in (out / "index.html").read_text("utf-8")


def test_an_overview_in_the_way_is_said_and_stays(folder, tmp_path) -> None:
    out, heard = tmp_path / "out", Recorder()
    out.mkdir()
    (out / "index.html").write_text("mine")
    inputs = find_inputs([str(folder / "0.png"), str(folder / "2.png")])
    result = scan_pictures(inputs, settings(out), observer=heard, jobs=1)
    assert result == ScanResult(pictures=2, analysed=2, kept=0, failed=0, unwritten=1)
    assert heard.events[-1][0] == "not written" and "--overwrite" in heard.events[-1][1]
    assert (out / "index.html").read_text() == "mine"
    again = scan_pictures(inputs, settings(out, skip_existing=True), observer=heard, jobs=1)
    assert again == ScanResult(pictures=2, analysed=0, kept=2, failed=0)
    assert heard.events[-1] == ("wrote", "Overview", "index.html")


def test_a_folder_that_takes_no_files_ends_it_before_the_work(folder, tmp_path) -> None:
    (tmp_path / "out").write_text("a file")
    heard = Recorder()
    with pytest.raises(OutputError, match="out"):
        scan_pictures(find_inputs([str(folder)]), settings(tmp_path / "out"), observer=heard)
    assert [event[0] for event in heard.events] == ["accounted"]


class Interrupting(Recorder):
    """Sends SIGINT to its own process after the first picture."""

    def analysed(self, outcome, folder):
        super().analysed(outcome, folder)
        if len([event for event in self.events if event[0] == "analysed"]) == 1:
            signal.raise_signal(signal.SIGINT)


def test_the_first_interrupt_lets_the_pictures_at_work_finish(folder, tmp_path) -> None:
    for index in range(3, 8):
        Image.open(folder / "0.png").save(folder / f"{index}.png")
    heard = Interrupting()
    with interrupts_heard():
        before = signal.getsignal(signal.SIGINT)
        result = scan_pictures(
            find_inputs([str(folder)]),
            settings(None),
            observer=heard,
            table=tmp_path / "t.csv",
            jobs=1,
        )
        assert signal.getsignal(signal.SIGINT) is before
    assert result.stopped and 1 <= result.analysed < 7
    assert ("stopping",) in heard.events and ("wrote", "Table", "t.csv") in heard.events
    missing = 8 - result.analysed - result.failed
    assert result.words().endswith(f", {missing} not reached.")
    assert (tmp_path / "t.csv").read_text("utf-8").count("not reached") == missing


def test_where_interrupts_are_ignored_they_stay_ignored(folder) -> None:
    before, heard = signal.signal(signal.SIGINT, signal.SIG_IGN), Interrupting()
    try:
        result = scan_pictures(find_inputs([str(folder)]), settings(None), observer=heard, jobs=1)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert ("stopping",) not in heard.events
    assert result == ScanResult(pictures=3, analysed=2, kept=0, failed=1)


def test_an_interrupt_at_the_only_picture_is_raised(folder, monkeypatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "analyze_one", interrupted)
    heard = Recorder()
    with pytest.raises(KeyboardInterrupt):
        scan_pictures(find_inputs([str(folder / "0.png")]), settings(None), observer=heard)
    assert heard.events == [("accounted",), ("progressed", 0, 1), ("ended",)]


def test_nobody_needs_to_listen(folder) -> None:
    result = scan_pictures(find_inputs([str(folder / "0.png")]), settings(None))
    assert result == ScanResult(pictures=1, analysed=1, kept=0, failed=0)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0, 0), "0 of 0 pictures analysed."),
        ((1, 1, 0, 0), "1 of 1 picture analysed."),
        ((1, 0, 1, 0), "The picture was analysed by an earlier run."),
        ((2, 0, 2, 0), "Both pictures were analysed by an earlier run."),
        ((1200, 0, 1200, 0), "All 1,200 pictures were analysed by an earlier run."),
        ((9, 3, 2, 1), "3 of 9 pictures analysed, 2 kept from an earlier run, 1 failed, 3 not "),
    ],
)
def test_the_result_in_words(counts, words) -> None:
    assert ScanResult(*counts).words().startswith(words)
