"""What the bytes of one picture become: columns of a row, with the numbers that a report has.

Faces are searched and judged at ``max_side``, as `analyze` does it; blur is measured at
``map_side``, since the network that measures it costs what the pixels cost. One decoding serves
both, except where the decoder of JPEG does a part of the reduction for one of them.

It is :func:`blurprint.analyze` without what a table does not show: sentences, plots, provenance,
and faces beside the one that is shown. Two things are left out that change no number and no label:
OpenCV's cascades, which take twenty times as long as MTCNN and give places without landmarks that
nobody judges; and ways of passing on a face after the first that has changed its label.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from blurprint.errors import BlurprintError, PhotoError
from blurprint.evidence.confident import is_measured, measured_percentiles
from blurprint.evidence.doubts import check_doubts
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.file_check import facts_in
from blurprint.evidence.measure import measure_evidence
from blurprint.evidence.measure_faces import FaceEvidence, measure_face
from blurprint.faces.face import Face
from blurprint.faces.faces import MIN_EYES, at_size
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.pages.text import printable
from blurprint.photos.photo import Photo, read_photo, read_photos
from blurprint.report.distribution import PERCENTS
from blurprint.report.document import EXIF_KEYS
from blurprint.scan.rows import in_column
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.system_errors import check_machine
from blurprint.scan.table.row import Row, Value
from blurprint.score.photo_score import PhotoScore, score_of
from blurprint.score.score import NO_SCORE
from blurprint.weights.card import ships


def bytes_row(data: bytes, settings: ScanSettings) -> Row:
    """Columns of a picture's row, all but those of the item and of the run.

    Column "status" says what became of it: "ok", "no_face", "unreadable", "too_small", "too_large",
    or "failed" after an error that nobody foresaw; column "error" why there are no measurements.

    Args:
        data: the bytes of the file.
        settings: of the scan; without faces, the row has the columns of the map alone.

    Raises:
        MachineError: if the machine keeps it from being measured.
    """
    try:
        return _row(data, settings)
    except PhotoError as error:
        return _failed(error.status, error)
    except BlurprintError as error:
        check_machine(error)
        return _failed("unreadable", error)
    except MemoryError:
        return {"status": "unreadable", "error": "not enough memory"}
    except Exception as error:
        check_machine(error)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        return _failed("failed", f"unexpected error ({what}); please report it with the picture")


def _failed(status: str, why: Exception | str) -> Row:
    return {"status": status, "error": printable(str(why).removeprefix("<bytes>: "))}


def _row(data: bytes, settings: ScanSettings) -> Row:
    whole, photo = _photos(data, settings)
    defocus = estimate_defocus(photo, settings.method)
    row: dict[str, Value] = {"status": "ok"}
    row |= _of_photo(photo)
    row["method"] = settings.method
    for one in measure_evidence(defocus):
        row |= _of_evidence(one)
    row |= _of_percentiles(defocus)
    found = [one.name for one in check_doubts(photo, defocus, facts_in(data)) if one.found]
    row["doubts"] = " ".join(found) or None
    notes = [*photo.notes, *filter(None, [defocus.doubt])]
    if settings.faces:
        row |= _of_faces(whole, photo, defocus, settings, notes)
    row["notes"] = " ".join(printable(note) for note in notes) or None
    return row


def _photos(data: bytes, settings: ScanSettings) -> tuple[Photo, Photo]:
    """The picture as its faces are judged, and as its blur is measured: one object if they agree.

    A strip that would have too few pixels across for a map is measured at the larger size.
    """
    side = settings.side_of_map
    try:
        whole, photo = read_photos(
            data,
            (settings.max_side if settings.faces else side, side),
            max_pixels=settings.max_pixels,
        )
    except PhotoError as error:
        if error.status != "too_small" or side == settings.max_side:
            raise
        whole = read_photo(data, max_side=settings.max_side, max_pixels=settings.max_pixels)
        return whole, whole
    return whole, photo


def _of_photo(photo: Photo) -> dict[str, Value]:
    row: dict[str, Value] = {
        "format": photo.format,
        "native_width_px": photo.native_size[0],
        "native_height_px": photo.native_size[1],
        "working_width_px": photo.size[0],
        "working_height_px": photo.size[1],
        "scale": photo.scale,
        "photograph_percent": 100 * int(photo.mask.sum()) / photo.mask.size,
        "jpeg_quality": photo.jpeg_quality,
    }
    for key in EXIF_KEYS:
        value = photo.exif.get(key)
        if isinstance(value, str):
            row[key] = printable(value)
        elif value is not None and isfinite(value):
            row[key] = float(value)
    return row


def _of_percentiles(defocus: DefocusMap) -> dict[str, Value]:
    if not is_measured(defocus):
        return {}
    unit = in_column(defocus.unit)
    values = measured_percentiles(defocus, tuple(PERCENTS.values()))
    return {f"blur_{name}_{unit}": value for name, value in zip(PERCENTS, values, strict=True)}


def _of_faces(
    whole: Photo, photo: Photo, defocus: DefocusMap, settings: ScanSettings, notes: list[str]
) -> dict[str, Value]:
    faces = find_faces_of(whole, cascades=False)
    row: dict[str, Value] = {
        "status": "ok" if faces.located else "no_face",
        "judged_width_px": whole.size[0],
        "judged_height_px": whole.size[1],
        "faces": len(faces.located),
        "faces_small": len(faces.small),
    }
    judged = None
    alone: tuple[FaceEvidence, ...] = ()
    if len(faces.found) == 1 and whole is photo and faces.found[0].eye_distance >= MIN_EYES:
        alone = (measure_face(photo, defocus, faces.found[0], faces.found),)
    if ships("face"):
        judged = score_of(
            whole,
            defocus,
            faces,
            measured=alone,  # or the score would measure its blur by itself
            of_map=photo,
            prior=settings.prior,
            every_redelivery=False,
        )
        notes += judged.notes
    row |= _of_score(judged)
    shown = _shown(faces.found, judged)
    if shown is None:
        return row
    on_map = at_size(faces.found, max(photo.size) / max(whole.size))
    face = next(one for one, other in zip(on_map, faces.found, strict=True) if other is shown)
    row["face_eyes_px"] = face.eye_distance
    row["face_eyes_native_px"] = shown.eye_distance / whole.scale
    if face.eye_distance < MIN_EYES:
        notes.append(
            f"The eyes are only {face.eye_distance:.0f} px apart on the map, fewer than "
            f"{MIN_EYES:.0f}: nothing is measured of the face. A larger map_side (--map-side) "
            "shows more of it."
        )
        return row
    measured = alone[0] if alone else measure_face(photo, defocus, face, on_map)
    for one in measured.rows:
        row |= _of_evidence(one)
    return row


def _of_score(judged: PhotoScore | None) -> dict[str, Value]:
    score = NO_SCORE if judged is None else judged.score
    return {
        "faces_judged": sum(one.likelihood_ratio is not None for one in score.faces),
        "label": score.label,
        "likelihood_ratio": score.likelihood_ratio,
        "at_bound": score.at_bound,
        "strong": ("yes" if score.strong else "no") if score.label == "fake" else None,
        "p_fake": score.value,
        "prior": score.prior,
        "face": score.face,
        "abstain_code": score.abstain_code,
        "abstain_reason": score.abstain_reason,
    }


def _shown(faces: Sequence[Face], judged: PhotoScore | None) -> Face | None:
    """The face that decided about the score; the largest if none did; None if none is measured."""
    decided = () if judged is None else judged.faces
    best = next((one.face for one in decided if judged and one.name == judged.score.face), None)
    return next((one for one in faces if one is best), next(iter(faces), None))


def _of_evidence(one: Evidence) -> dict[str, Value]:
    word = in_column(one.unit)
    known = one.error is not None and isfinite(one.error)
    row: dict[str, Value] = {
        f"{one.name}_{word}": one.value,
        f"{one.name}_error_{word}": one.error if known else None,
        f"{one.name}_percentile": None if one.reference is None else one.reference.percentile,
    }
    if one.native is not None:
        row[f"{one.name}_native_{word}"] = one.native
    return row
