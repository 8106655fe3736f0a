"""Training on a handful of small shards: the same twice, the same after a stop, and it learns."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from blurprint import InputError
from blurprint.lab.models.estimator import EstimatorConfig, EstimatorNet
from blurprint.lab.rendering.shards import VERSION
from blurprint.lab.training.estimator.checkpoint import CHECKPOINT, Checkpoint, save_checkpoint
from blurprint.lab.training.estimator.describe import describe
from blurprint.lab.training.estimator.export import write_weights
from blurprint.lab.training.estimator.network_weights import average_with, begin_with
from blurprint.lab.training.estimator.stream import BatchStream
from blurprint.lab.training.estimator.train import (
    EstimatorTraining,
    as_trained,
    learning_rate,
    train_estimator,
)
from blurprint.optics.net import net_map
from blurprint.optics.tolerance import tolerance

TINY = EstimatorTraining(
    network=EstimatorConfig(
        channels=(8, 8, 8),
        encoder_blocks=(0, 1, 1),
        decoder_blocks=(1,),
        encoder_depthwise=(0, 0, 1),
        decoder_depthwise=(0,),
    ),
    steps=8,
    batch_size=4,
    crop=32,
    precision="32",
    save_every=4,
)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Noise blurred by 0.5 or by 2 px: what a few steps can tell apart."""
    import cv2

    folder = tmp_path_factory.mktemp("shards")
    files = []
    for index in range(3):
        rng = np.random.default_rng(index)
        count, size = 24, 48
        sigma = rng.choice([0.5, 2.0], count)
        rgb = np.stack(
            [
                cv2.GaussianBlur(rng.integers(0, 256, (size, size, 3)).astype(np.uint8), (0, 0), s)
                for s in sigma
            ]
        )
        settings = {"version": VERSION, "seed": 0, "index": index, "count": count, "size": size}
        file = folder / f"shard-{index:05d}.npz"
        np.savez(
            file,
            settings=np.array(json.dumps(settings)),
            rgb=rgb,
            sigma=np.broadcast_to(sigma[:, None, None], rgb.shape[:3]).astype(np.float16),
            weight=np.full(rgb.shape[:3], 255, np.uint8),
            known=np.ones(rgb.shape[:3], np.bool_),
            anisotropy=np.zeros(rgb.shape[:3], np.uint8),
            condition=np.full(count, "lens"),
        )
        files.append(file)
    return files


def losses(
    shards: list[Path], out: Path, training: EstimatorTraining, **options: object
) -> list[float]:
    seen: list[float] = []
    train_estimator(
        shards[:2], shards[2:], out, training, report=lambda p: seen.append(p.loss), **options
    )
    return seen


def test_same_seed_same_losses_other_seed_others(shards, tmp_path):
    first = losses(shards, tmp_path / "a", TINY)
    assert first == losses(shards, tmp_path / "b", TINY)
    assert first != losses(shards, tmp_path / "c", replace(TINY, seed=1))


def test_it_learns(shards, tmp_path):
    errors: list[float] = []
    training = replace(
        TINY, steps=120, batch_size=8, save_every=40, learning_rate=1e-2, averaging=0.9
    )
    train_estimator(
        shards[:2],
        shards[2:],
        tmp_path,
        training,
        report=lambda p: errors.append(p.validation.mean) if p.validation else None,
    )
    assert errors[-1] < 0.3, "blurs of 0.5 and 2 px are 0.75 px from their mean"


def test_an_interrupted_run_goes_on_as_if_it_had_not_stopped(shards, tmp_path):
    whole = train_estimator(shards[:2], shards[2:], tmp_path / "whole", TINY)
    seen: list[float] = []

    def stop_after_five(progress: object) -> None:
        seen.append(progress.loss)
        if len(seen) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_estimator(shards[:2], shards[2:], tmp_path / "cut", TINY, report=stop_after_five)
    assert (tmp_path / "cut" / CHECKPOINT).exists()
    resumed = train_estimator(shards[:2], shards[2:], tmp_path / "cut", TINY, resume=True)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=1e-6)


def test_resuming_with_other_settings_is_refused(shards, tmp_path):
    losses(shards, tmp_path, TINY)
    with pytest.raises(InputError, match="learning_rate"):
        losses(shards, tmp_path, replace(TINY, learning_rate=1.0), resume=True)


def test_a_broken_checkpoint_is_named(tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"broken")
    with pytest.raises(InputError, match=CHECKPOINT):
        begin_with(EstimatorNet(TINY.network), tmp_path / CHECKPOINT)


def begun_with(file):
    """A network with the averaged weights of a checkpoint."""
    net = EstimatorNet(TINY.network)
    begin_with(net, file)
    return net.eval()


