"""A report as plain data: what report.json holds, and what the page is made from."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import UTC
from math import degrees, isfinite
from typing import TYPE_CHECKING, Any, Final

from blurprint.evidence.confident import confident_share
from blurprint.faces.face import LANDMARKS
from blurprint.optics.methods import weights_of
from blurprint.pages.text import path_text, printable
from blurprint.report.parameters import estimator_parameters, evidence_parameters
from blurprint.score.photo_score import face_weights
from blurprint.version import __version__

if TYPE_CHECKING:
    from blurprint.evidence.camera_limits import CameraLimits
    from blurprint.evidence.evidence import Evidence, Reference
    from blurprint.evidence.finding import Finding
    from blurprint.evidence.measure_faces import FaceEvidence, FacesFound
    from blurprint.optics.defocus_map import DefocusMap
    from blurprint.photos.photo import Photo
    from blurprint.report.distribution import Distribution
    from blurprint.report.results import Results

SCHEMA_VERSION: Final = "2.6"
"""Version of the layout; the first number changes when a reader of the old one would break."""

EXIF_KEYS: Final = (
    "camera",
    "lens",
    "focal_length_mm",
    "focal_length_35mm_mm",
    "f_number",
    "exposure_s",
    "iso",
    "taken",
    "software",
)


def document(report: Results) -> dict[str, Any]:
    """The content of ``report.json``; ``report.schema.json`` describes every field."""
    content = {
        "schema_version": SCHEMA_VERSION,
        "blurprint_version": __version__,
        "created": report.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "input": _input(report.photo),
        "method": {
            "name": report.defocus.method,
            "unit": report.defocus.unit,
            "weights": weights_of(report.defocus.method),
        },
        "defocus": _defocus(report.defocus, report.distribution),
        "finding": finding_entry(report.finding),
        "evidence": [evidence_entry(row) for row in report.evidence],
        "face_search": _search(report.faces),
        "faces": [
            face_entry(place, face, report.defocus.scale)
            for place, face in enumerate(report.faces.measured if report.faces else (), 1)
        ],
        "doubts": [
            {
                "name": doubt.name,
                "title": doubt.title,
                "found": doubt.found,
                "sentence": printable(doubt.sentence),
            }
            for doubt in report.doubts
        ],
        "camera_limits": _limits(report.camera_limits),
        "score": _score(report),
        "provenance": report.provenance.to_dict(),
        "parameters": {
            "evidence": evidence_parameters(),
            "estimator": estimator_parameters(report.defocus.method),
        },
        "versions": _versions(),
    }
    if report.explanation is not None:
        content["explanation"] = dict(report.explanation.data)
    return content


def as_json(report: Results) -> str:
    """The text of ``report.json``: strict JSON (no NaN), indented, ending with a newline."""
    return json.dumps(document(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _input(photo: Photo) -> dict[str, Any]:
    return {
        "source": path_text(photo.source),
        "sha256": photo.sha256,
        "format": photo.format,
        "native_width": photo.native_size[0],
        "native_height": photo.native_size[1],
        "working_width": photo.size[0],
        "working_height": photo.size[1],
        "scale": photo.scale,
        "photograph": _photograph(photo),
        "notes": [printable(note) for note in photo.notes],
        "exif": _exif(photo.exif),
    }


def _photograph(photo: Photo) -> dict[str, Any]:
    box = photo.rectangle
    width, height = box.size
    return {
        "share": int(photo.mask.sum()) / photo.mask.size,
        "rectangle": {"left": box.left, "top": box.top, "width": width, "height": height},
        "absent": dict(photo.absent),
    }


def _exif(exif: Mapping[str, str | float]) -> dict[str, str | float]:
    facts: dict[str, str | float] = {}
    for key in EXIF_KEYS:
        value = exif.get(key)
        if isinstance(value, str):
            facts[key] = printable(value)
        elif value is not None and isfinite(value):
            facts[key] = value
    return facts


def _defocus(defocus: DefocusMap, summary: Distribution | None) -> dict[str, Any]:
    return {
        "measured_percent": 100 * confident_share(defocus),
        "percentiles": dict(summary.percentiles) if summary else None,
        "percentiles_native": _native_percentiles(summary, defocus),
        "histogram": {
            "edges": list(summary.edges),
            "weights": list(summary.weights),
            "above": summary.above,
        }
        if summary
        else None,
    }


def _native_percentiles(
    summary: Distribution | None, defocus: DefocusMap
) -> dict[str, float] | None:
    if summary is None or defocus.unit != "px":
        return None
    return {name: value / defocus.scale for name, value in summary.percentiles.items()}


def evidence_entry(row: Evidence) -> dict[str, Any]:
    """A row of evidence as JSON takes it."""
    return {
        "name": row.name,
        "title": row.title,
        "value": row.value,
        "unit": row.unit,
        "native": row.native,
        "sentence": row.sentence,
        "error": row.error if _known(row.error) else None,
        "details": dict(row.details),
        "reference": _reference(row.reference) if row.reference else None,
        "no_reference": row.no_reference,
    }


def _score(report: Results) -> dict[str, Any]:
    judged = report.judged
    return {
        **report.score.to_json(),
        "jpeg_quality": None if judged is None else judged.jpeg_quality,
        "notes": [] if judged is None else list(judged.notes),
        "weights_sha256": None if judged is None else face_weights(),
    }


def _search(faces: FacesFound | None) -> dict[str, Any] | None:
    if faces is None:
        return None
    return {
        "detector": faces.search.detector,
        "least_px": faces.search.least_px,
        "found": len(faces.search.found),
        "small": len(faces.search.small),
        "without_landmarks": len(faces.search.boxes),
        "sentence": faces.sentence,
    }


def face_entry(place: int, found: FaceEvidence, scale: float) -> dict[str, Any]:
    """A face as JSON takes it; `scale` is working size / native size."""
    face = found.face
    box = face.box
    return {
        "number": place,
        "probability": face.probability,
        "box": {"left": box.left, "top": box.top, "width": box.width, "height": box.height},
        "landmarks": {
            name.replace(" ", "_"): [float(x), float(y)]
            for name, (x, y) in zip(LANDMARKS, face.landmarks, strict=True)
        },
        "eye_distance": face.eye_distance,
        "eye_distance_native": face.eye_distance / scale,
        "tilt_degrees": degrees(face.tilt),
        "turn": face.turn,
        "remarks": list(found.remarks),
        "regions": [
            {
                "name": region.name,
                "pixels": region.pixels,
                "measured_percent": 100 * region.measured,
                "median": region.median,
                "error": region.error if _known(region.error) else None,
            }
            for region in found.regions
        ],
        "evidence": [evidence_entry(row) for row in found.rows],
    }


def _known(error: float | None) -> bool:
    return error is not None and isfinite(error)


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "percentile": reference.percentile,
        "low": reference.low,
        "high": reference.high,
        "photographs": reference.photographs,
        "group": reference.group,
    }


def finding_entry(finding: Finding) -> dict[str, str]:
    """A finding as JSON takes it."""
    return {
        "text": printable(finding.text),
        "score": finding.score,
        "where": finding.where,
        "faces": finding.faces,
        "unusual": finding.unusual,
        "unknown": finding.unknown,
        "otherwise": printable(finding.otherwise),
    }


def _limits(limits: CameraLimits) -> dict[str, Any]:
    return {
        "missing": limits.missing,
        "pitch_um": limits.pitch_um,
        "diffraction_px": limits.diffraction,
        "infinity": [{"focus_m": metres, "sigma_px": sigma} for metres, sigma in limits.infinity],
        "words": list(limits.words),
        "contradicts": limits.contradicts,
        "assumptions": list(limits.assumptions),
    }


def _versions() -> dict[str, str]:
    import cv2
    import numpy as np
    import PIL

    return {
        "blurprint": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
    }
