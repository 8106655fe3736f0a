"""The noun that every study returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blurprint.lab.pages.style import Figure


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
