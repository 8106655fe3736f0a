"""One face over another: aligned by landmarks, degraded, matched in colour, under a mask."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.face import Face

SELF_SHIFT: Final = 0.02
SELF_TURN: Final = 1.2
SELF_SCALE: Final = 0.02
"""By how much a face pasted over itself is moved (eye distances), turned (degrees), scaled."""
_MATCHED: Final = 0.8


def aligned(rgb: FloatMap, source: Face, target: Face, shape: tuple[int, int]) -> FloatMap:
    """A picture moved, turned and scaled so that its face lies over another.

    The similarity that brings the landmarks together with the least squares (Umeyama,
    *Least-squares estimation of transformation parameters between two point patterns*, PAMI 1991).

    Args:
        rgb: float32 (H, W, 3), the picture of `source`.
        source: the face that is moved.
        target: the face over which it is to lie.
        shape: (H, W) of the target's picture.
    """
    matrix = similarity(source.landmarks, target.landmarks)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.8:  # or the finer picture would alias
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
        matrix = similarity(source.scaled(scale).landmarks, target.landmarks)
    return _warped(rgb, matrix, shape)


def similarity(source: FloatMap, target: FloatMap) -> FloatMap:
    """Matrix (2, 3) of the similarity that takes points (N, 2) onto others with least squares."""
    from_mean, to_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - from_mean, target - to_mean
    norm = float((a**2).sum())
    along = float((a * b).sum()) / norm
    beside = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / norm
    turn = np.array([[along, -beside], [beside, along]])
    return np.concatenate([turn, (to_mean - turn @ from_mean)[:, None]], axis=1)


def nudged(rgb: FloatMap, face: Face, rng: np.random.Generator) -> FloatMap:
    """A picture moved by a little over itself, around its face."""
    angle = np.deg2rad(SELF_TURN) * rng.normal()
    scale = 1 + SELF_SCALE * rng.normal()
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = face.centre - turn @ face.centre + SELF_SHIFT * face.eye_distance * rng.normal(size=2)
    return _warped(rgb, np.concatenate([turn, shift[:, None]], axis=1), rgb.shape[:2])


def match_colours(
    face: FloatMap, base: FloatMap, mask: FloatMap, rng: np.random.Generator
) -> FloatMap:
    """A face with the mean and spread of the colours of the one below it, or (one in five) not.

    In CIELAB (Reinhard et al., *Color transfer between images*, 2001), over the pixels of the mask.
    """
    if rng.random() > _MATCHED:
        return face
    inside = mask > 0.5
    if inside.sum() < 16:
        return face
    own = cv2.cvtColor(np.clip(face, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB)
    there = cv2.cvtColor(np.clip(base, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB)[inside]
    mean, spread = own[inside].mean(axis=0), own[inside].std(axis=0) + 1e-3
    gain = np.clip(there.std(axis=0) / spread, 0.6, 1.6)
    if rng.random() < 0.3:
        gain = np.ones_like(gain)
    matched = (own - mean) * gain + there.mean(axis=0)
    return np.asarray(cv2.cvtColor(matched.astype(np.float32), cv2.COLOR_LAB2RGB), np.float32)


def blended(base: FloatMap, face: FloatMap, mask: FloatMap, opacity: float) -> FloatMap:
    """`face` over `base`, float32 (H, W, 3), by a mask (H, W) in [0, 1] and an opacity."""
    share = np.float32(opacity) * mask[..., None]
    return np.asarray(base + share * (face - base), np.float32)


def cloned(base: FloatMap, face: FloatMap, mask: FloatMap) -> FloatMap:
    """`face` over `base` by its gradients.

    Pérez, Gangnet and Blake, *Poisson image editing*, SIGGRAPH 2003.

    Shapes as :func:`blended`; what the mask has above one half is replaced. A mask that reaches
    the picture's border is cut off there.
    """
    inside = np.zeros(mask.shape, np.uint8)
    inside[2:-2, 2:-2] = np.where(mask[2:-2, 2:-2] > 0.5, 255, 0)
    rows, columns = np.nonzero(inside)
    if len(rows) < 16:
        return base
    middle = (
        int(columns.min() + columns.max() + 1) // 2,
        int(rows.min() + rows.max() + 1) // 2,
    )
    source, target = (np.round(np.clip(one, 0, 1) * 255).astype(np.uint8) for one in (face, base))
    changed = inside[..., None] > 0
    out = cv2.seamlessClone(source, target, inside, middle, cv2.NORMAL_CLONE)  # writes to `inside`
    return np.where(changed, out.astype(np.float32) / 255, base).astype(np.float32)


def in_bands(base: FloatMap, face: FloatMap, mask: FloatMap, levels: int) -> FloatMap:
    """`face` over `base` frequency by frequency: coarse colours join over a wide seam, fine detail
    over a narrow one.

    Burt and Adelson, *A multiresolution spline with application to image mosaics*, ACM Transactions
    on Graphics 1983.

    Shapes as :func:`blended`.

    Args:
        levels: of the pyramid; 0 for plain blending.
    """
    weight = np.repeat(mask[..., None], 3, axis=2).astype(np.float32)
    ones, others, weights = [base], [face], [weight]
    for _ in range(levels):
        for pyramid in (ones, others, weights):
            pyramid.append(np.asarray(cv2.pyrDown(pyramid[-1]), np.float32))
    joined = ones[-1] + weights[-1] * (others[-1] - ones[-1])
    for level in reversed(range(levels)):
        fine_one, fine_other = (_band(pyramid, level) for pyramid in (ones, others))
        joined = (
            _enlarged(joined, ones[level]) + fine_one + weights[level] * (fine_other - fine_one)
        )
    return np.asarray(np.clip(joined, 0, 1), np.float32)


def _band(pyramid: list[FloatMap], level: int) -> FloatMap:
    return np.asarray(pyramid[level] - _enlarged(pyramid[level + 1], pyramid[level]), np.float32)


def _enlarged(small: FloatMap, like: FloatMap) -> FloatMap:
    size = (like.shape[1], like.shape[0])
    return np.asarray(cv2.pyrUp(small, dstsize=size), np.float32)


def _warped(rgb: FloatMap, matrix: FloatMap, shape: tuple[int, int]) -> FloatMap:
    height, width = shape
    moved = cv2.warpAffine(
        rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved, np.float32)
