"""Few colours or dots of ink in place of tones: dither, palettes, halftone, nearest neighbours.

What they draw is as sharp as a pixel wherever the lens was: no blur of a lens is defined on it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Picture = npt.NDArray[np.uint8]

# Measured in hiding/palette.py: docs/thresholds.md.
PALETTE_SHOWS: Final = 64
"""Colours of a palette beyond which dither is faint, and the blur under it shows."""


class Dithered(NamedTuple):
    """A picture uint8 (H, W, 3) in few colours, and whether they are so few that blur is hidden."""

    rgb: Picture
    hidden: bool


def draw_dither(rng: np.random.Generator, rgb: Picture) -> Dithered:
    """`rgb` in few colours.

    Ordered dither of 2 to 8 tones a channel 40 %; error diffusion to two tones 8 %, to a palette of
    4 to 256 colours 40 % (as GIF); a palette of 4 to 24 without dither 12 %. A palette of more than
    :data:`PALETTE_SHOWS` colours hides no blur.
    """
    kind = rng.random()
    if kind < 0.4:
        side, levels = int(rng.choice((2, 4, 8))), int(rng.integers(2, 9))
        return Dithered(ordered(rgb, side, levels, rng.random() < 0.3), True)
    picture = Image.fromarray(rgb)
    if kind < 0.48:
        return Dithered(np.asarray(picture.convert("1").convert("RGB")), True)
    flat = kind >= 0.88
    colours = int(np.exp(rng.uniform(np.log(4), np.log(24 if flat else 256))))
    how = Image.Dither.NONE if flat else Image.Dither.FLOYDSTEINBERG
    palette = picture.quantize(colours, Image.Quantize.MEDIANCUT)
    seen = picture.quantize(palette=palette, dither=how).convert("RGB")
    return Dithered(np.asarray(seen), colours <= PALETTE_SHOWS)


def ordered(rgb: Picture, side: int, levels: int, gray: bool = False) -> Picture:
    """`rgb` in `levels` tones a channel by Bayer's matrix (1973) of `side` pixels, a power of 2."""
    matrix = np.zeros((1, 1), np.float32)
    while len(matrix) < side:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    level = (matrix + 0.5) / side**2
    height, width = rgb.shape[:2]
    tiled = np.tile(level, (-(-height // side), -(-width // side)))[:height, :width, None]
    value = rgb.astype(np.float32)
    if gray:
        value[:] = value.mean(axis=2, keepdims=True)
    steps = np.floor(value * np.float32((levels - 1) / 255) + tiled.astype(np.float32))
    return (np.clip(steps, 0, levels - 1) * (255 / (levels - 1)) + 0.5).astype(np.uint8)


def draw_halftone(rng: np.random.Generator, rgb: Picture) -> Picture:
    """`rgb` as dots of ink: a screen of 3 to 9 px at an angle, gray in 40 %, else one a channel."""
    height, width = rgb.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    value = rgb.astype(np.float32) * np.float32(1 / 255)
    if rng.random() < 0.4:
        value[:] = value.mean(axis=2, keepdims=True)
    period, soft = float(rng.uniform(3, 9)), float(rng.uniform(2, 12))
    same = bool(np.ptp(value, axis=2).max() == 0)
    angles = [rng.uniform(0, np.pi)] * 3 if same else rng.uniform(0, np.pi, 3)
    for channel, angle in enumerate(angles):
        across = np.float32(2 * np.pi / period) * (x * np.cos(angle) + y * np.sin(angle))
        down = np.float32(2 * np.pi / period) * (y * np.cos(angle) - x * np.sin(angle))
        screen = 0.5 + 0.25 * (np.cos(across) + np.cos(down))
        value[..., channel] = np.clip(0.5 + soft * (value[..., channel] - screen), 0, 1)
    return (value * 255 + 0.5).astype(np.uint8)


def nearest(rgb: Picture, size: int) -> Picture:
    """`rgb` enlarged to `size` pixels squared by repeating pixels."""
    return cv2.resize(rgb, (size, size), interpolation=cv2.INTER_NEAREST)
