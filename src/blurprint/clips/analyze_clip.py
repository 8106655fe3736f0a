"""The door of this room: a video to everything that was found out about it, in flat memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from blurprint.analysis import report_of
from blurprint.clips.clip_report import ClipReport
from blurprint.clips.clip_results import ClipSettings, ShownFrame
from blurprint.clips.clip_score import score_clip
from blurprint.clips.clip_words import finding_of, reading_notes
from blurprint.clips.frame_photo import frame_photo, in_little, is_cut
from blurprint.clips.frame_rows import FrameRow
from blurprint.clips.gather import (
    pooled_evidence,
    pooled_percentiles,
    tracked,
    worth_showing,
)
from blurprint.clips.measure_frame import When, measure_frame
from blurprint.clips.sampling import DEFAULT_FRAMES, Frames, checked_frames, sampled
from blurprint.clips.source import ClipFile, clip_file
from blurprint.clips.tracks import Track
from blurprint.errors import InputError, PhotoError
from blurprint.faces.face import Face
from blurprint.faces.track import FaceTracker
from blurprint.frozen import frozen
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE, MIN_SIDE
from blurprint.numerals import count_in_words
from blurprint.optics.estimate import estimate_defocus
from blurprint.optics.methods import DEFAULT_METHOD, METHODS
from blurprint.photos.photo import Photo
from blurprint.photos.video import VideoFrame, frames_at
from blurprint.photos.video_facts import VideoFacts, video_facts
from blurprint.photos.video_table import FrameTable, VideoLimits, frame_table
from blurprint.photos.video_traits import traits_notes
from blurprint.provenance.read import no_file
from blurprint.score.calibration import checked_prior
from blurprint.score.policy import DEFAULT_PRIOR
from blurprint.score.rules import Thresholds, rules_of
from blurprint.score.score import NO_SCORE, Score
from blurprint.weights.card import FaceCard, shipped, ships

Progress = Callable[[int, int], None]
"""Told after each frame how many were looked at, and how many will be at most."""

LIMITS: Final = VideoLimits()
_NOT_LOOKED_AT: Final = "it is a video, and only of pictures it is looked at"


def analyze_clip(
    path: str | os.PathLike[str],
    *,
    frames: Frames = DEFAULT_FRAMES,
    method: str = DEFAULT_METHOD,
    prior: float = DEFAULT_PRIOR,
    max_side: int | None = DEFAULT_MAX_SIDE,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    limits: VideoLimits = LIMITS,
    progress: Progress | None = None,
) -> ClipReport:
    """Measure the blur of a video, follow its faces, judge them, and say what that shows.

    Frames are analysed one after the other, each as a picture, and only numbers are kept of them:
    memory does not grow with the length of the clip, but by some kilobytes a frame that is looked
    at. Of a pipe or another stream without end the beginning is taken.

    Args:
        path: of a video file.
        frames: how many are looked at, in bursts of three neighbouring ones that are spread evenly
            over the clip; "all"; or "key" for those that are stored whole. At most
            :data:`blurprint.clips.sampling.MOST`.
        method: how blur is estimated; see :func:`blurprint.estimate_defocus`.
        prior: probability that a clip of this kind has a pasted or regenerated face, before it is
            looked at; inside (0, 1).
        max_side: reduce larger frames (area average) to this longer side, pixels; None or 0 keeps
            them as they are.
        max_pixels: refuse videos whose first frame has more pixels than this, and leave out later
            frames that have.
        limits: how much of the file is looked at.
        progress: called after each frame with how many were looked at, and how many will be; a few
            of them are analysed once more after the last.

    Returns:
        A :class:`ClipReport`.

    Raises:
        InputError: if an argument is out of range, or PyAV is not installed.
        PhotoError: naming the file: if it is missing, no video, or none of its frames can be
            analysed.
    """
    checked_prior(prior)
    if max_side and max_side < MIN_SIDE:
        raise InputError(f"Expected `max_side` to be 0 or at least {MIN_SIDE}, but got {max_side}")
    if method not in METHODS:
        known = ", ".join(f'"{name}"' for name in METHODS)
        raise InputError(f'Expected `method` to be one of {known}, but got "{method}"')
    settings = ClipSettings(checked_frames(frames), method, prior, max_side or 0)
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(
            f"Expected `path` to be the path of a video, but got {type(path).__name__}"
        )
    name = str(path)
    with clip_file(path) as file:
        try:
            return _Analysis(name, file, settings, limits, max_pixels, progress).report()
        except PhotoError as error:
            raise PhotoError(str(error).replace(str(file.path), name)) from error


@dataclass(slots=True)
class _Analysis:
    """One clip, analysed."""

    name: str
    file: ClipFile
    settings: ClipSettings
    limits: VideoLimits
    max_pixels: int
    progress: Progress | None

    def report(self) -> ClipReport:
        table = frame_table(self.file.path, self.limits)
        facts = video_facts(self.file.path, table, partial=bool(self.file.note))
        if facts.width * facts.height > self.max_pixels:
            raise PhotoError(
                f"{self.name}: has frames of {facts.width} x {facts.height} pixels; at most "
                f"{count_in_words(self.max_pixels)} are taken (--max-pixels)"
            )
        wanted, bursts, left_out = sampled(table, self.settings.frames)
        rows, failed = self._measured(table, facts, wanted, bursts)
        if not rows:
            example = next(iter(failed.values()), "none of its frames can be decoded")
            raise PhotoError(f"{self.name}: {example}")
        facts = _with_traits(facts, rows)
        thresholds = _thresholds()
        frames, tracks = tracked(rows, thresholds)
        shown = self._shown(table, facts, frames, tracks)
        evidence = pooled_evidence(frames, shown[0].report.evidence)
        places = max((row.boxes for row in frames), default=0)
        score = (
            NO_SCORE
            if thresholds is None
            else score_clip(tracks, thresholds, prior=self.settings.prior, without_landmarks=places)
        )
        notes = reading_notes(
            wanted=len(wanted),
            frames=frames,
            failed=len(failed),
            example=next(iter(failed.values()), ""),
            left_out=left_out,
            stream=self.file.note,
            facts=facts,
        )
        return ClipReport(
            source=self.name,
            sha256=self.file.sha256,
            settings=self.settings,
            facts=facts,
            frames=frames,
            failed=frozen(failed),
            missing=len(wanted) - len(rows) - len(failed),
            tracks=tracks,
            evidence=evidence,
            score=score,
            shown=shown,
            notes=(*notes, *facts.notes, *shown[0].report.photo.notes),
            score_notes=_score_notes(score, facts),
            finding=finding_of(score, evidence, frames, tracks),
            percentiles=pooled_percentiles(frames),
        )

    def _photo(self, frame: VideoFrame, facts: VideoFacts) -> Photo:
        width, height = frame.native_size
        if width * height > self.max_pixels:
            raise InputError(
                f"it has {width} x {height} pixels; at most {count_in_words(self.max_pixels)} are "
                "taken (--max-pixels)"
            )
        return frame_photo(
            frame,
            self.name,
            codec=facts.codec,
            sha256=self.file.sha256,
            max_side=self.settings.max_side,
        )

    def _measured(
        self, table: FrameTable, facts: VideoFacts, wanted: Sequence[int], bursts: Sequence[int]
    ) -> tuple[list[FrameRow], dict[int, str]]:
        """Row by row; a frame that cannot be analysed is left out, with the reason."""
        burst_of = dict(zip(wanted, bursts, strict=True))
        tracker, little = FaceTracker(), None
        rows: list[FrameRow] = []
        failed: dict[int, str] = {}
        burst = 0
        for frame in frames_at(self.file.path, table, wanted, deinterlace=True):
            burst = burst_of.get(frame.index, burst)
            try:
                photo = self._photo(frame, facts)
            except InputError as error:
                failed[frame.index] = str(error)
            else:
                before, little = little, in_little(photo)
                when = When(frame.index, frame.time_s, burst, is_cut(before, little))
                row = self._row(photo, when, tracker)
                rows.append(replace(row, traits=frame.traits))
            if self.progress is not None:
                self.progress(len(rows) + len(failed), len(wanted))
        return rows, failed

    def _row(self, photo: Photo, when: When, tracker: FaceTracker) -> FrameRow:
        def follow(faces: Sequence[Face]) -> list[int]:
            boxes = [face.box for face in faces]
            return tracker.assign(boxes, photo.size, anew=when.cut)

        return measure_frame(photo, when, follow, method=self.settings.method, judge=ships("face"))

    def _shown(
        self,
        table: FrameTable,
        facts: VideoFacts,
        frames: Sequence[FrameRow],
        tracks: Sequence[Track],
    ) -> tuple[ShownFrame, ...]:
        """Some frames once more, with all that is known of a picture; the first for the clip."""
        reasons = worth_showing(frames, tracks)
        rows = {row.index: row for row in frames}
        found = {}
        for frame in frames_at(self.file.path, table, sorted(reasons), deinterlace=True):
            if frame.index not in reasons:
                continue
            photo = self._photo(frame, facts)
            defocus = estimate_defocus(photo, method=self.settings.method)
            report = report_of(photo, defocus, prior=self.settings.prior)
            report = replace(report, provenance=no_file(_NOT_LOOKED_AT))
            found[frame.index] = ShownFrame(reasons[frame.index], rows[frame.index], report)
        return tuple(found[index] for index in reasons if index in found)


def _with_traits(facts: VideoFacts, rows: Sequence[FrameRow]) -> VideoFacts:
    """What is known of the file, with what the frames that were measured say of themselves."""
    traits = [row.traits for row in rows]
    return replace(
        facts,
        interlaced=facts.interlaced or any(one.interlaced for one in traits),
        notes=(*facts.notes, *traits_notes(traits)),
    )


def _thresholds() -> Thresholds | None:
    return rules_of(shipped("face", FaceCard)).thresholds if ships("face") else None


def _score_notes(score: Score, facts: VideoFacts) -> tuple[str, ...]:
    if score.likelihood_ratio is None:
        return ()
    return (
        f"How strongly the frames are compressed ({facts.codec}) cannot be compared with a JPEG "
        "quality; their faces were judged as those of a file without loss.",
    )
