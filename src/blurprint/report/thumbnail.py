"""A picture and its map in little, side by side: one colour scale for all pictures there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.optics.map_picture import map_colours

if TYPE_CHECKING:
    from blurprint.report.results import Results

SIDE: Final = 176
"""Longer side of each of the two, in pixels."""
QUALITY: Final = 60

TOP: Final = {"px": 8.0, "map units": 5.0}
"""Blur in the last colour of the scale, by its unit; that of stronger blur is the same."""
TICKS: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)


def place_on_scale(sigma: npt.NDArray[np.floating], unit: str) -> npt.NDArray[np.floating]:
    """Where blur lies on the scale, in [0, 1]: by its square root, so that weak blur is resolved.

    >>> place_on_scale(np.array([0.0, 0.5, 2.0, 100.0]), "px").tolist()
    [0.0, 0.25, 0.5, 1.0]
    """
    share: npt.NDArray[np.floating] = np.sqrt(np.clip(sigma / TOP[unit], 0, 1))
    return share


def thumbnail_webp(report: Results) -> bytes:
    """The photograph and its map, each of at most 176 pixels, left and right, as WebP."""
    defocus = report.defocus
    share = place_on_scale(defocus.sigma, defocus.unit).astype(np.float32)
    colours = map_colours(replace(defocus, sigma=share), 1.0, SIDE)
    height, width = colours.shape[:2]
    small = cv2.resize(report.photo.rgb, (width, height), interpolation=cv2.INTER_AREA)
    photo = np.rint(small * np.float32(255)).clip(0, 255).astype(np.uint8)
    both = np.hstack([photo, colours])[..., ::-1]
    done, code = cv2.imencode(
        ".webp", np.ascontiguousarray(both), (cv2.IMWRITE_WEBP_QUALITY, QUALITY)
    )
    if not done:
        raise RuntimeError("OpenCV could not encode a .webp picture")
    return code.tobytes()
