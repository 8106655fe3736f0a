"""The outline of a face, by its five landmarks.

In the frame of an upright face: the origin between eyes and mouth, x to the viewer's right, y down,
in eye distances. The eyes are at (±0.5, -0.55), the corners of the mouth near (±0.4, 0.55). The
shapes are ours, drawn over upright portraits; a face differs from them by some tenths.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.face import Face

OVAL: Final = (
    (-1.0, -1.05), (-0.55, -1.45), (0.0, -1.55), (0.55, -1.45), (1.0, -1.05), (1.14, -0.5),
    (1.1, 0.05), (0.96, 0.6), (0.66, 1.1), (0.3, 1.36), (0.0, 1.42), (-0.3, 1.36), (-0.66, 1.1),
    (-0.96, 0.6), (-1.1, 0.05), (-1.14, -0.5),
)  # fmt: skip
"""From the hairline along jaw and chin."""
FACE_HULL: Final = (
    (-0.9, -0.95), (-0.45, -1.08), (0.0, -1.02), (0.45, -1.08), (0.9, -0.95), (1.12, -0.5),
    (1.08, 0.05), (0.95, 0.58), (0.65, 1.08), (0.3, 1.34), (0.0, 1.4), (-0.3, 1.34), (-0.65, 1.08),
    (-0.95, 0.58), (-1.08, 0.05), (-1.12, -0.5),
)  # fmt: skip
"""From the brows along jaw and chin: the convex hull of the usual 68 landmarks."""
INNER: Final = (
    (-0.82, -0.85), (-0.4, -0.98), (0.0, -0.88), (0.4, -0.98), (0.82, -0.85), (0.8, -0.2),
    (0.66, 0.4), (0.52, 0.85), (0.0, 1.0), (-0.52, 0.85), (-0.66, 0.4), (-0.8, -0.2),
)  # fmt: skip
"""Brows, eyes, nose and mouth."""
_NEAR_SIDE: Final = 0.45
_FAR_SIDE: Final = 0.2
"""Of a head in profile the cheek that turns away is by this share narrower, the other wider."""


def outline(face: Face, shape: FloatMap) -> FloatMap:
    """A shape in the frame of an upright face, laid over a face of a picture.

    Args:
        face: in pixels of the picture.
        shape: (N, 2), in eye distances, as :data:`OVAL`.

    Returns:
        float32 (N, 2), x and y in pixels of the picture.
    """
    cos, sin = np.cos(face.tilt), np.sin(face.tilt)
    across = np.array([cos, sin], np.float32)
    down = np.array([-sin, cos], np.float32)
    nose = float((face.landmarks[2] - face.eyes) @ across)
    to_the_right = 1.0 if nose > 0 else -1.0
    points = np.array(shape, np.float32)
    near = points[:, 0] * to_the_right > 0
    points[:, 0] *= np.where(near, 1 - _NEAR_SIDE * face.turn, 1 + _FAR_SIDE * face.turn)
    points *= face.eye_distance
    placed = face.centre + points[:, :1] * across + points[:, 1:] * down
    return np.asarray(placed, np.float32)
