"""The columns of a scan's table: name, type and meaning, the same in every shard of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from blurprint.evidence.measure import MEASURES
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.optics.methods import method_of
from blurprint.report.distribution import PERCENTS
from blurprint.report.document import EXIF_KEYS

_TEXT_OF_EXIF: Final = frozenset(("camera", "lens", "taken", "software"))
_IN_PERCENT: Final = frozenset(("measured_share",))
_SQUARED: Final = frozenset(("local_variance",))


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: ends with the unit of its values, if they have one.
        type: of its values, which may all be missing.
        meaning: a phrase.
    """

    name: str
    type: type[str] | type[int] | type[float]
    meaning: str


STATUSES: Final = {
    "ok": "measured and, if a face was found, judged",
    "no_face": "measured; no face was found",
    "unreadable": "cannot be read: missing, damaged, encrypted, or no picture",
    "too_small": "has fewer pixels than can be measured",
    "too_large": "has more bytes or pixels than the settings allow",
    "video_unsupported": "a video, and the package that reads videos is missing",
    "died": "ended the process that read it, twice",
    "failed": "an unexpected error, which is to be reported",
}
"""What column "status" says."""
MEASURED: Final = frozenset(("ok", "no_face"))
"""Statuses of rows that hold measurements."""


_ITEM: Final = (
    Column("path", str, "path, address, or `archive.zip!member`"),
    Column("status", str, "what became of it, see below"),
    Column("error", str, "why there are no measurements, in a sentence"),
    Column("kind", str, "`picture`, `video`, or `unknown` where neither name nor content says"),
    Column("bytes", int, "size of the file or member"),
    Column("sha256", str, "of its bytes"),
)
_CLIP: Final = (
    Column("clip_seconds", float, "video: length, in seconds"),
    Column("clip_frames", int, "video: frames in the file"),
    Column("clip_frames_analysed", int, "video: frames that were measured"),
    Column("clip_frames_failed", int, "video: frames that were wanted and could not be measured"),
    Column("clip_codec", str, "video: how it is compressed"),
    Column("clip_bit_rate", float, "video: bits a second"),
    Column("clip_log10_lr_low_tenth", float, "video: log10 of the ratio, lowest tenth of frames"),
    Column("clip_log10_lr_worst_tenth", float, "video: the same of the highest tenth"),
    Column("face_flicker_log_ratio", float, "video: change of the face's blur between frames"),
    Column("face_flicker_error_log_ratio", float, "its expected error"),
    Column("face_noise_flicker_log_ratio", float, "video: the same of the face's noise"),
    Column("face_noise_flicker_error_log_ratio", float, "its expected error"),
    Column("face_logit_flicker_logit", float, "video: the same of the face network's output"),
    Column("face_logit_flicker_error_logit", float, "its expected error"),
)
_RUN: Final = (
    Column("seconds", float, "that reading and measuring took, of one process"),
    Column("blurprint_version", str, "that made the row"),
    Column("map_weights_sha256", str, "of the network that measured blur"),
    Column("face_weights_sha256", str, "of the network that judged faces"),
    Column("provider", str, "of ONNX Runtime, by which the networks ran"),
)
_PICTURE: Final = (
    Column("format", str, "container, as its content says"),
    Column("native_width_px", int, "width of the file's picture, upright"),
    Column("native_height_px", int, "height of it"),
    Column("working_width_px", int, "width at which blur was measured"),
    Column("working_height_px", int, "height at which blur was measured"),
    Column("scale", float, "working size / native size"),
    Column("photograph_percent", float, "share that is photograph, without bars and frames"),
    Column("jpeg_quality", float, "of a JPEG file, 1 to 100, by its tables"),
    Column("method", str, "that measured blur"),
    Column("doubts", str, "names of what may be wrong with the measurement, between spaces"),
    Column("notes", str, "what was done to the picture that one should know"),
)
_SCORE: Final = (
    Column("judged_width_px", int, "width at which faces were searched and judged"),
    Column("judged_height_px", int, "height at which faces were searched and judged"),
    Column("faces", int, "faces found with landmarks"),
    Column("faces_small", int, "of these, too small to be measured"),
    Column("faces_judged", int, "faces with a likelihood ratio"),
    Column(
        "face_eyes_px", float, "distance of the eyes of the face that is measured, working pixels"
    ),
    Column("face_eyes_native_px", float, "the value in pixels of the file"),
    Column("label", str, "`fake`, `real` (no sign of a pasted face) or `unsure`"),
    Column("likelihood_ratio", float, "of the face where it is highest"),
    Column("at_bound", str, "`lower` or `upper` if the data support no stronger ratio"),
    Column("strong", str, "`yes` if a `fake` passes the stricter threshold, else `no`"),
    Column("p_fake", float, "probability of a fake, for the prior"),
    Column("prior", float, "probability of a fake before the picture was looked at"),
    Column("face", str, "name of the face that decided"),
    Column("abstain_code", str, "identifier of the reason why the label is `unsure`"),
    Column("abstain_reason", str, "that reason in a sentence"),
)
_TITLES: Final = {
    "blur_median": "median blur",
    "blur_range": "blur range, 95th less 5th percentile",
    "measured_share": "share of the photograph in which blur is measured",
    "centre_border": "blur of the border less that of the centre",
    "local_variance": "median variance of blur between neighbours",
    "face_inner_ring": "measured face: blur inside against its surround, log ratio",
    "face_outline": "measured face: blur at the outline against beside it, log ratio",
    "face_noise": "measured face: noise inside against its surround, log ratio",
    "face_background": "measured face: blur against the background, log ratio",
    "face_camera": "measured face: blur beyond what its camera gives",
}


@cache
def columns_of(method: str) -> tuple[Column, ...]:
    """The columns of a scan that measures with `method`, in their order.

    Raises:
        InputError: if there is no such method.
    """
    unit = method_of(method).unit.replace(" ", "_")
    columns = [*_ITEM, *_PICTURE]
    for name in MEASURES:
        squared = "2" if name in _SQUARED else ""
        word = "percent" if name in _IN_PERCENT else unit + squared
        columns += _evidence(name, word, native=unit == "px" and name not in _IN_PERCENT)
    columns += [
        Column(f"blur_{place}_{unit}", float, f"{int(place[1:])}th percentile of measured blur")
        for place in PERCENTS
    ]
    columns += _SCORE
    for name in FACE_MEASURES:
        columns += _evidence(name, "px" if name == "face_camera" else "log_ratio")
    for key in EXIF_KEYS:
        columns.append(Column(key, str if key in _TEXT_OF_EXIF else float, f"EXIF: {_exif(key)}"))
    return (*columns, *_CLIP, *_RUN)


def _evidence(name: str, word: str, *, native: bool = False) -> list[Column]:
    title = _TITLES[name]
    columns = [
        Column(f"{name}_{word}", float, title),
        Column(f"{name}_error_{word}", float, "its expected error"),
    ]
    if native:
        columns.append(Column(f"{name}_native_{word}", float, "the value in pixels of the file"))
    columns.append(
        Column(f"{name}_percentile", float, "ordinary photographs with a lower value, in percent")
    )
    return columns


def _exif(key: str) -> str:
    return key.replace("_35mm_mm", " for 35 mm film").replace("_mm", "").replace("_", " ")
