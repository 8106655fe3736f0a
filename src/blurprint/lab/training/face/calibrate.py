"""From the logits of held-out faces to what the card says: calibration, thresholds, errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.faces.crop import upright_crop
from blurprint.faces.find import RGB8
from blurprint.lab.fakes.pairs import SEEN
from blurprint.lab.fakes.people import Person, read_rgb
from blurprint.lab.measures.coverage_fit import fit_coverage
from blurprint.lab.measures.metric_intervals import intervals, metric_draws
from blurprint.lab.measures.metrics import auc
from blurprint.lab.measures.ratio_calibration import FittedTable, fit_table
from blurprint.lab.measures.ratio_cost import ratio_metrics
from blurprint.lab.measures.ratio_thresholds import fit_thresholds
from blurprint.lab.measures.tally import count, rank_values
from blurprint.lab.training.face.batches import PairStream, as_pictures
from blurprint.lab.training.face.crop_blur import crop_percentile
from blurprint.score.blur_term import BlurTerm
from blurprint.score.calibration import LOSSLESS, Condition
from blurprint.score.face_judge import FaceReading
from blurprint.score.rules import Limits, Rules

# docs/thresholds.md.
SIZES_PX: Final = (32.0, 55.0)
"""Borders between small, middle and large faces: eye distances in pixels of the file."""
# docs/thresholds.md.
QUALITIES: Final = (60.0,)
"""Border between strong and weaker JPEG compression."""
# docs/thresholds.md.
WITHOUT_SIGN: Final = (0.75, 0.6, 0.4)
"""Of small, middle and large faces the share of real-world fakes taken to leave nothing to be seen.

Detectors trained on pseudo-fakes find nearly all pseudo-fakes and far fewer fakes of the wild. If a
share u of the fakes looks like real faces and the others are always found, the AUC is 1 - u / 2:
these shares stand for AUCs of 0.63, 0.7 and 0.8. Published AUCs of such detectors are 0.55 to 0.7
on small faces and 0.9 on large ones. So the shares lie in the middle of what is known for small
faces, and on the careful side for large ones.
"""
LIMITS: Final = Limits(
    smallest_face_px=20.0, least_measured=0.0, lowest_quality=30.0, least_probability=0.9
)
"""The network sees colours and not the map: how much of a face is measured does not limit it."""
# docs/thresholds.md.
BLUR_PX: Final = (32.0, 45.0)
"""Eye distances up to which blur adds nothing to the network's output, and from which on it adds
all: in a smaller face the estimator has too few pixels, and what a swap blurred is gone."""
# docs/thresholds.md.
FALSE_ALARMS: Final = (0.03, 0.01)
"""Largest share of real faces called fake, and called a strong one, in every condition."""
Reader = Callable[[RGB8], FaceReading]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Faces that were held out, as the network judges them.

    Attributes:
        logit: (N,).
        label: (N,) 0 real, 1 fake.
        group: (N,) names.
        kind: (N,) recipe of the fake, or what the real is.
        conditions: N of them.
        features: (N, F).
        percentile: (N,) of the blur of the face among ordinary portraits; NaN where it is unknown.
    """

    logit: npt.NDArray[np.float64]
    label: npt.NDArray[np.int64]
    group: npt.NDArray[np.str_]
    kind: npt.NDArray[np.str_]
    conditions: list[Condition]
    features: npt.NDArray[np.float32]
    percentile: npt.NDArray[np.float64]

    def with_blur(self, term: BlurTerm | None) -> npt.NDArray[np.float64]:
        """Logits with what blur adds to them."""
        if term is None:
            return self.logit
        added = [
            term.at(None if np.isnan(percentile) else float(percentile), condition.face_px)
            for percentile, condition in zip(self.percentile, self.conditions, strict=True)
        ]
        return self.logit + np.array(added)


