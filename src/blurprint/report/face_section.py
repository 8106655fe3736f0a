"""The faces of a report: outlines over the photograph, and the blur of each region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.evidence.face_scene import TITLES
from blurprint.evidence.wording import number, percent
from blurprint.faces.faces import DETECTORS
from blurprint.faces.outline import FACE_HULL, INNER, OVAL, outline
from blurprint.faces.regions import FAR, MARGIN, SURROUND
from blurprint.pages.text import data_uri
from blurprint.report.figures import photo_jpeg

if TYPE_CHECKING:
    from blurprint.evidence.face_scene import RegionBlur
    from blurprint.evidence.measure_faces import FaceEvidence
    from blurprint.faces.face import Face
    from blurprint.report.results import Results

SIDE: Final = 720
"""Longer side of the picture with outlines, in pixels."""
SHAPES: Final[tuple[tuple[str, str, FloatMap], ...]] = (
    ("inner", "inner face: brows, eyes, nose, mouth", np.array(INNER, np.float32)),
    ("hull", "edge of the face; the surround begins", MARGIN * np.array(FACE_HULL, np.float32)),
    ("ring", "edge of the surround: forehead, hair, neck", np.array(SURROUND, np.float32)),
    ("far", "the background begins, above the chin only", FAR * np.array(OVAL, np.float32)),
)
"""What is drawn of each face: class of the line, its meaning, its shape in eye distances."""
_LEAST_ERROR: Final = 0.01


def face_section(report: Results) -> dict[str, Any] | None:
    """What the template shows of faces, but for the rows of evidence; None without a search."""
    if report.faces is None:
        return None
    faces = report.faces.measured
    width, height = report.photo.size
    return {
        "sentence": report.faces.sentence,
        "detector": DETECTORS[report.faces.search.detector],
        "photo": data_uri(photo_jpeg(report.photo, SIDE), "image/jpeg") if faces else "",
        "width": width,
        "height": height,
        "shown": min(SIDE, width),
        "outlines": [
            face_outlines(place, found.face, max(width, height))
            for place, found in enumerate(faces, 1)
        ],
        "legend": [(name, words) for name, words, _ in SHAPES],
        "faces": [_face(place, found, report) for place, found in enumerate(faces, 1)],
    }


def face_outlines(place: int, face: Face, side: int) -> dict[str, Any]:
    """Lines of the regions of a face, for a picture of this longer side, with its number."""
    top = outline(face, np.array([(0.0, -2.6)], np.float32))[0]
    return {
        "lines": [(name, _points(outline(face, shape))) for name, _, shape in SHAPES],
        "marks": [(f"{x:.1f}", f"{y:.1f}") for x, y in face.landmarks],
        "mark": f"{max(1.5, side / 400):.1f}",
        "number": place,
        "x": f"{top[0]:.1f}",
        "y": f"{max(float(top[1]), side / 30):.1f}",
        "size": f"{side / 30:.1f}",
    }


def _points(places: FloatMap) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _face(place: int, found: FaceEvidence, report: Results) -> dict[str, Any]:
    eyes = f"{found.face.eye_distance:.0f} px"
    scale = report.defocus.scale
    if scale != 1:
        eyes += f" ({found.face.eye_distance / scale:.0f} px at native size)"
    return {
        "number": place,
        "words": f"Eyes {eyes} apart, found with a probability of {_sure(found.face.probability)}.",
        "remarks": found.remarks,
        "regions": [_region(region, report.defocus.unit) for region in found.regions],
    }


def _sure(probability: float) -> str:
    return "more than 0.99" if 0.99 < probability < 1 else f"{probability:.2f}"


def _region(region: RegionBlur, unit: str) -> tuple[str, str, str, str]:
    """Name, blur, its error and the share that is measured."""
    blur = "not measured" if region.median is None else f"{number(region.median)} {unit}"
    error = ""
    if region.median is not None:
        error = "error unknown"
        if region.error is not None and np.isfinite(region.error):
            error = f"± {number(max(region.error, _LEAST_ERROR))} {unit}"
    name = TITLES[region.name]
    return name[0].upper() + name[1:], blur, error, f"{percent(100 * region.measured)} measured"
