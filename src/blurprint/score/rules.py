"""All that turns the output of a detector into a label: calibration, thresholds, limits, coverage.

It is stored in the card of a detector, and read with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy.typing as npt
from pydantic import Field, ValidationError, model_validator

from blurprint.errors import InputError
from blurprint.frozen import frozen
from blurprint.invalid import in_words
from blurprint.score.blur_term import BlurTerm
from blurprint.score.calibration import LOSSLESS, CalibrationTable, Condition, LikelihoodRatio
from blurprint.score.coverage import Coverage
from blurprint.weights.card import Card, Part


@dataclass(frozen=True, slots=True)
class Redelivery:
    """What a picture goes through when it is passed on.

    Attributes:
        name: stable identifier, also in sentences.
        scale: by which its sides are multiplied.
        jpeg_quality: with which it is compressed again; None where it is not.
    """

    name: str
    scale: float = 1.0
    jpeg_quality: float | None = None

    def condition(self, before: Condition) -> Condition:
        """The condition of a face afterwards; what a lower quality took away stays away."""
        quality = min(before.jpeg_quality, self.jpeg_quality or LOSSLESS)
        return Condition(before.face_px * self.scale, quality)


REDELIVERIES: Final = (
    Redelivery("JPEG 75", jpeg_quality=75.0),
    Redelivery("scale 0.75", scale=0.75),
)
"""Under each of these a label must stand."""


class Thresholds(Part):
    """log10 of likelihood ratios at which a label changes; a ratio must lie beyond, not on it.

    Made by :func:`blurprint.lab.measures.ratio_thresholds.fit_thresholds`.

    Attributes:
        fake: above it the label is "fake", at least 0.
        strong: above it a fake is a strong one, at least `fake`.
        real: below it the label is "real", at most 0.
        false_alarms: share of the held-out untouched faces above `fake`, of the condition where it
            is largest.
        strong_false_alarms: the same of `strong`.
        missed: share of the held-out fakes below `real`, of the condition where it is largest.
        reals: number of held-out untouched faces.
        real_groups: number of groups of these, such as people.
        fakes: number of held-out fakes.
        fake_groups: number of groups of these.
    """

    fake: float = Field(ge=0)
    strong: float = Field(ge=0)
    real: float = Field(le=0)
    false_alarms: float = Field(ge=0, le=1)
    strong_false_alarms: float = Field(ge=0, le=1)
    missed: float = Field(ge=0, le=1)
    reals: int = Field(ge=1)
    real_groups: int = Field(ge=1)
    fakes: int = Field(ge=1)
    fake_groups: int = Field(ge=1)

    @model_validator(mode="after")
    def _strong_is_stricter(self) -> Thresholds:
        if self.strong < self.fake:
            raise ValueError("`strong` of at least `fake`")
        return self


class Limits(Part):
    """Below these a face is not judged.

    Attributes:
        smallest_face_px: distance between the eyes in pixels of the file.
        least_measured: share of the face in which blur is measured, in [0, 1].
        lowest_quality: JPEG quality, from 1 to 100.
        least_probability: of a face, as its finder says, in [0, 1]: calibration took none below.
    """

    smallest_face_px: float = Field(gt=0)
    least_measured: float = Field(ge=0, le=1)
    lowest_quality: float = Field(ge=1, le=100)
    least_probability: float = Field(0.9, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class FaceFacts:
    """What is known of one face, before it is judged; made by :meth:`Rules.face`.

    Attributes:
        name: which face, as the report calls it ("face 1").
        condition: its size and the compression of its file.
        measured: share of the face in which blur is measured, in [0, 1].
        ratio: likelihood ratio of the detector's output; None where no calibration covers the
            condition, or a limit forbids to judge.
        distance: of its features from those of training; None where the detector has no coverage.
        redelivered: likelihood ratios of the face after each of :data:`REDELIVERIES`, by name;
            None for one that no calibration covers.
        probability: that it is a face, as its finder says, in [0, 1].
    """

    name: str
    condition: Condition
    measured: float
    ratio: LikelihoodRatio | None
    distance: float | None = None
    redelivered: Mapping[str, LikelihoodRatio | None] = field(default_factory=lambda: frozen({}))
    probability: float = 1.0


class Rules(Part):
    """What the card of a detector says of its scores.

    Attributes:
        calibrations: from outputs of the network to likelihood ratios.
        thresholds: from likelihood ratios to labels.
        limits: below which a face is not judged.
        coverage: features of training; None where the network gives none.
        blur: what the blur of a face adds to the network's output; None for nothing.
    """

    calibrations: CalibrationTable
    thresholds: Thresholds
    limits: Limits
    coverage: Coverage | None = None
    blur: BlurTerm | None = None

    def within_limits(
        self, condition: Condition, measured: float, probability: float = 1.0
    ) -> bool:
        """Whether the limits allow to judge a face; no network is needed to know."""
        limits = self.limits
        return (
            probability >= limits.least_probability
            and condition.face_px >= limits.smallest_face_px
            and measured >= limits.least_measured
            and condition.jpeg_quality >= limits.lowest_quality
        )

    def face(
        self,
        name: str,
        condition: Condition,
        measured: float,
        logit: float | None = None,
        features: npt.ArrayLike | None = None,
        redelivered: Mapping[str, float] = frozen({}),
        *,
        probability: float = 1.0,
    ) -> FaceFacts:
        """What is known of one face.

        Args:
            name: which face, as the report calls it.
            condition: its size and the compression of its file.
            measured: share of the face in which blur is measured, in [0, 1].
            logit: raw output of the network; may be left out where a limit forbids to judge
                (:meth:`within_limits`).
            features: of the network; needed with a logit if there is a coverage.
            redelivered: logit of the face after each of :data:`REDELIVERIES`, by name. It may be
                left out for a face that :func:`blurprint.score.policy.reason_before_redelivery`
                gives a reason for.
            probability: that it is a face, as its finder says, in [0, 1].

        Raises:
            InputError: naming the face, if a number is NaN, infinite or out of range, or one that
                is needed is missing.
        """
        if not 0 <= measured <= 1:  # also refuses NaN
            raise InputError(f"{name}: Expected `measured` in [0, 1], but got {measured}")
        if not 0 <= probability <= 1:
            raise InputError(f"{name}: Expected `probability` in [0, 1], but got {probability}")
        if logit is None:
            if self.within_limits(condition, measured, probability):
                raise InputError(f"{name}: Expected a logit of the detector, but got none")
            return FaceFacts(name, condition, measured, None, probability=probability)
        distance = None
        try:
            ratio = self.calibrations.likelihood_ratio(logit, condition)
            if self.coverage is not None:
                if features is None:
                    raise InputError("Expected the features of the network, but got none")
                distance = self.coverage.distance(features)
            passed_on = {
                one.name: self.calibrations.likelihood_ratio(
                    redelivered[one.name], one.condition(condition)
                )
                for one in REDELIVERIES
                if one.name in redelivered
            }
        except InputError as error:
            raise InputError(f"{name}: {error}") from error
        return FaceFacts(name, condition, measured, ratio, distance, frozen(passed_on), probability)


def rules_of(card: Card) -> Rules:
    """The rules in the card of a detector or of the face network, under `rules`.

    Raises:
        InputError: naming the file, and the field that is missing or wrong.
    """
    if "rules" not in card.content:
        raise InputError(f"{card.path}: Expected `rules`, which is missing: it is not calibrated")
    try:
        return Rules.model_validate(card.content["rules"])
    except ValidationError as error:
        raise InputError(f"{card.path}: `rules`: {in_words(error)}") from error
