"""What goes to a process and comes back, and the names of what it leaves; light to import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

STEPS: Final = {"reading": 0.02, "measuring blur": 0.1, "looking at faces": 0.55, "writing": 0.85}
"""Steps of an analysis, with the share of its time that lies before each, roughly."""


def share_done(step: str, done: int = 0, of: int = 0) -> float:
    """Of the time of an analysis, roughly; the frames of a video take it up to the writing.

    >>> share_done("measuring blur"), share_done("measuring blur", 12, 24)
    (0.1, 0.475)
    """
    begun = STEPS.get(step, 0.0)
    if not of:
        return begun
    return round(begun + (STEPS["writing"] - begun) * done / of, 3)


MAP: Final = "map.png"
CONFIDENCE: Final = "confidence.png"
PICTURE: Final = "picture.jpg"
VALUES: Final = "values.bin"
VALUES_FACTS: Final = "values.json"
"""Files of a result beside those of a report."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file to analyse.

    Attributes:
        id: of its result.
        path: where it lies.
        name: as it is shown.
        folder: for the files of its result.
        method: of the map.
        prior: P(fake) before it is looked at.
        max_side: reduce the picture to this longer side, in pixels.
        max_pixels: refuse more.
        seconds: time for it.
    """

    id: str
    path: Path
    name: str
    folder: Path
    method: str
    prior: float
    max_side: int
    max_pixels: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no result.

    Attributes:
        code: for programs.
        message: for people, a sentence.
        detail: for the log of the service; it may hold nothing out of the file.
    """

    code: str
    message: str
    detail: str = ""
