"""Blur of the inner face against its surround: as a score, and as what an attacker evens out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.faces.outline import INNER, OVAL, outline
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus

_RING: Final = 1.45
"""Size of the ring's outer border over that of the oval of the face: forehead, hair and neck."""
_LEAST: Final = 0.05
"""Least mean confidence in both parts."""
_SHARPEST: Final = 0.2
_EVEN: Final = 0.03
"""Difference of log sigma from which on nothing is evened out."""
_ROUNDS: Final = 3
_STEPS: Final = 4
"""Of the deconvolution: more would draw rings around edges."""


@dataclass(frozen=True, slots=True)
class FaceBlur:
    """Blur of a face and around it, as geometric means weighted by confidence.

    Attributes:
        inner: of brows, eyes, nose and mouth, sigma in pixels; NaN where too little is measured.
        ring: of forehead, hair, neck and what is beside the face, the same.
    """

    inner: float
    ring: float

    @property
    def difference(self) -> float:
        """log of `inner` over `ring`: above 0 the inner face is softer; NaN without both."""
        return float(np.log(self.inner / self.ring))


Measure = Callable[[RGB8, Face], FaceBlur]
"""From a picture, uint8 (H, W, 3), and its face to its blur."""


def measured(rgb: RGB8, face: Face) -> FaceBlur:
    """:func:`blur_of` the default estimator's map of a picture."""
    return blur_of(estimate_defocus(rgb), face)


def blur_of(defocus: DefocusMap, face: Face) -> FaceBlur:
    """Blur of a face and around it; NaN both where the mean confidence in either is below 0.05.

    Args:
        defocus: of the picture.
        face: in pixels of the map.
    """
    logs = np.log(np.maximum(defocus.sigma, _SHARPEST))
    means = []
    for part in _parts(face, defocus.sigma.shape):
        weight = defocus.confidence * part
        if not part.any() or float(weight.sum()) < _LEAST * float(part.sum()):
            return FaceBlur(float("nan"), float("nan"))
        means.append(float(np.exp((logs * weight).sum() / weight.sum())))
    return FaceBlur(*means)


@dataclass(frozen=True, slots=True)
class Evened:
    """A fake whose blur was matched to its surround.

    Attributes:
        rgb: uint8 (H, W, 3).
        difference: :attr:`FaceBlur.difference` of it.
    """

    rgb: RGB8
    difference: float


def even_out(rgb: RGB8, face: Face, mask: FloatMap, before: FaceBlur, measure: Measure) -> Evened:
    """Blur the pasted face, or sharpen it, until it is as soft as its surround.

    Variances of blurs add, so a face sharper than the ring is blurred by a Gaussian of variance
    ``ring**2 - inner**2``. A softer one is sharpened by a few steps of a deconvolution with the
    Gaussian of the variance that is too much (van Cittert, Zeitschrift fuer Physik 69, 1931). What
    is left is evened out again, up to three times; the version with the least difference is kept.

    Args:
        rgb: uint8 (H, W, 3), the fake.
        face: in pixels of it.
        mask: float32 (H, W) in [0, 1], where the face was pasted.
        before: what `measure` gives of the fake; where it is NaN, the fake stays as it is.
        measure: the blur whose difference is brought to 0.
    """
    best, least = rgb, before.difference
    tried, found = rgb.astype(np.float32), before
    for _ in range(_ROUNDS):
        if not abs(found.difference) > _EVEN:  # also where nothing is measured
            break
        tried = tried + mask[..., None] * (_changed(tried, found) - tried)
        tried = np.clip(tried, 0, 255)
        seen = np.round(tried).astype(np.uint8)
        found = measure(seen, face)
        if abs(found.difference) < abs(least):
            best, least = seen, found.difference
    return Evened(best, least)


def _changed(rgb: FloatMap, blur: FaceBlur) -> FloatMap:
    sigma = max(0.2, float(np.sqrt(abs(blur.ring**2 - blur.inner**2))))
    if blur.inner < blur.ring:
        return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.float32)
    sharp = rgb
    for _ in range(_STEPS):
        sharp = sharp + rgb - cv2.GaussianBlur(sharp, (0, 0), sigma)
    return np.asarray(sharp, np.float32)


def _parts(face: Face, shape: tuple[int, ...]) -> tuple[FloatMap, FloatMap]:
    """The inner face, and the ring around the oval of the face, float32 (H, W) of 0 and 1."""
    oval = np.array(OVAL, np.float32)
    inner = _filled(outline(face, np.array(INNER, np.float32)), shape)
    ring = _filled(outline(face, oval * _RING), shape) - _filled(outline(face, oval), shape)
    return inner, np.maximum(ring, 0)


def _filled(points: FloatMap, shape: tuple[int, ...]) -> FloatMap:
    filled = np.zeros(shape, np.uint8)
    cv2.fillPoly(filled, [np.round(points).astype(np.int32)], 1)
    return filled.astype(np.float32)
