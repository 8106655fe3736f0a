"""The folder of a scan: what is kept, repaired and refused."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from blurprint.errors import InputError, OutputError
from blurprint.scan.engine import Done, Work
from blurprint.scan.store import ledger, restore, scan_folder, shards
from blurprint.scan.store.layout import LEDGER, Output, remove_scan
from blurprint.scan.store.scan_folder import ScanFolder
from blurprint.scan.table.columns import columns_of
from blurprint.scan.table.row import ItemRows
from scan_engines import PLAIN, found, hashed, hashing

ITEMS, SHARD = 11, 4
SHARE = st.floats(0, 1)
OUTPUTS: tuple[Output, ...] = ("both", "parquet", "jsonl")


@pytest.fixture(autouse=True)
def small_shards(monkeypatch) -> None:
    for module in (restore, scan_folder):
        monkeypatch.setattr(module, "SHARD_ROWS", SHARD)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for number in range(ITEMS):
        (tmp_path / f"in/{number}{'.mp4' if number % 3 == 0 else '.jpg'}").write_bytes(
            b"%d" % number
        )
    return tmp_path / "in"


def run(source: Path, out: Path, output: Output = "both", most: int = 99, **more: Any) -> list[str]:
    """Do up to `most` items that are new; what was repaired."""
    with ScanFolder(out, PLAIN, output=output, **more) as folder:
        new = [
            Work(place, item)
            for place, item in enumerate(found(source)[0])
            if not folder.earlier.state_of(item)
        ]
        for done in hashing(iter(new[:most]), PLAIN):
            folder.add(done)
        folder.finish({"complete": most == 99})
        return folder.repairs


def paths(out: Path, output: Output, table: str = "rows") -> list[str]:
    if output == "jsonl":
        lines = (out / f"{table}.jsonl").read_text("utf-8").splitlines()[:-1]
        return sorted(json.loads(line)["path"] for line in lines)
    tables = [parquet.read_table(path) for path in sorted(out.glob(f"{table}-*.parquet"))]
    return sorted(pa.concat_tables(tables)["path"].to_pylist())


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("first", [0, 1, SHARD, SHARD + 1, 2 * SHARD, ITEMS])
def test_a_second_run_adds_what_is_missing(tmp_path, source, output, first) -> None:
    out = tmp_path / "out"
    assert run(source, out, output, first) == []
    assert run(source, out, output) == []
    assert paths(out, output) == sorted(str(path) for path in source.iterdir())
    frames = paths(out, output, "frames")
    assert frames == sorted(3 * [str(path) for path in source.glob("*.mp4")])


def test_rows_of_a_shard_are_in_the_order_of_the_input(tmp_path, source) -> None:
    with ScanFolder(tmp_path / "out", PLAIN) as folder:
        items = [Work(place, item) for place, item in enumerate(found(source)[0])]
        for done in hashing(iter(items[3::-1] + items[4:]), PLAIN):
            folder.add(done)
        folder.finish({})
    first = parquet.read_table(tmp_path / "out/rows-00000.parquet")["path"].to_pylist()
    assert first == [work.item.path for work in items[:4]]


def test_every_shard_has_the_one_schema(tmp_path, source) -> None:
    run(source, tmp_path / "out")
    schemas = [parquet.read_schema(path) for path in (tmp_path / "out").glob("rows-*.parquet")]
    assert all(one.equals(schemas[0], check_metadata=True) for one in schemas)
    types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    wanted = {column.name: types[column.type] for column in columns_of("edge")}
    assert dict(zip(schemas[0].names, schemas[0].types, strict=True)) == wanted


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_tails_cut_anywhere_are_repaired(tmp_path, source, data) -> None:
    """Power was lost: whatever part of the last writes, of any file, has reached the disc."""
    output = data.draw(st.sampled_from(OUTPUTS))
    out, most = tmp_path / "out", data.draw(st.integers(1, SHARD - 1))
    shutil.rmtree(out, ignore_errors=True)
    run(source, out, output, most)
    for name in ("rows", "frames"):
        path = out / (f"{name}.jsonl" if output != "parquet" else f".{name}-00000.jsonl")
        content = path.read_bytes()
        path.write_bytes(content[: round(data.draw(SHARE) * len(content))])
    content = (out / LEDGER).read_bytes()
    kept = round(data.draw(SHARE) * len(content))
    (out / LEDGER).write_bytes(content[:kept])
    for shard in out.glob("*.parquet"):
        shard.unlink()  # a shard that is there was whole, and everything before it too
    run(source, out, output)
    assert paths(out, output) == sorted(str(path) for path in source.iterdir())
    assert paths(out, output, "frames") == sorted(3 * [str(path) for path in source.glob("*.mp4")])


def test_a_half_written_tail_is_said(tmp_path, source) -> None:
    out = tmp_path / "out"
    run(source, out, "jsonl", 3)
    for name, tail in (("rows.jsonl", b'{"path": "ha'), (LEDGER, b"0123")):
        with (out / name).open("ab") as file:
            file.write(tail)
    repairs = run(source, out, "jsonl")
    assert [Path(line.partition(": ")[0]).name for line in repairs] == [LEDGER]
    assert "4 bytes" in repairs[0], "the tail of the rows follows the totals, which go anyway"


def test_other_settings_are_refused_with_what_differs(tmp_path, source) -> None:
    out = tmp_path / "out"
    run(source, out)
    with pytest.raises(OutputError, match=r"prior is 0\.5 there, 0\.1 now; .*faces is False"):
        other = replace(PLAIN, prior=0.1, faces=True)
        ScanFolder(out, other)
    with pytest.raises(OutputError, match="map_side is 640 there, 0 now"):
        ScanFolder(out, replace(PLAIN, map_side=0))
    with pytest.raises(OutputError, match="output is both there, jsonl now"):
        ScanFolder(out, PLAIN, output="jsonl")
    assert run(source, out) == [], "the refused runs have changed nothing, and hold no lock"
    assert len(json.loads((out / "run.json").read_text())["starts"]) == 2


def test_recompute_removes_a_scan_and_nothing_else(tmp_path, source) -> None:
    out = tmp_path / "out"
    run(source, out, "both", 6)
    (out / "mine.jsonl").write_text("mine")
    with ScanFolder(out, replace(PLAIN, prior=0.1), recompute=True) as folder:
        assert len(folder) == 0
    assert sorted(path.name for path in out.iterdir()) == [".lock", "mine.jsonl", "run.json"]


def test_a_removal_that_breaks_off_leaves_the_record_that_says_whose_the_rest_is(
    tmp_path, source, monkeypatch
) -> None:
    out, removed = tmp_path / "out", []
    run(source, out)
    original = Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:
        removed.append(self.name)
        original(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    remove_scan(out)
    assert len(removed) > 3 and removed[-1] == "run.json"


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        "rows.jsonl",
        "frames.jsonl",
        ".rows-00000.jsonl",
        "rows-00003.parquet",
        "ledger.txt",
        "totals.json",
        "summary.html",
    ],
)
def test_files_of_somebody_else_are_refused_and_stay(tmp_path, source, name, recompute) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / name).write_text("mine")
    (out / ".rows.jsonl.0123456789ab.tmp").write_text("mine")
    with pytest.raises(OutputError, match=rf"mine: holds {name}, but no run\.json"):
        run(source, out, recompute=recompute)
    assert [path.read_text() for path in out.iterdir()] == 2 * ["mine"]


def test_a_record_of_something_else_is_refused_and_stays(tmp_path, source) -> None:
    (tmp_path / "run.json").write_text('{"epochs": 3}')
    with pytest.raises(OutputError, match=r"run\.json: is no record of a scan"):
        run(source, tmp_path, recompute=True)
    assert (tmp_path / "run.json").read_text() == '{"epochs": 3}'


@pytest.mark.parametrize("left", [[], [".lock"], [".lock", ".run.json.0123456789ab.tmp"]])
def test_a_folder_that_a_crash_left_before_its_record_is_begun_anew(tmp_path, source, left) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in [*left, "notes.txt"]:
        (out / name).write_text("{")
    run(source, out)
    assert len(paths(out, "both")) == ITEMS and not list(out.glob(".*.tmp"))


def test_the_record_is_the_first_file_of_a_scan(tmp_path, monkeypatch) -> None:
    """So that whatever a crash leaves is known as a scan's."""

    def crashed(*_: Any) -> None:
        raise RuntimeError("power is gone")

    monkeypatch.setattr(scan_folder, "restored", crashed)
    with pytest.raises(RuntimeError):
        ScanFolder(tmp_path / "out", PLAIN)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".lock", "run.json"]


