"""From the raw number of a detector to a likelihood ratio that the data support.

A likelihood ratio says how many times more probable a detector's output is if a face was pasted in
or regenerated than if it was untouched. It is kept as its logarithm to the base 10. The maps here
are fitted by :mod:`blurprint.lab.measures.ratio_calibration` and stored in the card of a detector.
They need NumPy alone, and give the same number on every run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field, model_validator

from blurprint.errors import InputError
from blurprint.weights.card import Part

LOSSLESS: Final = 100.0
"""JPEG quality that stands for a file without loss."""
_LARGEST: Final = 300
"""Largest log10 of a ratio that a float holds on both sides of 1."""


class LineMap(Part):
    """log10 of the ratio as a straight line of the logit, by logistic regression.

    Attributes:
        kind: "line".
        slope: log10 of the ratio for each unit of the logit, not negative.
        intercept: log10 of the ratio at a logit of 0.
    """

    kind: Literal["line"] = "line"
    slope: float = Field(ge=0)
    intercept: float

    def at(self, logit: float) -> float:
        """log10 of the ratio, without bounds."""
        return self.slope * logit + self.intercept


class KnotMap(Part):
    """log10 of the ratio, piecewise linear and never falling, constant beyond the outer knots.

    Attributes:
        kind: "knots".
        logits: knots, rising.
        log10_lr: log10 of the ratio at each, never falling.
    """

    kind: Literal["knots"] = "knots"
    logits: list[float]
    log10_lr: list[float]

    @model_validator(mode="after")
    def _never_falls(self) -> KnotMap:
        rising = all(np.diff(self.logits) > 0)
        if not self.logits or len(self.logits) != len(self.log10_lr) or not rising:
            raise ValueError("rising knots, `logits`, with a `log10_lr` for each")
        if any(np.diff(self.log10_lr) < 0):
            raise ValueError("values of `log10_lr` that never fall")
        return self

    def at(self, logit: float) -> float:
        """log10 of the ratio, without bounds."""
        return float(np.interp(logit, self.logits, self.log10_lr))


class Calibration(Part):
    """A map from logits to ratios, with the bounds beyond which data support none.

    Attributes:
        map: the map.
        lower: least log10 of a ratio that the data support, at most 0.
        upper: largest, at least 0. Both by Vergeer et al. (2016), see
            :func:`blurprint.lab.measures.ratio_bounds.elub_bounds`.
        reals: faces that it was fitted on, untouched.
        fakes: faces that it was fitted on, pasted in or regenerated.
        real_groups: groups of the untouched, such as people or shots.
        fake_groups: groups of the others.
        without_sign: share of fakes that are taken to leave nothing to be seen. A fake is then one
            of two kinds, one that looks like those it was fitted on and one that looks like a real
            face, and the ratio is ``(1 - without_sign) * LR + without_sign``: what looks real is
            never strong evidence that it is. It is an assumption, not a measurement.

    >>> line = LineMap(slope=0.5, intercept=0.0)
    >>> one = Calibration(
    ...     map=line, lower=-1, upper=1, reals=50, fakes=50, real_groups=50, fake_groups=50
    ... )
    >>> one.log10_lr(1.0), one.log10_lr(40.0)
    (0.5, 1.0)
    >>> round(10 ** one.model_copy(update={"without_sign": 0.5}).log10_lr(-40.0), 2)
    0.55
    """

    map: Annotated[LineMap | KnotMap, Field(discriminator="kind")]
    lower: float = Field(ge=-_LARGEST, le=0)
    upper: float = Field(ge=0, le=_LARGEST)
    reals: int = Field(ge=1)
    fakes: int = Field(ge=1)
    real_groups: int = Field(ge=1)
    fake_groups: int = Field(ge=1)
    without_sign: float = Field(0.0, ge=0, lt=1)

    def log10_lr(self, logit: float) -> float:
        """log10 of the likelihood ratio, with what `without_sign` makes of it.

        Raises:
            InputError: if the logit is NaN or infinite.
        """
        return diluted(self.bounded(logit), self.without_sign)

    def bounded(self, logit: float) -> float:
        """log10 of the ratio as fitted, from `lower` to `upper`; errors as of the other."""
        if not math.isfinite(logit):
            raise InputError(f"Expected a finite logit of the detector, but got {logit}")
        return min(max(self.map.at(float(logit)), self.lower), self.upper)


@dataclass(frozen=True, slots=True)
class Condition:
    """What decides how much a detector can see of a face.

    Attributes:
        face_px: distance between the eyes in pixels of the file.
        jpeg_quality: quality of the file's last compression, from 1 to 100;
            :data:`LOSSLESS` for a file without loss.

    Raises:
        InputError: if a value is out of range or no finite number.
    """

    face_px: float
    jpeg_quality: float = LOSSLESS

    def __post_init__(self) -> None:
        if not (math.isfinite(self.face_px) and self.face_px > 0):
            raise InputError(f"Expected `face_px` to be above 0, but got {self.face_px}")
        if not 1 <= self.jpeg_quality <= LOSSLESS:
            raise InputError(
                f"Expected `jpeg_quality` to be from 1 to 100, but got {self.jpeg_quality}"
            )


class Cell(Part):
    """The calibration of faces of similar size in similarly compressed files.

    Attributes:
        size: place of the range of sizes, 0 for the smallest.
        quality: place of the range of qualities, 0 for the lowest.
        calibration: what was fitted on them.
    """

    size: int = Field(ge=0)
    quality: int = Field(ge=0)
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood ratio, with what it rests on.

    Attributes:
        log10: its logarithm to the base 10. Thresholds are compared with this number, which was
            never rounded on its way to the ratio and back.
        at_bound: "lower" or "upper" where the data support no stronger statement; None otherwise.
        borrowed: whether the calibration is that of faces of another size, or of files compressed
            in another way, because there were too few of this kind.
        without_sign: share of fakes that are assumed to leave nothing to be seen, as in
            :class:`Calibration`; the ratio is never less.

    Raises:
        InputError: if `log10` is NaN, infinite, or beyond what a float holds as a ratio; if
            `without_sign` is not from 0 to below 1.
    """

    log10: float
    at_bound: Literal["lower", "upper"] | None = None
    borrowed: bool = False
    without_sign: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.without_sign < 1:
            raise InputError(
                f"Expected `without_sign` from 0 to below 1, but got {self.without_sign}"
            )
        if not abs(self.log10) <= _LARGEST:  # also refuses NaN
            raise InputError(
                f"Expected log10 of a likelihood ratio within {_LARGEST}, but got {self.log10}"
            )

    @property
    def value(self) -> float:
        """How many times more probable what was measured is if a face was pasted in or regenerated
        than if it was untouched; finite, above 0.
        """
        return float(10.0**self.log10)


