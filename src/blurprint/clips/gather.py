"""From the rows of frames to faces, medians, and the frames that are worth showing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from blurprint.clips.frame_rows import FaceInFrame, FrameRow
from blurprint.clips.pooled import pooled_row
from blurprint.clips.tracks import Track, track_of
from blurprint.evidence.evidence import Evidence
from blurprint.frozen import frozen
from blurprint.score.rules import Thresholds


def tracked(
    rows: Sequence[FrameRow], thresholds: Thresholds | None
) -> tuple[tuple[FrameRow, ...], tuple[Track, ...]]:
    """Frames whose faces are numbered from that seen most, and these faces."""
    seen: dict[int, list[FaceInFrame]] = {}
    for row in rows:
        for face in row.faces:
            seen.setdefault(face.track, []).append(face)
    order = sorted(
        seen,
        key=lambda track: (
            -len(seen[track]),
            -float(np.median([face.face.eye_distance for face in seen[track]])),
        ),
    )
    number = {track: place for place, track in enumerate(order, 1)}
    named = tuple(
        replace(row, faces=tuple(replace(face, track=number[face.track]) for face in row.faces))
        for row in rows
    )
    faces: dict[int, list[FaceInFrame]] = {place: [] for place in number.values()}
    for row in named:
        for face in row.faces:
            faces[face.track].append(face)
    return named, tuple(
        track_of(place, found, len(named), thresholds) for place, found in faces.items()
    )


def worth_showing(frames: Sequence[FrameRow], tracks: Sequence[Track]) -> dict[int, str]:
    """Frames by index, with why they are shown: the one that stands for the clip, and peaks."""
    judged = [track for track in tracks if track.pooled is not None]
    if not tracks:
        middle = frames[len(frames) // 2]
        return {middle.index: "the middle of the frames that were looked at"}
    best = max(judged, key=_median_log10) if judged else tracks[0]
    of = f" of {best.name}" if len(tracks) > 1 else ""
    kind = "median likelihood ratio" if best.pooled is not None else "middle frame"
    found = {best.middle.frame: f"{kind}{of}"}
    with_ratio = [face for face in best.faces if face.ratio is not None]
    if with_ratio:
        peak = max(with_ratio, key=lambda face: face.ratio.log10 if face.ratio else 0.0)
        _add(found, peak.frame, f"highest likelihood ratio{of}")
    compared = [face for face in best.faces if face.difference.value is not None]
    if compared:
        peak = max(compared, key=lambda face: abs(face.difference.value or 0.0))
        _add(found, peak.frame, f"largest difference between inner face and surround{of}")
    return found


def _add(found: dict[int, str], index: int, why: str) -> None:
    found[index] = f"{found[index]}; {why}" if index in found else why


def _median_log10(track: Track) -> float:
    return float("-inf") if track.pooled is None else track.pooled.median.log10


def pooled_evidence(frames: Sequence[FrameRow], named: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """A row for each of `named`, the median of the frames."""
    return tuple(
        pooled_row(
            row.name,
            row.title,
            row.unit,
            [frame.evidence[row.name] for frame in frames],
            looked=len(frames),
        )
        for row in named
    )


def pooled_percentiles(frames: Sequence[FrameRow], *, native: bool = False) -> Mapping[str, float]:
    """Of the measured blur, each the median of the frames; empty if nothing was measured.

    Args:
        frames: of the clip.
        native: in pixels of the file; else in pixels as measured.
    """
    known = [row for row in frames if row.percentiles]
    if not known:
        return frozen({})

    def middle(name: str) -> float:
        found = [row.percentiles[name] / (row.scale if native else 1.0) for row in known]
        return float(np.median(found))

    return frozen({name: middle(name) for name in known[0].percentiles})
