"""A clip as flat rows: one for each face in each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blurprint.clips.frame_rows import FaceInFrame, FrameRow
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.pages.text import path_text, printable

if TYPE_CHECKING:
    from blurprint.clips.clip_results import ClipResults


def frame_records(report: ClipResults) -> list[dict[str, Any]]:
    """A row for each face in each frame, and one for each frame without a face.

    Columns are those of a picture's row where they mean the same; units are in their names: ``_px``
    is in pixels as measured, ``_native_px`` in pixels of the file.
    """
    units = {row.name: row.unit for row in report.evidence}
    records = []
    for frame in report.frames:
        head = _frame(report, frame, units)
        if not frame.faces:
            records.append({**head, **_face(None)})
        records.extend({**head, **_face(face)} for face in frame.faces)
    return records


def _frame(report: ClipResults, frame: FrameRow, units: dict[str, str]) -> dict[str, Any]:
    median = frame.evidence["blur_median"]
    share = frame.evidence["measured_share"]
    return {
        "source": path_text(report.source),
        "sha256": report.sha256,
        "frame": frame.index,
        "time_s": frame.time_s,
        "burst": frame.burst,
        "cut": frame.cut,
        "working_width_px": frame.size[0],
        "working_height_px": frame.size[1],
        f"blur_median_{units['blur_median'].replace(' ', '_')}": median.value,
        "blur_median_error_px": median.error,
        "measured_share_percent": share.value,
        "why_not_measured": printable(frame.why_not) or None,
        "faces": len(frame.faces),
    }


def _face(face: FaceInFrame | None) -> dict[str, Any]:
    box = None if face is None else face.face.box
    row: dict[str, Any] = {
        "track": None if face is None else face.track,
        "face_left_px": None if box is None else box.left,
        "face_top_px": None if box is None else box.top,
        "face_width_px": None if box is None else box.width,
        "face_height_px": None if box is None else box.height,
        "face_eyes_px": None if face is None else face.face.eye_distance,
        "face_eyes_native_px": None if face is None else face.face.eye_distance / face.scale,
        "face_probability": None if face is None else face.face.probability,
    }
    for region in ("inner", "ring"):
        blur = None if face is None else face.blur_of(region)
        row[f"face_{region}_px"] = None if blur is None else blur.value
        row[f"face_{region}_error_px"] = None if blur is None else blur.error
    for name in FACE_MEASURES:
        unit = "px" if name == "face_camera" else "log_ratio"
        one = None if face is None else face.measures.get(name)
        row[f"{name}_{unit}"] = None if one is None else one.value
        row[f"{name}_error_{unit}"] = None if one is None else one.error
    ratio = None if face is None else face.ratio
    row["logit"] = None if face is None else face.logit
    row["log10_likelihood_ratio"] = None if ratio is None else ratio.log10
    row["score_label"] = None if face is None else face.label
    row["score_reason"] = None if face is None else face.code
    return row
