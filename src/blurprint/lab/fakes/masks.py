"""Under which mask a face is pasted: shapes over its landmarks, deformed and softened."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.face import Face
from blurprint.faces.outline import FACE_HULL, INNER, OVAL, outline

SHAPES: Final = {"ellipse": 0.35, "hull": 0.35, "oval": 0.12, "inner": 0.1, "box": 0.08}
"""Kinds of masks, and how often each is drawn."""
SOFTNESS: Final = (0.8, 0.14)
"""Of the edge, as the sigma of a Gaussian: from pixels to eye distances."""
_ELASTIC: Final = 0.14
_JITTER: Final = 0.05
_SUBPIXEL: Final = 16


def draw_mask(face: Face, shape: tuple[int, int], rng: np.random.Generator) -> FloatMap:
    """A mask over a face, float32 (H, W) in [0, 1], 1 where the face is pasted whole.

    Args:
        face: in pixels of the picture.
        shape: (H, W) of the picture.
        rng: draws the shape, its deformation and its softness.
    """
    kind = str(rng.choice(list(SHAPES), p=list(SHAPES.values())))
    points = _points(kind, rng)
    mask = _filled(outline(face, points), shape)
    mask = _deformed(mask, _ELASTIC * face.eye_distance * rng.random(), rng)
    low, high = np.log(SOFTNESS[0]), np.log(max(SOFTNESS[0], SOFTNESS[1] * face.eye_distance))
    sigma = float(np.exp(rng.uniform(low, high)))
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)
    if rng.random() < 0.5:  # soft towards the inside only, as swaps are blended
        mask = 2 * mask - 1
    return np.clip(mask, 0, 1).astype(np.float32)


def filled_mask(
    face: Face, points: tuple[tuple[float, float], ...], shape: tuple[int, int], softness: float
) -> FloatMap:
    """A shape of :mod:`blurprint.faces.outline` over a face, softened, float32 (H, W) in [0, 1].

    Args:
        face: in pixels of the picture.
        points: in the frame of an upright face, eye distances.
        shape: (H, W) of the picture.
        softness: sigma of the Gaussian that softens it, pixels.
    """
    mask = _filled(outline(face, np.array(points, np.float32)), shape)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(softness, 0.3)), np.float32)


def _points(kind: str, rng: np.random.Generator) -> FloatMap:
    if kind == "ellipse":
        angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        wide, high, down = rng.uniform(0.8, 1.2), rng.uniform(1.05, 1.6), rng.uniform(-0.15, 0.2)
        return np.stack([wide * np.cos(angle), high * np.sin(angle) + down], 1).astype(np.float32)
    if kind == "box":
        wide, high, down = rng.uniform(0.8, 1.2), rng.uniform(1.0, 1.5), rng.uniform(-0.1, 0.2)
        corners = [(-wide, -high), (wide, -high), (wide, high), (-wide, high)]
        return np.array(corners, np.float32) + np.array([0, down], np.float32)
    points = np.array({"hull": FACE_HULL, "oval": OVAL, "inner": INNER}[kind], np.float32)
    jittered = points + rng.normal(0, _JITTER, points.shape)
    return np.asarray(jittered * rng.uniform(0.85, 1.1, 2), np.float32)


def _filled(points: FloatMap, shape: tuple[int, int]) -> FloatMap:
    mask = np.zeros(shape, np.uint8)
    fixed = np.round(points * _SUBPIXEL).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=4)
    return mask.astype(np.float32) / np.float32(255)


def _deformed(mask: FloatMap, by: float, rng: np.random.Generator) -> FloatMap:
    """The mask moved by a smooth random field of up to about `by` pixels."""
    height, width = mask.shape
    field = rng.uniform(-by, by, (4, 4, 2)).astype(np.float32)
    field = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    moved = cv2.remap(mask, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR)
    return np.asarray(moved, np.float32)
