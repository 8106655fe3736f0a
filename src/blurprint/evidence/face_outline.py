"""The step of blur across the outline of a face, against the same outline laid elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.evidence.confident import CONFIDENT
from blurprint.evidence.error import is_beyond
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO, SECTORS, FaceScene, abstained
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
    scatter of eight parts of the outline over the root of their number.
    """
    if why := scene.missing():
        return abstained(NAME, TITLE, LOG_RATIO, why)
    steps = outline_steps(scene.defocus, scene.face, sizes=SIZES)
    steps = steps[_seen(steps)]
    if not len(steps):
        why = "Too little on both sides of the face's outline could be measured."
        return abstained(NAME, TITLE, LOG_RATIO, why)
    value = float(np.nanmean(steps, axis=1).mean())
    elsewhere = steps_elsewhere(scene.defocus, scene.face)
    error = _scatter(steps)
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
    defocus: DefocusMap,
    face: Face,
    *,
    sizes: Sequence[float] = (1.0,),
    shifts: Sequence[tuple[float, float]] = ((0.0, 0.0),),
) -> Steps:
    """Logarithm of the blur inside over that outside at points along a face's outline.

    Args:
        defocus: a map in pixels.
        face: in pixels of the map.
        sizes: of the outline, as factors.
        shifts: by which it is moved across and down, in eye distances.

    Returns:
        float64 (sizes * shifts, 96), NaN where either side is not measured or not in the picture.
    """
    points = _evenly(outline(face, np.array(FACE_HULL, np.float32)) - face.centre)
    outwards = points / np.maximum(np.hypot(*points.T), 1e-6)[:, None]
    reach = max(2.0, REACH * face.eye_distance)
    moved = face.eye_distance * np.array(shifts, np.float64)[None, :, None]
    laid = np.array(sizes)[:, None, None, None] * points + moved + face.centre
    inside, outside = (_log_blur(defocus, laid + side * reach * outwards) for side in (-1, 1))
    return np.asarray(inside - outside, np.float64).reshape(-1, POINTS)


def steps_elsewhere(defocus: DefocusMap, face: Face) -> Steps:
    """Mean steps across the outline of a face laid elsewhere, of each place that is measured."""
    shifts = [shift for shift in product(SHIFTS, SHIFTS) if max(map(abs, shift)) >= OWN]
    steps = outline_steps(defocus, face, shifts=shifts)
    return np.asarray(np.nanmean(steps[_seen(steps)], axis=1), np.float64)


def _seen(steps: Steps) -> npt.NDArray[np.bool_]:
    """Which outlines are measured well enough."""
    return np.asarray(np.isfinite(steps).mean(axis=1) >= LEAST_SEEN)


def _evenly(corners: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Points at equal distances along a closed polygon, (96, 2)."""
    closed = np.concatenate([corners, corners[:1]])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    places = np.linspace(0, along[-1], POINTS, endpoint=False)
    return np.stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _log_blur(defocus: DefocusMap, points: npt.NDArray[np.float64]) -> Steps:
    height, width = defocus.shape
    places = np.rint(points).astype(int)
    x, y = places[..., 0], places[..., 1]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    place = (y.clip(0, height - 1), x.clip(0, width - 1))
    sure = inside & (defocus.confidence[place] >= CONFIDENT)
    return np.where(sure, np.log(np.maximum(defocus.sigma[place], 1e-3)), np.nan)


def _scatter(steps: Steps) -> float | None:
    """Standard error of the mean over the sectors of an outline; None with fewer than two."""
    parts = steps.reshape(len(steps), SECTORS, -1)
    counts = np.isfinite(parts).sum(axis=(0, 2))
    means = (np.nansum(parts, axis=(0, 2)) / np.maximum(counts, 1))[counts > 0]
    return float(np.std(means, ddof=1)) / sqrt(len(means)) if len(means) > 1 else None


def _sentence(value: float, error: float | None, natural: float | None) -> str:
    if is_beyond(value, error):
        text = (
            f"Just inside its outline the face is {more_or_less(value)} blurred than just outside"
        )
    else:
        text = (
            "Across its outline the blur of the face changes by no more than it scatters along it"
        )
    if natural is None:
        return f"{text}; too little else is measured to compare with other places of the picture."
    at = more_or_less(natural).removesuffix(" more")
    return f"{text}; across the same outline laid elsewhere in the picture it changes by {at}."
