"""What the blur of a face adds to the output of the network that judges it.

The network sees colours. Blur is measured beside it, and how unusual the difference between a face
and its surround is among ordinary portraits of like size enters with a small weight: late fusion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import Final

import cv2
import numpy as np
from pydantic import Field, model_validator

from blurprint.errors import InputError
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_inner_ring import face_inner_ring
from blurprint.evidence.face_reference import EYES, with_face_reference
from blurprint.evidence.face_scene import scene_of
from blurprint.evidence.reference import class_of
from blurprint.faces.face import Face
from blurprint.faces.faces import at_size
from blurprint.limits import MIN_SIDE
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo
from blurprint.weights.card import Part

# docs/thresholds.md.
OUTERMOST: Final = 1.0
"""Percentile beyond which, on either side, a table of some hundred portraits says no more."""
# docs/thresholds.md.
SQUARE_PX: Final = 59.0
"""Eye distance in the square that the network sees, 224 / 3.8 px. In such squares blur was measured
when the shipped network was calibrated; a larger face is reduced to it."""
REACH: Final = 2.3
"""Half the side of the part that is measured around a face, in eye distances: more than its
surround needs (:data:`blurprint.faces.regions.SURROUND`), so that no region lies at the border."""


class BlurTerm(Part):
    """A straight line of how unusual the blur of a face is, with a weight that grows with its size.

    Attributes:
        weight: added to the network's logit for each standard deviation by which the inner face is
            more blurred than its surround.
        from_px: distance of the eyes up to which nothing is added, pixels of the file.
        full_px: distance from which on the weight is whole, linear in between.
    """

    weight: float = Field(ge=0)
    from_px: float = Field(gt=0)
    full_px: float = Field(gt=0)

    @model_validator(mode="after")
    def _grows(self) -> BlurTerm:
        if self.full_px <= self.from_px:
            raise ValueError("`full_px` above `from_px`")
        return self

    def counts(self, face_px: float) -> bool:
        """Whether blur adds anything to a face with this distance of the eyes, pixels."""
        return face_px > self.from_px

    def at(self, percentile: float | None, face_px: float) -> float:
        """What is added to a logit; 0 where the percentile is unknown.

        Args:
            percentile: of the blur of the inner face over that of its surround among ordinary
                portraits, in [0, 100]; None where it is unknown.
            face_px: distance of the eyes in pixels of the file.

        Raises:
            InputError: if the percentile is NaN or out of range.

        >>> term = BlurTerm(weight=0.5, from_px=32, full_px=45)
        >>> term.at(50, 60), round(term.at(97.725, 60), 3), round(term.at(97.725, 38.5), 3)
        (0.0, 1.0, 0.5)
        >>> term.at(99, 20), term.at(None, 60), term.at(99.9, 60) == term.at(99, 60)
        (0.0, 0.0, True)
        """
        if percentile is None:
            return 0.0
        if not 0 <= percentile <= 100:  # also refuses NaN
            raise InputError(f"Expected a percentile in [0, 100], but got {percentile}")
        share = (face_px - self.from_px) / (self.full_px - self.from_px)
        inside = min(max(percentile, OUTERMOST), 100 - OUTERMOST)
        deviations = NormalDist().inv_cdf(inside / 100)
        return self.weight * min(max(share, 0.0), 1.0) * deviations


def blur_percentile(
    photo: Photo, defocus: DefocusMap, face: Face, faces: Sequence[Face] = ()
) -> float | None:
    """Where the blur of a face against its surround lies among ordinary portraits of like size.

    Args:
        photo: the picture.
        defocus: its map, of the same shape.
        face: one of its faces.
        faces: all of them; they are no part of this one's surround.

    Returns:
        A percentile in [0, 100]; None where it cannot be measured, or nothing is known to compare.
    """
    scene = scene_of(photo, defocus, face, faces, names=("inner", "ring"))
    return percentile_of_row(with_face_reference(face_inner_ring(scene), scene))


def percentile_of_row(row: Evidence) -> float | None:
    """The percentile of a row that was compared with ordinary portraits; None where it was not."""
    return None if row.reference is None else row.reference.percentile


def is_large_on(face: Face) -> bool:
    """Whether a map shows a face as large as the squares that were measured for calibration.

    It then is of their class of size among ordinary portraits, or of a larger one.

    Args:
        face: in pixels of the map.
    """
    smallest = class_of(SQUARE_PX, EYES)
    return smallest is not None and face.eye_distance >= smallest[0]


def own_blur_percentile(
    photo: Photo, face: Face, faces: Sequence[Face], method: str
) -> float | None:
    """The same by a map of the part of a picture that holds a face and its surround.

    A face whose eyes are more than :data:`SQUARE_PX` apart is reduced to that size first.

    Args:
        photo: the picture.
        face: in pixels of it.
        faces: all faces of it.
        method: by which the part is measured.
    """
    scale = min(1.0, SQUARE_PX / face.eye_distance)
    if class_of(scale * face.eye_distance, EYES) is None:  # no portraits of this size are known
        return None
    x, y = (float(one) for one in face.centre)
    reach = REACH * face.eye_distance
    width, height = photo.size
    left, right = max(0, int(x - reach)), min(width, int(x + reach) + 1)
    top, bottom = max(0, int(y - reach)), min(height, int(y + reach) + 1)
    size = (round((right - left) * scale), round((bottom - top) * scale))
    if min(right - left, bottom - top) < 1 or min(size) < MIN_SIDE:
        return None
    rgb, mask = photo.rgb[top:bottom, left:right], photo.mask[top:bottom, left:right]
    if scale < 1:
        rgb = np.clip(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), 0, 1)
        mask = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    part = replace(photo, rgb=np.ascontiguousarray(rgb), mask=np.ascontiguousarray(mask))
    there = at_size([one.moved(-left, -top) for one in (face, *faces)], size[0] / (right - left))
    others = [other for one, other in zip(faces, there[1:], strict=True) if one is not face]
    return blur_percentile(
        part, estimate_defocus(part, method=method), there[0], [there[0], *others]
    )
