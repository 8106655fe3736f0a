"""Changes that a picture meets on its way through the web, drawn for training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import InputError

Change = Callable[[FloatMap, np.random.Generator], FloatMap]

PROBABILITY: Final = 0.5
"""How often each chosen change is made."""


def change_jpeg(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    """JPEG of quality 40 to 95."""
    eight = np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 96))]
    _, code = cv2.imencode(".jpg", eight[..., ::-1], quality)
    decoded = cv2.cvtColor(cv2.imdecode(code, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return decoded.astype(np.float32) * np.float32(1 / 255)


def change_size(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    """Shrunk to 50 to 100 % and enlarged again."""
    height, width = rgb.shape[:2]
    factor = float(rng.uniform(0.5, 1))
    shape = (max(8, round(width * factor)), max(8, round(height * factor)))
    small = cv2.resize(rgb, shape, interpolation=cv2.INTER_AREA)
    return np.clip(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)


def change_blur(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    """A Gaussian of 0.3 to 1.5 px over the whole picture."""
    return cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.3, 1.5)))


def change_noise(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    """White noise of 0.2 to 3 %."""
    spread = np.float32(rng.uniform(0.002, 0.03))
    return np.clip(rgb + spread * rng.standard_normal(rgb.shape, np.float32), 0, 1)


def change_brightness(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    """Brightness by up to 15 % and contrast by up to 20 %."""
    contrast, offset = rng.uniform(0.8, 1.2), rng.uniform(-0.15, 0.15)
    return np.clip((rgb - 0.5) * np.float32(contrast) + np.float32(0.5 + offset), 0, 1)


def change_flip(rgb: FloatMap, rng: np.random.Generator) -> FloatMap:
    """Mirrored left to right."""
    return np.ascontiguousarray(rgb[:, ::-1])


CHANGES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "flip": change_flip,
        "brightness": change_brightness,
        "blur": change_blur,
        "resize": change_size,
        "noise": change_noise,
        "jpeg": change_jpeg,
    }
)
"""Every change by name, in the order in which they are made."""


def check_changes(names: Sequence[str]) -> tuple[str, ...]:
    """`names` in the order in which they are made.

    Raises:
        InputError: if one is unknown.
    """
    for name in names:
        if name not in CHANGES:
            known = ", ".join(CHANGES)
            raise InputError(f'Expected augmentations among {known}, but got "{name}"')
    return tuple(name for name in CHANGES if name in names)


def augment(rgb: FloatMap, names: Sequence[str], rng: np.random.Generator) -> FloatMap:
    """`rgb`, float32 (H, W, 3) in [0, 1], after each named change with :data:`PROBABILITY`."""
    for name in names:
        if rng.random() < PROBABILITY:
            rgb = CHANGES[name](rgb, rng)
    return np.ascontiguousarray(rgb, np.float32)
