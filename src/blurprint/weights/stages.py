"""The trainings that led to a network, each once.

A training may begin with the weights of an earlier one, and learn from the estimates of another. In
the card of an estimator, `training` is the record of the training that made the network, and
`stages` holds the records of those before it, by name, each after those that it speaks of. Where a
record speaks of an earlier training (`started_from`, `teacher`), `stage` is its name in `stages`,
null if the earlier card said nothing of it. A name is made from the record: equal records have
equal names.

Older cards held each earlier record inside the later one, again for every mention.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from blurprint.errors import InputError

Record = dict[str, Any]
"""What a card says of a training."""

MENTIONS: Final = ("started_from", "teacher")
"""Where a record speaks of an earlier training."""
_NAME_DIGITS: Final = 12


def flattened(content: Record) -> Record:
    """What a card says with every earlier training once, in `stages`; `content` is not changed.

    >>> first = {"steps": 1, "started_from": None}
    >>> card = flattened({"training": {"steps": 2, "started_from": {"training": first}}})
    >>> card["training"]
    {'steps': 2, 'started_from': {'stage': 'a7b081c4834d'}}
    >>> card["stages"]
    {'a7b081c4834d': {'steps': 1, 'started_from': None}}
    >>> flattened(card) == card
    True

    Raises:
        InputError: if two different records have one name.
    """
    training = content.get("training")
    stages = content.get("stages", {})
    if not isinstance(training, dict) or not isinstance(stages, dict):
        return content
    stages = dict(stages)
    flat = _flat(training, stages)
    if flat == training:
        return content
    out: Record = {}
    for key, value in content.items():
        if key == "training":
            out |= {"training": flat, "stages": stages}
        elif key != "stages":
            out[key] = value
    return out


def remember(stages: dict[str, Record], card: Mapping[str, Any]) -> str | None:
    """Add the training that made a network, and those before it, to `stages`.

    Args:
        stages: changed in place.
        card: what the network's card says, each training once; see :func:`flattened`.

    Returns:
        The name of its training; None if the card says nothing of it.

    Raises:
        InputError: if a record in `stages` has the name of another one.
    """
    for name, record in card.get("stages", {}).items():
        _put(stages, name, record)
    training = card.get("training")
    return None if training is None else _put(stages, name_of(training), training)


def name_of(record: Record) -> str:
    """The name of a training: the first digits of the SHA-256 of its record."""
    text = json.dumps(record, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_NAME_DIGITS]


def _flat(record: Record, stages: dict[str, Record]) -> Record:
    out = dict(record)
    for mention in MENTIONS:
        earlier = record.get(mention)
        if not isinstance(earlier, dict) or "training" not in earlier:
            continue
        nested = earlier["training"]
        if isinstance(nested, dict):
            nested = _flat(nested, stages)
            nested = _put(stages, name_of(nested), nested)
        renamed = {("stage" if key == "training" else key): v for key, v in earlier.items()}
        out[mention] = {**renamed, "stage": nested}
    return out


def _put(stages: dict[str, Record], name: str, record: Record) -> str:
    if stages.setdefault(name, record) != record:
        raise InputError(f"Expected one training of the name {name}, but got two that differ")
    return name
