"""The noun: one face of a picture, by its box and five landmarks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.find import FaceBox

LANDMARKS: Final = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")
"""What the five landmarks are, in their order; left and right as the viewer sees them."""
_EYE_TO_MOUTH: Final = 0.9
"""A face seen from the front has its mouth about 1.1 eye distances below its eyes; where the eyes
are closer than 0.9 of that length, the head is turned, and that length gives its size instead."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face, in pixels of the picture.

    Attributes:
        box: around the face, from brow to chin.
        landmarks: float32 (5, 2), x and y of :data:`LANDMARKS`; pixels, the centre of the first
            pixel at 0.
        probability: of a face, as the detector says, in [0, 1].
    """

    box: FaceBox
    landmarks: FloatMap
    probability: float

    @property
    def eyes(self) -> FloatMap:
        """The point between the eyes, float32 (2,), pixels."""
        return np.asarray((self.landmarks[0] + self.landmarks[1]) / 2, np.float32)

    @property
    def mouth(self) -> FloatMap:
        """The point between the corners of the mouth, float32 (2,), pixels."""
        return np.asarray((self.landmarks[3] + self.landmarks[4]) / 2, np.float32)

    @property
    def eye_distance(self) -> float:
        """Between the eyes as seen from the front, pixels: of a turned head, by its height."""
        across = float(np.hypot(*(self.landmarks[1] - self.landmarks[0])))
        down = float(np.hypot(*(self.mouth - self.eyes)))
        return max(across, _EYE_TO_MOUTH * down)

    @property
    def centre(self) -> FloatMap:
        """The middle of eyes and mouth, float32 (2,), pixels."""
        return np.asarray((self.eyes + self.mouth) / 2, np.float32)

    @property
    def tilt(self) -> float:
        """By how much the head leans, radians: 0 upright, positive clockwise as seen.

        The direction from the mouth to the eyes is used beside that from eye to eye, since the
        latter is short and uncertain in a profile.
        """
        across = self.landmarks[1] - self.landmarks[0]
        down = self.mouth - self.eyes
        direction = across + np.array([down[1], -down[0]], np.float32)
        return float(np.arctan2(direction[1], direction[0]))

    @property
    def turn(self) -> float:
        """How far the head is turned to a side: 0 from the front, about 1 in profile.

        The distance of the nose from the line between eyes and mouth, over half the distance
        between the eyes as seen from the front.
        """
        down = self.mouth - self.eyes
        length = float(np.hypot(*down))
        if length == 0:
            return 1.0
        nose = self.landmarks[2] - self.eyes
        beside = abs(float(down[0] * nose[1] - down[1] * nose[0])) / length
        return min(beside / (self.eye_distance / 2), 1.0)

    def scaled(self, factor: float) -> Face:
        """The face in the same picture at `factor` times the size."""
        landmarks = np.asarray((self.landmarks + 0.5) * factor - 0.5, np.float32)
        return replace(self, box=self.box.scaled(factor), landmarks=landmarks)

    def moved(self, right: float, down: float) -> Face:
        """The face in a picture that begins `right` and `down` pixels further left and up."""
        box = replace(self.box, left=self.box.left + right, top=self.box.top + down)
        landmarks = np.asarray(np.add(self.landmarks, (right, down)), np.float32)
        return replace(self, box=box, landmarks=landmarks)
