"""The noun: the faces of one picture, what found them, and what is to be said of the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.faces.outline import OVAL, outline

Detector = Literal["mtcnn", "yunet", "cascade"]

DETECTORS: Final = {"mtcnn": "MTCNN", "yunet": "YuNet", "cascade": "OpenCV's cascades"}
"""Detectors by their names in words."""
# docs/thresholds.md.
MIN_EYES: Final = 16.0
"""Least distance of the eyes, in pixels, of a face of which anything is measured."""
# docs/thresholds.md.
PROFILE: Final = 0.65
"""Turn from which a face counts as in profile; of 1,533 portraits 2 % are turned farther."""
# docs/thresholds.md.
TILTED: Final = 20.0
"""Lean to a side, in degrees, from which it is said; of 1,533 portraits 2 % lean farther."""
# docs/thresholds.md.
SURE: Final = 0.95
"""Probability of a face below which it is said that it may be covered, blurred or none."""
# docs/thresholds.md.
CUT: Final = 0.1
"""Share of a face's oval outside of the picture from which it is said."""


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces of a picture, in its pixels.

    Attributes:
        found: those with landmarks whose eyes are at least :data:`MIN_EYES` apart, largest first.
        detector: what found them, or searched last.
        least_px: side of the smallest face that was looked for, pixels.
        small: faces whose eyes are closer than that, of which nothing is measured, largest first.
        boxes: faces found without landmarks, largest first; only by the cascades.
    """

    found: tuple[Face, ...] = ()
    detector: Detector = "mtcnn"
    least_px: float = 0.0
    small: tuple[Face, ...] = ()
    boxes: tuple[FaceBox, ...] = ()

    @property
    def located(self) -> tuple[Face, ...]:
        """All faces with landmarks, the small ones as well, largest first."""
        return self.found + self.small

    @property
    def sentence(self) -> str:
        """What was found in the picture, or not, by what, and what was not looked for."""
        return f"{self.words} Faces narrower than {self.least_px:.0f} pixels are not looked for."

    @property
    def words(self) -> str:
        """What was found in the picture, or not, and by what; one or two sentences."""
        by = DETECTORS[self.detector]
        if self.boxes:
            number = "one place" if len(self.boxes) == 1 else f"{len(self.boxes)} places"
            return (
                f"No face found by MTCNN; {by} take {number} for a face, without landmarks, so "
                "that nothing is measured there."
            )
        if not self.found and not self.small:
            return f"No face found by {by}."
        parts = []
        if self.found:
            number = "1 face" if len(self.found) == 1 else f"{len(self.found)} faces"
            parts.append(f"{number} found by {by}.")
            doubtful = sum(face.probability < SURE for face in self.found)
            if doubtful:
                which = "It" if len(self.found) == 1 else f"{doubtful} of them"
                parts.append(f"{which} may be none, of a probability under {SURE:g}.")
        if self.small:
            more = " more" if self.found else ""
            one = len(self.small) == 1
            number = f"1{more} face has" if one else f"{len(self.small)}{more} faces have"
            parts.append(
                f"{number} eyes closer than {MIN_EYES:.0f} pixels, counted in the picture as "
                f"measured: too small, nothing is measured of {'it' if one else 'them'}."
            )
        return " ".join(parts)


def at_size(faces: Sequence[Face], factor: float) -> tuple[Face, ...]:
    """Faces in the same picture at `factor` times the size, in their order; at 1 these themselves.

    >>> at_size((), 0.5)
    ()
    """
    return tuple(faces) if factor == 1 else tuple(face.scaled(factor) for face in faces)


def is_profile(face: Face) -> bool:
    """Whether a face is turned so far to a side that its halves cannot be compared."""
    return face.turn > PROFILE


def remarks(face: Face, size: tuple[int, int]) -> tuple[str, ...]:
    """What is unusual in how a face stands in the picture, a sentence each.

    Args:
        face: in pixels of the picture.
        size: (width, height) of the picture.
    """
    said = []
    if is_profile(face):
        said.append("Turned to a side, nearly in profile: its regions are rough.")
    lean = float(np.degrees(face.tilt))
    if abs(lean) > TILTED:
        said.append(f"Leans by {abs(lean):.0f}° {'clockwise' if lean > 0 else 'anticlockwise'}.")
    if face.probability < SURE:
        said.append(
            f"Found with a probability of only {face.probability:.2f}: it may be covered, strongly "
            "blurred, or no face."
        )
    if _share_outside(face, size) > CUT:
        said.append("Cut by the border of the picture.")
    return tuple(said)


def _share_outside(face: Face, size: tuple[int, int]) -> float:
    points = outline(face, np.array(OVAL, np.float32))
    inside = ((points >= 0) & (points <= np.array(size) - 1)).all(axis=1)
    return 1 - float(inside.mean())
