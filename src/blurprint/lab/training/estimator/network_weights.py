"""Weights of trained networks: loaded, begun with, averaged."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from blurprint.errors import InputError
from blurprint.lab.models.estimator import EstimatorNet, ResidualBlock
from blurprint.lab.training.estimator.checkpoint import part, read_checkpoint
from blurprint.lab.training.estimator.unfold import unfolded


@torch.no_grad()
def blend(net: EstimatorNet, other: EstimatorNet, share: float) -> None:
    """Move the floating-point weights of `net` by `share` towards those of `other`, in place."""
    theirs = other.state_dict()
    pairs = [(v, theirs[k]) for k, v in net.state_dict().items() if v.is_floating_point()]
    torch._foreach_lerp_([ours for ours, _ in pairs], [new for _, new in pairs], share)


def begin_with(net: EstimatorNet, file: Path) -> None:
    """Give `net` the averaged weights of a checkpoint, or those that the card ``*.json`` describes.

    `net` may be deeper, not of another width, and reads at first what that network read:

    - A block that the file lacks becomes the identity.
    - A head of 3 x 3 becomes one of 1 x 1 by the sum of its taps, the same where features are
      smooth.
    - Kernels of 3 x 3 that halve the resolution become 4 x 4 by a row and a column of zeros.
    - A third output of the head keeps the weights that it has.

    After weights from a card, :func:`blurprint.lab.training.estimator.unfold.settle` is due.

    Raises:
        InputError: if `file` is no checkpoint, of a network of another shape, or lacks weights.
    """
    if file.suffix == ".json":
        weights = unfolded(file)
    else:
        weights = part(read_checkpoint(file)[1], "average")
    own = net.state_dict()
    weights = {name: _widened(name, value, own.get(name)) for name, value in weights.items()}
    if any(k not in own or own[k].shape != value.shape for k, value in weights.items()):
        raise InputError(f"{file}: belongs to a network of another shape")
    lacking = {
        f"{name}.": module
        for name, module in net.named_modules()
        if isinstance(module, ResidualBlock) and not any(k.startswith(f"{name}.") for k in weights)
    }
    for key in own:
        if key not in weights and not key.startswith(tuple(lacking)):
            raise InputError(f"{file}: Expected weights of a whole network, but it has no {key}")
    net.load_state_dict(weights, strict=False)
    for block in lacking.values():
        block.become_identity()


def _widened(name: str, value: Tensor, own: Tensor | None) -> Tensor:
    """`value` in the shape of `own`, where :func:`begin_with` knows how."""
    if own is None or value.shape == own.shape:
        return value
    if name == "head.weight" and value.shape[2:] == (3, 3) and own.shape[2:] == (1, 1):
        value = value.sum((2, 3), keepdim=True)
    if name.startswith("head.") and len(value) == 2 and len(own) == 3:
        value = torch.cat([value, own[2:]])
    if name.startswith("down.") and value.shape[2:] == (3, 3) and own.shape[2:] == (4, 4):
        value = F.pad(value, (0, 1, 0, 1))
    return value


@torch.no_grad()
def average_with(net: EstimatorNet, file: Path, share: float) -> None:
    """Mix the weights of another checkpoint of the same line of training into `net`.

    Two trainings of which one began with the other lie in one valley of the loss, so that the mean
    of their weights is a network as well, which errs where both do (Wortsman et al., *Model soups*,
    ICML 2022).

    Args:
        net: changed in place.
        file: the other checkpoint, whose averaged weights are taken; of a network of the same
            width, with the same blocks or fewer.
        share: of the other, 0 to 1.

    Raises:
        InputError: if `file` is no checkpoint or of another network, or `share` out of range.
    """
    if file.suffix == ".json":  # of exported weights, whose normalisations are gone
        raise InputError(f"Expected a checkpoint (.safetensors) to average with, but got {file}")
    if not 0 <= share <= 1:
        raise InputError(f"Expected `share` to be from 0 to 1, but got {share}")
    other = copy.deepcopy(net)
    begin_with(other, file)
    blend(net, other, share)
