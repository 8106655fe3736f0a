"""What is done to both members of a pair before they are judged: one change at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np

from blurprint.faces.find import RGB8
from blurprint.lab.fakes.codecs import jpeg, video_frame
from blurprint.score.calibration import LOSSLESS

Change = Callable[[RGB8, np.random.Generator], RGB8]
"""From a picture, uint8 (H, W, 3), to the changed one; noise is drawn by the generator."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A change that a picture goes through.

    Attributes:
        name: as tables show it.
        kind: what several of them share: "compression", "size", "noise" or "light".
        change: the change.
        scale: size of the picture afterwards over that before.
        jpeg_quality: of the file afterwards, for the calibration;
            :data:`~blurprint.score.calibration.LOSSLESS` where it is no JPEG.
    """

    name: str
    kind: str
    change: Change
    scale: float = 1.0
    jpeg_quality: float = LOSSLESS


def unchanged(rgb: RGB8, _: np.random.Generator) -> RGB8:
    """The picture itself."""
    return rgb


def smaller(rgb: RGB8, _: np.random.Generator, *, scale: float) -> RGB8:
    """Reduced by the mean over areas."""
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def noisy(rgb: RGB8, rng: np.random.Generator, *, sigma: float) -> RGB8:
    """Gaussian noise of `sigma` levels of 255, independent in every pixel and channel."""
    return _rounded(rgb + sigma * rng.standard_normal(rgb.shape, np.float32))


def in_light(
    rgb: RGB8, _: np.random.Generator, *, gain: tuple[float, float, float], gamma: float = 1.0
) -> RGB8:
    """``gain * value ** gamma`` of every channel, on values of the file in [0, 1], cut at 1."""
    values = (rgb.astype(np.float32) / np.float32(255)) ** np.float32(gamma)
    return _rounded(255 * values * np.array(gain, np.float32))


def _jpeg(rgb: RGB8, _: np.random.Generator, *, quality: int) -> RGB8:
    return jpeg(rgb, quality)


def _h264(rgb: RGB8, _: np.random.Generator, *, crf: int) -> RGB8:
    return video_frame(rgb, crf)


def _rounded(values: np.ndarray) -> RGB8:
    return np.round(np.clip(values, 0, 255)).astype(np.uint8)


AS_IT_IS: Final = "as it is"
CONDITIONS: Final = (
    Condition(AS_IT_IS, "none", unchanged),
    *(
        Condition(f"JPEG {quality}", "compression", partial(_jpeg, quality=quality), 1.0, quality)
        for quality in (95, 75, 50, 30)
    ),
    *(
        Condition(f"H.264 CRF {crf}", "compression", partial(_h264, crf=crf))
        for crf in (18, 23, 28, 35)
    ),
    *(
        Condition(f"scale {scale:g}", "size", partial(smaller, scale=scale), scale)
        for scale in (0.75, 0.5)
    ),
    *(Condition(f"noise {sigma}", "noise", partial(noisy, sigma=sigma)) for sigma in (2, 5, 10)),
    Condition("darker", "light", partial(in_light, gain=(0.6, 0.6, 0.6))),
    Condition("brighter", "light", partial(in_light, gain=(1.4, 1.4, 1.4))),
    Condition("gamma 0.6", "light", partial(in_light, gain=(1, 1, 1), gamma=0.6)),
    Condition("gamma 1.6", "light", partial(in_light, gain=(1, 1, 1), gamma=1.6)),
    Condition("colour cast", "light", partial(in_light, gain=(1.15, 1.0, 0.8))),
)
"""In the order of the tables. Scale 1 is the picture as it is."""
ATTACK: Final = "blur matched"
"""The fakes of :mod:`blurprint.lab.evaluation.faces.blur`, beside the reals as they are."""
BLUR_MEASURED: Final = (AS_IT_IS, "JPEG 50", "H.264 CRF 28", "scale 0.5", ATTACK)
"""Conditions in which blur is measured as well, for what it adds to the detector."""
