"""Screens, charts and drawings are not measured; photographs beside them are."""

from __future__ import annotations

import io

import cv2
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from blurprint import estimate_defocus
from blurprint.hiding.drawn import DRAWN, drawn_parts, is_drawn
from blurprint.lab.evaluation.estimators.stripes import stripes

TEXT = "The quick brown fox measures 12.5 px of blur, or so; (see below) OK / Cancel "
DEJAVU = f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans.ttf"


def screen(size: int, *, dark: bool = False, font: str = "default") -> np.ndarray:
    paper, ink = (30, 225) if dark else (250, 20)
    canvas = Image.new("RGB", (640, 480), (paper, paper, paper))
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, 640, 30), fill=(60, 110, 200))
    letters = ImageFont.load_default(size) if font == "default" else ImageFont.truetype(font, size)
    for top in range(44, 470 - size, int(1.6 * size)):
        draw.text((24, top), TEXT[top % 20 :] * 2, (ink,) * 3, font=letters)
    return np.asarray(canvas)


def chart(kind: int) -> np.ndarray:
    figure = Figure(figsize=(6, 4), dpi=100)
    axes = figure.add_subplot()
    if kind == 0:
        for rate in (0.5, 1, 2):
            axes.plot(np.sin(rate * np.linspace(0, 9, 60)), label=f"rate {rate}")
        axes.legend()
    else:
        axes.bar(range(8), np.arange(8) % 5 + 1)
    axes.set_title("Something by year")
    stored = io.BytesIO()
    figure.savefig(stored, format="png")
    return np.asarray(Image.open(stored).convert("RGB"))


def floats(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(np.float32) / 255


def jpeg(rgb: np.ndarray, quality: int) -> np.ndarray:
    stored = io.BytesIO()
    Image.fromarray(rgb).save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored).convert("RGB"))


@pytest.mark.parametrize("size", [11, 14, 22])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("font", ["default", DEJAVU])
def test_screens_of_text_are_recognised(size, dark, font):
    drawn = screen(size, dark=dark, font=font)
    assert is_drawn(floats(drawn))
    for quality in (95, 80):
        assert is_drawn(floats(jpeg(drawn, quality)))
    for factor in (1.25, 1.5):
        large = cv2.resize(drawn, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        assert is_drawn(floats(large))


@pytest.mark.parametrize("kind", [0, 1])
def test_charts_are_recognised(kind):
    for drawn in (chart(kind), jpeg(chart(kind), 85)):
        assert is_drawn(floats(drawn))


def test_what_is_drawn_says_so():
    for method in ("net", "edge"):
        defocus = estimate_defocus(screen(14), method=method)
        assert defocus.doubt == DRAWN and not defocus.confidence.any()
    assert estimate_defocus(screen(14), method="paper").doubt == ""


def test_a_photograph_in_a_screen_is_measured_and_the_text_is_not():
    shown = screen(14)
    place = (slice(120, 420), slice(230, 600))
    shown = shown.copy()
    shown[place] = cv2.GaussianBlur(data.astronaut()[:300, :370], (0, 0), 1.5)
    assert not is_drawn(floats(shown))
    drawn = drawn_parts(floats(shown))
    assert drawn is not None and drawn[60:400, 20:150].mean() > 0.9 and drawn[place].mean() < 0.1
    trust = estimate_defocus(shown, method="edge").confidence
    assert trust[60:400, 20:150].mean() < 0.05 and trust[place].mean() > 0.2


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
def test_photographs_are_not(name):
    rgb = getattr(data, name)()[..., :3]
    for one in (rgb, cv2.GaussianBlur(rgb, (0, 0), 3), jpeg(rgb, 30)):
        drawn = drawn_parts(floats(one))
        assert not is_drawn(floats(one)) and (drawn is None or drawn.mean() < 0.03)


def test_steps_stripes_and_disks_are_not():
    y, x = np.mgrid[:256, :256].astype(np.float32)
    slanted = np.clip(0.5 * (x - 128) + 0.86 * (y - 128) + 0.5, 0, 1)
    disk = np.clip(60.5 - np.hypot(x - 128, y - 128), 0, 1)
    pictures = [np.repeat(p[..., None], 3, axis=2) for p in (slanted, disk, np.zeros_like(disk))]
    pictures += [cv2.GaussianBlur(p, (0, 0), 2) for p in pictures]
    pictures += [
        np.pad(stripes(width, "disk"), ((0, 96), (0, 0), (0, 0)), "edge") for width in (10, 40)
    ]
    for one in pictures:
        assert not is_drawn(one) and drawn_parts(one) is None
