"""Whether the inner face has the noise of its surround, at equal brightness and contrast."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.evidence.error import is_beyond
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LEAST_PIXELS, LOG_RATIO, TITLES, FaceScene, abstained
from blurprint.evidence.percentiles import median
from blurprint.evidence.wording import more_or_less
from blurprint.faces.faces import is_profile

NAME = "face_noise"
TITLE = "Noise of the inner face"

_KERNEL: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Immerkær, *Fast noise variance estimation*, CVIU 64 (1996): blind to gradients, unit gain."""
SMOOTH: Final = 1.5
"""Sigma in px of the picture that gives brightness and gradient."""
BRIGHTNESS: Final = (16, 44, 72, 100, 128, 156, 184, 212, 240)
"""Bounds of the classes of brightness, of 255; darker and brighter is clipped."""
FEWEST: Final = 40
"""Pixels of both regions that a class needs."""
FEWEST_FLAT: Final = 20
FLOOR: Final = 0.15
"""Added to both levels, of 255: 8 bits hold no less, and it keeps the ratio of nothings at 1."""
LEAST_CLASSES: Final = 2
PAD: Final = 8


def face_noise(scene: FaceScene) -> Evidence:
    """Logarithm of the fine noise of the inner face over that of its surround.

    Noise is the mean absolute response to Immerkær's kernel. Noise grows with light, and detail
    passes for noise, so the two are compared in classes of equal brightness, where the gradient is
    at most the larger of their two medians. The error is the scatter of the classes over the root
    of their number. Negative values mean that the inner face is smoother.
    """
    if why := _missing(scene):
        return abstained(NAME, TITLE, LOG_RATIO, why)
    differences, weights = _by_brightness(scene)
    if len(differences) < LEAST_CLASSES:
        why = "Inner face and surround are too unlike in brightness to compare their noise."
        return abstained(NAME, TITLE, LOG_RATIO, why)
    value = float(np.average(differences, weights=weights))
    scatter = float(np.average((np.array(differences) - value) ** 2, weights=weights))
    error = sqrt(scatter / (len(differences) - 1))
    if is_beyond(value, error):
        sentence = (
            f"At equal brightness the {TITLES['inner']} has {more_or_less(value)} fine noise, or "
            f"detail that passes for it, than the {TITLES['ring']}."
        )
    else:
        sentence = (
            f"At equal brightness the {TITLES['inner']} has the noise of the {TITLES['ring']}, "
            "within the scatter of the comparison."
        )
    return Evidence(NAME, TITLE, value, LOG_RATIO, sentence, error=error)


def _missing(scene: FaceScene) -> str:
    if is_profile(scene.face):
        return "The face is turned to a side, so that its parts are not where they are expected."
    for name in ("inner", "ring"):
        if scene.blurs[name].pixels < LEAST_PIXELS:
            return f"The picture shows next to nothing of the {TITLES[name]}."
    return ""


def _by_brightness(scene: FaceScene) -> tuple[list[float], list[int]]:
    """Logarithms of the ratio of noise in each class of brightness, and their weights, pixels."""
    regions = [mask & scene.photo.mask for mask in (scene.regions.inner, scene.regions.ring)]
    cut = _box(regions[0] | regions[1])
    noise, level, gradient = _levels(scene.photo.rgb[cut])
    sides = [(noise[m], level[m], gradient[m]) for m in (region[cut] for region in regions)]
    differences, weights = [], []
    for low, high in pairwise(BRIGHTNESS):
        picked = []
        for found, bright, steep in sides:
            here = (bright >= low) & (bright < high)
            picked.append((found[here], steep[here]))
        if min(found.size for found, _ in picked) < FEWEST:
            continue
        flat = max(float(median(steep)) for _, steep in picked)
        one, two = (found[steep <= flat] for found, steep in picked)
        if min(one.size, two.size) < FEWEST_FLAT:
            continue
        differences.append(float(np.log((one.mean() + FLOOR) / (two.mean() + FLOOR))))
        weights.append(min(one.size, two.size))
    return differences, weights


def _box(region: Mask) -> tuple[slice, slice]:
    """The rectangle around a region, with a margin for the filters."""
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - PAD), int(rows[-1]) + PAD + 1),
        slice(max(0, int(columns[0]) - PAD), int(columns[-1]) + PAD + 1),
    )


def _levels(rgb: FloatMap) -> tuple[FloatMap, FloatMap, FloatMap]:
    """Noise, brightness and its gradient of every pixel, of 255, float32 (H, W) each."""
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) * np.float32(255)
    noise = np.abs(cv2.filter2D(gray, -1, _KERNEL))
    level = cv2.GaussianBlur(gray, (0, 0), SMOOTH)
    across, down = cv2.Sobel(level, -1, 1, 0), cv2.Sobel(level, -1, 0, 1)
    return noise, level, cv2.magnitude(across, down)
