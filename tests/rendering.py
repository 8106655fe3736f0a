"""Pictures with a known blur, for the tests; made here, from nothing but numbers."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.special import erf

RGB = npt.NDArray[np.float32]

LOW, HIGH = 0.2, 0.8


def _as_rgb(unit: npt.NDArray[np.floating], low: float = LOW, high: float = HIGH) -> RGB:
    gray = (low + (high - low) * unit).astype(np.float32)
    return np.ascontiguousarray(np.repeat(gray[..., None], 3, axis=2))


def hard_step(sigma: float, size: int = 128) -> RGB:
    """A step between two columns of pixels, blurred by a sampled Gaussian (SciPy's)."""
    unit = np.zeros((size, size))
    unit[:, size // 2 :] = 1
    return _as_rgb(ndimage.gaussian_filter(unit, sigma, mode="nearest"))


def analytic_step(sigma: float, size: int = 128, angle: float = 0.0, shift: float = 0.5) -> RGB:
    """A step through a Gaussian lens, sampled at the pixels' centres, at any angle in degrees."""
    y, x = np.mgrid[:size, :size] - size / 2
    turn = np.deg2rad(angle)
    distance = (x + shift) * np.cos(turn) + y * np.sin(turn)
    return _as_rgb(0.5 + 0.5 * erf(distance / (sigma * np.sqrt(2))))


def stripes(sigma: float, width: int, size: int = 320) -> RGB:
    """Upright stripes, each `width` pixels wide, blurred by a sampled Gaussian."""
    unit = np.tile((np.arange(size) // width) % 2, (size // 2, 1)).astype(float)
    return _as_rgb(ndimage.gaussian_filter1d(unit, sigma, axis=1, mode="nearest"))


def degraded(rgb: RGB, *, noise: float, quality: int | None, seed: int = 0) -> RGB:
    """Gaussian noise of this standard deviation, 8 bits, and JPEG of this quality."""
    noisy = rgb + np.random.default_rng(seed).normal(0, noise, rgb.shape)
    eight = np.uint8(np.clip(noisy, 0, 1) * 255 + 0.5)
    if quality is not None:
        _, code = cv2.imencode(".jpg", eight, [cv2.IMWRITE_JPEG_QUALITY, quality])
        eight = cv2.imdecode(code, cv2.IMREAD_COLOR)
    return eight.astype(np.float32) / 255
