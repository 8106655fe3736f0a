"""Batches cut on the device: whole epochs, all planes alike, the same again from any step on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from blurprint import InputError
from blurprint.lab.rendering.shards import VERSION
from blurprint.lab.training.estimator import train
from blurprint.lab.training.estimator.resident_stream import ResidentStream, fits
from blurprint.lab.training.estimator.stream import Batch

SIZE, CROP, COUNT = 20, 12, 7
CPU = torch.device("cpu")


def shard(file: Path, first: int, count: int = COUNT, size: int = SIZE) -> Path:
    """Every pixel holds its own place, so that one cut from elsewhere shows."""
    rows, columns = np.indices((size, size))
    rgb = np.empty((count, size, size, 3), np.uint8)
    rgb[..., 0] = np.arange(first, first + count)[:, None, None]
    rgb[..., 1], rgb[..., 2] = rows, columns
    place = rows * size + columns
    settings = {"version": VERSION, "seed": 0, "index": 0, "count": count, "size": size}
    every = (count, 1, 1)
    np.savez(
        file,
        settings=np.array(json.dumps(settings)),
        rgb=rgb,
        sigma=np.tile((place / 8).astype(np.float16), every),
        weight=np.tile((place % 256).astype(np.uint8), every),
        known=np.tile(place % 3 == 0, every),
        anisotropy=np.tile((place % 251).astype(np.uint8), every),
        condition=np.full(count, "lens"),
    )
    return file


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    return [shard(tmp_path / "a.npz", 0), shard(tmp_path / "b.npz", COUNT)]


def stream(shards: list[Path], *, seed: int = 3, **more: object) -> ResidentStream:
    return ResidentStream(shards, batch_size=4, crop=CROP, seed=seed, device=CPU, **more)


def whole(batch: Batch) -> np.ndarray:
    """Bytes of the pictures, (N, 3, S, S)."""
    return np.rint(batch.rgb.numpy() * 255).astype(np.int64)


def test_every_plane_is_cut_at_the_place_of_the_pictures(shards):
    for batch in stream(shards).batches(0, 6):
        _, rows, columns = whole(batch).transpose(1, 0, 2, 3)
        place = rows * SIZE + columns
        np.testing.assert_allclose(batch.sigma[:, 0].numpy(), place / 8, rtol=1e-3)
        np.testing.assert_array_equal(np.rint(batch.weight[:, 0].numpy() * 255), place % 256)
        np.testing.assert_array_equal(batch.known[:, 0].numpy(), place % 3 == 0)
        np.testing.assert_array_equal(np.rint(batch.anisotropy[:, 0].numpy() * 255), place % 251)
        assert torch.isnan(batch.taught).all()


def test_a_cut_is_a_square_in_one_of_eight_attitudes_and_all_come(shards):
    seen = set()
    for batch in stream(shards).batches(0, 40):
        for _, rows, columns in whole(batch):
            down = rows[1, 0] - rows[0, 0], columns[1, 0] - columns[0, 0]
            right = rows[0, 1] - rows[0, 0], columns[0, 1] - columns[0, 0]
            seen.add((down, right))
            assert {rows.min() + CROP - 1, rows.max()} == {rows.max()}
            assert {columns.min() + CROP - 1, columns.max()} == {columns.max()}
            steps = np.arange(CROP)[:, None], np.arange(CROP)[None]
            for axis, values in enumerate((rows, columns)):
                expected = values[0, 0] + down[axis] * steps[0] + right[axis] * steps[1]
                np.testing.assert_array_equal(values, expected)
    assert len(seen) == 8


def test_an_epoch_holds_every_example_once(shards):
    batches = list(stream(shards).batches(0, 3))
    seen = np.concatenate([whole(batch)[:, 0, 0, 0] for batch in batches])
    assert len(set(seen)) == 12, "of 14 examples, in three batches of four"


def test_it_goes_on_from_any_step(shards):
    straight = list(stream(shards).batches(0, 8))[5:]
    resumed = stream(shards).batches(5, 8)
    for one, other in zip(straight, resumed, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one[:-1], other[:-1], strict=True))
    other_seed = next(stream(shards, seed=4).batches(5, 6))
    assert not torch.equal(other_seed.rgb, straight[0].rgb)


def test_readings_of_a_teacher_go_along(shards, tmp_path):
    folder = tmp_path / "taught"
    folder.mkdir()
    for file in shards:
        with np.load(file) as stored:
            np.save(folder / f"{file.stem}.npy", stored["sigma"] * np.float16(2))
    batch = next(stream(shards, taught=folder).batches(0, 1))
    assert torch.equal(batch.taught, batch.sigma * 2)


def test_examples_of_several_sizes_and_too_few_are_refused(shards, tmp_path):
    odd = shard(tmp_path / "c.npz", 0, size=SIZE + 4)
    with pytest.raises(InputError, match="one size"):
        stream([*shards, odd])
    with pytest.raises(InputError, match="at least 12 px"):
        stream([shard(tmp_path / "d.npz", 0, size=CROP - 1)])
    with pytest.raises(InputError, match="at least 4 examples"):
        stream([shard(tmp_path / "e.npz", 0, count=3)])
    with pytest.raises(InputError, match="at least 4 examples, but got 0"):
        stream([])


def test_a_processor_keeps_examples_on_disk_and_a_gpu_with_room_does_not(shards, monkeypatch):
    cuda = torch.device("cuda")
    assert not fits(shards, CPU)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (10**9, 10**9))
    assert fits(shards, cuda)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (50_000, 10**9))
    assert not fits(shards, cuda)


def test_training_takes_them_from_the_device_where_they_fit(shards, tmp_path, monkeypatch):
    made: list[ResidentStream] = []

    class Seen(ResidentStream):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)
            made.append(self)

    monkeypatch.setattr(train, "fits", lambda *_: True)
    monkeypatch.setattr(train, "ResidentStream", Seen)
    network = train.EstimatorConfig(
        channels=(4, 4, 4),
        encoder_blocks=(0, 0, 0),
        encoder_depthwise=(0, 0, 0),
        decoder_blocks=(0,),
        decoder_depthwise=(0,),
        stem=1,
    )
    training = train.EstimatorTraining(
        network=network, steps=3, batch_size=4, crop=CROP, precision="32"
    )
    losses: list[float] = []
    train.train_estimator(
        shards, shards[:1], tmp_path / "out", training, report=lambda p: losses.append(p.loss)
    )
    assert len(made) == 1
    assert len(losses) == 3
    assert np.isfinite(losses).all()
