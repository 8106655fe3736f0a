"""A teacher's readings: asked of plain photographs only, cut and turned with them, learnt from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from blurprint import InputError
from blurprint.lab.models.estimator import BlurEstimate, EstimatorConfig, EstimatorNet, teacher_loss
from blurprint.lab.rendering.shards import VERSION, read_shard
from blurprint.lab.training.estimator.export import write_weights
from blurprint.lab.training.estimator.stream import BatchStream
from blurprint.lab.training.estimator.teacher import read_taught, taught_file, teach

SIZE = 48
CONTENT = {
    "sigma": "lens",
    "confidence": {"tolerance_px": 0.25, "log_ratio": [-1.0, 1.0], "probability": [1.0, 0.0]},
}


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    """Two examples: a photograph and one under grain."""
    rng = np.random.default_rng(0)
    file = tmp_path / "shard-00000.npz"
    shape = (2, SIZE, SIZE)
    settings = {"version": VERSION, "seed": 0, "index": 0, "count": 2, "size": SIZE}
    np.savez(
        file,
        settings=np.array(json.dumps(settings)),
        rgb=rng.integers(0, 256, (*shape, 3), np.uint8),
        sigma=rng.uniform(0, 3, shape).astype(np.float16),
        weight=np.full(shape, 255, np.uint8),
        known=np.ones(shape, np.bool_),
        anisotropy=np.zeros(shape, np.uint8),
        condition=np.array(["lens", "grain"]),
    )
    return file


@pytest.fixture
def card(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    net = EstimatorNet(EstimatorConfig()).eval()
    return write_weights(net, tmp_path / "teacher", "estimator", CONTENT)


def test_only_plain_photographs_are_read_and_in_whole_sigma(shard, card, tmp_path):
    folder = teach([shard], card, tmp_path / "taught")
    taught = read_taught(taught_file(folder, shard), read_shard(shard))
    assert np.isnan(taught[1]).all()
    # an untrained network gives softplus(1) = 1.313 px of the lens nearly everywhere
    np.testing.assert_allclose(taught[0].astype(float), np.hypot(1.313, 12**-0.5), atol=0.02)


def test_readings_that_are_there_are_kept_and_another_teacher_has_its_own(shard, card, tmp_path):
    folder = teach([shard], card, tmp_path / "taught")
    np.save(taught_file(folder, shard), np.zeros((2, SIZE, SIZE), np.float16))
    assert teach([shard], card, tmp_path / "taught") == folder
    assert (np.load(taught_file(folder, shard)) == 0).all()
    torch.manual_seed(1)
    other = write_weights(
        EstimatorNet(EstimatorConfig()).eval(), tmp_path / "other", "estimator", CONTENT
    )
    assert teach([shard], other, tmp_path / "taught") != folder


def test_readings_are_cut_and_turned_with_the_pictures(shard, tmp_path):
    taught_in = tmp_path / "taught"
    taught_in.mkdir()
    np.save(taught_file(taught_in, shard), read_shard(shard).sigma)  # the truth, to be followed
    stream = BatchStream([shard], batch_size=2, crop=32, seed=0, taught=taught_in)
    for batch in stream.batches(0, 6):
        assert torch.equal(batch.taught, batch.sigma)
    bare = next(iter(BatchStream([shard], batch_size=2, crop=32, seed=0).batches(0, 1)))
    assert bare.taught.isnan().all()


def test_readings_of_another_shape_or_none_are_refused(shard, tmp_path):
    with pytest.raises(InputError, match="missing"):
        read_taught(tmp_path / "missing.npy", read_shard(shard))
    np.save(tmp_path / "small.npy", np.zeros((1, 4, 4), np.float16))
    with pytest.raises(InputError, match=r"small\.npy.*\(1, 4, 4\)"):
        read_taught(tmp_path / "small.npy", read_shard(shard))


def test_the_loss_pulls_towards_the_teacher_only_where_it_was_asked():
    sigma = torch.full((1, 1, 2, 2), 2.0, requires_grad=True)
    taught = torch.tensor([[[[1.0, 4.0], [float("nan"), float("nan")]]]])
    loss = teacher_loss(BlurEstimate(sigma, torch.ones(1, 1, 2, 2)), taught)
    assert loss.item() == pytest.approx((1 + 2) / 2)
    loss.backward()
    assert sigma.grad is not None
    assert sigma.grad[0, 0].tolist() == [[0.5, -0.5], [0, 0]]
    none = torch.full_like(taught, float("nan"))
    assert teacher_loss(BlurEstimate(sigma, torch.ones(1, 1, 2, 2)), none).item() == 0
