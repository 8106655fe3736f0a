"""A clip as plain data: what a picture's ``report.json`` holds, with ``clip`` and ``frames``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Any

from blurprint.clips.clip_words import faces_sentence
from blurprint.clips.gather import pooled_percentiles
from blurprint.clips.sampling import BURST
from blurprint.evidence.face_scene import RegionBlur
from blurprint.evidence.measure_faces import FaceEvidence
from blurprint.pages.text import path_text, printable
from blurprint.report.document import document as picture_document
from blurprint.report.document import evidence_entry, face_entry, finding_entry
from blurprint.score.photo_score import face_weights
from blurprint.weights.card import ships

if TYPE_CHECKING:
    from blurprint.clips.clip_results import ClipResults
    from blurprint.clips.tracks import Pooled, Track


def document(report: ClipResults) -> dict[str, Any]:
    """The content of ``report.json``.

    What a clip has in common with a picture stands where that of a picture does, each the median of
    its frames; "doubts", and what is not said of the frames together, are those of the frame that
    stands for the clip (``clip.shown[0]``).
    """
    shown = report.shown[0].report
    content = picture_document(shown)
    content["created"] = report.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    content["input"] |= {
        "source": path_text(report.source),
        "sha256": report.sha256,
        "format": f"{report.facts.codec} video",
        "notes": [printable(note) for note in report.notes],
    }
    content["defocus"] = _defocus(report)
    content["finding"] = finding_entry(report.finding)
    content["evidence"] = [evidence_entry(row) for row in report.evidence]
    content["face_search"] = {
        **content["face_search"],
        "found": sum(not track.is_small for track in report.tracks),
        "small": sum(track.is_small for track in report.tracks),
        "without_landmarks": max((frame.boxes for frame in report.frames), default=0),
        "sentence": faces_sentence(report.frames, report.tracks),
    }
    content["faces"] = [_face(track) for track in report.tracks]
    content["score"] = {
        **report.score.to_json(),
        "jpeg_quality": None,
        "notes": list(report.score_notes),
        "weights_sha256": face_weights() if ships("face") else None,
    }
    content["clip"] = _clip(report)
    content["frames"] = [frame.to_dict() for frame in report.frames]
    return content


def as_json(report: ClipResults) -> str:
    """The text of ``report.json``: strict JSON (no NaN), indented, ending with a newline."""
    return json.dumps(document(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _defocus(report: ClipResults) -> dict[str, Any]:
    share = report["measured_share"].value
    known = dict(report.percentiles) or None
    in_px = report["blur_median"].unit == "px"
    native = dict(pooled_percentiles(report.frames, native=True)) if known and in_px else None
    return {
        "measured_percent": 0.0 if share is None else share,
        "percentiles": known,
        "percentiles_native": native,
        "histogram": None,
    }


def _face(track: Track) -> dict[str, Any]:
    """A face as that of a picture: in its median frame, with the medians of all its frames."""
    middle = track.middle
    regions = []
    for region in middle.regions:
        blurs = [face.blur_of(region.name) for face in track.faces]
        regions.append(_region(region, [one.value for one in blurs], [one.error for one in blurs]))
    found = FaceEvidence(middle.face, tuple(regions), track.evidence, ())
    return {
        **face_entry(track.number, found, middle.scale),
        "frame": middle.frame,
        "time_s": middle.time_s,
    }


def _region(
    region: RegionBlur, values: list[float | None], errors: list[float | None]
) -> RegionBlur:
    return RegionBlur(region.name, region.pixels, region.measured, _median(values), _median(errors))


def _median(values: list[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    return known[(len(known) - 1) // 2] if known else None


def _clip(report: ClipResults) -> dict[str, Any]:
    facts = asdict(report.facts)
    return {
        **{name: list(value) if name == "notes" else value for name, value in facts.items()},
        "asked": report.settings.frames,
        "max_side": report.settings.max_side,
        "analysed": len(report.frames),
        "not_decoded": report.missing,
        "failed": [
            {"frame": index, "reason": printable(why)} for index, why in report.failed.items()
        ],
        "burst": BURST,
        "shown": [
            {"frame": one.row.index, "time_s": one.row.time_s, "why": one.why}
            for one in report.shown
        ],
        "tracks": [_track(track) for track in report.tracks],
    }


def _track(track: Track) -> dict[str, Any]:
    first, last = track.seconds
    return {
        "number": track.number,
        "frames": len(track.faces),
        "first_s": first,
        "last_s": last,
        "label": track.label,
        "abstain_code": track.code,
        "abstain_reason": track.reason,
        "log10_likelihood_ratio": _pooled(track.pooled),
    }


def _pooled(pooled: Pooled | None) -> dict[str, float | int] | None:
    if pooled is None:
        return None
    return {
        "frames": pooled.frames,
        "median": pooled.median.log10,
        "low_tenth": pooled.low.log10,
        "worst_tenth": pooled.high.log10,
    }
