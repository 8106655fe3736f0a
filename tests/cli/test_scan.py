"""`blurprint scan`, as a user meets it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet
from typer.testing import CliRunner, Result

from blurprint.cli.main import app
from blurprint.cli.scan_printer import _Rate
from blurprint.scan import scan_run
from blurprint.scan.items.find import can_count_aside
from interrupts import interrupts_heard
from scan_engines import hashing

ENVIRONMENT = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "blurprint", "scan", *map(str, arguments)]


def here(*arguments: object, stdin: bytes = b"") -> Result:
    """The command in this process."""
    return CliRunner().invoke(
        app, ["scan", *map(str, arguments)], env={"COLUMNS": "200"}, input=stdin
    )


@pytest.fixture
def fast(monkeypatch) -> None:
    """Items are hashed, not measured."""
    monkeypatch.setattr("blurprint.scan.engines.engine_of", lambda *_, **__: hashing)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "in"
    root.mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (48, 64, 3), np.uint8)
        Image.fromarray(pixels).save(root / f"{number}.png")
    (root / "notes.txt").write_text("left out")
    with zipfile.ZipFile(root / "z.zip", "w") as opened:
        opened.write(root / "0.png", "inside.png")
    return root


def paths(out: Path) -> list[str]:
    return sorted(
        Path(path).name
        for shard in out.glob("rows-*.parquet")
        for path in parquet.read_table(shard)["path"].to_pylist()
    )


def test_the_folder_of_the_results_is_no_input(source, fast) -> None:
    for more in ((), ("--dry-run",)):
        done = here(source, "--out", source, *more)
        assert done.exit_code == 2
        assert f"{source}: is an input and also the folder of the results" in done.stderr
    assert not (source / "run.json").exists()
    assert here(source, "--out", source / "table").exit_code == 0


def test_a_limit_leaves_a_finished_table_finished(source, tmp_path, fast) -> None:
    out = tmp_path / "out"
    here(source, "--out", out)
    done = here(source, "--out", out, "--limit", 2)
    assert done.exit_code == 0
    assert "The table was finished by an earlier run, and stays as it was." in done.stdout
    assert json.loads((out / "totals.json").read_text())["totals"]["complete"]


def test_a_folder_becomes_a_table(source, tmp_path) -> None:
    (source / "bad.jpg").write_bytes(b"words")
    done = subprocess.run(
        command(source, "--out", "out", "--map-only", "--method", "edge", "--jobs", 1),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, "a bad file is a row"
    assert "bad.jpg: not a picture" in done.stderr
    assert f"Left out: other files (1): {source}/notes.txt" in done.stdout
    assert "14 rows: 13 ok, 1 unreadable." in done.stdout
    assert len(paths(tmp_path / "out")) == 14 and "z.zip!inside.png" in paths(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".lock",
        "ledger.txt",
        "rows-00000.parquet",
        "rows.jsonl",
        "run.json",
        "summary.html",
        "totals.json",
    ]


def test_an_empty_list_on_standard_input_is_no_success(tmp_path, fast) -> None:
    done = here("--list", "-", "--out", tmp_path / "out", stdin=b"")
    assert done.exit_code == 1
    assert "standard input: the list holds no names" in done.stderr
    assert not json.loads((tmp_path / "out/totals.json").read_text())["totals"]["complete"]


def test_a_repeated_folder_leaves_the_table_complete(source, tmp_path, fast) -> None:
    assert here(source, source, "--out", tmp_path / "out").exit_code == 0
    assert json.loads((tmp_path / "out/totals.json").read_text())["totals"]["complete"]


def test_names_from_standard_input(source, tmp_path, fast) -> None:
    names = b"".join(os.fsencode(source / name) + b"\0" for name in ("3.png", "none.png"))
    done = here("--list", "-", "--out", tmp_path / "out", stdin=names)
    assert done.exit_code == 0, done.output
    assert "List: standard input (names that end with NUL)." in done.output
    assert paths(tmp_path / "out") == ["3.png", "none.png"]


def test_a_second_run_says_what_is_there(source, tmp_path, fast) -> None:
    assert here(source, "--out", tmp_path / "out", "--limit", 5).exit_code == 0
    done = here(source, "--out", tmp_path / "out")
    assert "Resumed: 5 rows are in" in done.output
    assert "13 rows: 13 ok. 5 were there from an earlier run." in done.output
    (source / "1.png").write_bytes(b"x")
    done = here(source, "--out", tmp_path / "out", "--quiet")
    assert done.exit_code == 1
    assert "changed since their rows were made" in done.output
    assert "these rows were kept (1)" in done.output and "--recompute" in done.output


def test_what_is_missing_of_the_input_is_status_1(source, tmp_path, fast) -> None:
    done = here(source, tmp_path / "gone", "--out", tmp_path / "out")
    assert done.exit_code == 1 and "no such file or folder" in done.output
    assert len(paths(tmp_path / "out")) == 14


def test_other_settings_in_a_folder_are_refused(source, tmp_path, fast) -> None:
    assert here(source, "--out", tmp_path / "out").exit_code == 0
    done = here(source, "--out", tmp_path / "out", "--prior", "0.01")
    assert done.exit_code == 1 and "prior is 0.5 there, 0.01 now" in done.output
    done = here(source, "--out", tmp_path / "out", "--map-side", "0")
    assert done.exit_code == 1 and "map_side is 640 there, 0 now" in done.output
    done = here(source, "--out", tmp_path / "out", "--prior", "0.01", "--overwrite")
    assert done.exit_code == 0


def test_a_dry_run_counts_and_writes_nothing(source, tmp_path) -> None:
    (source / "clip.mp4").write_bytes(b"")
    done = here(source, "--dry-run", "--out", tmp_path / "out")
    assert done.exit_code == 0 and "14 items (13 picture, 1 video)." in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nothing to scan"),
        (("x.jpg",), "needs --out DIR"),
        (("x.jpg", "--out", "o", "--format", "csv"), "expected parquet, jsonl or both"),
        (("x.jpg", "--out", "o", "--method", "magic"), "is not one of"),
        (("x.jpg", "--out", "o", "--prior", "1"), "prior"),
        (("x.jpg", "--out", "o", "--max-bytes", "0"), "number of megabytes"),
        (("x.jpg", "--out", "o", "--max-bytes", "1e-9"), "of at least one byte"),
        (("x.jpg", "--out", "o", "--max-pixels", "1e-9"), "of at least one pixel"),
        (("--list", "-", "--list", "-", "--out", "o"), "once only"),
        (("--list", "none.txt", "--out", "o"), "none.txt"),
        (("nosuch://x", "--out", "o"), "nosuch"),
        (("x.jpg", "--out", "o", "--limit", "0"), "limit"),
        (("x.jpg", "--out", "o", "--map-side", "5"), "--map-side"),
        (("x.jpg", "--dry-run", "--map-side", "5"), "expected 0 or at least 8"),
    ],
)
def test_wrong_usage_is_status_2(tmp_path, monkeypatch, arguments, words) -> None:
    monkeypatch.chdir(tmp_path)
    done = here(*arguments)
    assert done.exit_code == 2 and words in done.output
    assert not (tmp_path / "o").exists()


def test_an_archive_that_is_cut_off_is_named_once(source, tmp_path) -> None:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        archive.add(source / "0.png", "0.png")
    (tmp_path / "cut.tar").write_bytes(whole.getvalue()[:3000])
    done = here(tmp_path / "cut.tar", "--out", tmp_path / "out", "--map-only")
    assert done.exit_code == 1
    assert done.stderr.count("cut.tar: cannot be read as a tar archive to its end") == 1


def test_a_list_that_is_a_pipe_is_not_read_twice(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "list").write_text("x.jpg\n")
    assert can_count_aside(["in"], [str(tmp_path / "list")])
    assert not can_count_aside(["in"], [str(tmp_path / "pipe")])
    assert not can_count_aside(["in"], ["-"]) and not can_count_aside(["s3://b"], [])


def test_the_rate_is_that_of_the_last_minute() -> None:
    rate = _Rate(0.0)
    for second in range(1, 601):
        last = rate.at(float(second), second if second <= 300 else 300 + 10 * (second - 300))
    assert last == pytest.approx(10, rel=0.01)


def test_quiet_prints_errors_only(source, tmp_path, fast) -> None:
    done = here(source, "--out", tmp_path / "out", "--quiet")
    assert done.exit_code == 0 and done.output == ""


def test_the_disc_is_full(source, tmp_path, fast, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("blurprint.scan.store.shards.os.fsync", full)
    done = here(source, "--out", tmp_path / "out")
    assert done.exit_code == 1 and "No space left on device" in done.output


@pytest.mark.slow
def test_ctrl_c_and_sigkill_of_the_whole_command(source, tmp_path) -> None:
    run = command(source, "--out", tmp_path / "out", "--map-only", "--method", "edge", "-j", 1)
    lines = tmp_path / "out/rows.jsonl"

    def rows() -> int:
        return lines.read_bytes().count(b"\n") if lines.exists() else 0

    with subprocess.Popen(run, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as killed:
        while rows() < 2:
            time.sleep(0.005)
        killed.kill()
    with (
        interrupts_heard(),
        subprocess.Popen(run, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as stopped,
    ):
        before = rows()
        while rows() <= before and stopped.poll() is None:
            time.sleep(0.005)
        stopped.send_signal(signal.SIGINT)
        words = stopped.communicate(timeout=120)[1]
    if stopped.returncode != 0:  # on a fast machine it may have been done
        assert stopped.returncode == 130 and "the same command goes on" in words
    assert subprocess.run(run, env=ENVIRONMENT, check=False).returncode == 0
    assert len(paths(tmp_path / "out")) == 13
    assert json.loads((tmp_path / "out/totals.json").read_text())["totals"]["complete"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_pictures(tmp_path, monkeypatch) -> None:
    """Resident memory of this process and of the workers, over a thousand pictures."""
    import multiprocessing

    file = io.BytesIO()
    data = []
    for number in range(1200):
        file = io.BytesIO()
        pixels = np.random.default_rng(number).integers(0, 256, (40, 40, 3), np.uint8)
        Image.fromarray(pixels).save(file, "PNG")
        data.append(file.getvalue())
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as opened:
        for number, one in enumerate(data):
            opened.writestr(f"{number}.png", one)
    resident: dict[int, list[int]] = {}

    class Watching(scan_run.ScanObserver):
        def added(self, row: object, done: int, kept: int) -> None:
            if done % 200 == 0:
                processes = [os.getpid(), *(one.pid for one in multiprocessing.active_children())]
                resident[done] = [_resident(pid) for pid in processes if pid]

    from blurprint.scan.local_engine import local_engine
    from scan_engines import PLAIN

    scan_run.run_scan(
        [str(tmp_path / "z.zip")], tmp_path / "out", PLAIN, local_engine(1), observer=Watching()
    )
    assert sum(resident[1200]) - sum(resident[400]) < 24 << 20, resident


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
