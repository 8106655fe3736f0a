"""Pictures that are hard to measure, drawn from sharp photographs, with their true blur.

Each function takes the random generator of one picture and the sharp sources, and draws one
picture; the same seed and photographs give the same picture.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from blurprint.arrays import FloatMap, Mask
from blurprint.lab.rendering.dither import draw_halftone, ordered
from blurprint.lab.rendering.grain import Grain, with_grain
from blurprint.lab.rendering.motion import Points, draw_path, motion_kernel
from blurprint.lab.rendering.scenes import Sources
from blurprint.lens.camera import Camera, encode, rescaled
from blurprint.lens.lens import DISK, GAUSSIAN, Aperture, blur, sigma_of_disk, to_srgb
from blurprint.photos.photo import Photo, read_photo

Picture = npt.NDArray[np.uint8]

SIZE: Final = 256
"""Side of most pictures, in pixels."""
SHADED_SIZE: Final = 384
BLURRED: Final = 3.0
"""Sigma of the lens in front of grain, in pixels."""
USUAL: Final = 2.0
"""Sigma of the lens where something else is what is hard, in pixels."""
_TRIES: Final = 20
_BAR: Final = 40
_RIM: Final = 2.5  # on both sides of a disk's outline, in pixels


@dataclass(frozen=True, slots=True, eq=False)
class HardPicture:
    """A picture and its truth.

    Attributes:
        photos: what is measured: the picture, or the attitudes of one picture, or the picture in a
            frame and the same without.
        true: sigma of all that blurs before the pixel, in pixels; 0 where none is defined.
        where: bool (H, W), the part of the first photo that counts.
        inner: where the second photo lies in the first, if it is the first without its frame.
    """

    photos: tuple[Photo, ...]
    true: float
    where: Mask
    inner: tuple[slice, slice] | None = None


def sharp(rng: np.random.Generator, sources: Sources, size: int = SIZE) -> tuple[FloatMap, Mask]:
    """A sharp patch in linear light, (size, size, 3), and where it is to be trusted."""
    patch = sources.draw(rng, size)
    return patch.linear, patch.trust > 0.5


def out_of_focus(
    rng: np.random.Generator, sources: Sources, sigma: float, lens: Aperture = DISK
) -> tuple[Picture, Mask]:
    """A photograph through `lens` in 8 bits, and where it is to be trusted."""
    linear, trusted = sharp(rng, sources)
    return _eight_bits(to_srgb(blur(linear, sigma, lens))), trusted


def clean(rng: np.random.Generator, sources: Sources, sigma: float) -> HardPicture:
    """Nothing but a lens."""
    return _one(*out_of_focus(rng, sources, sigma), sigma)


def grainy(rng: np.random.Generator, sources: Sources, strength: float, size: float) -> HardPicture:
    """Grain over blur of :data:`BLURRED`, through a disk or a Gaussian by equal chances."""
    lens = DISK if rng.random() < 0.5 else GAUSSIAN
    rgb, trusted = out_of_focus(rng, sources, BLURRED, lens)
    return _one(with_grain(rgb, Grain(strength, size), rng), trusted, BLURRED)


def shaken(rng: np.random.Generator, sources: Sources, straight: bool) -> HardPicture:
    """A sharp photograph whose camera moved along 9 to 25 px during the exposure."""
    linear, trusted = sharp(rng, sources)
    motion = motion_kernel(shake_path(rng, float(rng.uniform(9, 25)), straight))
    kernel = cv2.flip(motion.kernel, -1)
    moved = cv2.filter2D(linear, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101)
    rgb = _eight_bits(to_srgb(np.maximum(moved, 0)))
    return _one(rgb, trusted, float(np.sqrt(motion.variance)))


def shake_path(rng: np.random.Generator, length: float, straight: bool) -> Points:
    """A path (N, 2) of `length` px: a line at any angle, or a curve whose ends are nearer."""
    while True:
        path = draw_path(rng, length)
        if (np.hypot(*(path[-1] - path[0])) > 0.97 * length) == straight:
            return path


def _without_bars(rng: np.random.Generator, sources: Sources) -> Picture:
    """A blurred photograph that has no bars of its own, which would be cut off with those drawn."""
    for _ in range(_TRIES):
        rgb, _ = out_of_focus(rng, sources, USUAL)
        if not Photo.from_array(rgb).absent:
            return rgb
    return rgb


def barred(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """Even bars above and below."""
    rgb = _without_bars(rng, sources)
    colour = ((0, 0, 0), (255, 255, 255), (70, 80, 90))[int(rng.integers(3))]
    around = (_BAR, _BAR, 0, 0)
    return _framed(cv2.copyMakeBorder(rgb, *around, cv2.BORDER_CONSTANT, value=colour), rgb, around)


def framed(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """An even frame."""
    rgb = _without_bars(rng, sources)
    colour = ((0, 0, 0), (255, 255, 255), (150, 110, 60))[int(rng.integers(3))]
    around = (_BAR // 2,) * 4
    return _framed(cv2.copyMakeBorder(rgb, *around, cv2.BORDER_CONSTANT, value=colour), rgb, around)


def transparent(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """Transparent borders around the photograph."""
    rgb, _ = out_of_focus(rng, sources, USUAL)
    around = (_BAR, _BAR // 2, _BAR // 2, _BAR)
    wide = cv2.copyMakeBorder(rgb, *around, cv2.BORDER_CONSTANT, value=(90, 200, 40))
    alpha = cv2.copyMakeBorder(np.full(rgb.shape[:2], 255, np.uint8), *around, cv2.BORDER_CONSTANT)
    stored = io.BytesIO()
    Image.fromarray(np.dstack([wide, alpha])).save(stored, "PNG")
    picture = _framed(wide, rgb, around)
    return HardPicture(
        (read_photo(stored.getvalue()), picture.photos[1]), 0.0, picture.where, picture.inner
    )


def shaded(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """Round shades 256 to 512 px wide under noise of 1 %: nothing has an edge."""
    del sources
    y, x = np.mgrid[:SHADED_SIZE, :SHADED_SIZE].astype(np.float32)
    value = np.full((SHADED_SIZE, SHADED_SIZE, 3), rng.uniform(0.3, 0.6), np.float32)
    for _ in range(2):
        (left, top), width = rng.uniform(0, SHADED_SIZE, 2), rng.uniform(256, 512)
        hill = np.exp(-2 * (np.square(x - left) + np.square(y - top)) / (width / 2) ** 2)
        value += hill[..., None].astype(np.float32) * rng.uniform(-0.3, 0.3, 3).astype(np.float32)
    value += np.float32(0.01) * rng.standard_normal(value.shape, np.float32)
    return _one(_eight_bits(value), np.ones(value.shape[:2], np.bool_), 0.0)


def lights(rng: np.random.Generator, sources: Sources, dark: bool) -> HardPicture:
    """Clipped disks of 10 to 20 px radius; what counts is the rims."""
    radius = float(rng.uniform(10, 20))
    sigma = sigma_of_disk(radius)
    light = np.zeros((SIZE, SIZE, 3), np.float32)
    rims = np.zeros((SIZE, SIZE), np.bool_)
    inside = np.zeros((SIZE, SIZE), np.bool_)
    y, x = np.mgrid[:SIZE, :SIZE]
    for left, top in rng.integers(20, SIZE - 20, (int(rng.integers(5, 10)), 2)):
        colour = np.array([1.0, rng.uniform(0.6, 1), rng.uniform(0.3, 1)], np.float32)
        # The disk spreads the light of one pixel over its area; its middle is clipped.
        light[top, left] = colour * np.float32(np.pi * radius**2 * rng.uniform(1.5, 4))
        distance = np.hypot(x - left, y - top)
        rims |= np.abs(distance - radius) < _RIM
        inside |= distance < radius - _RIM
    behind = sharp(rng, sources)[0] * np.float32(0.02 if dark else 0.4)
    rgb = _eight_bits(to_srgb(blur(behind + light, sigma, DISK)))
    return _one(rgb, rims & ~inside, sigma)


def few_colours(
    rng: np.random.Generator, sources: Sources, colours: int, dither: bool
) -> HardPicture:
    """A palette, as of a GIF."""
    rgb, trusted = out_of_focus(rng, sources, USUAL)
    picture = Image.fromarray(rgb)
    palette = picture.quantize(colours, Image.Quantize.MEDIANCUT)
    how = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    shown = picture.quantize(palette=palette, dither=how).convert("RGB")
    return _one(np.asarray(shown), trusted, USUAL)


def ordered_dither(rng: np.random.Generator, sources: Sources, quality: int = 0) -> HardPicture:
    """Bayer's dither of 2 to 8 px and 2 to 8 tones, then JPEG of `quality` if that is not 0."""
    rgb, trusted = out_of_focus(rng, sources, USUAL)
    dithered = ordered(rgb, int(rng.choice((2, 4, 8))), int(rng.integers(2, 9)))
    if quality:
        dithered = encode(dithered, Camera(codec="jpeg", quality=quality))
    return _one(dithered, trusted, USUAL)


