"""From the readings on held-out renders to the numbers that are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import Mask
from blurprint.lab.evaluation.estimators.held_out import MILD, PictureReading
from blurprint.lab.measures.blur_error import LEVELS_PX, blur_error, rank_correlation
from blurprint.lab.measures.confidence_curve import reliability
from blurprint.lab.measures.interval import Interval
from blurprint.lab.measures.means import ratio_interval
from blurprint.optics.tolerance import tolerance

Values = npt.NDArray[np.floating]

ALL: Final = "all"
MILD_GROUP: Final = "clean and JPEG >= 90"
# A convention: docs/thresholds.md.
BAND: Final = (0.75, 0.85)
"""Confidences of which a share of about 0.8 should be right."""
# Twice TOLERANCE_PX: docs/thresholds.md.
MIN_SPAN_PX: Final = 0.5
"""Span of true blur, 5th to 95th percentile, that a picture needs for a rank correlation."""
EDGE_THIRDS: Final = ("few edges", "some edges", "many edges")


@dataclass(frozen=True, slots=True)
class Errors:
    """Of one method under one condition, in pixels of blur.

    Attributes:
        mean: mean absolute error; interval over scenes.
        textured: mean absolute error where there is texture; NaN where there is none.
        flat: mean absolute error elsewhere.
        weighted: mean absolute error, each pixel weighted by the method's own confidence.
        bias: mean of read minus true.
        rank_correlation: Spearman's rho over all pixels.
        rank_correlation_by_picture: mean of the pictures' own; a constant map counts as 0.
        by_level: mean absolute error in each range of true blur.
    """

    mean: Interval
    textured: float
    flat: float
    weighted: float
    bias: float
    rank_correlation: float
    rank_correlation_by_picture: float
    by_level: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DensityThird:
    """A third of the scenes by their share of strong gradients, over all conditions.

    Attributes:
        name: which third.
        edge_share: mean share of strong gradients.
        true_blur: mean true blur, in pixels.
        mean: by method, mean absolute error in pixels; by level, see `by_level`.
        by_level: by method, mean absolute error in each range of true blur, so that thirds can be
            compared at like blur.
    """

    name: str
    edge_share: float
    true_blur: float
    mean: Mapping[str, float]
    by_level: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Pixels of like confidence: their mean confidence, the share that is right, their number."""

    confidence: float
    share_right: float
    pixels: int


@dataclass(frozen=True, slots=True)
class Headline:
    """Of the pixels with confidence in :data:`BAND`, the share within the tolerance."""

    share_right: Interval
    mean_confidence: float
    pixels: int


@dataclass(frozen=True, slots=True)
class HeldOutErrors:
    """All that is told of held-out renders.

    Attributes:
        pictures: how many were read.
        pixels: how many pixels were compared.
        share_textured: share of them that lies in texture.
        pictures_ranked: how many pictures of the condition "all" have a rank correlation.
        levels_px: borders of the ranges of true blur.
        pixels_by_level: pixels in each.
        errors: by method and condition, and for the groups of conditions.
        constant: by condition, mean absolute error of the best constant, the median of the truth.
        density: thirds of the scenes.
        reliability: by method whose confidence is a probability.
        headline: the same by condition, of those methods.
    """

    pictures: int
    pixels: int
    share_textured: float
    pictures_ranked: int
    levels_px: tuple[float, ...]
    pixels_by_level: tuple[int, ...]
    errors: Mapping[str, Mapping[str, Errors]]
    constant: Mapping[str, float]
    density: tuple[DensityThird, ...]
    reliability: Mapping[str, tuple[ReliabilityBin, ...]]
    headline: Mapping[str, Mapping[str, Headline]]


def summarise(
    readings: Sequence[PictureReading], probabilistic: Sequence[str] = ("net",)
) -> HeldOutErrors:
    """The numbers behind the tables.

    Args:
        readings: at least one.
        probabilistic: methods whose `confidence` is the probability of an error of at most
            :func:`blurprint.optics.tolerance.tolerance`.
    """
    methods = list(readings[0].read)
    groups = _groups(readings)
    true = np.concatenate([r.true for r in readings])
    calibrated = [name for name in methods if name in probabilistic]
    return HeldOutErrors(
        pictures=len(readings),
        pixels=len(true),
        share_textured=float(np.concatenate([r.textured for r in readings]).mean()),
        pictures_ranked=sum(_spans(r) for r in readings),
        levels_px=LEVELS_PX,
        pixels_by_level=tuple(np.histogram(true, LEVELS_PX)[0].tolist()),
        errors={
            name: {group: errors_of(members, name) for group, members in groups.items()}
            for name in methods
        },
        constant={group: _constant(members) for group, members in groups.items()},
        density=density_thirds(readings),
        reliability={name: _bins(readings, name) for name in calibrated},
        headline={
            name: {group: headline(members, name) for group, members in groups.items()}
            for name in calibrated
        },
    )


