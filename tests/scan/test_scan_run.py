"""A whole scan: every item a row, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet

from blurprint.errors import InputError, OutputError
from blurprint.scan import local_engine as module
from blurprint.scan.engine import Done, Work
from blurprint.scan.item_rows import died_rows, item_rows
from blurprint.scan.items.item import Item, ItemError
from blurprint.scan.items.lists import NameList
from blurprint.scan.items.local import LocalFile, file_item
from blurprint.scan.local_engine import local_engine
from blurprint.scan.scan_run import ScanObserver, run_scan
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.row import Row
from interrupts import interrupts_heard
from scan_engines import PLAIN, found, hashing, inline


def picture(path: Path, seed: int = 0, side: int = 32) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "in"
    for number in range(6):
        picture(root / f"{number}.png", number)
    (root / "1.png").write_bytes(b"no picture")
    picture(root / "tiny.png", side=4)
    (root / "notes.txt").write_text("left out")
    return root


def rows(out: Path) -> list[dict[str, Any]]:
    return parquet.read_table(out / "rows-00000.parquet").to_pylist()


def test_every_item_is_a_row_and_the_rest_is_counted(source, tmp_path) -> None:
    out = tmp_path / "out"
    totals = run_scan([str(source)], out, PLAIN, local_engine(2))
    found_rows = rows(out)
    assert [Path(row["path"]).name for row in found_rows] == [
        *(f"{number}.png" for number in range(6)),
        "tiny.png",
    ]
    statuses = {Path(row["path"]).name: row["status"] for row in found_rows}
    assert statuses["1.png"] == "unreadable" and statuses["tiny.png"] == "too_small"
    assert totals.statuses == {"ok": 5, "too_small": 1, "unreadable": 1}
    assert totals.complete and totals.new == 7 and totals.kept == 0
    assert totals.account.left_out["other files"].count == 1
    lines = (out / "rows.jsonl").read_text("utf-8").splitlines()
    by_path = {row["path"]: row for row in map(json.loads, lines[:-1])}
    assert by_path == {row["path"]: row for row in found_rows}
    last = json.loads(lines[-1])["totals"]
    assert last == json.loads((out / "totals.json").read_text())["totals"] == totals.to_json()
    ok = by_path[str(source / "0.png")]
    assert ok["seconds"] > 0 and len(ok["sha256"]) == 64 and ok["kind"] == "picture"
    assert ok["bytes"] == (source / "0.png").stat().st_size


def test_a_second_run_measures_what_is_new_only(source, tmp_path) -> None:
    out = tmp_path / "out"
    run_scan([str(source)], out, PLAIN, hashing, limit=3)
    picture(source / "9.png", 9)
    (source / "0.png").write_bytes(b"changed meanwhile")
    totals = run_scan([str(source)], out, PLAIN, hashing)
    assert (totals.rows, totals.new, totals.kept) == (8, 5, 3)
    assert totals.changed.names == [str(source / "0.png")] and not totals.complete
    again = run_scan([str(source)], out, PLAIN, hashing)
    assert (again.rows, again.new, again.kept) == (8, 0, 8)
    assert "rows are out of date" in (out / "summary.html").read_text("utf-8")


def test_a_finished_table_is_not_finished_once_a_file_was_found_changed(source, tmp_path) -> None:
    out = tmp_path / "out"
    assert run_scan([str(source)], out, PLAIN, hashing).complete
    (source / "0.png").write_bytes(b"changed meanwhile")
    totals = run_scan([str(source)], out, PLAIN, hashing, limit=2)
    assert not totals.stands
    assert not json.loads((out / "totals.json").read_text())["totals"]["complete"]


@pytest.mark.parametrize("wrong", ["typo", "empty", "typo/*.png", "bad.zip", "{a,b}.png"])
@pytest.mark.parametrize("beside", [True, False])
def test_recompute_removes_nothing_for_an_input_of_which_nothing_can_be_read(
    source, tmp_path, monkeypatch, wrong, beside
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    out = tmp_path / "out"
    run_scan([str(source)], out, PLAIN, hashing)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    given = [str(source)] * beside + [wrong]
    with pytest.raises(InputError, match=r"(?s)(typo|empty|bad|a\.png).*out was not removed"):
        run_scan(given, out, PLAIN, hashing, recompute=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert run_scan([str(source)], out, PLAIN, hashing, recompute=True).new == 7


def test_recompute_removes_nothing_for_a_list_of_what_is_not_there(source, tmp_path) -> None:
    out, names = tmp_path / "out", tmp_path / "names"
    run_scan([str(source)], out, PLAIN, hashing)
    for given in ("gone.png\ngone too.png\n", ""):
        names.write_text(given)
        with pytest.raises(InputError, match="out was not removed"):
            run_scan([], out, PLAIN, hashing, lists=[NameList(str(names))], recompute=True)
    names.write_text(f"gone.png\n{source}/2.png\n")
    lists = [NameList(str(names))]
    assert run_scan([], out, PLAIN, hashing, lists=lists, recompute=True).new == 2


def test_a_limit_is_of_the_input_and_is_said(source, tmp_path) -> None:
    for _ in range(2):
        totals = run_scan([str(source)], tmp_path / "out", PLAIN, hashing, limit=3)
        assert totals.rows == 3 and totals.limited and not totals.complete
    assert not run_scan([str(source)], tmp_path / "out", PLAIN, hashing, limit=7).limited


def interrupted(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
    """Is interrupted before it begins."""
    signal.raise_signal(signal.SIGINT)
    yield from hashing(work, settings)


@pytest.mark.parametrize("why", ["limit", "interrupt"])
def test_a_run_that_ends_early_and_finds_nothing_new_leaves_a_finished_table_finished(
    source, tmp_path, why
) -> None:
    out = tmp_path / "out"
    run_scan([str(source)], out, PLAIN, hashing)
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.name != "run.json"}
    if why == "limit":
        totals = run_scan([str(source)], out, PLAIN, hashing, limit=3)
        assert totals.limited
    else:
        with interrupts_heard():
            totals = run_scan([str(source)], out, PLAIN, interrupted)
        assert totals.interrupted
    assert totals.stands and totals.new == 0
    after = {path.name: path.read_bytes() for path in out.iterdir() if path.name != "run.json"}
    assert after == before
    picture(source / "00.png", 7)
    totals = run_scan([str(source)], out, PLAIN, hashing, limit=3)
    assert (totals.new, totals.stands) == (1, False)
    assert not json.loads((out / "totals.json").read_text())["totals"]["complete"]


def test_the_same_path_by_two_ways_is_one_row(source, tmp_path) -> None:
    (tmp_path / "list").write_text(f"{source}/2.png\n{source}/3.png\n")
    totals = run_scan(
        [str(source / "3.png"), str(source)],
        tmp_path / "out",
        PLAIN,
        hashing,
        lists=[NameList(str(tmp_path / "list"))],
    )
    assert totals.rows == 7
    assert totals.account.left_out["files met twice (one row)"].count == 3


def test_one_file_by_several_names_is_one_row(source, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(source)
    (source / "inner").mkdir()
    (source / "link.png").symlink_to("2.png")
    names = ["2.png", "./2.png", "inner/../2.png", str(source / "2.png"), "link.png"]
    totals = run_scan(names, tmp_path / "out", PLAIN, hashing)
    assert [row["path"] for row in rows(tmp_path / "out")] == ["2.png", "link.png"]
    assert totals.account.left_out["files met twice (one row)"].names == names[1:4]
    again = run_scan([str(source)], tmp_path / "out", PLAIN, hashing)
    assert (again.rows, again.kept) == (8, 2)


def test_a_relative_name_in_another_folder_is_no_file_of_the_table(tmp_path, monkeypatch) -> None:
    out = tmp_path / "out"
    for folder, seed in (("one", 1), ("two", 2)):
        picture(tmp_path / folder / "in/a.png", seed)
        os.utime(tmp_path / folder / "in/a.png", (seed, seed))
    monkeypatch.chdir(tmp_path / "one")
    run_scan(["in"], out, PLAIN, hashing)
    monkeypatch.chdir(tmp_path / "two")
    with pytest.raises(OutputError, match=r"in/a\.png.* read in .*one;.*two this is another file"):
        run_scan(["in"], out, PLAIN, hashing)
    totals = run_scan([str(tmp_path / "two/in")], out, PLAIN, hashing)
    assert (totals.rows, totals.new, totals.kept) == (2, 1, 0)


def test_data_that_were_moved_keep_the_rows_of_their_relative_names(tmp_path, monkeypatch) -> None:
    picture(tmp_path / "one/in/a.png")
    monkeypatch.chdir(tmp_path / "one")
    run_scan(["in"], tmp_path / "out", PLAIN, hashing)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one").rename(tmp_path / "two")
    monkeypatch.chdir(tmp_path / "two")
    totals = run_scan(["in"], tmp_path / "out", PLAIN, hashing)
    assert (totals.rows, totals.new, totals.kept) == (1, 0, 1)


def test_what_failed_elsewhere_is_changed_where_the_name_is_another_file(
    tmp_path, monkeypatch
) -> None:
    for folder, content in (("one", b"no picture"), ("two", b"no picture either")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(content)
    for folder, changed in (("one", []), ("two", ["a.png"])):
        monkeypatch.chdir(tmp_path / folder)
        totals = run_scan(["a.png"], tmp_path / "out", PLAIN, inline)
        assert totals.changed.names == changed and totals.rows == 1
        assert totals.complete == (not changed)


def test_so_do_data_of_a_folder_whose_name_has_no_encoding(tmp_path, monkeypatch) -> None:
    here = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    here.mkdir()
    (here / "a.png").write_bytes(b"x")
    monkeypatch.chdir(here)
    run_scan(["a.png"], tmp_path / "out", PLAIN, hashing)
    monkeypatch.chdir(tmp_path)
    here.rename("two")
    monkeypatch.chdir("two")
    totals = run_scan(["a.png"], tmp_path / "out", PLAIN, hashing)
    assert (totals.rows, totals.kept) == (1, 1)


@pytest.mark.parametrize("layout", [1, 2])
def test_an_earlier_table_whose_names_were_compared_otherwise_is_refused(
    source, tmp_path, layout
) -> None:
    out = tmp_path / "out"
    run_scan([str(source)], out, PLAIN, hashing)
    run_file = out / "run.json"
    run_file.write_text(run_file.read_text().replace('"layout": 3', f'"layout": {layout}'))
    with pytest.raises(OutputError, match=f"layout is {layout} there, 3 now"):
        run_scan([str(source)], out, PLAIN, hashing)


@pytest.mark.parametrize("name", ["in", "in/../in", "link"])
def test_an_input_that_is_the_folder_of_the_results_is_refused(
    source, tmp_path, monkeypatch, name
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("in")
    with pytest.raises(InputError, match="also the folder of the results"):
        run_scan([name], source, PLAIN, hashing)
    assert not (source / "run.json").exists()


def test_results_within_the_input_are_no_input_of_this_run_or_the_next(source, tmp_path) -> None:
    for out in (source / "table", source / "other", tmp_path / "outside"):
        totals = run_scan([str(source)], out, PLAIN, local_engine(1))
        assert totals.rows == 7 and (out / "summary.html").exists()


def test_the_same_content_by_two_paths_is_two_rows_measured_once(source, monkeypatch) -> None:
    calls = []

    def counted(data: bytes, settings: ScanSettings) -> Row:
        calls.append(data)
        return {"status": "ok", "format": "PNG"}

    monkeypatch.setattr("blurprint.scan.item_rows.bytes_row", counted)
    (source / "copy.png").write_bytes((source / "5.png").read_bytes())
    items = [file_item(str(source / name), "picture") for name in ("5.png", "copy.png")]
    one, other = (item_rows(item, PLAIN).row for item in items)
    assert len(calls) == 1
    differing = {name for name in one if one[name] != other[name]}
    assert "path" in differing and differing <= {"path", "seconds"}


class Dying(LocalFile):
    """Ends the process that reads it, unless that is the one of the test."""

    def read(self, most_bytes: int) -> bytes:
        os._exit(9)


def test_an_item_that_kills_its_process_costs_its_own_row_only(source) -> None:
    items = found(source)[0][:3]
    items[1] = Item("killer", Dying("killer"), "picture")
    work = iter([Work(place, item) for place, item in enumerate(items)])
    done = list(local_engine(1)(work, PLAIN))
    assert sorted(one.work.position for one in done) == [0, 1, 2]
    statuses = {one.work.item.path: one.rows.row["status"] for one in done}
    assert statuses["killer"] == "died" and list(statuses.values()).count("died") == 1
    assert set(died_rows(items[1], PLAIN).row) <= set(item_rows(items[0], PLAIN).row) | {"error"}


class Stops(ScanObserver):
    """Interrupts after three rows."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def added(self, row: Row, done: int, kept: int) -> None:
        self.heard.append("added")
        if len(self.heard) == 3:
            signal.raise_signal(signal.SIGINT)

    def opened(self, done: int, repairs: Sequence[str]) -> None:
        assert not repairs

    def stopping(self) -> None:
        self.heard.append("stopping")

    def ended(self) -> None:
        self.heard.append("ended")


