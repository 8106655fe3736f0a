"""Fur and hair: strands that lie nearly one way, as sharp across as anything.

A network that has seen no fur takes it for movement, which draws streaks as well. Strands bend,
cross, end where they like and differ in colour from their neighbours; streaks of one movement share
one shape.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.lab.rendering.shapes import smooth_noise

_FINE: Final = 3
_POINTS: Final = 7
_MOST: Final = 6000
_BITS: Final = 3
"""Of a pixel, in the coordinates that OpenCV draws at."""


def draw_strands(rng: np.random.Generator, size: int) -> FloatMap:
    """A sharp coat of fur or hair, float32 (size, size, 3), linear light in [0, 1].

    Strands of 0.6 to 2.5 px width and 8 to 90 px length, in one coat or in patches of two, along a
    field of directions that turns by 0.1 to 1 radian, each strand off it by 0.03 to 0.3 radian.
    """
    width = float(np.exp(rng.uniform(np.log(0.6), np.log(2.5))))
    longest = float(np.exp(rng.uniform(np.log(20), np.log(90))))
    lengths = rng.uniform(min(8.0, longest / 2), longest, _MOST)
    covers = float(rng.uniform(1.5, 4))
    count = min(_MOST, int(covers * size * size / (width * lengths.mean())) + 1)
    paths = _paths(rng, size, lengths[:count])

    first, second = _coat(rng), _coat(rng)
    patches = smooth_noise(rng, size, rng.uniform(20, 150)) > rng.uniform(-0.5, 0.5)
    canvas = np.empty((size * _FINE, size * _FINE, 3), np.uint8)
    canvas[:] = np.rint(255 * np.clip(first * 0.5, 0, 1))
    spread = float(rng.uniform(0.03, 0.25))
    starts = np.clip(paths[:, 0].astype(int), 0, size - 1)
    base = np.where(patches[starts[:, 1], starts[:, 0], None], first, second)
    tones = base * np.exp(rng.normal(0, 2 * spread, (count, 1))) + rng.normal(
        0, spread / 4, (count, 3)
    )
    tones = np.rint(255 * np.clip(tones, 0, 1))
    thick = max(1, round(width * _FINE))
    for path, tone in zip(np.rint(paths * (_FINE << _BITS)).astype(np.int32), tones, strict=True):
        cv2.polylines(canvas, [path], False, tone.tolist(), thick, cv2.LINE_AA, _BITS)
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    linear = np.square(small.astype(np.float32) * np.float32(1 / 255))
    shade = 1 + np.float32(0.3) * np.tanh(smooth_noise(rng, size, rng.uniform(30, 200)))
    return np.asarray(np.clip(linear * shade[..., None], 0, 1), np.float32)


def _coat(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """A colour of fur in sRGB values: brown, gray, black or white."""
    light = rng.uniform(0.1, 0.9)
    tint = np.array([1.0, rng.uniform(0.7, 1.0), rng.uniform(0.4, 1.0)])
    return np.clip(light * tint ** float(rng.random()), 0.02, 0.98)


def _paths(
    rng: np.random.Generator, size: int, lengths: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Points (x, y) of each strand, (N, points, 2) in pixels."""
    turn = smooth_noise(rng, size, rng.uniform(30, 250)) * np.float32(rng.uniform(0.1, 1))
    off = rng.normal(0, rng.uniform(0.03, 0.3), len(lengths))
    bend = rng.normal(0, rng.uniform(0.0, 0.15), len(lengths))
    main = rng.uniform(0, 2 * np.pi)
    at = rng.uniform(-0.05 * size, 1.05 * size, (len(lengths), 2))
    points = [at]
    for number in range(_POINTS - 1):
        inside = np.clip(at.astype(int), 0, size - 1)
        angle = main + turn[inside[:, 1], inside[:, 0]] + off + number * bend
        step = lengths / (_POINTS - 1)
        at = at + step[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        points.append(at)
    return np.stack(points, axis=1)
