"""A data set whose truth is known: one lens against a region pasted in with another blur.

Real and fake of a pair show the same texture through the same camera. The blur of a real one varies
smoothly over the picture, as over a surface; in its fake an oval region has another blur, as a face
has that was sharpened, smoothed or taken from elsewhere. Nothing but the blur tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.files import write_atomic
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.rendering.dead_leaves import draw_dead_leaves
from blurprint.lab.rendering.scenes import Sources, draw_aperture
from blurprint.lens.camera import Camera, develop
from blurprint.lens.lens import blur_field

Picture = npt.NDArray[np.uint8]

LEAST_DIFFERENCE: Final = 1.0
"""Blur in pixels by which the pasted region differs from its surround at the least."""
_MARGIN: Final = 8
_SHARES: Final = (("train", 0.6), ("val", 0.8), ("test", 1.0))


class RenderedPair(NamedTuple):
    """uint8 (S, S, 3) each, and where the fake is pasted, bool (S, S)."""

    real: Picture
    fake: Picture
    pasted: Mask


def draw_texture(rng: np.random.Generator, size: int, sources: Sources | None) -> FloatMap:
    """A sharp texture, linear light (size, size, 3): a photograph's, or dead leaves without one."""
    return draw_dead_leaves(rng, size) if sources is None else sources.draw(rng, size).linear


def draw_pair(rng: np.random.Generator, texture: FloatMap, size: int) -> RenderedPair:
    """A real and a fake of one texture, `size` pixels squared.

    Args:
        rng: source of every draw.
        texture: linear light (T, T, 3) with T at least ``size + 16``.
        size: side of the pictures, in pixels.
    """
    whole = size + 2 * _MARGIN
    top, left = (int(rng.integers(n - whole + 1)) for n in texture.shape[:2])
    sharp = texture[top : top + whole, left : left + whole]
    field = _smooth_field(rng, whole)
    region = _oval(rng, whole)
    inside = float(field[region > 0.5].mean())
    lighter = inside - LEAST_DIFFERENCE - rng.uniform(0, 1)
    heavier = inside + LEAST_DIFFERENCE + rng.uniform(0, 1)
    other = lighter if lighter > 0 and rng.random() < 0.5 else heavier
    pasted = field + region * (np.float32(other) - field)
    aperture = draw_aperture(rng)
    camera = replace(
        Camera().with_noise(float(rng.uniform(0.001, 0.008))),
        codec="jpeg",
        quality=int(rng.integers(80, 97)),
    )
    noise = int(rng.integers(2**31))
    cut = (slice(_MARGIN, _MARGIN + size), slice(_MARGIN, _MARGIN + size))
    pictures = [
        develop(blur_field(sharp, sigma, aperture), sigma, camera, np.random.default_rng(noise))[0]
        for sigma in (field, pasted)
    ]
    real, fake = (np.ascontiguousarray(picture[cut]) for picture in pictures)
    return RenderedPair(real, fake, region[cut] > 0.5)


def write_pasted_blur(
    out: str | Path,
    *,
    identities: int = 60,
    pairs: int = 5,
    size: int = 160,
    seed: int = 0,
    sources: Sources | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SampleTable:
    """Write ``out/{train,val,test}/{real,fake}/IDENTITY/PAIR.png`` and return the table.

    A texture is an identity; 60 % of the identities are for training, 20 % for validation and 20 %
    for the test, so that no texture straddles. Real and fake of a pair have the same name.

    Args:
        out: where to.
        identities: textures.
        pairs: a real and a fake of each texture, so many times.
        size: side of the pictures, in pixels.
        seed: of all draws.
        sources: where textures come from; every second one is dead leaves,
            and without sources all are.
        progress: called with identities done and wanted.

    Raises:
        OutputError: if a picture cannot be written.
    """
    out = Path(out)
    samples = []
    for identity in range(identities):
        rng = np.random.default_rng([seed, identity])
        own = sources if identity % 2 else None
        texture = draw_texture(rng, round(1.5 * size) + 2 * _MARGIN, own)
        split = next(name for name, end in _SHARES if identity < end * identities)
        for index in range(pairs):
            pair = draw_pair(rng, texture, size)
            for label, (kind, picture) in enumerate((("real", pair.real), ("fake", pair.fake))):
                path = out / split / kind / f"{identity:04d}" / f"{index:02d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(path, cv2.imencode(".png", picture[..., ::-1])[1].tobytes())
                method = "pasted" if label else "real"
                group = f"{identity:04d}"
                samples.append(Sample(str(path), label, method, group, split, str(path)))
        if progress is not None:
            progress(identity + 1, identities)
    return make_table(samples)


def _smooth_field(rng: np.random.Generator, size: int) -> FloatMap:
    """A plane from one blur to another, within 0.3 and 2.8 px."""
    first, second = rng.uniform(0.3, 2.8, 2)
    second = first + rng.uniform(0, 0.6) * (second - first)
    angle = rng.uniform(0, 2 * np.pi)
    axis = np.linspace(-0.5, 0.5, size, dtype=np.float32)
    along = np.cos(angle) * axis[None, :] + np.sin(angle) * axis[:, None]
    share = along / (2 * np.abs(along).max()) + 0.5
    return np.asarray(first + (second - first) * share, np.float32)


def _oval(rng: np.random.Generator, size: int) -> FloatMap:
    """An ellipse that covers a tenth to two fifths of the picture, with a soft border."""
    canvas = np.zeros((size, size), np.float32)
    centre = (rng.uniform(0.35, 0.65, 2) * size).astype(int).tolist()
    axes = (rng.uniform(0.18, 0.3, 2) * size).astype(int).tolist()
    cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.8, 2.0)))