def errors_of(readings: Sequence[PictureReading], method: str) -> Errors:
    """Errors of one method over some pictures."""
    read = np.concatenate([r.read[method] for r in readings])
    true = np.concatenate([r.true for r in readings])
    weight = np.concatenate([r.confidence[method] for r in readings]).astype(np.float64)
    textured = np.concatenate([r.textured for r in readings])
    error = np.abs(read - true)
    whole = blur_error(read, true)
    ranks = [rank_correlation(r.read[method], r.true) for r in readings if _spans(r)]
    totals, counts = _by_scene(readings, [np.abs(r.read[method] - r.true) for r in readings])
    total = float(weight.sum())
    return Errors(
        mean=ratio_interval(totals, counts),
        textured=_mean(error[textured]),
        flat=_mean(error[~textured]),
        weighted=float(weight @ error) / total if total else float("nan"),
        bias=whole.bias,
        rank_correlation=whole.rank_correlation,
        rank_correlation_by_picture=float(np.mean(np.nan_to_num(ranks))) if ranks else float("nan"),
        by_level=whole.by_level,
    )


def headline(readings: Sequence[PictureReading], method: str) -> Headline:
    """How far confidences of about 0.8 keep their word."""
    inside = [_in_band(r.confidence[method]) for r in readings]
    right = [_right(r, method)[band] for r, band in zip(readings, inside, strict=True)]
    said = np.concatenate([r.confidence[method][b] for r, b in zip(readings, inside, strict=True)])
    totals, counts = _by_scene(readings, right)
    mean = float(said.mean()) if len(said) else float("nan")
    return Headline(ratio_interval(totals, counts), mean, len(said))


def density_thirds(readings: Sequence[PictureReading]) -> tuple[DensityThird, ...]:
    """Errors in thirds of the scenes, from few edges to many; fewer parts if scenes are few."""
    scenes = sorted({(r.edge_share, r.scene) for r in readings})
    thirds = []
    for name, part in zip(EDGE_THIRDS, np.array_split(np.arange(len(scenes)), 3), strict=True):
        chosen = {scenes[place][1] for place in part}
        if not chosen:
            continue
        members = [r for r in readings if r.scene in chosen]
        true = np.concatenate([r.true for r in members])
        errors = {
            method: blur_error(np.concatenate([r.read[method] for r in members]), true)
            for method in members[0].read
        }
        thirds.append(
            DensityThird(
                name,
                float(np.mean([scenes[place][0] for place in part])),
                float(true.mean()),
                {method: error.mean for method, error in errors.items()},
                {method: error.by_level for method, error in errors.items()},
            )
        )
    return tuple(thirds)


def _groups(readings: Sequence[PictureReading]) -> dict[str, list[PictureReading]]:
    """Readings by condition, then the groups of conditions."""
    groups: dict[str, list[PictureReading]] = {}
    for reading in readings:
        groups.setdefault(reading.condition, []).append(reading)
    mild = [r for r in readings if r.condition in MILD]
    if mild:
        groups[MILD_GROUP] = mild
    groups[ALL] = list(readings)
    return groups


def _by_scene(
    readings: Sequence[PictureReading], values: Sequence[npt.NDArray[np.generic]]
) -> tuple[Values, Values]:
    """Sum and number of the values of each scene: its conditions stand and fall together."""
    numbers = np.array([r.scene for r in readings])
    _, place = np.unique(numbers, return_inverse=True)
    totals = np.bincount(place, [float(np.sum(v, dtype=np.float64)) for v in values])
    counts = np.bincount(place, [float(len(v)) for v in values])
    return totals.astype(np.float64), counts.astype(np.float64)


def _mean(values: Values) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _constant(readings: Sequence[PictureReading]) -> float:
    true = np.concatenate([r.true for r in readings])
    return float(np.abs(true - np.median(true)).mean())


def _spans(reading: PictureReading) -> bool:
    if not len(reading.true):
        return False
    low, high = np.quantile(reading.true, (0.05, 0.95))
    return bool(high - low >= MIN_SPAN_PX)


def _in_band(confidence: Values) -> Mask:
    return (confidence >= BAND[0]) & (confidence <= BAND[1])


def _right(reading: PictureReading, method: str) -> Mask:
    read = reading.read[method]
    return np.asarray(np.abs(read - reading.true) <= tolerance(read), np.bool_)


def _bins(readings: Sequence[PictureReading], method: str) -> tuple[ReliabilityBin, ...]:
    said = np.concatenate([r.confidence[method] for r in readings])
    right = np.concatenate([_right(r, method) for r in readings])
    return tuple(ReliabilityBin(*row) for row in reliability(said, right))
