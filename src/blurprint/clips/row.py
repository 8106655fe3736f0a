"""A clip as one flat row, and its faces in frames as rows of a second table: for scans."""

from __future__ import annotations

import os
import re
from typing import Any

from blurprint.clips.analyze_clip import analyze_clip
from blurprint.clips.clip_report import ClipReport
from blurprint.clips.sampling import DEFAULT_FRAMES, Frames
from blurprint.evidence.evidence import Evidence
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE
from blurprint.optics.methods import DEFAULT_METHOD
from blurprint.pages.text import printable
from blurprint.score.policy import DEFAULT_PRIOR

Cell = str | int | float | bool | None


def clip_row(
    path: str | os.PathLike[str],
    *,
    frames: Frames = DEFAULT_FRAMES,
    method: str = DEFAULT_METHOD,
    prior: float = DEFAULT_PRIOR,
    max_side: int | None = DEFAULT_MAX_SIDE,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> tuple[dict[str, Cell], list[dict[str, Cell]]]:
    """Analyse a clip, and give its numbers as a table takes them.

    Columns are named as those of a picture where they mean the same; their values are then the
    median of the frames. Those that only clips have begin with ``clip_``. Units are in the names.

    Args:
        path: of the video.
        frames: see :func:`blurprint.clips.analyze_clip.analyze_clip`, as for all others.
        method: that estimates blur.
        prior: P(fake) before the clip is looked at.
        max_side: longer side to which larger frames are reduced.
        max_pixels: videos that declare larger frames are refused.

    Returns:
        the row of the clip; and for each face in each frame that was looked at a row, with "face"
        as its name ("face 1") in every frame, and one with "face" None for a frame without.

    Raises:
        PhotoError: as ``analyze_clip``.
        InputError: as ``analyze_clip``.
    """
    report = analyze_clip(
        path, frames=frames, method=method, prior=prior, max_side=max_side, max_pixels=max_pixels
    )
    return row_of_clip(report), frame_rows(report)


def row_of_clip(report: ClipReport) -> dict[str, Cell]:
    """The row of a clip."""
    photo, score, facts = report.shown[0].report.photo, report.score, report.facts
    first = report.tracks[0] if report.tracks else None
    median = report["blur_median"]
    nothing = [median.sentence] if median.value is None else []
    deciding = next((one for one in report.tracks if one.name == score.face), first)
    row: dict[str, Cell] = {
        "sha256": report.sha256,
        "format": f"{facts.codec} video",
        "native_width_px": photo.native_size[0],
        "native_height_px": photo.native_size[1],
        "working_width_px": photo.size[0],
        "working_height_px": photo.size[1],
        "scale": photo.scale,
        "photograph_percent": 100.0 * float(photo.mask.mean()),
        "method": report.settings.method,
        "notes": printable(" ".join([*report.notes, *nothing, *report.score_notes])),
    }
    for one in report.evidence:
        row |= _evidence(one)
    unit = _word(median.unit)
    row |= {f"blur_{name}_{unit}": value for name, value in report.percentiles.items()}
    pooled = None if deciding is None else deciding.pooled
    row |= {
        "faces": len(report.tracks),
        "faces_small": sum(one.is_small for one in report.tracks),
        "faces_judged": sum(one.pooled is not None for one in report.tracks),
        "face_eyes_px": None if deciding is None else deciding.middle.face.eye_distance,
        "label": score.label,
        "likelihood_ratio": score.likelihood_ratio,
        "at_bound": score.at_bound,
        "strong": "yes" if score.strong else "no",
        "p_fake": score.value,
        "prior": score.prior,
        "face": score.face,
        "abstain_code": score.abstain_code,
        "abstain_reason": score.abstain_reason,
    }
    for one in () if deciding is None else deciding.evidence:
        row |= _evidence(one)
    row |= {
        "clip_seconds": facts.duration_s,
        "clip_frames": facts.frames,
        "clip_frames_analysed": len(report.frames),
        "clip_frames_failed": len(report.failed) + report.missing,
        "clip_codec": facts.codec,
        "clip_bit_rate": facts.bit_rate,
        "clip_log10_lr_low_tenth": None if pooled is None else pooled.low.log10,
        "clip_log10_lr_worst_tenth": None if pooled is None else pooled.high.log10,
    }
    return row


def frame_rows(report: ClipReport) -> list[dict[str, Cell]]:
    """A row for each face in each frame, and one for each frame without."""
    rows = []
    for record in report.rows():
        track = record.pop("track")
        kept: dict[str, Any] = {
            name: value for name, value in record.items() if name not in ("source", "sha256")
        }
        kept["face"] = None if track is None else f"face {track}"
        rows.append(kept)
    return rows


def _evidence(row: Evidence) -> dict[str, Cell]:
    unit = _word(row.unit)
    cells: dict[str, Cell] = {
        f"{row.name}_{unit}": row.value,
        f"{row.name}_error_{unit}": row.error,
    }
    if unit.startswith("px") and row.name not in ("face_camera",):
        cells[f"{row.name}_native_{unit}"] = row.native
    return cells


def _word(unit: str) -> str:
    return re.sub(r"\W+", "_", unit.replace("%", "percent").replace("^", ""))
