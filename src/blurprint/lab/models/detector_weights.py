"""Weights of detectors on disk: our safetensors, and the .pth files of others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save
from torch import Tensor

from blurprint.errors import InputError
from blurprint.files import write_all
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector
from blurprint.lab.models.fit_detector import fit_detector
from blurprint.lab.models.weight_files import read_metadata, read_weights
from blurprint.score.normalisation import BEFORE
from blurprint.weights.card import DETECTOR_FORMATS, DetectorCard, detector_card_beside

FORMAT: Final = f"{DETECTOR_FORMATS}1"


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
        content = {
            "format": FORMAT,
            "kind": "detector",
            "config": config,
            **card,
            "sha256": digest,
        }
        text = json.dumps(content, indent=2, default=str) + "\n"
        files[file.with_suffix(".json")] = text.encode()
    write_all(files)


def card_beside(weights: Path) -> DetectorCard | None:
    """What :func:`save_detector` or an export wrote beside `weights`; None where there is no card.

    Raises:
        InputError: if the file beside the weights is no card (see :func:`detector_card_beside`), or
            is that of other weights (its SHA-256 is not theirs).
    """
    card = detector_card_beside(weights)
    if card is not None and card.sha256 is not None and weights.is_file():
        with weights.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found != card.sha256:
            raise InputError(
                f"{card.path}: belongs to other weights (SHA-256 {card.sha256[:12]}...) than "
                f"{weights.name} ({found[:12]}...); remove it or put back what it came with"
            )
    return card


def load_detector(file: Path, config: DetectorConfig | None = None) -> Detector:
    """A detector from its weights, in evaluation mode; its `notes` say what was inferred.

    Args:
        file: what :func:`save_detector` wrote; or a .pth of another training of a one-view
            detector, which is read without executing anything in it.
        config: what the weights belong to; needed for a .pth and for safetensors of others.

    Raises:
        InputError: if the file is missing, no weights, or does not fit the network. The message
            names what is missing or too much.
    """
    content = read_weights(file)
    stored = _stored_config(content.metadata, file)
    notes = [f"{file}: {note}" for note in content.notes]
    if stored is None and config is None:
        raise InputError(
            f"{file}: says nothing of the network it belongs to; name it (--model, --backbone, "
            "--estimator ...)"
        )
    if stored is not None and config is not None and config != stored:
        raise InputError(
            f"{file}: Expected the settings that it was saved with, but got others: "
            f"{differences(stored, config)}"
        )
    detector = create_detector(stored or config or DetectorConfig())
    if stored is None:
        fed = ", ".join(f"{k}: {v}" for k, v in detector.config.normalisations.items())
        notes.append(f"{file}: says nothing of its normalisation; views are fed by {fed}")
    state, more = fit_detector(content.tensors, detector, str(file))
    detector.load_state_dict(state)
    detector.notes = (*detector.notes, *notes, *more)
    return detector.eval()


def stored_config(file: Path) -> DetectorConfig | None:
    """The settings inside weights of ours; None for files of others, which say nothing.

    Raises:
        InputError: if the file is missing, no weights, or its settings cannot be read.
    """
    if file.suffix != ".safetensors":
        return None
    return _stored_config(read_metadata(file), file)


def start_weights(file: Path, detector: Detector) -> tuple[dict[str, Tensor], list[str]]:
    """The state of `detector` with all that fits of `file`, for a training to start from.

    Args:
        file: as for :func:`load_detector`; a last layer of another size and parts that `detector`
            does not have are left out, its own stay as they are.
        detector: new.

    Returns:
        What ``detector.load_state_dict`` takes, and notes on what was inferred, left out, or
        trained under other settings than these.

    Raises:
        InputError: if the file is missing, no weights, or holds no backbone that fits.
    """
    content = read_weights(file)
    notes = [f"{file}: {note}" for note in content.notes]
    stored = _stored_config(content.metadata, file)
    if stored is not None and stored != detector.config:
        notes.append(f"{file}: was trained with {differences(stored, detector.config)}")
    state, more = fit_detector(content.tensors, detector, str(file), starting=True)
    return state, notes + more


def differences(stored: DetectorConfig, other: DetectorConfig) -> str:
    """Settings in which two detectors differ, as "size 160, not 299"."""
    pairs = []
    for mine, theirs in ((stored, other), (stored.views, other.views)):
        names = [f.name for f in fields(mine) if f.name != "views" or mine is stored.views]
        pairs += [(n, getattr(mine, n), getattr(theirs, n)) for n in names]
    return ", ".join(f"{n} {_word(a)}, not {_word(b)}" for n, a, b in pairs if a != b)


def _word(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _stored_config(metadata: Mapping[str, str], file: Path) -> DetectorConfig | None:
    if metadata.get("format") != FORMAT:
        return None
    try:
        values = json.loads(metadata["config"])
        return DetectorConfig.from_dict({"normalisation": BEFORE, **values})
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(f"{file}: its settings cannot be read ({error})") from error
