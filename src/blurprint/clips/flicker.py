"""Whether the blur of a face changes against its surround from one frame to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot, sqrt
from typing import Final

import numpy as np

from blurprint.clips.frame_rows import FaceInFrame
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO, abstained
from blurprint.evidence.wording import signed_percent
from blurprint.frozen import frozen

NAME: Final = "face_flicker"
TITLE: Final = "Flicker of the inner face"
# The error of a spread from n steps is about 1 / sqrt(n) of it.
LEAST_STEPS: Final = 4
"""Steps between neighbouring frames that a spread needs."""
_NORMAL: Final = 1.4826
"""Standard deviation of a normal distribution over its median absolute value."""
_SPREAD_ERROR: Final = 1.17
"""Standard error of that estimate of a standard deviation, times the root of the number."""

Step = tuple[float, float | None]


def steps_of(faces: Sequence[FaceInFrame]) -> list[Step]:
    """Change of the blur difference from each frame of a face to the next frame of the clip.

    Args:
        faces: of one track, in the order of time.

    Returns:
        each change (a difference of logarithms) with the error of the difference in one frame.
    """
    steps: list[Step] = []
    for one, other in pairwise(faces):
        before, after = one.difference, other.difference
        if other.frame != one.frame + 1 or before.value is None or after.value is None:
            continue
        known = before.error is not None and after.error is not None
        error = hypot(before.error or 0, after.error or 0) / sqrt(2) if known else None
        steps.append((after.value - before.value, error))
    return steps


def flicker(faces: Sequence[FaceInFrame]) -> Evidence:
    """Robust spread of the change of (inner face - surround) between neighbouring frames.

    Blur changes smoothly while a lens focuses or a head moves: of a face that was pasted in frame
    by frame it need not. The value is the median absolute change times 1.48, the standard deviation
    of a normal distribution; `details` has the number of steps, and the same spread over the error
    of the difference in one frame.

    Args:
        faces: of one track, in the order of time.
    """
    steps = steps_of(faces)
    if len(steps) < LEAST_STEPS:
        why = (
            f"Only {len(steps)} pairs of neighbouring frames show the blur of inner face and "
            f"surround; {LEAST_STEPS} are needed."
        )
        return abstained(NAME, TITLE, LOG_RATIO, why)
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
        NAME,
        TITLE,
        value=value,
        unit=LOG_RATIO,
        sentence=(
            "From one frame to the next the blur of the inner face changes against its surround by "
            f"{signed_percent(value).lstrip('+')} as a rule ({len(steps)} pairs){relative}."
        ),
        details=frozen(details),
        error=_SPREAD_ERROR * value / sqrt(len(steps)),
        no_reference=(
            "Unknown: too few clips were measured to say what is usual, and it enters neither "
            "score nor label."
        ),
    )
