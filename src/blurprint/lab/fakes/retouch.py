"""Honest work on a portrait, done to both members of a pair, so that a border alone is no sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.face import Face
from blurprint.faces.outline import OVAL
from blurprint.lab.fakes.masks import draw_mask, filled_mask

_HEAD: Final = (
    (-1.5, -1.2), (-0.9, -1.9), (0.0, -2.15), (0.9, -1.9), (1.5, -1.2), (1.55, 0.0), (1.25, 1.2),
    (1.5, 1.9), (3.2, 2.6), (4.0, 6.0), (-4.0, 6.0), (-3.2, 2.6), (-1.5, 1.9), (-1.25, 1.2),
    (-1.55, 0.0),
)  # fmt: skip
"""Head and shoulders, in the frame of an upright face."""
_FEATURES: Final = ((-0.5, -0.62, 0.34, 0.26), (0.5, -0.62, 0.34, 0.26), (0.0, 0.6, 0.55, 0.28))
"""Eyes and mouth, which smoothing of skin leaves alone: centre and half sizes, eye distances."""


def retouch(rgb: FloatMap, face: Face, rng: np.random.Generator) -> FloatMap:
    """One or two of: a step of light or colour, smoothed skin, a blurred background, a vignette.

    Args:
        rgb: float32 (H, W, 3) in [0, 1].
        face: in pixels of `rgb`.
        rng: draws everything.
    """
    for place in rng.choice(len(_WORK), size=int(rng.integers(1, 3)), replace=False, p=_SHARES):
        rgb = np.asarray(np.clip(_WORK[place][0](rgb, face, rng), 0, 1), np.float32)
    return rgb


def _light_on_the_face(rgb: FloatMap, face: Face, rng: np.random.Generator) -> FloatMap:
    mask = draw_mask(face, rgb.shape[:2], rng)[..., None]
    gain = np.exp(rng.normal(0, 0.1) + rng.normal(0, 0.04, 3)).astype(np.float32)
    return np.asarray(rgb * (1 + mask * (gain - 1)), np.float32)


def _smooth_skin(rgb: FloatMap, face: Face, rng: np.random.Generator) -> FloatMap:
    eyes = face.eye_distance
    mask = filled_mask(face, OVAL, rgb.shape[:2], 0.12 * eyes)
    for x, y, wide, high in _FEATURES:
        hole = tuple((x + dx * wide, y + dy * high) for dx, dy in _CIRCLE)
        mask = mask * (1 - filled_mask(face, hole, rgb.shape[:2], 0.06 * eyes))
    radius = max(2.0, 0.06 * eyes)
    smooth = cv2.bilateralFilter(rgb, -1, float(rng.uniform(0.05, 0.12)), min(radius, 4.0))
    share = float(rng.uniform(0.4, 1.0)) * mask[..., None]
    return np.asarray(rgb * (1 - share) + smooth * share, np.float32)


def _background_blur(rgb: FloatMap, face: Face, rng: np.random.Generator) -> FloatMap:
    sigma = float(rng.uniform(0.03, 0.15)) * face.eye_distance
    person = filled_mask(face, _HEAD, rgb.shape[:2], 0.1 * face.eye_distance)[..., None]
    soft = cv2.GaussianBlur(rgb, (0, 0), max(sigma, 0.5))
    return np.asarray(rgb * person + soft * (1 - person), np.float32)


def _contrast_of_the_face(rgb: FloatMap, face: Face, rng: np.random.Generator) -> FloatMap:
    mask = draw_mask(face, rgb.shape[:2], rng)[..., None]
    base = cv2.GaussianBlur(rgb, (0, 0), 0.3 * face.eye_distance)
    return np.asarray(rgb + mask * float(rng.uniform(-0.25, 0.3)) * (rgb - base), np.float32)


def _vignette(rgb: FloatMap, face: Face, rng: np.random.Generator) -> FloatMap:
    height, width = rgb.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    far = np.hypot(x - face.centre[0], y - face.centre[1]) / max(height, width)
    return np.asarray(rgb * (1 - float(rng.uniform(0.1, 0.5)) * far[..., None] ** 2), np.float32)


_CIRCLE: Final = tuple(
    (float(np.cos(angle)), float(np.sin(angle))) for angle in np.linspace(0, 2 * np.pi, 16)
)
Work = Callable[[FloatMap, Face, np.random.Generator], FloatMap]
_WORK: Final[tuple[tuple[Work, float], ...]] = (
    (_light_on_the_face, 0.35),
    (_smooth_skin, 0.25),
    (_background_blur, 0.15),
    (_contrast_of_the_face, 0.15),
    (_vignette, 0.1),
)
_SHARES: Final = [share for _, share in _WORK]
