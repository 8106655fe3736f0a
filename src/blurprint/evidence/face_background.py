"""How much more or less blurred a face is than the background."""

from __future__ import annotations

from dataclasses import replace

from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_ratio import compared
from blurprint.evidence.face_scene import FaceScene

NAME = "face_background"
TITLE = "Face against background"
INFORMATION = (
    "For information: depth, a wide aperture or a portrait mode can make a difference here."
)


def face_background(scene: FaceScene) -> Evidence:
    """Logarithm of the blur of the whole face over that of the background above the chin.

    Negative values, a background more blurred than the face, are usual in portraits. It says how
    far the background is from the focus, or that it was blurred by computation, and little of
    fakes.
    """
    row = compared(scene, NAME, TITLE, "oval", "background")
    return row if row.value is None else replace(row, sentence=f"{row.sentence} {INFORMATION}")
