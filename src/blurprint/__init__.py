"""Blurprint measures the defocus blur of a photograph in pixels.

>>> from blurprint import analyze, estimate_defocus, read_photo
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from blurprint.version import __version__

if TYPE_CHECKING:
    from blurprint.analysis import analyze as analyze
    from blurprint.clips.analyze_clip import analyze_clip as analyze_clip
    from blurprint.clips.clip_report import ClipReport as ClipReport
    from blurprint.errors import BlurprintError as BlurprintError
    from blurprint.errors import InputError as InputError
    from blurprint.errors import OutputError as OutputError
    from blurprint.errors import PhotoError as PhotoError
    from blurprint.evidence.evidence import Evidence as Evidence
    from blurprint.optics.defocus_map import DefocusMap as DefocusMap
    from blurprint.optics.estimate import estimate_defocus as estimate_defocus
    from blurprint.optics.method import Method as Method
    from blurprint.optics.methods import list_methods as list_methods
    from blurprint.photos.photo import Photo as Photo
    from blurprint.photos.photo import read_photo as read_photo
    from blurprint.provenance.provenance import Provenance as Provenance
    from blurprint.provenance.provenance import ProvenanceRow as ProvenanceRow
    from blurprint.provenance.read import read_provenance as read_provenance
    from blurprint.report.report import Report as Report
    from blurprint.report.write import write_report as write_report
    from blurprint.score.score import Score as Score

# Names are imported when first used, so that `blurprint --help` does not wait for OpenCV.
_HOME = {
    "analyze": "blurprint.analysis",
    "analyze_clip": "blurprint.clips.analyze_clip",
    "ClipReport": "blurprint.clips.clip_report",
    "estimate_defocus": "blurprint.optics.estimate",
    "read_photo": "blurprint.photos.photo",
    "read_provenance": "blurprint.provenance.read",
    "Photo": "blurprint.photos.photo",
    "list_methods": "blurprint.optics.methods",
    "write_report": "blurprint.report.write",
    "Method": "blurprint.optics.method",
    "DefocusMap": "blurprint.optics.defocus_map",
    "Evidence": "blurprint.evidence.evidence",
    "Score": "blurprint.score.score",
    "Provenance": "blurprint.provenance.provenance",
    "ProvenanceRow": "blurprint.provenance.provenance",
    "Report": "blurprint.report.report",
    "BlurprintError": "blurprint.errors",
    "InputError": "blurprint.errors",
    "OutputError": "blurprint.errors",
    "PhotoError": "blurprint.errors",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
