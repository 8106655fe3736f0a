"""The engine of a Ray cluster: the rows of the local engine, whoever dies on the way."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.errors import InputError, MachineError
from blurprint.scan import ray_engine as module
from blurprint.scan.engine import Engine, Work
from blurprint.scan.engines import engine_of
from blurprint.scan.items.item import Item
from blurprint.scan.items.local import file_item
from blurprint.scan.local_engine import local_engine
from blurprint.scan.ray_engine import ray_engine
from blurprint.scan.scan_run import run_scan
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.row import Row
from dying import CrowdedSource, DyingSource

SETTINGS = ScanSettings(max_side=128)
PICTURES = 9


@pytest.fixture(scope="module")
def ray() -> Iterator[object]:
    ray = pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch:
        here = str(Path(__file__).parents[1])  # where its processes find the modules of tests
        patch.setenv("PYTHONPATH", os.pathsep.join((here, os.environ.get("PYTHONPATH", ""))))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_BACKEND_LOG_LEVEL", "fatal")
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=100 << 20,
            log_to_driver=False,
            _node_ip_address="127.0.0.1",
        )
        yield ray
        ray.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, a copy of one, one that is no picture and one that is too small."""
    folder = tmp_path_factory.mktemp("pictures")
    whole = data.astronaut()
    for place in range(PICTURES):
        part = Image.fromarray(whole[4 * place : 4 * place + 250, 90:340])
        part.save(folder / f"{place:02}.jpg", quality=70 + 2 * place)
    (folder / "copy.jpg").write_bytes((folder / "03.jpg").read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    Image.fromarray(np.zeros((5, 90, 3), np.uint8)).save(folder / "thin.png")
    return folder


def rows_of(out: Path) -> dict[str, Row]:
    """By path, without what differs from run to run; each item is there once."""
    lines = [json.loads(line) for line in (out / "rows.jsonl").read_text("utf-8").splitlines()]
    rows = [line for line in lines if "path" in line]
    assert len({row["path"] for row in rows}) == len(rows)
    return {row["path"]: {**row, "seconds": None} for row in rows}


def scanned(folder: Path, out: Path, engine: Engine, limit: int | None = None) -> dict[str, Row]:
    run_scan([str(folder)], out, SETTINGS, engine, output="jsonl", limit=limit)
    return rows_of(out)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_rows_are_those_of_the_local_engine_and_resume_works_the_same(ray, folder, tmp_path):
    cluster = ray_engine(workers=2, batch=4)
    local = scanned(folder, tmp_path / "local", local_engine(1))
    assert len(local) == PICTURES + 3
    assert {row["status"] for row in local.values()} >= {"ok", "unreadable", "too_small"}
    # A folder that one engine began is finished by the other.
    assert len(scanned(folder, tmp_path / "both", local_engine(1), limit=2)) == 2
    assert scanned(folder, tmp_path / "both", cluster) == local


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_worker_that_is_killed_costs_no_row(ray, folder, tmp_path):
    paths = [str(folder / f"{place:02}.jpg") for place in range(PICTURES)]
    items = [file_item(path, "picture") for path in paths]
    items[2] = Item("once", DyingSource(paths[2], str(tmp_path / "marker")))
    items[7] = Item("always", DyingSource(paths[7]))
    given = [Work(place, item) for place, item in enumerate(items)]
    done = list(ray_engine(workers=2, batch=3)(iter(given), SETTINGS))
    assert sorted(one.work.position for one in done) == list(range(PICTURES))
    rows = {one.work.position: one.rows.row for one in done}
    assert rows[7]["status"] == "died" and "twice" in rows[7]["error"]
    (tmp_path / "marker").unlink()
    given[7] = Work(7, file_item(paths[7], "picture"))
    for one in local_engine(1)(iter(given), SETTINGS):
        place = one.work.position
        if place != 7:
            assert {**rows[place], "seconds": 0} == {**one.rows.row, "seconds": 0}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_machine_that_refuses_ends_the_scan_and_the_next_goes_on(ray, folder):
    items = [file_item(str(folder / f"{place:02}.jpg"), "picture") for place in range(PICTURES)]
    given = [Work(place, item) for place, item in enumerate(items)]
    crowded = [*given[:5], Work(5, Item("crowded", CrowdedSource("crowded")))]
    cluster = ray_engine(workers=1, batch=2)
    with pytest.raises(MachineError, match=r"^Machine .*Too many open files.*the same"):
        list(cluster(iter(crowded), SETTINGS))
    assert len(list(cluster(iter(given), SETTINGS))) == PICTURES


def test_nothing_to_do_starts_no_ray(monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError("started")

    monkeypatch.setattr(module, "_cluster", never)
    assert list(ray_engine()(iter(()), SETTINGS)) == []


def test_ray_is_imported_only_when_it_measures():
    code = (
        "import sys; from blurprint.scan.engines import engine_of;"
        "engine_of('local', 1); engine_of('ray', 1); assert 'ray' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_ray_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"needs ray, which is missing: .*\[scale\]"):
        engine_of("ray")


def test_options_of_ray_are_refused_by_the_other_engine():
    with pytest.raises(InputError, match="are for --engine ray"):
        engine_of("local", ray_address="auto")
    with pytest.raises(InputError, match='local or ray, but got "spark"'):
        engine_of("spark")
    with pytest.raises(InputError, match="at least 1"):
        ray_engine(workers=0)


def test_an_address_where_nobody_listens_is_said_at_once():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"  # bound, but nobody listens
        with pytest.raises(InputError, match=f"No Ray cluster at {address}: "):
            next(ray_engine(address)(iter([Work(0, file_item("a.jpg", "picture"))]), SETTINGS))
