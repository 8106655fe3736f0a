"""How blur varies over a surface: sigma in pixels, a number or float32 (S, S)."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.lab.rendering.shapes import smooth_noise

MAX_SIGMA: Final = 7.0
"""Strongest blur that is told apart, in pixels: what is drawn beyond counts as this."""
STRONGEST: Final = 20.0
"""Strongest blur that is drawn, in pixels."""


def draw_level(rng: np.random.Generator) -> float:
    """One blur in px: 12 % none, 53 % up to 2, 24 % from 1.5 to 4.5, 8 % from 4 to 7, 3 % to 20."""
    kind = rng.random()
    if kind < 0.12:
        return 0.0
    if kind < 0.65:
        return float(rng.uniform(0, 2))
    if kind < 0.89:
        return float(rng.uniform(1.5, 4.5))
    if kind < 0.97:
        return float(rng.uniform(4, MAX_SIGMA))
    return float(np.exp(rng.uniform(np.log(MAX_SIGMA), np.log(STRONGEST))))


def draw_field(rng: np.random.Generator, size: int, level: float | None = None) -> float | FloatMap:
    """Blur over one surface: constant 30 %, plane 30 %, ramp 14 %, smooth 26 %.

    The circle of confusion is linear in inverse depth, with a sign that the blur loses (Pentland
    1987): planes and smooth fields may pass through focus, where sigma touches zero in a crease.

    Args:
        rng: source of the draw.
        size: side of the map, in pixels.
        level: the blur that the field has at one of its ends; drawn if None.
    """
    first = draw_level(rng) if level is None else level
    kind = rng.random()
    if kind < 0.3:
        return first
    second = draw_level(rng)
    if rng.random() < 0.5:  # most surfaces do not span the whole range of blur
        second = first + float(rng.uniform(0.15, 0.6)) * (second - first)
    if kind < 0.74:
        along = position(rng, size)
        if kind >= 0.6:
            width = float(rng.uniform(6, 80)) / size
            steep = np.minimum((0.5 - along) * np.float32(4 / width), 80)  # beyond, exp overflows
            along = 1 / (1 + np.exp(steep))
    else:
        along = smooth_noise(rng, size, float(rng.uniform(24, 120)))
        along = (along - along.min()) / max(float(np.ptp(along)), 1e-6)
    if rng.random() < 0.3:
        second = -second  # through focus
    field = np.float32(first) + np.float32(second - first) * along
    return np.asarray(np.minimum(np.abs(field), STRONGEST), np.float32)


def position(rng: np.random.Generator, size: int) -> FloatMap:
    """Share of the way across a square in a random direction, float32 (size, size), 0 to 1."""
    angle = rng.uniform(0, 2 * np.pi)
    axis = np.arange(size, dtype=np.float32)
    across = np.float32(np.cos(angle)) * axis[None, :] + np.float32(np.sin(angle)) * axis[:, None]
    return (across - across.min()) / np.ptp(across)
