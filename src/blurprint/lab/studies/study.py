"""The noun that every study returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a study.

    Attributes:
        name: of its files, without suffix.
        caption: one or two sentences in words that a fact-checker follows.
        png: bytes, 300 dpi.
        svg: bytes.
    """

    name: str
    caption: str
    png: bytes
    svg: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What a study found.

    Attributes:
        name: "binary-mask", "local-variance", ...: also of its folder.
        title: as the page shows it.
        words: paragraphs that say what was done and what came out, in plain words.
        summary: headline numbers, as JSON takes them; an interval is
            ``{"value": ..., "low": ..., "high": ...}``.
        table: tidy pandas frame, a row a measurement.
        figures: in the order of the page.
        files: other files of its folder, by name.
    """

    name: str
    title: str
    words: tuple[str, ...]
    summary: Mapping[str, Any]
    table: Any
    figures: tuple[Figure, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