def test_checkpoint_round_trip(shards, tmp_path):
    net = train_estimator(shards[:2], shards[2:], tmp_path, TINY).eval()
    loaded = begun_with(tmp_path / CHECKPOINT)
    rgb = torch.rand(1, 3, 32, 32)
    for ours, theirs in zip(loaded(rgb), net(rgb), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_batches_from_the_middle_are_those_of_the_whole(shards):
    stream = BatchStream(shards, batch_size=5, crop=32, seed=3)
    whole = list(stream.batches(0, 40))
    assert stream.batches_per_epoch == 14
    late = list(stream.batches(33, 40))
    for ours, theirs in zip(late, whole[33:], strict=True):
        assert torch.equal(ours.rgb, theirs.rgb)
        assert torch.equal(ours.sigma, theirs.sigma)


def test_one_pass_sees_every_example_once(shards):
    stream = BatchStream(shards, batch_size=8, crop=48, seed=0)
    batches = stream.batches(0, stream.batches_per_epoch)
    seen = [np.sort(np.rint(p.numpy() * 255).ravel()).tobytes() for b in batches for p in b.rgb]
    assert len(seen) == len(set(seen)) == 72


def test_every_attitude_is_seen_and_the_truth_turns_along(tmp_path):
    """One example whose red channel is its sigma, and whose other planes follow it."""
    count, size = 16, 12
    ramp = np.arange(size * size, dtype=np.uint8).reshape(1, size, size).repeat(count, 0)
    settings = {"version": VERSION, "seed": 0, "index": 0, "count": count, "size": size}
    np.savez(
        tmp_path / "shard.npz",
        settings=np.array(json.dumps(settings)),
        rgb=np.stack([ramp] * 3, axis=3),
        sigma=ramp.astype(np.float16),
        weight=ramp,
        known=ramp % 3 == 0,
        anisotropy=ramp,
        condition=np.full(count, "lens"),
    )
    stream = BatchStream([tmp_path / "shard.npz"], batch_size=16, crop=size, seed=1)
    (batch,), (again,) = list(stream.batches(0, 1)), list(stream.batches(0, 1))
    assert all(torch.equal(one, other) for one, other in zip(batch[:5], again[:5], strict=True))
    value = torch.round(batch.rgb[:, :1] * 255)
    assert torch.equal(value, batch.sigma)
    assert torch.equal(value, torch.round(batch.weight * 255))
    assert torch.equal(value, torch.round(batch.anisotropy * 255))
    assert torch.equal((value % 3 == 0).float(), batch.known)
    attitudes = {
        tuple(p[0, [0, 0, -1], [0, -1, 0]].tolist()) for b in stream.batches(1, 9) for p in b.sigma
    }
    assert len(attitudes) == 8


def test_a_network_learns_the_sigma_that_its_card_names():
    lens = torch.tensor([0.0, 2.0])
    torch.testing.assert_close(as_trained(lens, "lens"), lens)
    whole = torch.tensor([12**-0.5, (4 + 1 / 12) ** 0.5])
    torch.testing.assert_close(as_trained(lens, "whole"), whole)
    with pytest.raises(InputError, match="`sigma`"):
        replace(TINY, sigma="both")


def test_errors_are_told_by_condition_and_nothing_unknown_is_right(shards, tmp_path):
    with np.load(shards[0]) as stored:
        planes = dict(stored)
    planes["known"][:4] = False
    planes["condition"][:4] = "dot"
    np.savez(tmp_path / "shard.npz", **planes)

    def read(rgb):
        sigma = np.full((len(rgb), 1, *rgb.shape[2:]), 0.5, np.float32)
        return sigma, np.where(rgb[:, :1] > -1, np.float32(0.5), 0)

    told = describe(read, [tmp_path / "shard.npz"], "lens")
    assert told["by_condition"]["dot"]["known"] == 0
    assert told["by_condition"]["dot"]["mean_error_px"] is None
    assert told["by_condition"]["dot"]["within_1_2_3_scales"] is None
    assert told["by_condition"]["dot"]["median_scale_where_unknown_px"] == 0.5
    lens = told["by_condition"]["lens"]
    assert lens["known"] == 1 and lens["median_scale_where_unknown_px"] is None
    half = float(np.mean(planes["sigma"][4:, 0, 0] == 0.5))
    assert lens["mean_error_px"] == pytest.approx(1.5 * (1 - half), abs=0.03)
    assert lens["within_1_2_3_scales"] == pytest.approx([half, half, 1.0], abs=0.02)
    sure = half * 20 / 24
    assert np.mean(told["confidence"]["probability"]) == pytest.approx(sure, abs=0.03)


def test_learning_rate_warms_up_and_falls_to_zero():
    training = replace(TINY, steps=1000, learning_rate=1.0)
    rates = [learning_rate(step, training) for step in range(1000)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1, abs=0.01)
    assert rates[-1] < 1e-4


def test_weights_of_one_line_are_averaged(tmp_path):
    files = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        net = EstimatorNet(TINY.network)
        files.append(tmp_path / f"{seed}.safetensors")
        optimizer = torch.optim.AdamW(net.parameters())
        record = Checkpoint(0, TINY.to_dict())
        save_checkpoint(files[-1], record, net=net, average=deepcopy(net), optimizer=optimizer)
    one, two = (begun_with(file).state_dict() for file in files)
    mixed = begun_with(files[0])
    average_with(mixed, files[1], 0.25)
    for name, value in mixed.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, 0.75 * one[name] + 0.25 * two[name])
    with pytest.raises(InputError, match="`share`"):
        average_with(mixed, files[1], 1.5)
    other = EstimatorNet(
        EstimatorConfig(
            channels=(4, 8, 8),
            encoder_blocks=(0, 0, 0),
            decoder_blocks=(0,),
            encoder_depthwise=(0, 0, 0),
            decoder_depthwise=(0,),
        )
    )
    with pytest.raises(InputError, match="another shape"):
        average_with(other, files[0], 0.5)


