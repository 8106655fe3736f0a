"""A reduced map as numbers, which the page shows under the cursor without a server."""

from __future__ import annotations

import base64
from typing import Final

import cv2
import numpy as np

from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import MEASURED

GRID_SIDE: Final = 320
"""Longer side of the grid: cells of 6 px of a map of 2,048."""
SIGMA_STEP: Final = 100
"""Steps in which sigma is stored, a unit of the map."""
ABSENT: Final = 255
"""Confidence, otherwise 0 to 100, of what is no photograph."""
_MOST: Final = 65535


def map_grid(defocus: DefocusMap) -> dict[str, str | int]:
    """Sigma and confidence in cells: their means, that of sigma weighted by confidence.

    Returns:
        "width" and "height" of the grid; "step", cells of sigma a unit; "sigma", uint16 little
        endian, and "confidence", uint8 in percent, row by row in base64.
    """
    height, width = defocus.shape
    ratio = min(1.0, GRID_SIDE / max(height, width))
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))

    def mean(
        plane: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return plane if ratio == 1 else cv2.resize(plane, size, interpolation=cv2.INTER_AREA)

    confidence = mean(defocus.confidence).clip(0, 1)
    if defocus.unit == "px" and ratio < 1:
        weight = defocus.confidence + np.float32(1e-6)
        sigma = mean(defocus.sigma * weight) / mean(weight)
    else:
        sigma = mean(defocus.sigma)
    steps = _steps(defocus)
    stored = np.rint(sigma * np.float32(steps)).clip(0, _MOST).astype("<u2")
    percent = np.rint(confidence * 100).astype(np.uint8)
    percent[(confidence < MEASURED) & (percent >= 100 * MEASURED)] -= 1  # not rounded to measured
    percent[mean(defocus.mask.astype(np.float32)) < 0.5] = ABSENT
    return {
        "width": size[0],
        "height": size[1],
        "step": steps,
        "sigma": base64.b64encode(stored.tobytes()).decode("ascii"),
        "confidence": base64.b64encode(percent.tobytes()).decode("ascii"),
    }


def _steps(defocus: DefocusMap) -> int:
    """Hundredths of a pixel; for other units, as many steps as fit into 16 bits."""
    if defocus.unit == "px":
        return SIGMA_STEP
    return max(1, int(_MOST / max(float(defocus.sigma.max()), 1e-6)))