def test_an_interrupt_keeps_the_rows_and_the_next_run_goes_on(source, tmp_path) -> None:
    observer, out = Stops(), tmp_path / "out"
    with interrupts_heard():
        totals = run_scan([str(source)], out, PLAIN, hashing, observer=observer)
    assert totals.interrupted and totals.rows == 3 and not totals.complete
    assert observer.heard[-2:] == ["stopping", "ended"]
    assert json.loads((out / "rows.jsonl").read_text("utf-8").splitlines()[-1])["totals"]
    assert len(rows(out)) == 3
    assert run_scan([str(source)], out, PLAIN, hashing).rows == 7
    assert len(rows(out)) == 7


def test_processes_that_have_grown_are_replaced_and_no_item_is_lost(source, monkeypatch) -> None:
    pools = []
    original = module.run_jobs

    def counted(*arguments: Any, **options: Any) -> Any:
        pools.append(options["workers"])
        return original(*arguments, **options)

    monkeypatch.setattr(module, "run_jobs", counted)
    monkeypatch.setattr(module, "_MOST_RESIDENT", 1)
    monkeypatch.setattr(module, "_LEAST_ITEMS", 3)
    work = iter([Work(place, item) for place, item in enumerate(found(source)[0])])
    done = [one.work.position for one in local_engine(1)(work, PLAIN)]
    assert sorted(done) == list(range(7)) and len(pools) == 2


