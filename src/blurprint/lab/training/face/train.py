"""Train the face network on pairs of real faces and pseudo-fakes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from blurprint.errors import InputError
from blurprint.files import make_folder
from blurprint.lab.measures.metrics import auc
from blurprint.lab.measures.tally import count, rank_values
from blurprint.lab.models.face import FaceNetwork, face_loss
from blurprint.lab.training.estimator.checkpoint import (
    CHECKPOINT,
    Checkpoint,
    part,
    read_checkpoint,
    restore_optimizer,
    save_checkpoint,
)
from blurprint.lab.training.estimator.train import autocast
from blurprint.lab.training.face.batches import PairStream
from blurprint.lab.training.face.settings import FaceTraining


@dataclass(frozen=True, slots=True)
class FaceProgress:
    """Where a training stands.

    Attributes:
        step: batches done.
        loss: of the last batch.
        auc: of the averaged weights on the pairs of each held-out recipe, at the steps that
            validate.
        above: share of those pairs whose fake has the larger logit.
    """

    step: int
    loss: float
    auc: Mapping[str, float]
    above: Mapping[str, float]


def train_face(
    chunks: Sequence[Path],
    validation: Mapping[str, Sequence[Path]],
    out: Path,
    training: FaceTraining,
    *,
    resume: bool = False,
    each: Callable[[FaceProgress], None] | None = None,
) -> FaceNetwork:
    """Train on rendered pairs and return the averaged weights.

    ``out/checkpoint.safetensors`` is written every `save_every` steps, at the end and on Ctrl-C;
    with `resume` a training goes on from there, with the same result as if it had not stopped.

    Raises:
        InputError: if the checkpoint belongs to other settings, or there are too few pairs.
    """
    torch.manual_seed(training.seed)
    device = torch.device("cpu")
    net = FaceNetwork(pretrained=training.pretrained)
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in the stubs
    average = copy.deepcopy(net).eval()
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
    )
    make_folder(out)
    file, start = out / CHECKPOINT, 0
    config = asdict(training)
    if resume and file.exists():
        record, tensors = read_checkpoint(file)
        changed = sorted(key for key in config if config[key] != record.config.get(key))
        if changed:
            raise InputError(f"{file}: belongs to other settings ({', '.join(changed)} differ)")
        net.load_state_dict(part(tensors, "net"))
        average.load_state_dict(part(tensors, "average"))
        restore_optimizer(optimizer, tensors)
        start = record.step
    stream = PairStream(chunks, pairs=training.batch_pairs, seed=training.seed)
    held = {name: PairStream(some, pairs=1, seed=0) for name, some in validation.items()}
    step = start

    def save() -> None:
        save_checkpoint(
            file, Checkpoint(step, config), net=net, average=average, optimizer=optimizer
        )

    try:
        while step < training.steps:
            net.train()
            torch.manual_seed(training.seed + step)  # of dropout
            batch = stream.batch(step)
            for group in optimizer.param_groups:
                group["lr"] = one_cycle(step, training)
            with autocast("auto", device):
                judged = net(batch.faces)
            loss = face_loss(judged, batch.labels, batch.masks, training.comparison)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            _average(average, net, 1 - min(training.averaging, (1 + step) / (10 + step)))
            step += 1
            measured: dict[str, tuple[float, float]] = {}
            if step % training.save_every == 0 or step == training.steps:
                measured = {name: _measured(*judge(average, some)) for name, some in held.items()}
                save()
            if each is not None:
                each(FaceProgress(step, float(loss.detach()), *_by_recipe(measured)))
    except KeyboardInterrupt:
        save()
        raise
    return average


def one_cycle(step: int, training: FaceTraining) -> float:
    """Up over the first eighth of the steps, down by half a cosine to a hundredth of that."""
    warm = training.steps / 8
    if step < warm:
        return training.learning_rate * (0.04 + 0.96 * step / warm)
    along = (step - warm) / max(1.0, training.steps - warm)
    return training.learning_rate * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * along)))


@torch.no_grad()
def judge(net: FaceNetwork, pairs: PairStream) -> tuple[np.ndarray, np.ndarray]:
    """Logits of reals and of fakes, (N,) each, of pairs in their order."""
    net.eval()
    real, fake = [], []
    for first in range(0, len(pairs), 16):
        batch = pairs.held_out(first, 16)
        with autocast("auto", torch.device("cpu")):
            logit = net(batch.faces).logit.float()
        one, other = logit.chunk(2)
        real.append(one.numpy())
        fake.append(other.numpy())
    return np.concatenate(real), np.concatenate(fake)


def _measured(real: np.ndarray, fake: np.ndarray) -> tuple[float, float]:
    """AUC, and the share of pairs whose fake has the larger logit."""
    labels = np.repeat([0, 1], [len(real), len(fake)])
    found = float(auc(count(rank_values(labels, np.concatenate([real, fake])))))
    return found, float((fake > real).mean())


def _by_recipe(
    measured: Mapping[str, tuple[float, float]],
) -> tuple[dict[str, float], dict[str, float]]:
    return {k: v[0] for k, v in measured.items()}, {k: v[1] for k, v in measured.items()}


@torch.no_grad()
def _average(average: FaceNetwork, net: FaceNetwork, share: float) -> None:
    own = net.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(own[name], share)
        else:
            value.copy_(own[name])