def halftone(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """The dots of a print."""
    rgb, trusted = out_of_focus(rng, sources, USUAL)
    return _one(draw_halftone(rng, rgb), trusted, USUAL)


def repeated(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """Enlarged by repeating pixels."""
    rgb, trusted = out_of_focus(rng, sources, USUAL / 2)
    factor = float(rng.uniform(1.5, 3))
    side = round(SIZE * factor)
    large = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_NEAREST)
    where = cv2.resize(trusted.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    return _one(large, where > 0, factor * USUAL / 2)


def screenshot(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """Lines of text on even panels; PNG, or JPEG 85 in half."""
    del sources
    paper, ink = ((250, 30), (30, 225))[int(rng.integers(2))]
    canvas = Image.new("RGB", (SHADED_SIZE, SHADED_SIZE), (paper,) * 3)
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, SHADED_SIZE, 28), fill=tuple(int(v) for v in rng.integers(40, 220, 3)))
    points = int(rng.integers(10, 19))
    font = ImageFont.load_default(points)
    letters = list("etaoinshrdlucmfwypvbgkETAOIN0123456789.,:;-()/   ")
    for top in range(36, SHADED_SIZE - points, int(1.5 * points)):
        text = "".join(rng.choice(letters, int(rng.integers(10, 2 * SHADED_SIZE // points))))
        draw.text((12, top), text, (ink,) * 3, font=font)
    rgb = np.asarray(canvas).copy()
    if rng.random() < 0.5:
        rgb = encode(rgb, Camera(codec="jpeg", quality=85))
    return _one(rgb, np.ones(rgb.shape[:2], np.bool_), 0.0)


def attitudes(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """One photograph turned by quarters, and mirrored: eight attitudes."""
    rgb, trusted = out_of_focus(rng, sources, USUAL)
    turned = [np.rot90(one, k) for one in (rgb, rgb[:, ::-1]) for k in range(4)]
    photos = tuple(Photo.from_array(np.ascontiguousarray(one)) for one in turned)
    return HardPicture(photos, USUAL, trusted)


def encoded_twice(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """JPEG 70 twice, the blocks at different phases."""
    rgb, trusted = out_of_focus(rng, sources, USUAL)
    camera = Camera(codec="jpeg", quality=70)
    down, right = (int(v) for v in rng.integers(1, 8, 2))
    cut = (slice(down, None), slice(right, None))
    again = encode(np.ascontiguousarray(encode(rgb, camera)[cut]), camera)
    return _one(again, trusted[cut], USUAL)


def sharpened(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """An unsharp mask of 0.5 to 1.5 times the detail, radius 1 to 2.5 px."""
    rgb, trusted = out_of_focus(rng, sources, USUAL)
    amount, soft = float(rng.uniform(0.5, 1.5)), float(rng.uniform(1, 2.5))
    rgb = cv2.addWeighted(rgb, 1 + amount, cv2.GaussianBlur(rgb, (0, 0), soft), -amount, 0)
    return _one(rgb, trusted, USUAL)


def enlarged(rng: np.random.Generator, sources: Sources) -> HardPicture:
    """Twice as large by cubic interpolation: the truth doubles."""
    rgb, trusted = out_of_focus(rng, sources, USUAL / 2)
    size = (2 * SIZE, 2 * SIZE)
    large = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
    where = cv2.resize(trusted.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    true = float(rescaled(np.full((1, 1), USUAL / 2, np.float32), 2.0, "cubic")[0, 0])
    return _one(large, where, true)


def _one(rgb: Picture, where: Mask, true: float) -> HardPicture:
    return HardPicture((Photo.from_array(np.ascontiguousarray(rgb)),), true, where)


def _framed(wide: Picture, rgb: Picture, around: tuple[int, ...]) -> HardPicture:
    """What counts is the frame; the photograph without it comes second."""
    top, _, left, _ = around
    inner = (slice(top, top + rgb.shape[0]), slice(left, left + rgb.shape[1]))
    frame = np.ones(wide.shape[:2], np.bool_)
    frame[inner] = False
    return HardPicture((Photo.from_array(wide), Photo.from_array(rgb)), 0.0, frame, inner)


def _eight_bits(value: FloatMap) -> Picture:
    return np.asarray(np.clip(value * 255 + 0.5, 0, 255), np.uint8)