def judge_held_out(
    read: Reader,
    pairs: Mapping[str, PairStream],
    people: Sequence[Person],
    *,
    each: Callable[[int, int], None] | None = None,
) -> Judged:
    """Logits of both members of all held-out pairs, and of the people as their pictures are.

    Args:
        read: the exported network, as it ships.
        pairs: by recipe.
        people: held out.
        each: called with the number of faces done and of all.
    """
    rows: list[tuple[FaceReading, int, str, str, Condition, float]] = []
    of = sum(2 * len(some) for some in pairs.values()) + len(people)

    def add(crop: RGB8, label: int, group: str, kind: str, condition: Condition) -> None:
        percentile = crop_percentile(crop)
        unknown = float("nan") if percentile is None else percentile
        rows.append((read(crop), label, group, kind, condition, unknown))
        if each is not None:
            each(len(rows), of)

    for recipe, some in pairs.items():
        for place, row in enumerate(some.rows()):
            real, fake = as_pictures(some.held_out(place, 1))
            for label, crop in enumerate((real, fake)):
                condition = _condition(row["eyes"][label], row["codecs"][label])
                add(crop, label, row["group"], recipe if label else "delivered", condition)
    for person in people:
        crop = upright_crop(read_rgb(person.path), person.face, size=SEEN)
        add(crop, 0, person.group, "as it is", Condition(person.face.eye_distance))
    readings, labels, groups, kinds, conditions, percentiles = zip(*rows, strict=True)
    return Judged(
        np.array([one.logit for one in readings], np.float64),
        np.array(labels),
        np.array(groups),
        np.array(kinds),
        list(conditions),
        np.stack([one.features for one in readings]),
        np.array(percentiles, np.float64),
    )


def blur_term(judged: Judged, weight: float) -> BlurTerm | None:
    """What blur adds, for a weight in standard deviations of the logits of real faces."""
    if not weight:
        return None
    spread = float(np.std(judged.logit[judged.label == 0]))
    return BlurTerm(weight=weight * spread, from_px=BLUR_PX[0], full_px=BLUR_PX[1])


def calibrate(
    judged: Judged,
    training_features: npt.NDArray[np.float32],
    groups: Sequence[str],
    blur_weight: float = 0.0,
) -> tuple[Rules, FittedTable]:
    """Calibrations by size and compression, thresholds and coverage.

    Args:
        judged: faces held out.
        training_features: (N, F) of faces of the training side, real and fake, delivered in many
            ways.
        groups: N names.
        blur_weight: as in the settings of the training.
    """
    blur = blur_term(judged, blur_weight)
    found = fit_table(
        judged.with_blur(blur),
        judged.label,
        judged.group,
        judged.conditions,
        size_borders_px=list(SIZES_PX),
        quality_borders=list(QUALITIES),
        farthest=2,
        without_sign=list(WITHOUT_SIGN),
    )
    covered = found.calibrated
    thresholds = fit_thresholds(
        judged.label[covered],
        found.log10_lr[covered],
        judged.group[covered],
        found.place[covered],
        false_alarms=FALSE_ALARMS,
    )
    coverage = fit_coverage(training_features, list(groups), share=0.995)
    return Rules(
        calibrations=found.table,
        thresholds=thresholds,
        limits=LIMITS,
        coverage=coverage,
        blur=blur,
    ), found


def describe(judged: Judged, found: FittedTable, blur: BlurTerm | None = None) -> dict[str, Any]:
    """Errors on held-out faces, as JSON takes them: by recipe, and of the ratios.

    Args:
        judged: faces held out.
        found: their calibrations.
        blur: what blur adds, as these calibrations have it.
    """
    fused = judged.with_blur(blur)
    covered = found.calibrated
    label, ratio, group = judged.label[covered], found.log10_lr[covered], judged.group[covered]
    told: dict[str, Any] = {
        "ratios": {k: v.to_json() for k, v in ratio_metrics(label, ratio, group).items()},
        "recipes": {},
    }
    for recipe in sorted(set(judged.kind[judged.label == 1])):
        rows = (judged.kind == recipe) | (judged.label == 0)
        ranking = rank_values(judged.label[rows], fused[rows])
        drawn = metric_draws(ranking, judged.group[rows], draws=500, seed=0)
        some = intervals(ranking, judged.group[rows], drawn)
        alone = count(rank_values(judged.label[rows], judged.logit[rows]))
        told["recipes"][recipe] = {
            "auc": some["auc"].to_json(),
            "auc_without_blur": auc(alone),
            "fakes": int((judged.kind == recipe).sum()),
        }
    return told


def _condition(eyes: float, codec: str) -> Condition:
    name, _, setting = codec.partition(" ")
    return Condition(eyes, float(setting) if name == "jpeg" else LOSSLESS)
