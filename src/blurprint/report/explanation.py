"""What a network made of the picture, as a report takes it: words, pictures and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture of the section.

    Attributes:
        title: in a word or two.
        caption: a plain sentence.
        png: its bytes.
        width: in pixels.
        height: in pixels.
    """

    title: str
    caption: str
    png: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A section of the report that some other part of Blurprint has made.

    Attributes:
        title: of the section.
        words: paragraphs above the panels.
        panels: pictures, two a row.
        scale: PNG of the colour scale, from its least to its largest value; empty for none.
        ends: what the scale's left end, middle and right end mean.
        data: ``explanation`` of report.json, as its schema describes.
        files: further files of the report's folder, by name.
    """

    title: str
    words: tuple[str, ...]
    panels: tuple[Panel, ...]
    scale: bytes
    ends: tuple[str, str, str]
    data: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)

    def words_of_output(self) -> str:
        """What a report says of the detectors' outputs: numbers, and no probabilities."""
        outputs = [
            f"{one['output']:.2f} from {one['weights']} (sees {_SEES[one['view']]})"
            for one in self.data["detectors"]
        ]
        kind = (
            "an uncalibrated output of the detector"
            if len(outputs) == 1
            else "uncalibrated outputs of the detectors"
        )
        return (
            f"Of the detectors that are explained below: on a scale from 0 (real) to 1 (fake), "
            f"{' and '.join(outputs)}: {kind} named, and no probability."
        )


_SEES = {"defocus": "blur", "rgb": "colours", "frequency": "frequencies"}
