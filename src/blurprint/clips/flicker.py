"""Whether blur or noise of a face changes against its surround from one frame to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot, sqrt
from typing import Final

import numpy as np

from blurprint.clips.frame_rows import FaceInFrame, Value
from blurprint.evidence import face_inner_ring, face_noise
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO, abstained
from blurprint.evidence.wording import signed_percent, significant
from blurprint.frozen import frozen

LOGIT: Final = "logit"
"""The raw output of the face network, and its unit."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What flickers.

    Attributes:
        name: of the row of evidence.
        title: of the row.
        of: measure of a face whose change is taken, or :data:`LOGIT`.
        what: changes, as a phrase.
        unit: of the change.
    """

    name: str
    title: str
    of: str
    what: str
    unit: str = LOG_RATIO


KINDS: Final = (
    Kind(
        "face_flicker",
        "Flicker of blur",
        face_inner_ring.NAME,
        "the blur of the inner face against its surround",
    ),
    Kind(
        "face_noise_flicker",
        "Flicker of noise",
        face_noise.NAME,
        "the noise of the inner face against its surround",
    ),
    Kind(
        "face_logit_flicker",
        "Flicker of the network",
        LOGIT,
        "the output of the face network",
        LOGIT,
    ),
)
"""In the order of the report. What each is worth, docs/video.md says."""
# The error of a spread from n steps is about 1 / sqrt(n) of it: docs/thresholds.md.
LEAST_STEPS: Final = 4
"""Steps between neighbouring frames that a spread needs."""
_NORMAL: Final = 1.4826
"""Standard deviation of a normal distribution over its median absolute value."""
_SPREAD_ERROR: Final = 1.17
"""Standard error of that estimate of a standard deviation, times the root of the number."""

Step = tuple[float, float | None]


def steps_of(faces: Sequence[FaceInFrame], of: str = face_inner_ring.NAME) -> list[Step]:
    """Change of a measure from each frame of a face to the next frame of the clip.

    Args:
        faces: of one track, in the order of time.
        of: name of the measure, a logarithm of a ratio; or :data:`LOGIT`.

    Returns:
        each change (a difference of logarithms) with the error of the measure in one frame.
    """
    steps: list[Step] = []
    for one, other in pairwise(faces):
        before, after = (_value(face, of) for face in (one, other))
        if other.frame != one.frame + 1 or before.value is None or after.value is None:
            continue
        known = before.error is not None and after.error is not None
        error = hypot(before.error or 0, after.error or 0) / sqrt(2) if known else None
        steps.append((after.value - before.value, error))
    return steps


def _value(face: FaceInFrame, of: str) -> Value:
    return Value(face.logit) if of == LOGIT else face.measures.get(of, Value(None))


def flicker(faces: Sequence[FaceInFrame], kind: Kind = KINDS[0]) -> Evidence:
    """Robust spread of the change of a measure of a face between neighbouring frames.

    Blur changes smoothly while a lens focuses or a head moves; that of a face which was pasted in
    frame by frame need not. The value is the median absolute change times 1.48, which is the
    standard deviation of a normal distribution; `details` has the number of steps, and the same
    spread over the error of the measure in one frame.

    Args:
        faces: of one track, in the order of time.
        kind: of :data:`KINDS`.
    """
    steps = steps_of(faces, kind.of)
    if len(steps) < LEAST_STEPS:
        why = (
            f"Only {len(steps)} pairs of neighbouring frames show {kind.what}; {LEAST_STEPS} are "
            "needed."
        )
        none = "Unknown: there is no value to compare."
        return replace(abstained(kind.name, kind.title, kind.unit, why), no_reference=none)
    changes = np.array([change for change, _ in steps])
    value = _NORMAL * float(np.median(np.abs(changes)))
    errors = [error for _, error in steps if error]
    details = {"steps": float(len(steps))}
    relative = ""
    if errors:
        details["over_error"] = value / float(np.median(errors))
        relative = (
            f", {details['over_error']:.2g} times the scatter of the comparison in a single frame"
        )
    return Evidence(
        kind.name,
        kind.title,
        value=value,
        unit=kind.unit,
        sentence=(
            f"From one frame to the next {kind.what} changes by {_told(value, kind.unit)} as a "
            f"rule ({len(steps)} pairs){relative}."
        ),
        details=frozen(details),
        error=_SPREAD_ERROR * value / sqrt(len(steps)),
        no_reference=(
            "Unknown: too few clips were measured to say what is usual, and it enters neither "
            "score nor label."
        ),
    )


def _told(value: float, unit: str) -> str:
    if unit == LOG_RATIO:
        return signed_percent(value).lstrip("+")
    return f"{significant(value)} (as a logit)"
