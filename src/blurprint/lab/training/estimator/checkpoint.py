"""A training in one safetensors file: weights, averages, the optimiser's state, the step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from blurprint.errors import InputError
from blurprint.files import write_atomic
from blurprint.invalid import as_table

CHECKPOINT = "checkpoint.safetensors"
VERSION = 1


@dataclass
class Checkpoint:
    """What :func:`save_checkpoint` writes beside the tensors.

    Attributes:
        step: batches trained on.
        config: shape of the network and settings of the training, as JSON takes them.
    """

    step: int
    config: dict[str, Any]


def save_checkpoint(
    file: Path,
    checkpoint: Checkpoint,
    *,
    net: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write everything that going on needs, whole or not at all."""
    tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
    meta = {"version": str(VERSION), "step": str(checkpoint.step)}
    meta["config"] = json.dumps(checkpoint.config)
    data = save({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, metadata=meta)
    write_atomic(file, data)


def read_checkpoint(file: Path) -> tuple[Checkpoint, dict[str, Tensor]]:
    """The record and the tensors of a checkpoint.

    Raises:
        InputError: if `file` is no checkpoint of this version.
    """
    try:
        with safe_open(file, "pt") as stored:
            meta = stored.metadata() or {}
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        if meta.get("version") != str(VERSION):
            raise InputError(f"Expected a checkpoint of version {VERSION} in {file}")
        config = as_table(json.loads(meta["config"]), "config")
        return Checkpoint(int(meta["step"]), config), tensors
    except (SafetensorError, OSError, KeyError, ValueError, RecursionError) as error:
        raise InputError(f"Expected a checkpoint (.safetensors) in {file}: {error}") from error


def part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under `prefix`, without it."""
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put the state that :func:`save_checkpoint` wrote back into `optimizer`."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in part(tensors, "optimizer").items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
