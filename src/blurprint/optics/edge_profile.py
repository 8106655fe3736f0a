"""How wide the edges are: the log-curvature of gradient profiles across them.

A step of height A seen through a Gaussian blur of sigma and then smoothed by the scale s has, along
its normal, the gradient profile ``G(x) = A / sqrt(2 pi v) exp(-x^2 / 2 v)`` with
``v = sigma^2 + s^2``. Everywhere on it::

    kappa = -(log G)'' = (G' / G)^2 - G'' / G = 1 / v

so one local derivative of third order gives the width, whatever the contrast, the offset and the
place on the profile, and the known re-blur is subtracted: ``sigma^2 = 1 / kappa - s^2``. This is
the two-scale ratio of Zhuo & Sim (2011) in the limit of equal scales: it reaches only as far as
the derivative kernels do, so that a neighbouring edge disturbs it least. Lindeberg, *Edge
detection and ridge detection with automatic scale selection* (IJCV 1998) has the derivatives.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, pi, sqrt
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

Taps = npt.NDArray[np.float64]


class EdgeProfile(NamedTuple):
    """Gradient across the edge at every pixel, at one scale s; each float32 (H, W).

    Attributes:
        slope: gradient magnitude ``G``, per pixel.
        slope_1: first derivative of ``G`` along the gradient direction.
        slope_2: second derivative of ``G`` along the gradient direction.
        stray: root of the smaller eigenvalue of the local structure tensor, per pixel: the slope
            that noise, texture and corners have across the main direction, 0 on a clean edge.
    """

    slope: FloatMap
    slope_1: FloatMap
    slope_2: FloatMap
    stray: FloatMap


@lru_cache(maxsize=64)
def derivative_taps(scale: float, order: int) -> Taps:
    """Gaussian derivative of `order` 0 to 3 at `scale` pixels, for correlation.

    Sampled, cut at 4 sigma + 1, then corrected so that the response to ``x^order / order!`` is
    exactly 1 and to lower powers exactly 0.
    """
    radius = ceil(4 * scale) + (order > 0)
    x = np.arange(-radius, radius + 1, dtype=np.float64)
    gauss = np.exp(-0.5 * (x / scale) ** 2)
    gauss /= gauss.sum()
    if order == 0:
        taps = gauss
    elif order == 1:
        taps = x * gauss
        taps /= (taps * x).sum()
    elif order == 2:
        taps = (x**2 - scale**2) * gauss
        taps -= gauss * taps.sum()
        taps /= (taps * x**2).sum() / 2
    elif order == 3:
        slope = x * gauss
        taps = (x**3 - 3 * scale**2 * x) * gauss
        taps -= slope * (taps * x).sum() / (slope * x).sum()
        taps /= (taps * x**3).sum() / 6
    else:
        raise ValueError(f"Expected `order` to be 0, 1, 2 or 3, but got {order}")
    taps.setflags(write=False)
    return taps


def edge_profile(image: FloatMap, scale: float, window: int = 9) -> EdgeProfile:
    """Profile of `image` (float32 (H, W)) along the gradient, at `scale` pixels.

    `window` is the side of the square over which the structure tensor is averaged, in pixels.
    """

    def derivative(x_order: int, y_order: int) -> FloatMap:
        return cv2.sepFilter2D(
            image,
            cv2.CV_32F,
            derivative_taps(scale, x_order),
            derivative_taps(scale, y_order),
            borderType=cv2.BORDER_REFLECT_101,
        )

    x, y = derivative(1, 0), derivative(0, 1)
    slope = cv2.magnitude(x, y)
    stray = _stray_slope(x, y, window)
    inverse = 1 / np.maximum(slope, np.float32(1e-12))
    x *= inverse
    y *= inverse
    xx, xy, yy = x * x, x * y, y * y

    slope_1 = xx * derivative(2, 0)
    slope_1 += 2 * xy * derivative(1, 1)
    slope_1 += yy * derivative(0, 2)

    slope_2 = xx * x * derivative(3, 0)
    slope_2 += 3 * xx * y * derivative(2, 1)
    slope_2 += 3 * x * yy * derivative(1, 2)
    slope_2 += yy * y * derivative(0, 3)
    return EdgeProfile(slope, slope_1, slope_2, stray)


def _stray_slope(x: FloatMap, y: FloatMap, window: int) -> FloatMap:
    tensor = cv2.blur(cv2.merge([x * x, y * y, x * y]), (window, window))
    xx, yy, xy = cv2.split(tensor)
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    return np.sqrt(np.maximum(xx + yy - spread, 0) / 2)


def slope_noise(scale: float) -> float:
    """Standard deviation of a gradient component per unit of white noise, in 1 / pixel."""
    return 1 / (sqrt(8 * pi) * scale**2)


def slope_2_noise(scale: float) -> float:
    """Standard deviation of the third derivative per unit of white noise, in 1 / pixel^3."""
    return sqrt(15 / (32 * pi)) / scale**4