def test_a_full_shard_that_was_lost_is_written_again_from_the_lines(tmp_path, source) -> None:
    out = tmp_path / "out"
    run(source, out)
    before = (out / "rows-00001.parquet").read_bytes()
    (out / "rows-00001.parquet").unlink()
    run(source, out)
    assert (out / "rows-00001.parquet").read_bytes() == before
    shutil.rmtree(out)
    run(source, out, "parquet")
    (out / "rows-00001.parquet").unlink()
    with pytest.raises(OutputError, match=r"rows-00001.parquet: is missing"):
        run(source, out, "parquet")


def test_a_ledger_that_contradicts_the_rows_is_refused(tmp_path, source) -> None:
    out = tmp_path / "out"
    run(source, out)
    content = (out / LEDGER).read_bytes()
    (out / LEDGER).unlink()
    with pytest.raises(OutputError, match="is missing, but there are rows"):
        run(source, out)
    (out / LEDGER).write_bytes(content[: ledger.LINE_LENGTH * 2])
    with pytest.raises(OutputError, match="holds more rows than"):
        run(source, out)


def test_a_file_that_has_changed_keeps_its_row_and_is_told_apart(tmp_path, source) -> None:
    out = tmp_path / "out"
    run(source, out)
    (source / "1.jpg").write_bytes(b"something else")
    with ScanFolder(out, PLAIN) as folder:
        states = {Path(item.path).name: folder.earlier.state_of(item) for item in found(source)[0]}
    assert states.pop("1.jpg") == "changed" and set(states.values()) == {"measured"}


