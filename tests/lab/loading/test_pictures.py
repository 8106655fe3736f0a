"""From files to batches: maps through the cache, draws that depend on seed, epoch and row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from torch.utils.data import DataLoader

from blurprint.errors import InputError, PhotoError
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.loading import pictures
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import (
    EpochSampler,
    PictureDataset,
    ViewMaker,
    ViewOptions,
    collate_pictures,
    worker_options,
)
from blurprint.optics.paper import paper_map
from blurprint.score import make_views

ALL = ViewOptions(views=("rgb", "defocus", "frequency"), size=64)
MAP = ViewOptions(size=64)


@pytest.fixture
def table(tmp_path: Path) -> SampleTable:
    samples = []
    for index in range(6):
        path = tmp_path / f"{index}.png"
        Image.fromarray(data.astronaut()[40 * index :][:90, 100:230]).save(path)
        samples.append(Sample(str(path), index % 2, "m", str(index), "train", str(path)))
    return make_table(samples)


def test_cached_and_computed_views_are_the_same(table, tmp_path):
    cache = MapCache(tmp_path / "cache")
    for options in (ALL, MAP):
        plain = PictureDataset(table, options)
        first, second = (PictureDataset(table, options, cache) for _ in range(2))
        for row in range(len(table)):
            views = [d[row]["views"] for d in (plain, first, second)]
            for name in options.views:
                assert views[0][name].shape == (3, 64, 64)
                assert all(torch.equal(views[0][name], v[name]) for v in views[1:])
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == len(table)


def test_the_cache_is_really_read(table, tmp_path, monkeypatch):
    cache = MapCache(tmp_path / "cache")
    expected = PictureDataset(table, MAP, cache)[0]["views"]["defocus"]

    def never(*_: object) -> None:
        raise AssertionError("computed although cached")

    monkeypatch.setattr(pictures, "square_map", never)
    monkeypatch.setattr(make_views, "square_map", never)
    assert torch.equal(PictureDataset(table, MAP, cache)[0]["views"]["defocus"], expected)


def test_the_view_is_the_papers_map(table):
    path = Path(table["path"][0])
    maker = ViewMaker(MAP)
    expected = paper_map(maker.square(path)).normalized()
    assert np.allclose(maker.from_file(path)["defocus"][1], expected, atol=1e-3)


def test_what_a_map_depends_on_is_in_its_key(table, tmp_path):
    path = Path(table["path"][0])
    copy = tmp_path / "copy.png"
    copy.write_bytes(path.read_bytes())
    cache = MapCache(tmp_path / "cache")

    def count(options: ViewOptions, file: Path) -> int:
        ViewMaker(options, cache).from_file(file)
        return len(list((tmp_path / "cache").rglob("*.npy")))

    assert count(MAP, path) == 1
    assert count(MAP, copy) == 1  # the same bytes
    assert count(ViewOptions(size=64, variant="metric"), path) == 1  # another view of one map
    assert count(ViewOptions(size=48), path) == 2
    assert count(ViewOptions(size=64, fit="crop"), path) == 3
    assert count(ViewOptions(size=64, estimator="edge"), path) == 4


def test_a_broken_cache_file_is_replaced(table, tmp_path):
    cache = MapCache(tmp_path / "cache")
    maker = ViewMaker(MAP, cache)
    expected = maker.from_file(Path(table["path"][0]))["defocus"]
    (file,) = (tmp_path / "cache").rglob("*.npy")
    for broken in (b"", b"nonsense", file.read_bytes()[:300]):
        file.write_bytes(broken)
        assert np.array_equal(maker.from_file(Path(table["path"][0]))["defocus"], expected)
        assert len(file.read_bytes()) > 300


FILL = """
import sys
from pathlib import Path
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewMaker, ViewOptions
maker = ViewMaker(ViewOptions(size=64), MapCache(Path(sys.argv[1])))
print([float(maker.from_file(Path(p))["defocus"].sum()) for p in sys.argv[2:] * 5])
"""


def test_processes_that_share_the_cache_agree(table, tmp_path):
    paths = table["path"].tolist()
    command = [sys.executable, "-c", FILL, str(tmp_path / "cache"), *paths]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in started]
    assert said[0] == said[1] and len(json.loads(said[0])) == 30
    names = [p.name for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert len(names) == len(paths) and all(name.endswith(".npy") for name in names)


def test_augmentation_depends_on_seed_epoch_and_row_alone(table):
    def made(seed: int, index: tuple[int, int]) -> torch.Tensor:
        dataset = PictureDataset(table, ALL, changes=("noise", "jpeg", "brightness"), seed=seed)
        return dataset[index]["views"]["rgb"]

    assert torch.equal(made(1, (3, 2)), made(1, (3, 2)))
    assert len({float(made(1, (epoch, 2)).sum()) for epoch in range(8)}) > 3
    assert len({float(made(seed, (0, 2)).sum()) for seed in range(8)}) > 3


def test_epochs_have_their_own_order_and_every_row_once():
    sampler = EpochSampler(50, seed=4)
    orders = []
    for epoch in (0, 1, 0):
        sampler.set_epoch(epoch)
        drawn = list(sampler)
        assert sorted(row for _, row in drawn) == list(range(50))
        assert {e for e, _ in drawn} == {epoch}
        orders.append([row for _, row in drawn])
    assert orders[0] == orders[2] != orders[1]


@pytest.mark.parametrize("estimator", ["paper", "net"])
def test_workers_load_what_the_main_process_loads(table, estimator):
    dataset = PictureDataset(table, ViewOptions(size=64, estimator=estimator))
    alone = next(iter(DataLoader(dataset, batch_size=6)))
    # OpenCV's threads have run here: processes that are simply forked would wait for them for ever.
    cv2.GaussianBlur(np.zeros((2000, 2000), np.float32), (0, 0), 5)
    loader = DataLoader(dataset, batch_size=6, timeout=100, **worker_options(2))
    theirs = next(iter(loader))
    # The network sums in another order on another number of threads.
    assert torch.allclose(alone["views"]["defocus"], theirs["views"]["defocus"], atol=5e-3)
    assert torch.equal(alone["label"], theirs["label"])


def test_errors_name_the_file(table, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    with pytest.raises(PhotoError, match=r"broken\.jpg"):
        ViewMaker(MAP).from_file(broken)
    with pytest.raises(PhotoError, match=r"gone\.png"):
        ViewMaker(MAP).from_file(tmp_path / "gone.png")
    with pytest.raises(InputError, match="dataset prepare"):
        PictureDataset(make_table([Sample("a/000.mp4", 1, "m", "0", "", "a")]), MAP)
    with pytest.raises(InputError, match="empty"):
        PictureDataset(table[:0], MAP)


@pytest.mark.parametrize("workers", [0, 1])
def test_what_cannot_be_read_is_left_out_of_its_batch_and_named(table, tmp_path, workers):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    table.loc[2, "path"] = str(broken)
    options = worker_options(workers) | ({"timeout": 100} if workers else {})
    first, second, *_ = DataLoader(PictureDataset(table, MAP), batch_size=2, **options)
    assert first["row"].tolist() == [0, 1] and first["unreadable"] == {}
    assert second["row"].tolist() == [3] and second["views"]["defocus"].shape[0] == 1
    why = f"{broken}: not a picture in a format that can be read"
    assert second["unreadable"] == {str(broken): why}


def test_a_map_without_any_edge_is_named(table, tmp_path):
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.full((64, 64, 3), 128, np.uint8))
    table.loc[1, "path"] = str(blank)
    dataset = PictureDataset(table, MAP)
    batch = collate_pictures([dataset[row] for row in range(3)])
    assert batch["flat"] == [str(blank)] and batch["row"].tolist() == [0, 1, 2]
    assert batch["views"]["defocus"][1].max() == 0


def test_a_batch_without_any_readable_picture_is_empty(table, tmp_path):
    table["path"] = str(tmp_path / "gone.png")
    batch = collate_pictures([PictureDataset(table, MAP)[row] for row in (0, 1)])
    assert len(batch["label"]) == len(batch["row"]) == 0
    assert list(batch["unreadable"]) == [str(tmp_path / "gone.png")]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_says_so(table, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(Exception, match="locked"):
        ViewMaker(MAP, MapCache(folder / "cache")).from_file(Path(table["path"][0]))
