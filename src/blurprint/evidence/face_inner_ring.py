"""Whether the inner face is more blurred than what surrounds it at about the same depth."""

from __future__ import annotations

from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_ratio import compared
from blurprint.evidence.face_scene import FaceScene

NAME = "face_inner_ring"
TITLE = "Inner face against surround"


def face_inner_ring(scene: FaceScene) -> Evidence:
    """Logarithm of the blur of brows, eyes, nose and mouth over that of forehead, hair and neck.

    A pasted or generated face was made at another resolution and resampled, a face of the scene has
    nearly the depth of its surround. Positive values mean that the inner face is more blurred.
    """
    return compared(scene, NAME, TITLE, "inner", "ring")
