"""Files of weights, ours and others', as tensors by name; nothing in them is executed."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from blurprint.errors import InputError

_NESTS: Final = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params")
_POINTER: Final = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """What a file of weights holds.

    Attributes:
        tensors: by name.
        metadata: of safetensors; {} for others.
        notes: what was left out, in words; () where nothing was.
    """

    tensors: dict[str, Tensor]
    metadata: dict[str, str]
    notes: tuple[str, ...] = ()


def read_weights(file: Path) -> WeightFile:
    """The tensors of a safetensors or PyTorch file.

    Raises:
        InputError: if the file is missing, a Git LFS pointer, an ONNX model, no file of weights, or
            holds anything but tensors and plain values, which loading would execute.
    """
    _require_weights(file)
    content = _read_safetensors(file) if file.suffix == ".safetensors" else _read_pth(file)
    broken = [k for k, v in content.tensors.items() if not torch.isfinite(v).all()]
    if broken:
        raise InputError(
            f"{file}: {len(broken)} of {len(content.tensors)} tensors hold values that are not "
            f"finite ({broken[0]} is the first); a training that diverged leaves such weights"
        )
    return content


def read_metadata(file: Path) -> dict[str, str]:
    """What a safetensors file says of itself, without its tensors; {} of files of other kinds.

    Raises:
        InputError: as :func:`read_weights`, of what can be known without the tensors.
    """
    _require_weights(file)
    if file.suffix != ".safetensors":
        return {}
    try:
        with safe_open(file, "pt") as stored:
            return stored.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise InputError(f"{file}: is no safetensors file ({error})") from error


def _require_weights(file: Path) -> None:
    if not file.is_file():
        raise InputError(f"{file}: no such file of weights")
    refuse_pointer(file)
    if file.suffix == ".onnx":
        raise InputError(
            f"{file}: Expected weights (.safetensors, .pth), but got an exported network; give the "
            "file that it was exported from"
        )


def refuse_pointer(file: Path) -> None:
    """Nothing, unless `file` only points to where Git LFS keeps its content.

    Raises:
        InputError: if it does; the message says how to fetch the content.
    """
    with file.open("rb") as content:
        begins = content.read(len(_POINTER))
    if begins == _POINTER:
        raise InputError(
            f"{file}: Expected weights, but got a Git LFS pointer to them ({file.stat().st_size} "
            "bytes of text); fetch them in its repository with `git lfs pull`"
        )


def _read_safetensors(file: Path) -> WeightFile:
    try:
        with safe_open(file, "pt") as stored:
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
            return WeightFile(tensors, stored.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise InputError(f"{file}: is no safetensors file ({error})") from error


def _read_pth(file: Path) -> WeightFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other pickle protocols, which are read or refused
            content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{file}: holds Python objects, not only weights, and loading them could run any code. "
            "Save `model.state_dict()` instead."
        ) from error
    except (RuntimeError, OSError, EOFError, ValueError) as error:
        raise InputError(f"{file}: is no file of PyTorch weights ({_line(error)})") from error
    path, tensors, others = _unnested(content)
    if not tensors:
        raise InputError(f"{file}: holds no weights")
    if not path and not others:
        return WeightFile(tensors, {})
    taken = f"weights taken from its {'.'.join(path)}" if path else "weights taken"
    left = f"; left out: {', '.join(others)}" if others else ""
    return WeightFile(tensors, {}, (taken + left,))


def _unnested(content: object) -> tuple[list[str], dict[str, Tensor], list[str]]:
    """Where in nested dictionaries the tensors are, the tensors, and what lies beside them."""
    path: list[str] = []
    others: list[str] = []
    while isinstance(content, Mapping):
        nest = next((n for n in _NESTS if isinstance(content.get(n), Mapping)), None)
        if nest is None:
            others += [str(k) for k, v in content.items() if not isinstance(v, Tensor)]
            return path, {str(k): v for k, v in content.items() if isinstance(v, Tensor)}, others
        others += [str(key) for key in content if key != nest]
        path.append(nest)
        content = content[nest]
    return path, {}, others


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
