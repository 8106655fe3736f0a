"""Shards: complete or absent, the same bytes whoever makes them, and resumable."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.errors import InputError, OutputError
from blurprint.lab.rendering.conditions import CONDITIONS, render_training_example
from blurprint.lab.rendering.shards import (
    VERSION,
    read_settings,
    read_shard,
    render_dataset,
    render_shard,
)
from blurprint.lab.rendering.sharp_sources import SharpSources


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for name in ("astronaut", "coffee", "chelsea"):
        cv2.imwrite(str(folder / f"{name}.png"), getattr(data, name)()[..., ::-1])
    return folder


@pytest.fixture(scope="module")
def sources(photos):
    return SharpSources.from_folder(photos)


@pytest.fixture
def everything_trains(monkeypatch):
    """Three photographs are too few to split."""
    monkeypatch.setattr("blurprint.lab.rendering.sharp_sources.SHARES", {"test": 0.0, "val": 0.0})


def test_a_shard_holds_what_it_says(sources, tmp_path):
    file = tmp_path / "new" / "shard.npz"
    assert render_shard(file, sources, count=3, size=48, seed=5, index=2)
    shard = read_shard(file)
    assert (shard.rgb.shape, shard.rgb.dtype) == ((3, 48, 48, 3), np.uint8)
    assert (shard.sigma.shape, shard.sigma.dtype) == ((3, 48, 48), np.float16)
    assert (shard.weight.shape, shard.weight.dtype) == ((3, 48, 48), np.uint8)
    assert (shard.known.shape, shard.known.dtype) == ((3, 48, 48), np.bool_)
    assert (shard.anisotropy.shape, shard.anisotropy.dtype) == ((3, 48, 48), np.uint8)
    assert set(shard.condition) <= set(CONDITIONS)
    assert shard.weight.max() > 200
    assert shard.settings == read_settings(file)
    assert shard.settings == {"version": VERSION, "seed": 5, "index": 2, "count": 3, "size": 48}


def test_a_shard_holds_the_examples_of_its_seed(sources, tmp_path):
    render_shard(tmp_path / "shard.npz", sources, count=2, size=48, seed=7, index=1)
    shard = read_shard(tmp_path / "shard.npz")
    example = render_training_example(np.random.default_rng([7, 1, 1]), sources, 48)
    assert np.array_equal(shard.rgb[1], example.rgb)
    assert np.array_equal(shard.sigma[1], example.sigma.astype(np.float16))
    assert np.array_equal(shard.known[1], example.known)
    assert shard.condition[1] == example.condition
    assert np.array_equal(
        shard.trusted(slice(1, 2))[0], example.known & (np.rint(example.weight * 255) > 127)
    )


def test_shards_of_another_version_are_refused_and_kept(sources, tmp_path):
    file = tmp_path / "shard.npz"
    settings = {"version": 8, "seed": 0, "index": 0, "count": 1, "size": 8}
    planes = {"rgb": np.zeros((1, 8, 8, 3), np.uint8), "sigma": np.zeros((1, 8, 8), np.float16)}
    np.savez(file, settings=np.array(json.dumps(settings)), weight=planes["rgb"][..., 0], **planes)
    before = file.read_bytes()
    for read in (read_shard, read_settings, lambda f: render_shard(f, sources, count=1, size=8)):
        with pytest.raises(InputError, match=rf"version 8.*version {VERSION}.*render again"):
            read(file)
    assert file.read_bytes() == before


def test_the_same_seed_gives_the_same_bytes(sources, tmp_path):
    for name, seed, index in (("a", 0, 0), ("b", 0, 0), ("c", 1, 0), ("d", 0, 1)):
        render_shard(tmp_path / name, sources, count=3, size=32, seed=seed, index=index)
    a, b, c, d = ((tmp_path / name).read_bytes() for name in "abcd")
    assert a == b
    assert len({a, c, d}) == 3


def test_a_complete_shard_is_kept(sources, tmp_path):
    file = tmp_path / "shard.npz"
    assert render_shard(file, sources, count=2, size=32)
    before = file.stat().st_mtime_ns
    assert not render_shard(file, sources, count=2, size=32)
    assert file.stat().st_mtime_ns == before


def test_a_shard_of_other_settings_is_never_overwritten(sources, tmp_path):
    file = tmp_path / "shard.npz"
    render_shard(file, sources, count=2, size=32)
    with pytest.raises(OutputError, match="other settings"):
        render_shard(file, sources, count=3, size=32)
    file.write_bytes(b"something else")
    with pytest.raises(InputError, match="Expected a shard"):
        render_shard(file, sources, count=2, size=32)
    assert file.read_bytes() == b"something else"


def test_an_interruption_leaves_no_half_shard(sources, tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("blurprint.lab.rendering.shards.np.savez", fail)
    with pytest.raises(OutputError, match="No space left"):
        render_shard(tmp_path / "shard.npz", sources, count=1, size=32)
    assert list(tmp_path.iterdir()) == []


def test_a_data_set_resumes_where_it_stopped(photos, tmp_path, everything_trains):
    told: list[tuple[int, int]] = []
    out = tmp_path / "out"
    settings = {"split": "train", "count": 5, "size": 32, "shard_size": 2, "seed": 3}
    files = render_dataset(photos, out, progress=lambda *at: told.append(at), **settings)
    assert [file.name for file in files] == [f"shard-{i:05d}.npz" for i in range(3)]
    assert told == [(2, 5), (4, 5), (5, 5)]
    whole = [file.read_bytes() for file in files]
    files[1].unlink()
    kept = files[0].stat().st_mtime_ns
    render_dataset(photos, out, **settings)
    assert [file.read_bytes() for file in files] == whole
    assert files[0].stat().st_mtime_ns == kept


def test_the_number_of_workers_changes_nothing(photos, tmp_path):
    """Split "train" as it is: the three photographs need not all be in it."""
    settings = {"split": "train", "count": 4, "size": 32, "shard_size": 2}
    one = render_dataset(photos, tmp_path / "one", workers=1, **settings)
    two = render_dataset(photos, tmp_path / "two", workers=2, **settings)
    assert [f.read_bytes() for f in one] == [f.read_bytes() for f in two]


@pytest.mark.parametrize("wrong", [{"count": 0}, {"size": 0}, {"shard_size": 0}, {"workers": 0}])
def test_mistakes_are_told(photos, tmp_path, wrong):
    settings = {"split": "train", "count": 1} | wrong
    with pytest.raises(InputError, match="at least 1"):
        render_dataset(photos, tmp_path, **settings)
