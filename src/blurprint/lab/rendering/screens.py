"""What is no photograph: screens of text and panels, and bars, frames and captions around one."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blurprint.lab.rendering.frame import Frame, unknown

Colour = tuple[int, int, int]

_LETTERS: Final = "etaoinshrdlucmfwypvbgkjqxzETAOINSHRDLU0123456789.,:;-()/ "
INLAID: Final = 0.35
"""Share of the screens that show a photograph in one of their panels."""


def draw_screen(rng: np.random.Generator, photograph: Frame) -> Frame:
    """A screenshot of the size of `photograph`: panels, thin lines, buttons, text.

    In :data:`INLAID` of them a panel shows `photograph`, whose blur stays known; nothing else is.
    """
    size = len(photograph.sigma)
    dark = rng.random() < 0.35
    paper, ink = ((250, 30), (25, 225))[dark]
    canvas = Image.new("RGB", (size, size), _shade(rng, paper, 8))
    draw = ImageDraw.Draw(canvas)
    for _ in range(int(rng.integers(0, 6))):
        box = _box(rng, size, 0.15, 0.8)
        fill = _shade(rng, paper if rng.random() < 0.7 else int(rng.integers(40, 220)), 40)
        draw.rounded_rectangle(box, int(rng.choice((0, 0, 4, 8))), fill=fill)
        if rng.random() < 0.5:
            draw.rectangle(box, outline=_shade(rng, (paper + ink) // 2, 20))
    for _ in range(int(rng.integers(1, 4))):
        left, top, right, bottom = _box(rng, size, 0.3, 1.0)
        points = int(np.exp(rng.uniform(np.log(8), np.log(30))))
        step = int(points * rng.uniform(1.2, 1.7))
        colour = _shade(rng, ink, 25)
        draw.rectangle((left, top, size, bottom + points), fill=_shade(rng, paper, 6))
        for row in range(top, bottom, max(step, 8)):
            width = int((right - left) / (0.52 * points)) + 1
            draw.text((left, row), _text(rng, width), colour, font=_font(points))
    rgb = np.asarray(canvas).copy()
    if rng.random() >= INLAID:
        return unknown(rgb)
    left, top, right, bottom = _box(rng, size, 0.4, 0.75)
    window = (slice(top, bottom), slice(left, right))
    shown = np.zeros((size, size), np.bool_)
    shown[window] = photograph.known[window]
    rgb[window] = photograph.rgb[window]
    return photograph._replace(rgb=rgb, known=shown)


def draw_overlay(rng: np.random.Generator, frame: Frame) -> Frame:
    """`frame` behind bars (45 %), a frame (30 %), or a caption (25 %), where nothing is known.

    Bars and frames are black or white in two of three, uniform, 3 to 25 % of the side; three in ten
    frames have round corners. A caption is text over the photograph, on a plate in half.
    """
    size = len(frame.sigma)
    cover = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(cover)
    fill = _plain(rng)
    kind = rng.random()
    if kind < 0.45:
        first, second = (int(size * w) for w in rng.uniform(0.03, 0.25, 2))
        if rng.random() < 0.7:
            second = first
        elif rng.random() < 0.5:
            second = 0
        if rng.random() < 0.6:
            bars = [(0, 0, size, first - 1), (0, size - second, size, size)]
        else:
            bars = [(0, 0, first - 1, size), (size - second, 0, size, size)]
        for bar in bars if second else bars[:1]:
            draw.rectangle(bar, fill=255)
    elif kind < 0.75:
        inner = [int(size * w) for w in rng.uniform(0.02, 0.16, 4)]
        if rng.random() < 0.6:
            inner = inner[:1] * 4
        draw.rectangle((0, 0, size, size), fill=255)
        hole = (inner[0], inner[1], size - inner[2], size - inner[3])
        draw.rounded_rectangle(hole, int(rng.integers(4, 30)) if rng.random() < 0.3 else 0, fill=0)
    else:
        return _captioned(rng, frame)
    share = np.asarray(cover, np.float32)[..., None] / 255
    rgb = frame.rgb + share * (np.array(fill, np.float32) - frame.rgb)
    known = frame.known & (share[..., 0] == 0)
    return frame._replace(rgb=(rgb + 0.5).astype(np.uint8), known=known)


def _captioned(rng: np.random.Generator, frame: Frame) -> Frame:
    size = len(frame.sigma)
    canvas = Image.fromarray(frame.rgb)
    touched = Image.new("1", (size, size), 0)
    points = int(np.exp(rng.uniform(np.log(10), np.log(40))))
    left, top = (int(v) for v in rng.uniform(0, 0.6, 2) * size)
    text, font = _text(rng, int(rng.integers(4, 20))), _font(points)
    box = ImageDraw.Draw(canvas).textbbox((left, top), text, font=font)
    grown = (box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3)
    if rng.random() < 0.5:
        ImageDraw.Draw(canvas).rectangle(grown, fill=_plain(rng))
    ImageDraw.Draw(canvas).text((left, top), text, _plain(rng), font=font)
    ImageDraw.Draw(touched).rectangle(grown, fill=1)
    return frame._replace(rgb=np.asarray(canvas).copy(), known=frame.known & ~np.asarray(touched))


@lru_cache(maxsize=64)
def _font(points: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(points)


def _text(rng: np.random.Generator, length: int) -> str:
    return "".join(_LETTERS[int(k)] for k in rng.integers(len(_LETTERS), size=length))


def _box(rng: np.random.Generator, size: int, least: float, most: float) -> tuple[int, ...]:
    """Left, top, right, bottom of a box whose sides are `least` to `most` of the whole."""
    width, height = (int(size * share) for share in rng.uniform(least, most, 2))
    left, top = int(rng.integers(0, size - width + 1)), int(rng.integers(0, size - height + 1))
    return left, top, left + width, top + height


def _shade(rng: np.random.Generator, level: int, spread: float) -> Colour:
    red, green, blue = np.clip(level + rng.normal(0, spread, 3), 0, 255).astype(int).tolist()
    return red, green, blue


def _plain(rng: np.random.Generator) -> Colour:
    kind = rng.random()
    if kind < 0.45:
        return 0, 0, 0
    if kind < 0.67:
        return 255, 255, 255
    return _shade(rng, int(rng.integers(256)), 30)
