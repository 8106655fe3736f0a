"""The nouns: one frame of a clip, and one face in it, as small rows of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from blurprint.evidence.face_scene import RegionBlur
from blurprint.faces.face import Face
from blurprint.frozen import frozen
from blurprint.photos.video_traits import PLAIN, FrameTraits
from blurprint.score.calibration import LikelihoodRatio
from blurprint.score.cautions import Label


@dataclass(frozen=True, slots=True)
class Value:
    """A measurement of one frame.

    Attributes:
        value: in its unit; None where there was nothing to measure.
        error: expected error, in the same unit; None where it is not known.
        native: the value in pixels of the file, where it is a length.
        why: there is no value, as a sentence; "" where there is one.
    """

    value: float | None
    error: float | None = None
    native: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class FaceInFrame:
    """One face in one frame. Lengths are in working pixels.

    Attributes:
        track: which face of the clip, from 1.
        frame: index of the frame in the clip, from 0.
        time_s: of the frame, since the first, in seconds.
        burst: which group of neighbouring frames it belongs to, from 0.
        face: its box and landmarks.
        scale: working size / native size of the frame.
        regions: blur of its parts and of what is around it; empty if nothing was measured of it.
        measures: rows of evidence of the face by name, as those of a picture.
        why_not: why inner face and surround could not be compared, as a sentence; "" if they were.
        logit: raw output of the face network; None where a limit forbids to judge the face.
        ratio: likelihood ratio of that; None without one, and where the frame abstains.
        label: of this frame alone.
        code: reason why the label is "unsure"; None otherwise.
        reason: the same as a sentence.
    """

    track: int
    frame: int
    time_s: float
    burst: int
    face: Face
    scale: float
    regions: tuple[RegionBlur, ...] = ()
    measures: Mapping[str, Value] = field(default_factory=lambda: frozen({}))
    why_not: str = ""
    logit: float | None = None
    ratio: LikelihoodRatio | None = None
    label: Label = "unsure"
    code: str | None = None
    reason: str | None = None

    @property
    def difference(self) -> Value:
        """Logarithm of the blur of the inner face over that of its surround."""
        return self.measures.get("face_inner_ring", Value(None))

    def blur_of(self, region: str) -> Value:
        """Median blur of a region ("inner", "oval", "ring", "background")."""
        for one in self.regions:
            if one.name == region:
                return Value(one.median, known(one.error))
        return Value(None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        box = self.face.box
        return {
            "track": self.track,
            "box": {"left": box.left, "top": box.top, "width": box.width, "height": box.height},
            "eye_distance": self.face.eye_distance,
            "eye_distance_native": self.face.eye_distance / self.scale,
            "probability": self.face.probability,
            "inner": _plain(self.blur_of("inner")),
            "ring": _plain(self.blur_of("ring")),
            "difference": _plain(self.difference),
            "why_not": self.why_not,
            "logit": self.logit,
            "log10_likelihood_ratio": None if self.ratio is None else self.ratio.log10,
            "label": self.label,
            "abstain_code": self.code,
            "abstain_reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One frame of a clip.

    Attributes:
        index: in the clip, in the order of showing, from 0.
        time_s: since the first frame, in seconds.
        burst: which group of neighbouring frames it belongs to, from 0.
        size: (width, height) at which it was measured, pixels.
        native_size: (width, height) of the upright frame in the file, pixels.
        evidence: the rows of evidence by name, as those of a picture.
        percentiles: of the measured blur, by name; empty if nothing was measured.
        small: faces whose eyes are too close, of which nothing is measured.
        boxes: places that were taken for a face, without landmarks.
        faces: the faces with landmarks, the largest first.
        cut: whether it shows another scene than the frame before.
        traits: how it was made into a picture.
    """

    index: int
    time_s: float
    burst: int
    size: tuple[int, int]
    native_size: tuple[int, int]
    evidence: Mapping[str, Value]
    percentiles: Mapping[str, float]
    small: int
    boxes: int
    faces: tuple[FaceInFrame, ...]
    cut: bool = False
    traits: FrameTraits = PLAIN

    @property
    def scale(self) -> float:
        """Working size / native size."""
        return max(self.size) / max(self.native_size)

    @property
    def why_not(self) -> str:
        """Why blur was measured nowhere in it, as a sentence; "" where it was."""
        return self.evidence["blur_median"].why

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "index": self.index,
            "time_s": self.time_s,
            "burst": self.burst,
            "working_width": self.size[0],
            "working_height": self.size[1],
            "native_width": self.native_size[0],
            "native_height": self.native_size[1],
            "interlaced": self.traits.interlaced,
            "cut": self.cut,
            "evidence": {name: _plain(one) for name, one in self.evidence.items()},
            "percentiles": dict(self.percentiles) or None,
            "why_not": self.why_not,
            "small_faces": self.small,
            "without_landmarks": self.boxes,
            "faces": [face.to_dict() for face in self.faces],
        }


def _plain(one: Value) -> dict[str, float | None]:
    return {"value": one.value, "error": one.error}


def known(error: float | None) -> float | None:
    """An error, or None where it is infinite."""
    return error if error is not None and isfinite(error) else None
