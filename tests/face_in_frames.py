"""Faces in frames with chosen numbers, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blurprint.clips.frame_rows import FaceInFrame, Value
from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.score.calibration import LikelihoodRatio
from blurprint.score.rules import Thresholds

LANDMARKS = np.array([[40, 40], [60, 40], [50, 52], [42, 62], [58, 62]], np.float32)
THRESHOLDS = Thresholds(
    fake=0.5,
    strong=1.0,
    real=0.0,
    false_alarms=0.02,
    strong_false_alarms=0.01,
    missed=0.3,
    reals=100,
    real_groups=50,
    fakes=100,
    fake_groups=50,
)


def face_row(
    frame: int,
    *,
    log10: float | None = None,
    difference: float | None = None,
    error: float | None = 0.1,
    code: str = "not_stable",
    track: int = 1,
) -> FaceInFrame:
    """A face; without `log10` it was not judged, for the reason `code`."""
    return FaceInFrame(
        track=track,
        frame=frame,
        time_s=frame / 25,
        burst=frame // 3,
        face=Face(FaceBox(30, 25, 40, 50), LANDMARKS, 0.99),
        scale=1.0,
        measures={"face_inner_ring": Value(difference, None if difference is None else error)},
        why_not="" if difference is not None else "Too little could be measured.",
        logit=log10,
        ratio=None if log10 is None else LikelihoodRatio(log10),
        label="unsure",
        code=None if log10 is not None else code,
        reason=None if log10 is not None else f"It is {code}.",
    )


def judged(values: Sequence[float | None], **kwargs: str) -> list[FaceInFrame]:
    """One face in as many neighbouring frames."""
    return [face_row(place, log10=value, **kwargs) for place, value in enumerate(values)]


def compared(values: Sequence[float | None], error: float = 0.1) -> list[FaceInFrame]:
    """One face by its blur differences in neighbouring frames."""
    return [face_row(n, difference=value, error=error) for n, value in enumerate(values)]
