"""Halving a picture and going back, with pixel centres where they belong.

A pixel of a level covers exactly 2 x 2 pixels of the level below, so that turning or mirroring the
picture turns or mirrors the pyramid. (``cv2.pyrDown`` keeps every second pixel instead, and so
moves the picture by half a pixel on every level.)
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy.typing as npt

from blurprint.arrays import FloatMap

_PREBLUR: Final = 0.75**0.5
REDUCE_VARIANCE: Final = 1.0
"""Blur that :func:`reduce` adds, in squared pixels of the finer level: 0.75 Gaussian, 0.25 box."""
REDUCE_NOISE: Final = 0.280
"""Factor by which :func:`reduce` shrinks the standard deviation of white noise."""


def halve(image: FloatMap) -> FloatMap:
    """Mean of each 2 x 2 block, float32 (ceil(H / 2), ceil(W / 2)) with any channels."""
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        image = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        height, width = image.shape[:2]
    return cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def reduce(image: FloatMap) -> FloatMap:
    """The next coarser level of `image`, blurred so that little aliases."""
    return halve(cv2.GaussianBlur(image, (7, 7), _PREBLUR))


def enlarge(
    image: npt.NDArray[Any], levels: int, shape: tuple[int, int], interpolation: int
) -> npt.NDArray[Any]:
    """A level of the pyramid at the size (height, width) of the level `levels` below it."""
    if levels == 0:
        return image
    height, width = image.shape[:2]
    factor = 2**levels
    grown = cv2.resize(image, (width * factor, height * factor), interpolation=interpolation)
    return grown[: shape[0], : shape[1]]
