"""Train the network that reads blur, from a folder of photographs to a checkpoint."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pydantic.dataclasses
import torch
from pydantic import Field
from torch import Tensor

from blurprint.errors import InputError
from blurprint.files import make_folder
from blurprint.invalid import STRICT, our_errors
from blurprint.lab.measures.blur_error import BlurError, blur_error
from blurprint.lab.models.estimator import (
    BlurEstimate,
    EstimatorConfig,
    EstimatorNet,
    attitude_loss,
    laplace_loss,
    teacher_loss,
)
from blurprint.lab.rendering.shards import Shard, read_shard
from blurprint.lab.training.estimator.attitude import Attitude
from blurprint.lab.training.estimator.checkpoint import (
    CHECKPOINT,
    Checkpoint,
    part,
    read_checkpoint,
    restore_optimizer,
    save_checkpoint,
)
from blurprint.lab.training.estimator.network_weights import begin_with, blend
from blurprint.lab.training.estimator.resident_stream import ResidentStream, fits
from blurprint.lab.training.estimator.stream import Batch, BatchStream
from blurprint.lab.training.estimator.unfold import settle
from blurprint.lens.pixel import PIXEL_VARIANCE

SigmaKind = Literal["lens", "whole"]
Precision = Literal["auto", "bf16", "32"]
_Count = Annotated[int, Field(ge=1)]
_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@our_errors
@pydantic.dataclasses.dataclass(frozen=True, config=STRICT)
class EstimatorTraining:
    """Settings of a training; the card of each network that ships holds those that made it.

    Attributes:
        network: shape of the network.
        steps: batches in all.
        batch_size: examples in a batch.
        crop: side of the square cut from each example, in pixels; a multiple of the network's
            stride.
        learning_rate: its peak; it warms up over 1 % of the steps and falls to zero by a cosine.
        weight_decay: of AdamW.
        clip: largest norm of the gradient.
        beta: how far pixels of large predicted error keep their weight; see `laplace_loss`.
        averaging: share of the old weights that the moving average keeps at every step.
        seed: of the weights and of all draws.
        precision: "bf16" computes convolutions in bfloat16, "32" in float32, "auto" takes bf16
            where the processor has instructions for it.
        save_every: steps from one checkpoint and validation to the next.
        agreement: weight of the difference between readings of a picture and of the same picture
            in another attitude (:func:`attitude_loss`); above 0, half of each batch is the other
            half mirrored or turned.
        teaching: weight of the difference from what a teacher read (:func:`teacher_loss`), where
            there is a teacher.
        sigma: what the network gives: "lens", the blur before the pixel, as shards store it, or
            "whole", with the pixel's box (:mod:`blurprint.lens.pixel`). The card says which.

    Raises:
        InputError: if a value is of another type or out of range.
    """

    network: EstimatorConfig = field(default_factory=EstimatorConfig)
    steps: _Count = 15_000
    batch_size: _Count = 16
    crop: _Count = 160
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 4e-3
    weight_decay: _Weight = 1e-4
    clip: Annotated[float, Field(gt=0)] = 1.0
    beta: _Weight = 0.5
    averaging: Annotated[float, Field(ge=0, le=1)] = 0.998
    seed: Annotated[int, Field(ge=0)] = 0
    precision: Precision = "auto"
    save_every: _Count = 1000
    agreement: _Weight = 0.5
    teaching: _Weight = 1.0
    sigma: SigmaKind = "whole"

    def __post_init__(self) -> None:
        if self.agreement > 0 and self.batch_size % 2:
            raise InputError(
                f"Expected `batch_size` to be even with `agreement`, but got {self.batch_size}"
            )
        if self.crop % self.network.stride:
            raise InputError(
                f"Expected `crop` to be a multiple of {self.network.stride}, the network's stride,"
                f" but got {self.crop}"
            )

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands.

    Attributes:
        step: batches done.
        loss: of the last batch.
        learning_rate: of the last batch.
        validation: errors of the averaged weights, at the steps that validate.
    """

    step: int
    loss: float
    learning_rate: float
    validation: BlurError | None = None


def train_estimator(
    shards: list[Path],
    validation: list[Path],
    out: Path,
    training: EstimatorTraining,
    *,
    resume: bool = False,
    start_from: Path | None = None,
    taught: Path | None = None,
    device: str = "cpu",
    report: Callable[[Progress], None] | None = None,
) -> EstimatorNet:
    """Train on rendered shards and return the averaged weights.

    ``out/checkpoint.safetensors`` is written every `save_every` steps, at the end, and when the
    training is interrupted (KeyboardInterrupt), which is then raised again. With `resume` a
    training goes on from there, with the same result as if it had not stopped. `start_from` is
    the checkpoint of another training, whose averaged weights this one begins with, or the card of
    exported weights: :func:`blurprint.lab.training.estimator.network_weights.begin_with`. `taught`
    is a folder that :func:`blurprint.lab.training.estimator.teacher.teach` filled.

    Raises:
        InputError: if the checkpoint to resume from belongs to other settings, or that to start
            from to another network, or a shard is none.
    """
    torch.manual_seed(training.seed)
    place = torch.device(device)
    net = EstimatorNet(training.network)
    if start_from is not None:
        begin_with(net, start_from)
        if start_from.suffix == ".json":
            settle(net, _pictures(read_shard(shards[0])))
    net = net.to(place)
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stub misses it
    average = copy.deepcopy(net).eval()
    net.train()
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
    )
    make_folder(out)
    file = out / CHECKPOINT
    start = 0
    if resume and file.exists():
        start = _restore(file, training, net, average, optimizer)
    stream = _stream(shards, training, place, taught)
    step = start

    def save() -> None:
        record = Checkpoint(step, training.to_dict())
        save_checkpoint(file, record, net=net, average=average, optimizer=optimizer)

    try:
        for batch in stream.batches(start, training.steps):
            rate = learning_rate(step, training)
            loss = _train_on(batch.to(place), net, optimizer, rate, training, step)
            blend(average, net, 1 - min(training.averaging, (1 + step) / (10 + step)))
            step += 1
            measured = None
            if step % training.save_every == 0 or step == training.steps:
                measured = validate(average, validation, training.precision, training.sigma)
                save()
            if report is not None:
                report(Progress(step, loss, rate, measured))
    except KeyboardInterrupt:
        save()
        raise
    return average


