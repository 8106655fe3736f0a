"""The step of blur across the outline of a face, against the same outline laid elsewhere."""

from __future__ import annotations

from itertools import product
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.evidence.confident import CONFIDENT
from blurprint.evidence.error import is_beyond
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO, FaceScene, abstained
from blurprint.evidence.wording import more_or_less
from blurprint.faces.face import Face
from blurprint.faces.outline import FACE_HULL, outline
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap

NAME = "face_outline"
TITLE = "Step across the outline"

SIZES: Final = (0.8, 0.9, 1.0, 1.1, 1.2)
"""Sizes of the outline, as factors: where a face was pasted is not known exactly."""
REACH: Final = 0.12
"""Distance from the outline at which blur is compared, in eye distances; at least 2 px."""
POINTS: Final = 96
SECTORS: Final = 8
LEAST_SEEN: Final = 0.15
"""Share of an outline's points that must be measured on both sides."""
SHIFTS: Final = tuple(0.75 * step for step in range(-4, 5))
"""Eye distances, across and down, by which the outline is moved for the comparison."""
OWN: Final = 0.75
"""A shift must be at least this far, across or down, not to see the face's own outline."""
FEWEST: Final = 6
"""Other places that must be measured for a comparison."""

Steps = npt.NDArray[np.float64]


def face_outline(scene: FaceScene) -> Evidence:
    """Mean logarithm of the blur just inside a face's outline over that just outside.

    The outline is the hull of a face from brows to chin, in five sizes of which the mean is taken.
    Positive values mean that the face is more blurred inside. `details` has the median step,
    without its sign, of the same outline elsewhere in the picture ("elsewhere"). The error is the
    scatter of eight sectors of the outline over the root of their number.
    """
    if why := scene.missing():
        return abstained(NAME, TITLE, LOG_RATIO, why)
    means, sectors = [], []
    for size in SIZES:
        steps = outline_steps(scene.defocus, scene.face, size=size)
        if np.isfinite(steps).mean() >= LEAST_SEEN:
            means.append(float(np.nanmean(steps)))
            sectors.append(_sector_means(steps))
    if not means:
        why = "Too little on both sides of the face's outline could be measured."
        return abstained(NAME, TITLE, LOG_RATIO, why)
    value = float(np.mean(means))
    elsewhere = steps_elsewhere(scene.defocus, scene.face)
    error = _scatter(np.stack(sectors))
    natural = float(np.median(np.abs(elsewhere))) if len(elsewhere) >= FEWEST else None
    return Evidence(
        NAME,
        TITLE,
        value=value,
        unit=LOG_RATIO,
        sentence=_sentence(value, error, natural),
        details=frozen({} if natural is None else {"elsewhere": natural}),
        error=error,
    )


def outline_steps(
    defocus: DefocusMap, face: Face, *, size: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)
) -> Steps:
    """Logarithm of the blur inside over that outside at points along a face's outline.

    Args:
        defocus: a map in pixels.
        face: in pixels of the map.
        size: of the outline, as a factor.
        shift: by which it is moved across and down, in pixels.

    Returns:
        float64 (96,), NaN where either side is not measured or not in the picture.
    """
    centre = face.centre + np.array(shift)
    points = _evenly(outline(face, size * np.array(FACE_HULL, np.float32)) + np.array(shift))
    outwards = points - centre
    outwards /= np.maximum(np.hypot(*outwards.T), 1e-6)[:, None]
    reach = max(2.0, REACH * face.eye_distance)
    inside, outside = (_log_blur(defocus, points + side * reach * outwards) for side in (-1, 1))
    return np.asarray(inside - outside, np.float64)


def steps_elsewhere(defocus: DefocusMap, face: Face) -> Steps:
    """Mean steps across the outline of a face laid elsewhere, of each place that is measured."""
    found = []
    for across, down in product(SHIFTS, SHIFTS):
        if max(abs(across), abs(down)) < OWN:
            continue
        shift = (across * face.eye_distance, down * face.eye_distance)
        steps = outline_steps(defocus, face, shift=shift)
        if np.isfinite(steps).mean() >= LEAST_SEEN:
            found.append(float(np.nanmean(steps)))
    return np.array(found)


def _evenly(corners: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Points at equal distances along a closed polygon, (96, 2)."""
    closed = np.concatenate([corners, corners[:1]])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    places = np.linspace(0, along[-1], POINTS, endpoint=False)
    return np.stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _log_blur(defocus: DefocusMap, points: npt.NDArray[np.float64]) -> Steps:
    height, width = defocus.shape
    x, y = np.rint(points).astype(int).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    place = (y.clip(0, height - 1), x.clip(0, width - 1))
    sure = inside & (defocus.confidence[place] >= CONFIDENT)
    return np.where(sure, np.log(np.maximum(defocus.sigma[place], 1e-3)), np.nan)


def _sector_means(steps: Steps) -> Steps:
    """Of each eighth of an outline, NaN where nothing is measured."""
    parts = steps.reshape(SECTORS, -1)
    counts = np.isfinite(parts).sum(axis=1)
    return np.where(counts > 0, np.nansum(parts, axis=1) / np.maximum(counts, 1), np.nan)


def _scatter(sectors: Steps) -> float | None:
    """Standard error of the mean over sectors, (sizes, sectors); None with fewer than two."""
    counts = np.isfinite(sectors).sum(axis=0)
    means = (np.nansum(sectors, axis=0) / np.maximum(counts, 1))[counts > 0]
    return float(np.std(means, ddof=1)) / sqrt(len(means)) if len(means) > 1 else None


def _sentence(value: float, error: float | None, natural: float | None) -> str:
    if is_beyond(value, error):
        text = f"Just inside its outline the face is {more_or_less(value)} blurred than just outside"
    else:
        text = "Across its outline the blur of the face changes by no more than it scatters along it"
    if natural is None:
        return f"{text}; too little else is measured to compare with other places of the picture."
    at = more_or_less(natural).removesuffix(" more")
    return f"{text}; across the same outline laid elsewhere in the picture it changes by {at}."
