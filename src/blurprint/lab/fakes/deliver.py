"""What happens to a picture on its way to us: the door through which reals and fakes both go.

It is drawn for each picture on its own, whatever its label, so that nothing of it says the label.
It happens at the size at which the picture is delivered, before a face is enlarged for a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.find import RGB8
from blurprint.lab.fakes.codecs import Clip, Video, jpeg, video_frame, webp

EYES: Final = (18.0, 110.0)
"""Eye distances of delivered faces, pixels."""
SCALE: Final = (0.35, 1.0)
_REDUCED: Final = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
_CODECS: Final = {"none": 0.22, "jpeg": 0.38, "h264": 0.24, "hevc": 0.06, "webp": 0.05, "two": 0.05}


@dataclass(frozen=True, slots=True)
class Delivered:
    """A picture as delivered.

    Attributes:
        rgb: uint8 (H, W, 3).
        scale: its size over that before.
        codec: the last codec with its setting, as "jpeg 75", or "none".
    """

    rgb: RGB8
    scale: float
    codec: str


def deliver(rgb: FloatMap, eyes: float, rng: np.random.Generator) -> Delivered:
    """Size, light, softness, noise and codec, drawn.

    Args:
        rgb: float32 (H, W, 3) in [0, 1].
        eyes: eye distance of the face, pixels.
        rng: draws everything.
    """
    low = max(SCALE[0], min(1.0, EYES[0] / eyes))
    high = max(low, min(SCALE[1], EYES[1] / eyes))
    scale = float(np.exp(rng.uniform(np.log(low), np.log(high)))) if rng.random() < 0.8 else high
    height, width = rgb.shape[:2]
    size = (round(width * scale), round(height * scale))
    if scale < 1:
        how = int(rng.choice(_REDUCED, p=(0.5, 0.2, 0.2, 0.1)))
        if how != cv2.INTER_AREA and rng.random() < 0.7:  # most programs blur first
            rgb = cv2.GaussianBlur(rgb, (0, 0), max(0.3, 0.35 / scale - 0.2))
        rgb = cv2.resize(rgb, size, interpolation=how)
    for change, share in _CHANGES:
        if rng.random() < share:
            rgb = change(rgb, rng)
    eight_bits = np.round(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
    eight_bits, codec = _coded(eight_bits, rng)
    return Delivered(eight_bits, size[0] / width, codec)


def _light(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    gamma, gain = float(np.exp(rng.normal(0, 0.2))), float(np.exp(rng.normal(0, 0.12)))
    cast = np.exp(rng.normal(0, 0.05, 3)).astype(np.float32)
    return np.asarray(np.clip(rgb, 0, 1) ** np.float32(gamma) * np.float32(gain) * cast, np.float32)


def _gray(rgb: FloatMap, _: np.random.Generator) -> FloatMap:
    luma = cv2.cvtColor(np.asarray(rgb, np.float32), cv2.COLOR_RGB2GRAY)
    return np.repeat(luma[..., None], 3, axis=2)


def _soft(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.3, 1.2))), np.float32)


def _shaken(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    length, angle = float(rng.uniform(1.5, 5)), float(rng.uniform(0, np.pi))
    kernel = np.zeros((9, 9), np.float32)
    for along in np.linspace(-length / 2, length / 2, 33):
        x, y = 4 + along * np.cos(angle), 4 + along * np.sin(angle)
        kernel[round(y), round(x)] += 1
    kernel = cv2.GaussianBlur(kernel, (0, 0), 0.5)
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum()), np.float32)


def _sharpened(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    soft = cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.6, 1.6)))
    return np.asarray(rgb + float(rng.uniform(0.2, 1.2)) * (rgb - soft), np.float32)


def _noisy(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    level = float(np.exp(rng.uniform(np.log(0.004), np.log(0.035))))
    grain = rng.standard_normal(rgb.shape, np.float32)
    if rng.random() < 0.4:  # without colour
        grain = np.repeat(grain[..., :1], 3, axis=2)
    if rng.random() < 0.4:  # in grains
        grain = cv2.GaussianBlur(grain, (0, 0), 0.7) * 2
    return np.asarray(rgb + level * grain, np.float32)


def _denoised(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    noisy = np.asarray(np.clip(rgb, 0, 1), np.float32)
    return np.asarray(cv2.bilateralFilter(noisy, 5, float(rng.uniform(0.03, 0.1)), 2.0), np.float32)


Change = Callable[[FloatMap, np.random.Generator], FloatMap]
_CHANGES: Final[tuple[tuple[Change, float], ...]] = (
    (_light, 0.5),
    (_gray, 0.06),
    (_soft, 0.2),
    (_shaken, 0.05),
    (_noisy, 0.25),
    (_denoised, 0.08),
    (_sharpened, 0.18),
)
"""What may happen, in this order, and how often it does."""


def _coded(rgb: RGB8, rng: np.random.Generator) -> tuple[RGB8, str]:
    codec = str(rng.choice(list(_CODECS), p=list(_CODECS.values())))
    if codec == "none":
        return rgb, codec
    if codec == "two":
        rgb = jpeg(rgb, int(rng.integers(60, 98)))
        codec = "h264" if rng.random() < 0.5 else "jpeg"
    if codec in ("h264", "hevc"):
        crf = int(rng.integers(18, 36))
        clip = Clip(
            before=int(rng.integers(1, 4)),
            after=int(rng.integers(0, 2)),
            motion=(float(rng.normal(0, 1.2)), float(rng.normal(0, 0.8))),
            between=int(rng.integers(0, 3)),
        )
        name: Video = "h264" if codec == "h264" else "hevc"
        return video_frame(rgb, crf, name, clip=clip), f"{codec} {crf}"
    quality = int(rng.integers(35, 98))
    if codec == "webp":
        return webp(rgb, quality), f"webp {quality}"
    return jpeg(rgb, quality, halved_colour=rng.random() < 0.7), f"jpeg {quality}"