def test_work_is_drawn_no_further_ahead_than_the_queue(source) -> None:
    drawn = 0

    def work() -> Iterator[Work]:
        nonlocal drawn
        items = found(source)[0]
        for place in range(60):
            drawn += 1
            yield Work(place, items[0])

    ahead = []
    for number, _ in enumerate(local_engine(1)(work(), PLAIN), 1):
        ahead.append(drawn - number)
    assert max(ahead) <= 4


def test_an_engine_that_loses_or_repeats_items_is_found_out(source, tmp_path) -> None:
    def careless(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
        for number, done in enumerate(hashing(work, settings)):
            yield from [done] * (number != 2) * (1 + (number == 4))

    totals = run_scan([str(source)], tmp_path / "out", PLAIN, careless)
    assert totals.rows == 6 and not totals.complete
    assert totals.account.problems.names == [
        "1 item: given to the engine, and came back without rows"
    ]
    assert totals.account.left_out["results that came twice (kept once)"].count == 1
    assert run_scan([str(source)], tmp_path / "out", PLAIN, hashing).rows == 7


class Impatient(ScanObserver):
    """Interrupts twice."""

    def added(self, row: Row, done: int, kept: int) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


def test_a_second_interrupt_ends_at_once_and_the_folder_is_whole(source, tmp_path) -> None:
    with interrupts_heard(), pytest.raises(KeyboardInterrupt):
        run_scan([str(source)], tmp_path / "out", PLAIN, hashing, observer=Impatient())
    totals = run_scan([str(source)], tmp_path / "out", PLAIN, hashing)
    assert (totals.rows, totals.kept) == (7, 1)


def test_an_engine_that_fails_leaves_a_folder_that_can_go_on(source, tmp_path) -> None:
    def failing(work: Iterator[Work], settings: ScanSettings) -> Iterator[Done]:
        for number, done in enumerate(hashing(work, settings)):
            if number == 4:
                raise RuntimeError("no more")
            yield done

    with pytest.raises(RuntimeError):
        run_scan([str(source)], tmp_path / "out", PLAIN, failing)
    assert not (tmp_path / "out/totals.json").exists()
    totals = run_scan([str(source)], tmp_path / "out", PLAIN, hashing)
    assert (totals.rows, totals.kept) == (7, 4)


def test_nothing_at_all_is_a_table_without_rows(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    totals = run_scan([str(tmp_path / "in")], tmp_path / "out", PLAIN, hashing)
    assert totals.rows == 0 and not totals.complete and totals.account.problems.count == 1
    assert rows(tmp_path / "out") == []
    assert (tmp_path / "out/summary.html").exists()


def test_names_with_newlines_and_without_an_encoding_are_rows(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    for name in (b"a\nb.png", b"caf\xe9.png", "日本 é\u202e.png".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + name)).write_bytes(b"x")
    run_scan([str(tmp_path / "in")], tmp_path / "out", PLAIN, inline)
    names = sorted(Path(row["path"]).name for row in rows(tmp_path / "out"))
    assert names == ["a\nb.png", "caf\\udce9.png", "日本 é\u202e.png"]
    page = (tmp_path / "out/summary.html").read_text("utf-8")
    assert "\u202e" not in page


def test_map_only_has_no_columns_of_faces(source) -> None:
    row = item_rows(file_item(str(source / "0.png"), "picture"), PLAIN).row
    assert row["status"] == "ok" and row["measured_share_percent"] is not None
    assert not [name for name, value in row.items() if "face" in name and value is not None]
    assert row.get("label") is None


def test_a_row_never_raises(source) -> None:
    class Broken(LocalFile):
        def read(self, most_bytes: int) -> bytes:
            raise RuntimeError("who knows")

    class Denied(LocalFile):
        def read(self, most_bytes: int) -> bytes:
            raise ItemError("is not for you", "too_large")

    row = item_rows(Item("x", Broken("x"), "picture"), PLAIN).row
    assert row["status"] == "failed" and "who knows" in str(row["error"])
    row = item_rows(Item("x", Denied("x"), "picture"), PLAIN).row
    assert (row["status"], row["error"]) == ("too_large", "is not for you")


def test_a_file_in_the_way_is_refused(source, tmp_path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="out"):
        run_scan([str(source)], tmp_path / "out", PLAIN, hashing)
