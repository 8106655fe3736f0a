"""One frame measured as a picture is, and what is kept of it: a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from blurprint.clips.frame_rows import FaceInFrame, FrameRow, Value, known
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.measure import measure_evidence
from blurprint.evidence.measure_faces import FaceEvidence, measure_faces
from blurprint.faces.face import Face
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.frozen import frozen
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo
from blurprint.report.distribution import distribution
from blurprint.score.photo_score import JudgedFace, PhotoScore, score_of
from blurprint.score.score import FaceScore

Follow = Callable[[Sequence[Face]], Sequence[int]]
"""Gives the track of each face of a frame, from 1."""


@dataclass(frozen=True, slots=True)
class When:
    """Which frame of a clip: index, time in seconds, burst, and whether a cut is before it."""

    index: int
    time_s: float
    burst: int
    cut: bool = False


def measure_frame(
    photo: Photo, when: When, follow: Follow, *, method: str, judge: bool
) -> FrameRow:
    """Measure a frame and its faces.

    Args:
        photo: the frame.
        when: which one.
        follow: from its faces to their tracks.
        method: that estimates blur.
        judge: whether the face network that ships judges the faces.

    Raises:
        InputError: as :func:`blurprint.analyze`.
    """
    defocus = estimate_defocus(photo, method=method)
    faces = find_faces_of(photo)
    measured = measure_faces(photo, defocus, faces).measured
    judged = score_of(photo, defocus, faces, measured=measured) if judge else None
    summary = distribution(defocus)
    tracks = follow(faces.located)
    rows = []
    for place, (face, track) in enumerate(zip(faces.located, tracks, strict=True)):
        found = measured[place] if place < len(measured) else None
        rows.append(_face(face, track, when, photo.scale, found, _judgement(judged, place)))
    return FrameRow(
        index=when.index,
        time_s=when.time_s,
        burst=when.burst,
        size=photo.size,
        native_size=photo.native_size,
        evidence=frozen({row.name: _value(row) for row in measure_evidence(defocus)}),
        percentiles=frozen(dict(summary.percentiles) if summary else {}),
        small=len(faces.small),
        boxes=len(faces.boxes),
        faces=tuple(rows),
        cut=when.cut,
    )


def _judgement(judged: PhotoScore | None, place: int) -> tuple[JudgedFace, FaceScore] | None:
    return None if judged is None else (judged.faces[place], judged.score.faces[place])


def _face(
    face: Face,
    track: int,
    when: When,
    scale: float,
    found: FaceEvidence | None,
    judgement: tuple[JudgedFace, FaceScore] | None,
) -> FaceInFrame:
    measures, why_not = {}, "Nothing is measured of a face this small."
    if found is not None:
        measures = {row.name: _value(row) for row in found.rows}
        inner = found["face_inner_ring"]
        why_not = inner.sentence if inner.value is None else ""
    row = FaceInFrame(
        track=track,
        frame=when.index,
        time_s=when.time_s,
        burst=when.burst,
        face=face,
        scale=scale,
        regions=() if found is None else found.regions,
        measures=frozen(measures),
        why_not=why_not,
    )
    return row if judgement is None else _judged(row, *judgement)


def _judged(row: FaceInFrame, seen: JudgedFace, score: FaceScore) -> FaceInFrame:
    return replace(
        row,
        logit=None if seen.reading is None else seen.reading.logit,
        ratio=None if score.likelihood_ratio is None else seen.facts.ratio,
        label=score.label,
        code=score.abstain_code,
        reason=score.abstain_reason,
    )


def _value(row: Evidence) -> Value:
    why = row.sentence if row.value is None else ""
    return Value(row.value, known(row.error), row.native, why)
