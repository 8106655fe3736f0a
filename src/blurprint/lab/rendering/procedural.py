"""Sharp pictures made of nothing but numbers: edges of any density, none at all, noise, glyphs.

An estimator that has seen stripes of 5 and of 100 pixels at the same blur does not take close edges
for sharp ones. Everything is anti-aliased by pixel area, and in linear light.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.lab.rendering.dead_leaves import draw_dead_leaves
from blurprint.lab.rendering.shapes import blob, half_plane, islands, polygon, smooth_noise
from blurprint.lab.rendering.strands import draw_strands

STRANDS: Final = 0.22
DEAD_LEAVES: Final = 0.08
BLACK_AND_WHITE: Final = 0.35
_FINE: Final = 4


def draw_procedural(rng: np.random.Generator, size: int) -> FloatMap:
    """A sharp picture, float32 (size, size, 3), linear light in [0, 1].

    Fur and hair 22 %, dead leaves 8 %; of the rest stripes 51 %, outlines 13 %, glyphs and
    checkerboards 11 % each, discs and lines 6 %, noise textures 4 %, shading 3 %. In 35 % of them
    black on white or the reverse, as print is, else two paints, each shaded in half of the draws;
    fur and dead leaves have their own.
    """
    kind = rng.random()
    if kind < STRANDS:
        return draw_strands(rng, size)
    if kind < STRANDS + DEAD_LEAVES:
        return draw_dead_leaves(rng, size)
    odds = np.cumsum([share for _, share in _KINDS])
    mask = _KINDS[int(np.searchsorted(odds, rng.random() * odds[-1]))][0](rng, size)[..., None]
    if rng.random() < BLACK_AND_WHITE:
        first, second = _black_and_white(rng, size)
        return first + mask * (second - first)
    first, second = _paint(rng, size), _paint(rng, size)
    if rng.random() < 0.3:  # low contrast
        second = first + np.float32(rng.uniform(0.05, 0.3)) * (second - first)
    return first + mask * (second - first)


def _paint(rng: np.random.Generator, size: int) -> FloatMap:
    """One colour, gray in a third of the draws, shaded in half of them."""
    colour = rng.random(3, np.float32)
    if rng.random() < 1 / 3:
        colour[:] = colour[0]
    paint = np.broadcast_to(np.square(colour), (size, size, 3))
    if rng.random() < 0.5:
        shade = 1 + np.float32(0.25) * np.tanh(smooth_noise(rng, size, rng.uniform(60, 250)))
        paint = np.minimum(paint * shade[..., None], 1)
    return np.ascontiguousarray(paint, np.float32)


def _black_and_white(rng: np.random.Generator, size: int) -> tuple[FloatMap, FloatMap]:
    """Ink and paper in either order: at most 10 % and at least 50 % of white, half pure white."""
    ink = rng.uniform(0, 0.1) if rng.random() < 0.7 else 0.0
    paper = rng.uniform(0.5, 1) if rng.random() < 0.5 else 1.0
    levels = (ink, paper) if rng.random() < 0.5 else (paper, ink)
    first, second = (np.full((size, size, 3), level, np.float32) for level in levels)
    return first, second


def _wave(rng: np.random.Generator, size: int, angle: float) -> FloatMap:
    """Stripes of 5 to 100 pixels each, two in three of at most 20: pixels' share of a square wave.

    Narrow ones are the hard ones: a lens can leave little but their sine.
    """
    widest = 20 if rng.random() < 2 / 3 else 100
    width = float(np.exp(rng.uniform(np.log(5), np.log(widest))))
    axis = np.arange(size, dtype=np.float32)
    along = np.float32(np.cos(angle)) * axis[None, :] + np.float32(np.sin(angle)) * axis[:, None]
    phase = np.mod(along + np.float32(rng.uniform(0, 2 * width)), np.float32(2 * width))
    # Distance to the nearest border, positive inside the bright stripe.
    distance = np.float32(width / 2) - np.abs(phase - np.float32(width))
    return np.asarray(np.clip(distance + np.float32(0.5), 0, 1), np.float32)


def _any_angle(rng: np.random.Generator) -> float:
    upright = rng.random() < 0.3
    return float(rng.integers(2) * np.pi / 2) if upright else float(rng.uniform(0, np.pi))


def _stripes(rng: np.random.Generator, size: int) -> FloatMap:
    return _wave(rng, size, _any_angle(rng))


def _checkers(rng: np.random.Generator, size: int) -> FloatMap:
    angle = _any_angle(rng)
    one, other = _wave(rng, size, angle), _wave(rng, size, angle + np.pi / 2)
    return one + other - 2 * one * other


def _outline(rng: np.random.Generator, size: int) -> FloatMap:
    kinds = (half_plane, blob, polygon, islands)
    return kinds[int(rng.integers(len(kinds)))](rng, size)


def _glyphs(rng: np.random.Generator, size: int) -> FloatMap:
    canvas = np.zeros((size * _FINE, size * _FINE), np.uint8)
    fonts = (0, 2, 3, 4, 6, 7)  # OpenCV's Hershey fonts
    scale = float(rng.uniform(0.35, 1.6)) * _FINE
    step = int(26 * scale)
    for row in range(step, size * _FINE + step, step):
        text = "".join(chr(int(code)) for code in rng.integers(33, 127, 60))
        font, weight = fonts[int(rng.integers(len(fonts)))], max(1, int(scale * rng.uniform(1, 3)))
        left = -int(rng.integers(step))
        cv2.putText(canvas, text, (left, row), font, scale, 255, weight, cv2.LINE_AA)
    if rng.random() < 0.5:
        centre = (size * _FINE / 2, size * _FINE / 2)
        turn = cv2.getRotationMatrix2D(centre, float(rng.uniform(-45, 45)), 1)
        canvas = cv2.warpAffine(canvas, turn, canvas.shape, borderMode=cv2.BORDER_REFLECT)
    return _averaged(canvas, size)


def _marks(rng: np.random.Generator, size: int) -> FloatMap:
    """Discs, rings and lines."""
    canvas = np.zeros((size * _FINE, size * _FINE), np.uint8)
    for _ in range(int(rng.integers(3, 40))):
        ends = rng.integers(0, size * _FINE, 4)
        start, stop = (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3]))
        width = int(rng.uniform(1, 8) * _FINE)
        if rng.random() < 0.4:
            cv2.line(canvas, start, stop, 255, width, cv2.LINE_AA)
        else:
            filled = -1 if rng.random() < 0.7 else width
            radius = int(np.exp(rng.uniform(np.log(1), np.log(30))) * _FINE)
            cv2.circle(canvas, start, radius, 255, filled, cv2.LINE_AA)
    return _averaged(canvas, size)


def _noise(rng: np.random.Generator, size: int) -> FloatMap:
    """Noise whose power falls as 1 / f^(2 a), a from 0.4 to 1.6; natural textures have about 1."""
    white = np.fft.rfft2(rng.standard_normal((size, size), np.float32))
    y, x = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]
    radius = np.maximum(np.hypot(x, y), 1 / size)
    field = np.fft.irfft2(white * radius ** -rng.uniform(0.4, 1.6), (size, size))
    field *= rng.uniform(0.1, 0.3) / field.std()
    return np.clip(0.5 + field, 0, 1).astype(np.float32)


def _shading(rng: np.random.Generator, size: int) -> FloatMap:
    field = smooth_noise(rng, size, rng.uniform(70, 300))
    return np.asarray((field - field.min()) / max(float(np.ptp(field)), 1e-6), np.float32)


def _averaged(canvas: npt.NDArray[np.uint8], size: int) -> FloatMap:
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) * np.float32(1 / 255)


_KINDS: Final[tuple[tuple[Callable[[np.random.Generator, int], FloatMap], float], ...]] = (
    (_stripes, 0.46),
    (_outline, 0.12),
    (_checkers, 0.10),
    (_glyphs, 0.10),
    (_marks, 0.05),
    (_noise, 0.04),
    (_shading, 0.03),
)
