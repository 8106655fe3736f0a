"""The spectrum of a face by frequency alone, without its places: what a frequency branch sees."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.faces.crop import upright_crop
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8

BANDS: Final = 16
"""Bands of equal width, from the lowest frequency to half a cycle a pixel."""
_SIDE: Final = 128
_WIDTH: Final = 2.6
"""Side of the square in eye distances: the face with its outline."""


def spectrum_of(rgb: RGB8, face: Face) -> tuple[float, ...]:
    """Natural logarithm of the power in bands around the centre of the spectrum.

    The azimuthal average of Durall, Keuper and Keuper (*Watch your up-convolution*, CVPR 2020), of
    the luma of the upright face under a Hann window, less its mean over the bands, so that contrast
    does not count.

    Args:
        rgb: uint8 (H, W, 3).
        face: in pixels of it.

    Returns:
        :data:`BANDS` numbers.
    """
    crop = upright_crop(rgb, face, size=_SIDE, width=_WIDTH)
    luma = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    window = np.hanning(_SIDE)
    power = np.abs(np.fft.fft2((luma - luma.mean()) * np.outer(window, window))) ** 2
    across = np.fft.fftfreq(_SIDE)
    radius = np.hypot(across[:, None], across[None])
    band = np.floor(radius / 0.5 * BANDS).astype(int)
    logs = np.log(
        [power[band == place].mean() + np.finfo(np.float64).tiny for place in range(BANDS)]
    )
    return tuple(float(one) for one in np.round(logs - logs.mean(), 4))
