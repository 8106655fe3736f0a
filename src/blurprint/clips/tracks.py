"""The noun: one face followed through a clip, with what its frames say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from blurprint.clips.flicker import KINDS, flicker
from blurprint.clips.frame_rows import FaceInFrame
from blurprint.clips.pooled import pooled_row
from blurprint.evidence import (
    face_background,
    face_camera,
    face_inner_ring,
    face_noise,
    face_outline,
)
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.score.calibration import LikelihoodRatio
from blurprint.score.cautions import Label
from blurprint.score.policy import label_of
from blurprint.score.rules import Thresholds
from blurprint.score.words import rounded

# Of fewer, the median is the word of one frame: docs/thresholds.md.
LEAST_FRAMES: Final = 3
"""Confident frames that a face needs before it is judged."""
# What most frames cannot judge, the rest do not: docs/thresholds.md.
LEAST_SHARE: Final = 0.5
"""Share of the frames of a face that must be confident."""
TITLES: Final = {
    face_inner_ring.NAME: face_inner_ring.TITLE,
    face_outline.NAME: face_outline.TITLE,
    face_noise.NAME: face_noise.TITLE,
    face_background.NAME: face_background.TITLE,
    face_camera.NAME: face_camera.TITLE,
}


@dataclass(frozen=True, slots=True)
class Pooled:
    """Likelihood ratios of the confident frames of a face, taken together.

    Frames of a clip are not independent, so their ratios are not multiplied: the face has the ratio
    of its median frame.

    Attributes:
        frames: how many frames are confident.
        median: ratio of the median frame; of an even number, of the lower of the two in the middle.
        low: a tenth of the frames have this ratio or a lower one.
        high: a tenth of the frames, the worst, have this ratio or a higher one.
    """

    frames: int
    median: LikelihoodRatio
    low: LikelihoodRatio
    high: LikelihoodRatio


@dataclass(frozen=True, slots=True)
class Track:
    """One face of a clip.

    Attributes:
        number: from 1, that seen in most frames first.
        faces: in the order of time.
        looked: frames of the clip that were looked at.
        pooled: likelihood ratios taken together; None where too few frames are confident.
        label: of the face in the clip.
        code: why the label is "unsure"; None otherwise.
        reason: the same as a sentence.
        evidence: rows of the face, each the median of its frames, and flicker.
    """

    number: int
    faces: tuple[FaceInFrame, ...]
    looked: int
    pooled: Pooled | None
    label: Label
    code: str | None
    reason: str | None
    evidence: tuple[Evidence, ...]

    @property
    def name(self) -> str:
        """As the report calls it."""
        return f"face {self.number}"

    @property
    def seconds(self) -> tuple[float, float]:
        """When it is seen first and last."""
        return self.faces[0].time_s, self.faces[-1].time_s

    @property
    def middle(self) -> FaceInFrame:
        """The face in its median frame: by likelihood ratio, else in time."""
        if self.pooled is not None:
            return next(face for face in self.faces if face.ratio is self.pooled.median)
        return self.faces[len(self.faces) // 2]

    def __getitem__(self, name: str) -> Evidence:
        """The row called `name`; a KeyError if there is none."""
        for row in self.evidence:
            if row.name == name:
                return row
        raise KeyError(name)


def track_of(
    number: int, faces: Sequence[FaceInFrame], looked: int, thresholds: Thresholds | None
) -> Track:
    """A face with what its frames say together.

    Args:
        number: of the face.
        faces: its rows, in the order of time; at least one.
        looked: frames of the clip that were looked at.
        thresholds: of the labels; None where no network judged.
    """
    pooled, label, code, reason = _judged(faces, thresholds)
    rows = []
    for name in FACE_MEASURES:
        values = [face.measures[name] for face in faces if name in face.measures]
        unit = "px" if name == "face_camera" else LOG_RATIO
        rows.append(pooled_row(name, TITLES[name], unit, values, looked=len(faces)))
    rows += [flicker(faces, kind) for kind in KINDS]
    return Track(number, tuple(faces), looked, pooled, label, code, reason, tuple(rows))


def pooled_ratios(faces: Sequence[FaceInFrame]) -> Pooled | None:
    """The ratios of the confident frames, in order; None if there are none."""
    ratios = sorted(
        (face.ratio for face in faces if face.ratio is not None), key=lambda one: one.log10
    )
    if not ratios:
        return None
    count = len(ratios)
    tenth = -(-count // 10)
    return Pooled(count, ratios[(count - 1) // 2], ratios[tenth - 1], ratios[-tenth])


_Judged = tuple[Pooled | None, Label, str | None, str | None]


def _judged(faces: Sequence[FaceInFrame], thresholds: Thresholds | None) -> _Judged:
    if thresholds is None:
        return None, "unsure", None, None
    count, pooled = len(faces), pooled_ratios(faces)
    confident = 0 if pooled is None else pooled.frames
    if count < LEAST_FRAMES:
        reason = (
            f"The face is seen in {count} of the frames that were looked at; in fewer than "
            f"{LEAST_FRAMES} it is not judged."
        )
        return None, "unsure", "too_few_frames", reason
    if pooled is None or confident < max(LEAST_FRAMES, LEAST_SHARE * count):
        codes = Counter(face.code or "" for face in faces if face.ratio is None)
        code, often = codes.most_common(1)[0]
        example = next(face for face in faces if face.ratio is None and face.code == code)
        reason = (
            f"Only {confident} of its {count} frames can be judged; in {often}, for this reason: "
            f"{example.reason}"
        )
        return None, "unsure", code, reason
    label = label_of(pooled.median, thresholds)
    if label == "unsure":
        reason = (
            f"The likelihood ratio of the median frame, {rounded(pooled.median.value)}, lies "
            f"between the thresholds: below {rounded(10**thresholds.real)} there is no sign of a "
            f"pasted face, above {rounded(10**thresholds.fake)} there is one."
        )
        return pooled, "unsure", "undecided", reason
    if label == "real" and label_of(pooled.high, thresholds) == "fake":
        reason = (
            "Most of its frames show no sign of a pasted face, but the worst tenth of them do "
            f"(likelihood ratio {rounded(pooled.high.value)} or more)."
        )
        return pooled, "unsure", "mixed_frames", reason
    return pooled, label, None, None