def test_a_network_with_fewer_blocks_is_averaged_as_if_its_lacking_blocks_did_nothing(tmp_path):
    torch.manual_seed(3)
    shallow = EstimatorNet(TINY.network)
    file = tmp_path / "shallow.safetensors"
    optimizer = torch.optim.AdamW(shallow.parameters())
    record = Checkpoint(0, TINY.to_dict())
    save_checkpoint(file, record, net=shallow, average=deepcopy(shallow), optimizer=optimizer)
    more = tuple(count + 1 for count in TINY.network.encoder_depthwise)
    deep = EstimatorNet(replace(TINY.network, encoder_depthwise=more)).eval()
    for module in deep.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # blocks that do something
            module.weight.data.normal_(1, 0.2)
            module.bias.data.normal_(0, 0.2)
    picture = torch.rand(1, 3, 64, 64)
    before = deep(picture).sigma
    wholly = deepcopy(deep)
    average_with(wholly, file, 1.0)
    torch.testing.assert_close(wholly(picture).sigma, shallow.eval()(picture).sigma)
    untouched = deepcopy(deep)
    average_with(untouched, file, 0.0)
    torch.testing.assert_close(untouched(picture).sigma, before)


def test_a_wide_head_is_taken_over_as_the_sum_of_its_taps(tmp_path):
    torch.manual_seed(4)
    wide = EstimatorNet(replace(TINY.network, head=3))
    torch.nn.init.normal_(wide.head.weight)
    file = tmp_path / "wide.safetensors"
    optimizer = torch.optim.AdamW(wide.parameters())
    record = Checkpoint(0, replace(TINY, network=wide.config).to_dict())
    save_checkpoint(file, record, net=wide, average=deepcopy(wide), optimizer=optimizer)
    narrow = EstimatorNet(TINY.network).eval()
    average_with(narrow, file, 1.0)
    smooth = torch.rand(1, TINY.network.channels[1], 1, 1).expand(-1, -1, 5, 5)
    middle = (slice(None), slice(None), slice(1, -1), slice(1, -1))
    torch.testing.assert_close(narrow.head(smooth)[middle], wide.head(smooth)[middle])


def test_exported_network_reads_what_torch_reads(tmp_path):
    torch.manual_seed(1)
    net = EstimatorNet(TINY.network).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # as training would leave them
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
    torch.nn.init.normal_(net.head.weight, std=0.5)
    curve = {"log_ratio": [0.6, 1.4], "probability": [1.0, 0.0], "tolerance_px": 0.25}
    content = {"sigma": "whole", "confidence": curve | {"tolerance_share": 0.15}}
    card = write_weights(net, tmp_path, "estimator", content)
    rgb = np.random.default_rng(0).random((40, 52, 3)).astype(np.float32)
    with torch.no_grad():
        expected = net(torch.from_numpy(rgb).permute(2, 0, 1)[None])
    read = net_map(rgb, card=card)
    # Weights are rounded to float16 in the file.
    np.testing.assert_allclose(read.sigma, expected.sigma[0, 0].numpy(), atol=3e-3)
    np.testing.assert_allclose(read.anisotropy, expected.anisotropy[0, 0].numpy(), atol=1e-3)
    allowed = tolerance(read.sigma)
    ratio = np.log(expected.scale[0, 0].numpy() / allowed)
    sure = np.interp(ratio, curve["log_ratio"], curve["probability"])
    assert np.ptp(sure) > 0.5
    np.testing.assert_allclose(read.confidence, sure, atol=5e-3)  # twice the error of log scale
