"""Killed at any moment and started again, a scan has the rows of one that nobody disturbed."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from killed_scan import SHARD, scan_slowly

ITEMS, MOMENTS = 40, 20
PAUSE_S = 0.004


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """Starts processes that have imported all they need already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killed_scan"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        forkserver.ensure_running()
    yield context


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(ITEMS):
        suffix = ".mp4" if number % 5 == 0 else ".jpg"
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / f"in/{number}{suffix}").write_bytes(b"%d" % number)
    return tmp_path / "in"


def rows_of(folder: Path, output: str, table: str = "rows") -> list[dict[str, Any]]:
    """The rows of a table, without what differs from run to run; both kinds must agree."""
    found: list[list[dict[str, Any]]] = []
    if output != "jsonl":
        shards = sorted(folder.glob(f"{table}-*.parquet"))
        found.append(pa.concat_tables([parquet.read_table(path) for path in shards]).to_pylist())
    if output != "parquet":
        *lines, last = (folder / f"{table}.jsonl").read_text("utf-8").splitlines()
        assert json.loads(last)["totals"]["complete"]
        found.append([json.loads(line) for line in lines])
    for rows in found:
        for row in rows:
            row.pop("seconds", None)
        rows.sort(key=lambda row: (row["path"], row.get("frame")))
    assert all(rows == found[0] for rows in found)
    return found[0]


@pytest.mark.parametrize(
    "output", ["jsonl", *(pytest.param(one, marks=pytest.mark.slow) for one in ("both", "parquet"))]
)
def test_killed_at_any_of_twenty_moments(tmp_path, source, server, output) -> None:
    undisturbed, killed = tmp_path / "whole", tmp_path / "killed"
    whole = server.Process(target=scan_slowly, args=(str(source), str(undisturbed), output, 0.0))
    whole.start()
    whole.join()
    dice, kills = random.Random(output), 0
    for _ in range(MOMENTS):
        args = (str(source), str(killed), output, PAUSE_S)
        process = server.Process(target=scan_slowly, args=args)
        process.start()
        ledger = killed / "ledger.txt"
        before = ledger.stat().st_size if ledger.exists() else 0
        # From the first new line on, a moment later: within, between or after its writes.
        while process.is_alive() and (not ledger.exists() or ledger.stat().st_size == before):
            time.sleep(0.001)
        time.sleep(dice.random() * 2 * PAUSE_S)
        process.kill()
        process.join()
        kills += process.exitcode != 0
    last = server.Process(target=scan_slowly, args=(str(source), str(killed), output, 0.0))
    last.start()
    last.join()
    assert last.exitcode == 0
    assert kills >= MOMENTS // 2
    for table, wanted in (("rows", ITEMS), ("frames", 3 * ITEMS // 5)):
        rows = rows_of(killed, output, table)
        assert rows == rows_of(undisturbed, output, table) and len(rows) == wanted
    totals = json.loads((killed / "totals.json").read_text())["totals"]
    assert totals["rows"] == ITEMS and totals["statuses"] == {"ok": ITEMS}
    if output != "jsonl":
        counts = [parquet.read_metadata(path).num_rows for path in sorted(killed.glob("rows-*"))]
        assert counts == [SHARD] * (ITEMS // SHARD) + [ITEMS % SHARD]
    assert not list(killed.glob("*.tmp")) and not list(killed.glob(".*.tmp"))
