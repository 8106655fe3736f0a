"""Outlines of things: anti-aliased masks of occluders, float32 (S, S) in [0, 1].

A border is one pixel wide, as a sharp border is that pixels integrate over their area.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

_FINE: Final = 4  # shapes are drawn this much larger, then averaged


def smooth_noise(rng: np.random.Generator, size: int, grain: float) -> FloatMap:
    """Smooth random field, float32 (size, size), of mean 0 and deviation about 1.

    Cubic B-splines with normal coefficients on a grid of `grain` pixels, at a random phase.
    """
    cells = int(np.ceil(size / grain)) + 4
    spline_x, spline_y = (
        _cubic_spline(np.arange(size)[:, None] / grain + rng.random() + 1.5 - np.arange(cells))
        for _ in range(2)
    )
    field = spline_y @ rng.standard_normal((cells, cells), np.float32) @ spline_x.T
    return np.asarray(2 * field, np.float32)


def _cubic_spline(x: npt.NDArray[np.floating]) -> FloatMap:
    """The cubic B-spline, 0 beyond a distance of 2."""
    x = np.abs(x)
    inner = 2 / 3 - x * x * (1 - x / 2)
    outer = np.maximum(2 - x, 0) ** 3 / 6
    spline: FloatMap = np.where(x < 1, inner, outer).astype(np.float32)
    return spline


def threshold(field: FloatMap, level: float) -> FloatMap:
    """Where `field` exceeds `level`, anti-aliased: coverage ``clip(distance + 1/2, 0, 1)``.

    The distance to the contour is reckoned from the slope, ``(field - level) / |grad field|``.
    """
    across = cv2.Sobel(field, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(field, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = np.maximum(cv2.magnitude(across, down), 1e-6)
    coverage: FloatMap = np.clip((field - level) / slope + 0.5, 0, 1).astype(np.float32)
    return coverage


def half_plane(rng: np.random.Generator, size: int) -> FloatMap:
    """One straight border at any angle."""
    angle = rng.uniform(0, 2 * np.pi)
    offset = rng.uniform(-0.3, 0.3) * size
    y, x = np.mgrid[:size, :size].astype(np.float32) - np.float32(size / 2)
    distance = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) - np.float32(offset)
    coverage: FloatMap = np.clip(distance + 0.5, 0, 1).astype(np.float32)
    return coverage


def blob(rng: np.random.Generator, size: int) -> FloatMap:
    """A round thing with bays: a radius of a few random harmonics."""
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    radius = np.ones_like(angle)
    for order in range(1, 8):
        amplitude = rng.normal(0, 0.35) / order
        radius += amplitude * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
    radius = np.maximum(radius, 0.15) * rng.uniform(0.18, 0.5) * size
    stretch, turn = rng.uniform(0.6, 1.0), rng.uniform(0, np.pi)
    points = np.stack([radius * np.cos(angle), stretch * radius * np.sin(angle)], axis=1)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = rng.uniform(0.15, 0.85, 2) * size
    return _filled(points @ rotation.T + centre, size)


def polygon(rng: np.random.Generator, size: int) -> FloatMap:
    """A thing of 3 to 7 straight sides."""
    corners = int(rng.integers(3, 8))
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(0.25, 0.65, corners) * size
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _filled(points + rng.uniform(0.2, 0.8, 2) * size, size)


def islands(rng: np.random.Generator, size: int) -> FloatMap:
    """Several things of one size: smooth noise above a level."""
    field = smooth_noise(rng, size, rng.uniform(16, 80))
    return threshold(field, float(np.quantile(field, rng.uniform(0.35, 0.8))))


def twigs(rng: np.random.Generator, size: int) -> FloatMap:
    """Thin things: bent strokes of 1.5 to 9 pixels, and leaves on them."""
    canvas = np.zeros((size * _FINE, size * _FINE), np.uint8)
    for _ in range(int(rng.integers(2, 9))):
        start = rng.uniform(-0.1, 1.1, 2)
        steps = np.cumsum(rng.normal(0, 0.12, (8, 2)) + rng.normal(0, 0.12, 2), axis=0)
        points = np.concatenate([start[None], start + steps]) * size * _FINE
        width = max(1, round(float(rng.uniform(1.5, 9)) * _FINE))
        cv2.polylines(canvas, [np.int32(points)], False, 255, width, cv2.LINE_AA)
        if rng.random() < 0.4:
            for point in points[1:]:
                axes = rng.uniform(2, 10, 2) * _FINE
                centre, turn = (int(point[0]), int(point[1])), float(rng.uniform(0, 180))
                cv2.ellipse(canvas, centre, (int(axes[0]), int(axes[1])), turn, 0, 360, 255, -1)
    return _averaged(canvas, size)


def along_content(rng: np.random.Generator, picture: FloatMap) -> FloatMap:
    """A mask that follows what is in `picture` (S, S, 3): a random mix of its colours, smoothed."""
    mix = rng.normal(0, 1, (1, 3))
    field = cv2.transform(picture, mix)
    field = cv2.GaussianBlur(np.sqrt(np.abs(field)), (0, 0), float(rng.uniform(2, 5)))
    return threshold(field, float(np.quantile(field, rng.uniform(0.3, 0.7))))


OUTLINES: Final[tuple[tuple[Callable[[np.random.Generator, int], FloatMap], float], ...]] = (
    (half_plane, 0.15),
    (blob, 0.37),
    (polygon, 0.18),
    (islands, 0.17),
    (twigs, 0.13),
)
"""Outlines that need no picture, and how often each is drawn."""


def draw_outline(rng: np.random.Generator, size: int) -> FloatMap:
    """One of :data:`OUTLINES`."""
    odds = np.cumsum([share for _, share in OUTLINES])
    return OUTLINES[int(np.searchsorted(odds, rng.random() * odds[-1]))][0](rng, size)


def _filled(points: npt.NDArray[np.floating], size: int) -> FloatMap:
    canvas = np.zeros((size * _FINE, size * _FINE), np.uint8)
    cv2.fillPoly(canvas, [np.int32(points * _FINE)], 255)
    return _averaged(canvas, size)


def _averaged(canvas: npt.NDArray[np.uint8], size: int) -> FloatMap:
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) * np.float32(1 / 255)
