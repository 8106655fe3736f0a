"""The pixel's own share of blur: between the sigma of the lens and that of the whole spread.

A pixel integrates light over a box one pixel wide, whose variance per axis is ``1/12``. Two sigmas
are in use, both the root of the second moment per axis, averaged over the two axes, in pixels:

- *lens* sigma: what the light is spread by before the pixel integrates it; 0 for a perfect lens.
  The forward model draws it, shards of rendered examples store it.
- *whole* sigma: of the whole spread from scene to pixel, ``whole^2 = lens^2 + 1/12``. It is never
  under 0.289 px, and scales exactly: a picture enlarged twice has twice the whole sigma.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError

PIXEL_VARIANCE: Final = 1 / 12
"""Variance per axis of a box one pixel wide, in square pixels."""
PIXEL_SIGMA: Final = sqrt(PIXEL_VARIANCE)
"""Whole sigma of the sharpest picture there is, in pixels: 0.289."""


def with_pixel(lens_sigma: npt.ArrayLike) -> FloatMap:
    """Whole sigma, float32 of any shape, of the sigma of the lens, both in pixels.

    Raises:
        InputError: if a value is negative or NaN.

    >>> round(float(with_pixel(0.0)), 3), round(float(with_pixel(2.0)), 3)
    (0.289, 2.021)
    """
    lens = np.asarray(lens_sigma, np.float32)
    if not (lens >= 0).all():
        raise InputError("Expected a sigma of at least 0 px everywhere")
    return np.sqrt(np.square(lens) + np.float32(PIXEL_VARIANCE))


def without_pixel(sigma: npt.ArrayLike) -> FloatMap:
    """Sigma of the lens, float32 of any shape, of the whole sigma, both in pixels.

    Under 0.289 px, which no photograph has but an estimate may, it is 0.

    Raises:
        InputError: if a value is negative or NaN.

    >>> round(float(without_pixel(with_pixel(0.5))), 4), float(without_pixel(0.2))
    (0.5, 0.0)
    """
    whole = np.asarray(sigma, np.float32)
    if not (whole >= 0).all():
        raise InputError("Expected a sigma of at least 0 px everywhere")
    return np.sqrt(np.maximum(np.square(whole) - np.float32(PIXEL_VARIANCE), 0))


def whole_sigma(sigma: npt.ArrayLike, kind: str) -> FloatMap:
    """Whole sigma, float32 px of any shape, of what a network gives: "lens" or "whole".

    `kind` is the entry "sigma" of the network's card; cards of before it was written mean "lens".

    Raises:
        InputError: if `kind` is neither, or a value is negative or NaN.

    >>> float(whole_sigma(2.0, "whole")), round(float(whole_sigma(2.0, "lens")), 3)
    (2.0, 2.021)
    """
    if kind == "lens":
        return with_pixel(sigma)
    if kind == "whole":
        return np.asarray(sigma, np.float32)
    raise InputError(f'Expected a sigma of kind "lens" or "whole", but got {kind!r}')
