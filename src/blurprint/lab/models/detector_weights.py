"""Weights of detectors on disk: our safetensors, and the .pth files of others."""

from __future__ import annotations

import hashlib
import json
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from blurprint.errors import InputError
from blurprint.files import reason, write_all
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector

FORMAT: Final = "blurprint-detector-1"
FORMATS: Final = "blurprint-detector-"
"""How the formats of all cards of detectors begin."""
_NESTS: Final = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params")
_PREFIXES: Final = ("module.", "model.", "net.", "backbone.", "encoder.", "_orig_mod.", "network.")
_HEADS: Final = ("fc", "last_linear", "classifier", "head", "head.fc")


def save_detector(detector: Detector, file: Path, card: Mapping[str, Any] | None = None) -> None:
    """Write weights and configuration into one safetensors file, and `card` beside it as JSON.

    Args:
        detector: to save.
        file: ending in .safetensors.
        card: what else is known: data, scores, licence; written to the same name with .json, with
            the SHA-256 of the weights that it belongs to.

    Raises:
        OutputError: if a file cannot be written; neither is then.
    """
    config = detector.config.to_dict()
    tensors = {k: v.detach().cpu().contiguous() for k, v in detector.state_dict().items()}
    data = save(tensors, metadata={"format": FORMAT, "config": json.dumps(config)})
    files = {file: data}
    if card is not None:
        digest = hashlib.sha256(data).hexdigest()
        content = {"format": FORMAT, "config": config, **card, "sha256": digest}
        text = json.dumps(content, indent=2, default=str) + "\n"
        files[file.with_suffix(".json")] = text.encode()
    write_all(files)


def read_card(weights: Path) -> dict[str, Any]:
    """What :func:`save_detector` or an export wrote beside `weights`; {} where there is no card.

    A JSON file of the same name that does not begin with one of our formats is somebody else's,
    and counts as none.

    Raises:
        InputError: if the file beside the weights cannot be read, is no JSON object, or is the card
            of other weights (its SHA-256 is not theirs).
    """
    file = weights.with_suffix(".json")
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: the card cannot be read ({reason(error)})") from error
    try:
        card = json.loads(text)
    except ValueError as error:
        raise InputError(f"{file}: Expected a card in JSON, but got {error}") from error
    if not isinstance(card, dict):
        raise InputError(f"{file}: Expected a card, an object, but got a {type(card).__name__}")
    if not str(card.get("format", "")).startswith(FORMATS):
        return {}
    stated = card.get("sha256")
    if stated is not None and weights.is_file():
        with weights.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found != stated:
            raise InputError(
                f"{file}: belongs to other weights (SHA-256 {str(stated)[:12]}...) than "
                f"{weights.name} ({found[:12]}...); remove it or put back what it came with"
            )
    return card


def load_detector(file: Path, config: DetectorConfig | None = None) -> Detector:
    """A detector from its weights, in evaluation mode.

    Args:
        file: what :func:`save_detector` wrote; or a .pth of another training of a one-view
            detector, which is read without executing anything in it.
        config: what the weights belong to; needed for a .pth and for safetensors of others.

    Raises:
        InputError: if the file is missing, no weights, or does not fit the network. The message
            names what is missing or too much.
    """
    if not file.is_file():
        raise InputError(f"{file}: no such file of weights")
    if file.suffix == ".safetensors":
        tensors, stored = _read_safetensors(file)
        config = config if stored is None else stored
    else:
        tensors = read_pth(file)
    if config is None:
        raise InputError(
            f"{file}: says nothing of the network it belongs to; name it (--model, --backbone, "
            "--estimator ...)"
        )
    detector = create_detector(config)
    detector.load_state_dict(fit_names(tensors, detector, str(file)))
    return detector.eval()


def _read_safetensors(file: Path) -> tuple[dict[str, Tensor], DetectorConfig | None]:
    try:
        with safe_open(file, "pt") as stored:
            meta = stored.metadata() or {}
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise InputError(f"{file}: is no safetensors file ({error})") from error
    if meta.get("format") != FORMAT:
        return tensors, None
    return tensors, DetectorConfig.from_dict(json.loads(meta["config"]))


def read_pth(file: Path) -> dict[str, Tensor]:
    """The tensors of a PyTorch file, however deep the dictionaries around them are.

    Raises:
        InputError: if it holds anything but tensors and plain values, which loading would execute.
    """
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
    found = _tensors(content)
    if not found:
        raise InputError(f"{file}: holds no weights")
    return found


def _tensors(content: object) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        return {}
    for nest in _NESTS:
        if isinstance(content.get(nest), Mapping):
            return _tensors(content[nest])
    return {str(k): v for k, v in content.items() if isinstance(v, Tensor)}


def fit_names(tensors: Mapping[str, Tensor], detector: Detector, source: str) -> dict[str, Tensor]:
    """`tensors` under the names of `detector`.

    Names that fit are taken as they are. Otherwise wrappers' prefixes are taken off, a classifier
    of timm's or Cadene's Xception ("fc", "last_linear") becomes the last layer, and one with two
    outputs (real, fake) becomes the one logit of their difference.

    Raises:
        InputError: if something is missing, too much or of another shape.
    """
    own = detector.state_dict()
    renamed = dict(tensors) if set(tensors) == set(own) else _renamed(tensors, detector)
    missing = sorted(k for k in own if k not in renamed and not k.endswith("num_batches_tracked"))
    surplus = sorted(k for k in renamed if k not in own)
    if missing or surplus:
        raise InputError(
            f"{source}: does not fit {detector.config.model} with {detector.config.backbone}"
            + (f"; missing {_some(missing)}" if missing else "")
            + (f"; unknown {_some(surplus)}" if surplus else "")
        )
    out = {}
    for name, value in own.items():
        given = renamed.get(name, value)
        if given.shape != value.shape and given.numel() == value.numel():
            given = given.reshape(value.shape)  # 1 x 1 convolutions saved as matrices
        if given.shape != value.shape:
            raise InputError(
                f"{source}: {name} has shape {tuple(given.shape)}, expected {tuple(value.shape)}"
            )
        out[name] = given
    return out


def _renamed(tensors: Mapping[str, Tensor], detector: Detector) -> dict[str, Tensor]:
    (view, *others) = detector.branches
    if others:
        return dict(tensors)
    backbone = set(detector.branches[view].net.state_dict())  # type: ignore[union-attr]
    plain = dict(tensors)
    while not any(name in backbone for name in plain):
        prefix = next((p for p in _PREFIXES if any(n.startswith(p) for n in plain)), None)
        if prefix is None:
            break
        plain = {name.removeprefix(prefix): value for name, value in plain.items()}
    out: dict[str, Tensor] = {}
    for name, value in plain.items():
        head, _, kind = name.rpartition(".")
        if name in backbone:
            out[f"branches.{view}.net.{name}"] = value
        elif head in _HEADS and kind in ("weight", "bias"):
            out[f"head.{kind}"] = value[1:] - value[:1] if len(value) == 2 else value
        else:
            out[name] = value
    return out


def _some(names: list[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + rest


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
