"""The columns of the second table: each face in each frame of each video."""

from __future__ import annotations

from functools import cache
from typing import Final

from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.optics.methods import method_of
from blurprint.scan.table.columns import Column

_FRAME: Final = (
    Column("path", str, "of the video, as in the table of rows"),
    Column("frame", int, "number of the frame in the video, from 0"),
    Column("time_s", float, "of the frame since the first one, in seconds"),
    Column("burst", int, "number of the group of neighbouring frames, from 0"),
    Column("cut", int, "1 if it shows another scene than the frame before, else 0"),
    Column("working_width_px", int, "width at which it was measured"),
    Column("working_height_px", int, "height at which it was measured"),
)
_BLUR: Final = (
    Column("blur_median_error_px", float, "its expected error"),
    Column("measured_share_percent", float, "share of the frame in which blur is measured"),
    Column("why_not_measured", str, "why blur was measured nowhere in the frame, in a sentence"),
)
_FACE: Final = (
    Column("faces", int, "faces in the frame"),
    Column("face", str, "name of this face, the same in every frame; none without a face"),
    Column("face_left_px", float, "left edge of its box, in working pixels"),
    Column("face_top_px", float, "upper edge of its box"),
    Column("face_width_px", float, "width of its box"),
    Column("face_height_px", float, "height of its box"),
    Column("face_eyes_px", float, "distance of the eyes, in working pixels"),
    Column("face_eyes_native_px", float, "the same in pixels of the file"),
    Column("face_probability", float, "that it is a face, by its finder"),
    Column("face_inner_px", float, "median blur of the inner face"),
    Column("face_inner_error_px", float, "its expected error"),
    Column("face_ring_px", float, "median blur of what surrounds it"),
    Column("face_ring_error_px", float, "its expected error"),
)
_SCORE: Final = (
    Column("logit", float, "output of the face network, not calibrated"),
    Column("log10_likelihood_ratio", float, "of this face in this frame"),
    Column("score_label", str, "`fake`, `real` or `unsure`, of this frame alone"),
    Column("score_reason", str, "identifier of the reason why it is `unsure`"),
)
FACE_COLUMNS: Final = frozenset(
    (
        *(column.name for column in (*_FACE, *_SCORE)),
        *(f"{name}{what}" for name in FACE_MEASURES for what in ("_log_ratio", "_px")),
        *(f"{name}_error{what}" for name in FACE_MEASURES for what in ("_log_ratio", "_px")),
    )
)
"""Columns that are empty where no faces were searched."""


@cache
def frame_columns_of(method: str) -> tuple[Column, ...]:
    """The columns of the faces in frames of a scan that measures with `method`.

    Raises:
        InputError: if there is no such method.
    """
    unit = method_of(method).unit.replace(" ", "_")
    columns = [*_FRAME, Column(f"blur_median_{unit}", float, "median blur"), *_BLUR, *_FACE]
    for name in FACE_MEASURES:
        word = "px" if name == "face_camera" else "log_ratio"
        columns += [
            Column(f"{name}_{word}", float, "as in the table of rows"),
            Column(f"{name}_error_{word}", float, "its expected error"),
        ]
    return (*columns, *_SCORE)
