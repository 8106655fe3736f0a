"""Grain of any size, colour and strength over a finished picture, and what denoising leaves."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

Picture = npt.NDArray[np.uint8]

STRENGTHS: Final = (0.01, 0.15)
"""Standard deviation of the grain over the full scale, uniform in its logarithm."""
SIZES: Final = (0.5, 3.0)
"""Full width at half maximum of its correlation's root, in pixels, uniform in its logarithm."""
_FWHM: Final = 2.355


class Grain(NamedTuple):
    """Grain of one picture.

    Attributes:
        strength: standard deviation of each channel, in sRGB values (1 = full scale).
        size: of a grain, in pixels; under one pixel the noise is white.
        colour: 0 the same in all channels, 1 independent.
        midtones: whether it is strongest at mid-gray and fades towards black and white, as the
            grain of a film does.
    """

    strength: float
    size: float = 0.5
    colour: float = 0.0
    midtones: bool = False


def draw_grain(rng: np.random.Generator) -> Grain:
    """Grain at random: gray in 35 %, fading in half; see :data:`STRENGTHS` and :data:`SIZES`."""
    return Grain(
        strength=float(np.exp(rng.uniform(*np.log(STRENGTHS)))),
        size=float(np.exp(rng.uniform(*np.log(SIZES)))),
        colour=0.0 if rng.random() < 0.35 else float(rng.uniform(0, 1)),
        midtones=bool(rng.random() < 0.5),
    )


def grain_field(rng: np.random.Generator, shape: tuple[int, int], grain: Grain) -> FloatMap:
    """The grain alone, float32 (H, W, 3), standard deviation 1 in each channel."""
    channels = 4 if grain.colour else 1
    field = rng.standard_normal((*shape, channels), np.float32)
    if grain.size >= 1:
        field = cv2.GaussianBlur(field, (0, 0), grain.size / _FWHM).reshape(field.shape)
    field /= np.maximum(field.std(axis=(0, 1)), 1e-6)
    if not grain.colour:
        return np.repeat(field, 3, axis=2)
    # Independent parts add in variance, so that the mixture keeps its own.
    own = np.float32(grain.colour**0.5)
    return np.sqrt(1 - own**2) * field[..., :1] + own * field[..., 1:]


def with_grain(rgb: Picture, grain: Grain, rng: np.random.Generator) -> Picture:
    """`rgb`, uint8 (H, W, 3), with `grain` added to its sRGB values."""
    value = rgb.astype(np.float32) * np.float32(1 / 255)
    field = grain_field(rng, rgb.shape[:2], grain) * np.float32(grain.strength)
    if grain.midtones:
        field *= np.sqrt(np.maximum(4 * value * (1 - value), 0.04))
    return np.asarray(np.clip((value + field) * 255 + 0.5, 0, 255), np.uint8)


def denoised(rgb: Picture, strength: float, rng: np.random.Generator) -> Picture:
    """`rgb` after one of three filters, set for noise of `strength` (1 = full scale).

    Bilateral 45 %, non-local means 30 %, median of 3 or 5 pixels 25 %. None of them changes the
    true sigma: the lens has not been in focus any less.
    """
    kind, amount = rng.random(), float(rng.uniform(0.6, 2.5)) * strength * 255
    if kind < 0.45:
        return cv2.bilateralFilter(rgb, int(rng.choice((5, 7))), max(2.0, 2 * amount), 2.0)
    if kind < 0.75:
        amount = float(np.clip(amount, 2, 30))
        return cv2.fastNlMeansDenoisingColored(rgb, None, amount, amount, 5, 9)
    return cv2.medianBlur(rgb, 3 if strength < 0.04 or rng.random() < 0.5 else 5)
