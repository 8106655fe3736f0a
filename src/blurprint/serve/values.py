"""A map as numbers that a page can read: sigma and confidence in cells, 2 bytes each."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import reduced

VALUES_SIDE: Final = 512
"""Longer side of the cells at most."""
CONFIDENCE_SIDE: Final = 1200
"""Longer side of the picture of the confidence at most, as that of the map."""
_NOTHING: Final = np.float32(1e-6)


def values_of(defocus: DefocusMap, top: float) -> tuple[bytes, dict[str, str | int | float]]:
    """Sigma and confidence in cells: their means, that of sigma weighted by confidence.

    Args:
        defocus: the map.
        top: end of its colour scale, in its unit.

    Returns:
        float16 (2, h, w), little endian, row by row: first sigma in the unit of the map, in pixels
        as measured, then confidence in [0, 1]; both NaN where there is no photograph. And the
        facts: "width" and "height" of the cells; "map_width" and "map_height" of the picture as
        measured; "unit"; "scale", pixels as measured for each native one; "top".
    """
    height, width = defocus.shape
    confidence = reduced(defocus.confidence, VALUES_SIDE).clip(0, 1)
    if defocus.unit == "px" and max(height, width) > VALUES_SIDE:
        weight = defocus.confidence + _NOTHING
        sigma = reduced(defocus.sigma * weight, VALUES_SIDE) / reduced(weight, VALUES_SIDE)
    else:
        sigma = reduced(defocus.sigma, VALUES_SIDE)
    planes = np.stack([sigma, confidence]).clip(None, np.finfo(np.float16).max)
    planes[:, reduced(defocus.mask.astype(np.float32), VALUES_SIDE) < 0.5] = np.nan
    facts: dict[str, str | int | float] = {
        "width": planes.shape[2],
        "height": planes.shape[1],
        "map_width": width,
        "map_height": height,
        "unit": defocus.unit,
        "scale": defocus.scale,
        "top": float(top),
    }
    return planes.astype("<f2").tobytes(), facts


def confidence_png(defocus: DefocusMap) -> bytes:
    """The confidence as a gray picture, black for 0 and white for 1, as PNG."""
    small: FloatMap = reduced(defocus.confidence, CONFIDENCE_SIDE).clip(0, 1)
    done, code = cv2.imencode(".png", np.rint(small * 255).astype(np.uint8))
    if not done:
        raise RuntimeError("OpenCV could not encode a .png picture")
    return code.tobytes()
