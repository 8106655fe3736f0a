"""A detector of the user's: the card of an export, or of a training's weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from blurprint.catalogue.card_text import (
    Content,
    count,
    number,
    part,
    sentences,
    text,
    weight_files,
)
from blurprint.catalogue.model import (
    Licence,
    Measured,
    Model,
    Output,
    Training,
    WeightFile,
)
from blurprint.catalogue.packages import OURS, file_of, licence_of
from blurprint.weights.card import DetectorCard

_ERRORS: Final = {"accuracy": "accuracy", "auc": "AUC", "loss": "loss"}


def of_detector_card(card: DetectorCard) -> Model:
    """What the card of a detector says. Its score is not calibrated: no threshold is stated."""
    exported = card.file is not None
    trained = part(card.content, "weights", "card") if exported else card.content
    return Model(
        name=card.path.stem,
        kind="detector",
        summary=f"a detector of fakes, model {card.config.model}",
        used_by=f"{'score' if exported else 'evaluate'} --weights {card.path.name}",
        outputs=(
            Output("P(fake)", "", 0, 1, "0 = real, 1 = fake", "a number that is not calibrated"),
        ),
        licence=Licence(licence_of(OURS), text(card.content, "licence")),
        training=_training(trained),
        errors=(*_errors(trained), *_differences(card.content)),
        thresholds=(),
        limits=(*sentences(part(card.content, "weights"), "notes"), *sentences(trained, "remarks")),
        files=_files(card),
        parameters=count(card.content, "parameters"),
        card=str(card.path),
        documented=("docs/detectors.md",),
    )


def _files(card: DetectorCard) -> tuple[WeightFile, ...]:
    """Of an export also the network in 8 bits; of a training the weights beside the card."""
    if card.file is None:
        return (file_of(card.path.with_suffix(".safetensors"), card.sha256),)
    small = () if card.int8 is None else weight_files(card.in_8_bits())
    return (*weight_files(card), *small)


def _training(said: Content) -> Training:
    data = part(said, "data")
    facts = [
        f"{rows:,} pictures of the {what}"
        for name, what in (("train", "training"), ("val", "validation"))
        if (rows := count(part(data, "rows"), name)) is not None
    ]
    facts += [
        f"{name.replace('_', ' ')}: {value}"
        for name in ("split", "compression")
        if (value := text(data, name)) is not None
    ]
    began = part(said, "started_from")
    named = [text(began, name) for name in ("source", "trained_on", "licence")]
    return Training(
        ", ".join(sentences(data, "data")) or None,
        ", ".join(filter(None, named)) or None,
        tuple(facts),
    )


def _errors(said: Content) -> Iterator[Measured]:
    validation = part(said, "validation")
    rows = count(part(said, "data", "rows"), "val")
    for name, what in _ERRORS.items():
        if (value := number(validation, name)) is not None:
            yield Measured(f"{what}, validation part", value, "", count=rows, counted="pictures")


def _differences(said: Content) -> Iterator[Measured]:
    found = part(said, "differs_from_torch_by")
    for name in found:
        if (value := number(found, name)) is not None:
            yield Measured(f"largest difference from torch, {name}", value)
