"""From a picture to the views of a detector, alike in training and in use."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic.dataclasses import dataclass

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.invalid import STRICT, Names, our_errors
from blurprint.optics.methods import METHODS
from blurprint.photos.check_rgb import ROUNDING, check_rgb
from blurprint.score.views import (
    VIEWS,
    Fit,
    Frequency,
    MapVariant,
    defocus_view,
    frequency_view,
    rgb_view,
)


@our_errors
@dataclass(frozen=True, config=STRICT)
class ViewOptions:
    """How a picture becomes views; it travels with the weights of every detector.

    Attributes:
        views: which, of "rgb", "defocus" and "frequency".
        size: side of the views in pixels.
        fit: how a picture becomes square; see :func:`fit_square`.
        estimator: method of the map.
        variant: of the map; see :func:`defocus_view`.
        frequency: "fft" or "dct"; see :func:`frequency_view`.

    Raises:
        InputError: if a value is of another type, a name unknown, or the size out of range.
    """

    views: Names = ("defocus",)
    size: int = 299
    fit: Fit = "squash"
    estimator: str = "paper"
    variant: MapVariant = "minmax"
    frequency: Frequency = "fft"

    def __post_init__(self) -> None:
        if not self.views or len(set(self.views)) != len(self.views):
            raise InputError(f"Expected `views` to be distinct names, but got {self.views}")
        for name, value, known in (
            *(("views", view, VIEWS) for view in self.views),
            ("estimator", self.estimator, tuple(METHODS)),
        ):
            if value not in known:
                raise InputError(
                    f'Expected `{name}` to be among {", ".join(known)}, but got "{value}"'
                )
        if not 16 <= self.size <= 4096:
            raise InputError(f"Expected `size` to be from 16 to 4096, but got {self.size}")


def square_map(rgb: FloatMap, estimator: str) -> npt.NDArray[np.float16]:
    """The map of a square picture, float16 (S, S), by the method of this name.

    Args:
        rgb: float32 (S, S, 3) in [0, 1].
        estimator: the method.

    Returns:
        The blur, in pixels for metric methods. It is rounded to float16 whether it is kept in a
        cache or not, so that both give the same.
    """
    return METHODS[estimator](rgb).sigma.astype(np.float16)


def make_views(
    options: ViewOptions,
    rgb: FloatMap | None = None,
    sigma: npt.NDArray[np.floating[Any]] | None = None,
) -> dict[str, FloatMap]:
    """The views of a square picture by name, float32 (3, S, S) each, in the order of `options`.

    Args:
        options: which views.
        rgb: float32 (S, S, 3) in [0, 1]; may be left out where only the map is seen.
        sigma: its map, (S, S), as :func:`square_map` gives it; left out, it is estimated if it is
            seen.

    Raises:
        InputError: if a view is made of `rgb`, which is left out; if `rgb` or `sigma` is of another
            size than the views, or holds NaN or infinity; if `rgb` is no float32 in [0, 1], or
            `sigma` of a method in pixels is negative.
    """
    _check(options, rgb, sigma)
    views: dict[str, FloatMap] = {}
    for view in options.views:
        if view == "defocus" and sigma is not None:
            views[view] = defocus_view(sigma.astype(np.float32), options.variant)
        elif rgb is None:
            raise InputError(f"Expected a picture to make the view {view} of, but got none")
        elif view == "defocus":
            estimated = square_map(rgb, options.estimator).astype(np.float32)
            views[view] = defocus_view(estimated, options.variant)
        elif view == "rgb":
            views[view] = rgb_view(rgb)
        else:
            views[view] = frequency_view(rgb, options.frequency)
    return views


def _check(
    options: ViewOptions,
    rgb: FloatMap | None,
    sigma: npt.NDArray[np.floating[Any]] | None,
) -> None:
    square = (options.size, options.size)
    if rgb is not None:
        check_rgb(rgb, ROUNDING)
        if rgb.shape[:2] != square:
            raise InputError(f"Expected `rgb` to be {(*square, 3)}, but got {rgb.shape}")
    if sigma is None:
        return
    if sigma.shape != square:
        raise InputError(f"Expected `sigma` to be {square}, but got {sigma.shape}")
    if not np.isfinite(sigma).all():
        raise InputError("Expected `sigma` to be finite, but it holds NaN or infinity")
    if METHODS[options.estimator].in_pixels and sigma.min() < 0:
        raise InputError("Expected `sigma` in px not to be negative, but it is")