def _stream(
    shards: list[Path], training: EstimatorTraining, place: torch.device, taught: Path | None
) -> BatchStream | ResidentStream:
    """On a GPU that holds all examples, they are cut and turned there."""
    size = training.batch_size // (2 if training.agreement > 0 else 1)
    crop, seed = training.crop, training.seed
    if fits(shards, place):
        return ResidentStream(
            shards, batch_size=size, crop=crop, seed=seed, device=place, taught=taught
        )
    return BatchStream(shards, batch_size=size, crop=crop, seed=seed, taught=taught)


def _pictures(shard: Shard, batch: int = 32) -> Iterator[Tensor]:
    """The pictures of a shard, float (N, 3, S, S) in [0, 1]."""
    for first in range(0, len(shard.rgb), batch):
        some = torch.from_numpy(shard.rgb[first : first + batch])
        yield some.permute(0, 3, 1, 2).float().div_(255)


def as_trained(lens_sigma: Tensor, kind: SigmaKind) -> Tensor:
    """The sigma that a network of this kind learns, px of any shape, from that of the lens."""
    return (lens_sigma.square() + PIXEL_VARIANCE).sqrt() if kind == "whole" else lens_sigma


def taught_as(whole_sigma: Tensor, kind: SigmaKind) -> Tensor:
    """What a teacher read, in the sigma that a network of this kind learns."""
    if kind == "whole":
        return whole_sigma
    return (whole_sigma.square() - PIXEL_VARIANCE).clamp(min=0).sqrt()


def learning_rate(step: int, training: EstimatorTraining) -> float:
    """Warm-up, then half a cosine (Loshchilov & Hutter, *SGDR*, ICLR 2017)."""
    warm = min(1.0, (step + 1) / max(1, training.steps // 100))
    return training.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / training.steps))


@torch.no_grad()
def validate(
    net: EstimatorNet, shards: list[Path], precision: Precision = "auto", sigma: SigmaKind = "whole"
) -> BlurError:
    """Errors over the trusted pixels (known, weight above a half) of shards, one pixel in 29."""
    device = next(net.parameters()).device
    read, true = [], []
    for file in shards:
        shard = read_shard(file)
        for first in range(0, len(shard.rgb), 16):
            some = slice(first, first + 16)
            rgb = torch.from_numpy(shard.rgb[some]).permute(0, 3, 1, 2).float().div_(255)
            rgb = rgb.to(device, memory_format=torch.channels_last)
            with autocast(precision, device):
                estimate = net(rgb).sigma[:, 0].cpu().numpy()
            trusted = shard.trusted(some)
            stored = torch.from_numpy(shard.sigma[some][trusted][::29].astype(np.float32))
            read.append(estimate[trusted][::29])
            true.append(as_trained(stored, sigma).numpy())
    return blur_error(np.concatenate(read), np.concatenate(true))


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """Context in which convolutions run at `precision`; see :class:`EstimatorTraining`."""
    fast = device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    if precision == "32" or (precision == "auto" and not fast):
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def _train_on(
    batch: Batch,
    net: EstimatorNet,
    optimizer: torch.optim.Optimizer,
    rate: float,
    training: EstimatorTraining,
    step: int,
) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    attitude = Attitude.of_step(step)
    if training.agreement > 0:
        batch = Batch(*(torch.cat([part, attitude.of(part)]) for part in batch))
    with autocast(training.precision, batch.rgb.device):
        estimate = net(batch.rgb)
    loss = laplace_loss(
        estimate,
        as_trained(batch.sigma, training.sigma),
        batch.weight,
        training.beta,
        known=batch.known,
        anisotropy=batch.anisotropy,
    )
    if training.teaching > 0:
        loss = loss + training.teaching * teacher_loss(
            estimate, taught_as(batch.taught, training.sigma), training.beta
        )
    if training.agreement > 0:
        plain, other = zip(*(part.chunk(2) for part in estimate[:2]), strict=True)
        back = BlurEstimate(*(attitude.back(part) for part in other))
        loss = loss + training.agreement * attitude_loss(BlurEstimate(*plain), back, training.beta)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    torch.nn.utils.clip_grad_norm_(net.parameters(), training.clip)
    optimizer.step()
    return float(loss.detach())


def _restore(
    file: Path,
    training: EstimatorTraining,
    net: EstimatorNet,
    average: EstimatorNet,
    optimizer: torch.optim.Optimizer,
) -> int:
    record, tensors = read_checkpoint(file)
    wanted = Checkpoint(0, training.to_dict()).config
    changed = sorted(key for key in wanted if _plain(wanted[key]) != _plain(record.config.get(key)))
    if changed:
        raise InputError(f"{file}: belongs to other settings ({', '.join(changed)} differ)")
    try:
        net.load_state_dict(part(tensors, "net"))
        average.load_state_dict(part(tensors, "average"))
        restore_optimizer(optimizer, tensors)
    except (KeyError, ValueError, RuntimeError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{file}: does not hold the training that it describes ({why})") from error
    return record.step


def _plain(value: object) -> object:
    """Tuples as the lists that JSON makes of them."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