def test_one_run_at_a_time_and_a_dead_one_holds_nothing(tmp_path, source) -> None:
    out = tmp_path / "out"
    code = (
        "import sys, time; from pathlib import Path;"
        "from blurprint.scan.store.lock import FolderLock;"
        "Path(sys.argv[1]).mkdir(); lock = FolderLock(Path(sys.argv[1])); print(1, flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, out], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(
            OutputError, match=rf"another scan writes into it \(process {other.pid}"
        ):
            run(source, out)
        other.kill()
    run(source, out)


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_full_disc_ends_the_run_and_the_next_goes_on(
    tmp_path, source, output, monkeypatch
) -> None:
    out = tmp_path / "out"
    left = 12_000

    class Full:
        """A file of a disc that takes so many more bytes."""

        def __init__(self, file: Any) -> None:
            self._file = file

        def write(self, data: bytes) -> int:
            nonlocal left
            if len(data) > left:
                written, left = self._file.write(data[:left]) if left else 0, 0
                if not written:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return int(written)
            left -= len(data)
            return int(self._file.write(data))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    original = Path.open

    def opened(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        file = original(self, mode, *rest, **more)
        return Full(file) if self.suffix == ".jsonl" and mode in ("xb", "r+b") else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(OutputError, match=r"jsonl: cannot be written \(No space"):
            run(source, out, output)
    run(source, out, output)
    assert paths(out, output) == sorted(str(path) for path in source.iterdir())


def test_a_shard_that_cannot_be_written_leaves_nothing_half_written(
    tmp_path, source, monkeypatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(shards.os, "fsync", full)
        with pytest.raises(OutputError):
            run(source, out)
    assert not list(out.glob("*.parquet")) and not list(out.glob(".*.tmp"))
    run(source, out)
    assert len(paths(out, "both")) == ITEMS


def test_a_value_that_the_table_cannot_hold_is_a_failed_row(tmp_path, source) -> None:
    items = found(source)[0]
    with ScanFolder(tmp_path / "out", PLAIN) as folder:
        for place, row in enumerate(
            ({"blur_median_px": float("nan")}, {"nonsense": 1}, {"bytes": 1.5}, {"path": 3})
        ):
            full = {"path": items[place].path, "status": "ok", **row}
            kept = folder.add(Done(Work(place, items[place]), ItemRows(full)))
            assert kept["status"] == "failed" and kept["path"] == items[place].path
        folder.finish({})
        assert folder.statuses == {"failed": 4}


def test_ledger_lines_are_read_back() -> None:
    entry = ledger.Entry((1, 2**64 - 1), "ab" * 32, 5, "video_unsupported", "unsure", 7, 8, 9)
    line = entry.line()
    assert len(line) == ledger.LINE_LENGTH and ledger.read_entry(line) == entry
    empty = replace(entry, sha256="", label="")
    assert ledger.read_entry(empty.line()) == empty
    assert ledger.read_entry(line[:-1]) is None and ledger.read_entry(b"\0" * len(line)) is None


def test_parquet_without_its_package_is_refused_before_the_work(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match="--format jsonl"):
        ScanFolder(tmp_path / "out", PLAIN)
    assert not (tmp_path / "out").exists()


def test_what_a_hashed_video_is() -> None:
    assert hashed(found("/none.mp4")[0][0], PLAIN).row["status"] == "unreadable"
