"""Whether the results in a folder are those that a run would write again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from blurprint.optics.methods import weights_of
from blurprint.report.parameters import estimator_parameters, evidence_parameters
from blurprint.report.write import FILE_NAMES
from blurprint.scan.settings import Settings
from blurprint.score.photo_score import face_weights
from blurprint.version import __version__

RESULT_FILES: Final = (*FILE_NAMES.values(), "explanation.npz")


def results_in(folder: Path) -> list[Path]:
    """The files of results that lie in a folder."""
    return [folder / name for name in RESULT_FILES if os.path.lexists(folder / name)]


def read_document(folder: Path) -> dict[str, Any]:
    """The content of ``report.json``; empty if there is none that can be read."""
    try:
        content = json.loads((folder / FILE_NAMES["json"]).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def difference(document: Mapping[str, Any], source: str, sha256: str, settings: Settings) -> str:
    """In what an earlier report is not that of this picture and these settings; "" if in nothing.

    Args:
        document: content of the earlier ``report.json``.
        source: the picture's path, as ``report.json`` would give it.
        sha256: of the picture's bytes.
        settings: of the run.
    """
    try:
        earlier = document["input"]
        side = max(earlier["working_width"], earlier["working_height"])
        method, version = document["method"]["name"], document["blurprint_version"]
        weights, judged = document["method"].get("weights"), document["score"]
        other = f"is of another picture, {earlier['source']}"
        changed = "is of this picture before it changed"
        differences = (
            (earlier["sha256"] != sha256, changed if earlier["source"] == source else other),
            (method != settings.method, f'was measured with method "{method}"'),
            (_is_other_size(document, settings), f"was measured at another size, {side} px"),
            (version != __version__, f"was made by version {version}"),
            (
                weights != weights_of(method),
                "was made with other weights",
            ),
            (document["parameters"] != _parameters(method), "was made with other constants"),
            (judged["weights_sha256"] != face_weights(), "was judged by another face network"),
            (
                "clip" in document and document["clip"]["asked"] != settings.frames,
                "was made of other frames",
            ),
            (judged["prior"] not in (None, settings.prior), f"has a prior of {judged['prior']}"),
        )
    except (KeyError, TypeError):
        return "has no report.json that says of which picture it is"
    return next((what for differs, what in differences if differs), "")


def _is_other_size(document: Mapping[str, Any], settings: Settings) -> bool:
    earlier = document["input"]
    size = max(earlier["native_width"], earlier["native_height"])
    side = max(earlier["working_width"], earlier["working_height"])
    if "clip" in document:  # frames differ in size, and of interlaced ones half is measured
        frames = document["frames"]
        size = max(max(one["native_width"], one["native_height"]) for one in frames)
        side = min(size, document["clip"]["max_side"] or size)
    return side != min(size, settings.max_side or size)


def _parameters(method: str) -> Any:
    now = {"evidence": evidence_parameters(), "estimator": estimator_parameters(method)}
    return json.loads(json.dumps(now))
