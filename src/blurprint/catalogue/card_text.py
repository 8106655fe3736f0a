"""What a card says beyond what is checked when it is read: an entry, or None for not stated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from blurprint.catalogue.model import WeightFile
from blurprint.catalogue.packages import file_of
from blurprint.weights.card import Card

Content = Mapping[str, Any]


def part(content: Content, *names: str) -> Content:
    """The object at `names`, one within the other; empty where there is none.

    >>> part({"a": {"b": {"c": 1}}}, "a", "b"), part({"a": 2}, "a", "b")
    ({'c': 1}, {})
    """
    for name in names:
        inner = content.get(name)
        content = inner if isinstance(inner, Mapping) else {}
    return content


def text(content: Content, name: str) -> str | None:
    """A text that is not empty; None for anything else."""
    value = content.get(name)
    return value if isinstance(value, str) and value else None


def number(content: Content, name: str) -> float | None:
    """A finite number; None for anything else."""
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def count(content: Content, name: str) -> int | None:
    """A whole number of at least 0; None for anything else."""
    value = content.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if whole else None


def sentences(content: Content, name: str) -> tuple[str, ...]:
    """A list of texts; empty for anything else."""
    value = content.get(name)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def weight_files(card: Card | None) -> tuple[WeightFile, ...]:
    """The file that a card describes; none if it names none."""
    if card is None or card.file is None:
        return ()
    return (file_of(card.model, card.sha256),)