class CalibrationTable(Part):
    """Calibrations by the size of the face and the compression of the file.

    Attributes:
        size_borders_px: rising borders between the ranges of :attr:`Condition.face_px`; a border
            belongs to the range above it. Without borders there is one range.
        quality_borders: the same of :attr:`Condition.jpeg_quality`.
        cells: the ranges that data cover; at least one.
        farthest: how many ranges away a calibration may be borrowed from, sizes and qualities
            added; 0 for never.
    """

    size_borders_px: list[float] = Field(default_factory=list)
    quality_borders: list[float] = Field(default_factory=list)
    cells: list[Cell] = Field(min_length=1)
    farthest: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _is_a_table(self) -> CalibrationTable:
        for borders in (self.size_borders_px, self.quality_borders):
            if any(np.diff(borders) <= 0):
                raise ValueError("borders that rise")
        places = [(cell.size, cell.quality) for cell in self.cells]
        if len(set(places)) != len(places):
            raise ValueError("one cell for each range of sizes and qualities")
        if any(
            size > len(self.size_borders_px) or quality > len(self.quality_borders)
            for size, quality in places
        ):
            raise ValueError("cells within the borders")
        return self

    def place(self, condition: Condition) -> tuple[int, int]:
        """Places of the ranges of size and quality, from 0, that a condition belongs to."""
        return (
            int(np.searchsorted(self.size_borders_px, condition.face_px, side="right")),
            int(np.searchsorted(self.quality_borders, condition.jpeg_quality, side="right")),
        )

    def cell(self, condition: Condition) -> Cell | None:
        """The cell of a condition, or the nearest within `farthest` ranges; None beyond.

        Of several at one distance it is that of the smaller faces, then of the lower quality, where
        a detector sees less and ratios are nearer to 1.
        """
        size, quality = self.place(condition)

        def order(cell: Cell) -> tuple[int, int, int]:
            return _steps(cell, size, quality), cell.size, cell.quality

        nearest = min(self.cells, key=order)
        return nearest if _steps(nearest, size, quality) <= self.farthest else None

    def likelihood_ratio(self, logit: float, condition: Condition) -> LikelihoodRatio | None:
        """The likelihood ratio of a detector's output; None where no calibration covers it.

        Args:
            logit: the raw output of the network, before any squashing.
            condition: of the face and its file.

        Raises:
            InputError: if the logit is NaN or infinite.
        """
        if not math.isfinite(logit):
            raise InputError(f"Expected a finite logit of the detector, but got {logit}")
        cell = self.cell(condition)
        if cell is None:
            return None
        calibration = cell.calibration
        fitted, found = calibration.bounded(logit), calibration.log10_lr(logit)
        at_bound: Literal["lower", "upper"] | None = None
        if fitted >= calibration.upper:
            at_bound = "upper"
        if fitted <= calibration.lower:  # both where the data allow no statement: said as "lower"
            at_bound = "lower"
        borrowed = _steps(cell, *self.place(condition)) > 0
        return LikelihoodRatio(found, at_bound, borrowed, calibration.without_sign)


def diluted(log10_lr: float, without_sign: float) -> float:
    """log10 of a ratio when a share of the fakes looks like real faces.

    >>> diluted(2.0, 0.0), round(diluted(-9.0, 0.4), 3)
    (2.0, -0.398)
    """
    if not without_sign:
        return log10_lr
    return math.log10((1 - without_sign) * 10.0**log10_lr + without_sign)


def posterior(likelihood_ratio: float, prior: float) -> float:
    """P(fake) after the evidence, for a stated prior.

    Bayes' rule in odds: p / (1 - p) = LR * prior / (1 - prior).

    Args:
        likelihood_ratio: finite, above 0.
        prior: P(fake) before the evidence, inside (0, 1).

    Raises:
        InputError: if either is out of range.

    >>> posterior(3.0, 0.5), round(posterior(3.0, 0.01), 3)
    (0.75, 0.029)
    """
    ratio = likelihood_ratio
    if not (math.isfinite(ratio) and ratio > 0):
        raise InputError(f"Expected a likelihood ratio above 0 and finite, but got {ratio}")
    checked_prior(prior)
    return ratio * prior / (ratio * prior + (1 - prior))


def checked_prior(prior: float) -> float:
    """The prior itself.

    Raises:
        InputError: unless it is inside (0, 1): no evidence changes a prior of 0 or 1.
    """
    try:
        inside = 0 < prior < 1
    except TypeError:
        inside = False
    if not inside:
        raise InputError(f"Expected `prior` to be inside (0, 1), but got {prior}")
    return prior


def _steps(cell: Cell, size: int, quality: int) -> int:
    return abs(cell.size - size) + abs(cell.quality - quality)
