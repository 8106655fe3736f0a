"""How unusual the blur of a face is, measured in the square that the face network sees."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.faces.crop import WIDTH
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8, FaceBox
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo
from blurprint.score.blur_term import blur_percentile

_UPRIGHT: Final = ((-0.5, -0.55), (0.5, -0.55), (0.0, 0.0), (-0.4, 0.55), (0.4, 0.55))
"""Eyes, nose and corners of the mouth of an upright face, in eye distances from its centre."""


def crop_percentile(crop: RGB8) -> float | None:
    """:func:`blurprint.score.blur_term.blur_percentile` of a face that was cut out upright.

    A picture as delivered is no longer there when a network is calibrated. In the square a small
    face is enlarged, which blurs it and its surround alike.

    Args:
        crop: uint8 (S, S, 3), as :func:`blurprint.faces.crop.upright_crop` gives it.
    """
    side = crop.shape[0]
    landmarks = (side - 1) / 2 + side / WIDTH * np.array(_UPRIGHT, np.float32)
    face = Face(FaceBox(0, 0, side, side), landmarks.astype(np.float32), 1.0)
    photo = Photo.from_array(crop)
    return blur_percentile(photo, estimate_defocus(photo), face)
