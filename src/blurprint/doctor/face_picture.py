"""A drawing of a face that MTCNN takes for one, so that no photograph of a person is needed."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

RGB8 = npt.NDArray[np.uint8]

SIDE: Final = 320
EYES: Final = ((132.0, 150.0), (188.0, 150.0))
"""(x, y) of both eyes in the picture, pixels."""
_BACKGROUND: Final = (120, 140, 165)
_SKIN: Final = (224, 182, 158)
_HAIR: Final = (60, 42, 32)
_NOISE: Final = 2.0


def draw_face() -> RGB8:
    """The drawing, uint8 (320, 320, 3)."""
    picture = np.full((SIDE, SIDE, 3), _BACKGROUND, np.float32)
    _over(picture, _oval(160, 330, 120, 75), (60, 70, 110))  # shoulders
    _over(picture, _oval(160, 140, 84, 104), _HAIR)
    _over(picture, _oval(160, 245, 36, 50), _darker(0.8))  # neck
    oval = _oval(160, 165, 68, 88)
    _over(picture, oval, _SKIN)
    across = np.clip(np.abs(np.arange(SIDE, dtype=np.float32) - 160) / 68, 0, 1)
    picture *= 1 - 0.25 * across[None, :, None] ** 3 * oval  # cheeks turn away from the light
    for x, y in EYES:
        outwards = 1 if x > 160 else -1
        _over(picture, 0.35 * _oval(x, y, 17, 11, 4), _darker(0.6))
        _over(picture, _oval(x, y, 12, 6.5), (245, 242, 238))
        _over(picture, _oval(x, y, 6, 6.2), (70, 50, 40))
        _over(picture, _oval(x, y, 2.8, 2.8), (10, 10, 10))
        _over(picture, 0.9 * _oval(x, y - 18, 17, 3.6, 2), _HAIR)
        _over(picture, 0.7 * _oval(160 + 7 * outwards, 190, 4.5, 3, 2), _darker(0.45))
    _over(picture, 0.25 * _oval(160, 172, 5, 24, 6), (255, 225, 205))  # bridge of the nose
    _over(picture, 0.3 * _oval(160, 193, 15, 8, 5), _darker(0.7))
    _over(picture, _oval(160, 216, 25, 8, 2), (176, 84, 84))  # mouth
    _over(picture, 0.8 * _oval(160, 215, 23, 1.8, 1.5), (95, 40, 42))
    picture += np.random.default_rng(0).normal(0, _NOISE, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _oval(x: float, y: float, across: float, down: float, soft: float = 1.5) -> FloatMap:
    """An oval with an edge of `soft` pixels, (320, 320, 1) in [0, 1]."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    away = np.hypot((columns - x) / across, (rows - y) / down)
    edge = (1 - away) * min(across, down) / soft + 0.5
    return np.clip(edge, 0, 1)[..., None].astype(np.float32)


def _over(picture: FloatMap, mask: FloatMap, colour: tuple[float, ...]) -> None:
    picture += mask * (np.asarray(colour, np.float32) - picture)


def _darker(share: float) -> tuple[float, ...]:
    return tuple(share * value for value in _SKIN)
