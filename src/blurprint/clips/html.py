"""The page of a clip: what the template shows, put into words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from blurprint.clips.document import document
from blurprint.clips.frame_rows import FaceInFrame, FrameRow, Value
from blurprint.clips.timeline import timeline
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.wording import number, percent, signed_percent
from blurprint.pages.page import render_page
from blurprint.pages.text import data_uri
from blurprint.report import plots
from blurprint.report.face_section import SHAPES, SIDE, face_outlines
from blurprint.report.facts import fact_groups, size_text
from blurprint.report.figures import map_png, photo_jpeg
from blurprint.report.html import shown_doubts, shown_row
from blurprint.report.score_section import LABELS
from blurprint.score.cautions import NOT_LOOKED_AT, OTHER_EXPLANATIONS
from blurprint.score.rules import Thresholds, rules_of
from blurprint.score.words import ratio_in_figures
from blurprint.weights.card import FaceCard, shipped, ships

if TYPE_CHECKING:
    from blurprint.clips.clip_results import ClipResults, ShownFrame
    from blurprint.clips.tracks import Track
    from blurprint.report.distribution import Distribution

MOST_ROWS: Final = 240
"""Rows of the table of frames; more are in report.json."""
MOST_TRACKS: Final = 10
"""Faces whose evidence is shown in full."""


def render_clip(report: ClipResults, siblings: Sequence[str] = ()) -> str:
    """One complete page: no file, font or script is loaded from elsewhere.

    Args:
        report: what to show.
        siblings: names of files in the same folder to link to, such as ``report.json``.
    """
    data = document(report)
    shown = report.shown[0].report
    # Lengths in pixels of the file are shown where those of any frame differ from them.
    scale = next((row.scale for row in report.frames if row.scale != 1), 1.0)
    summary = _widest(report.shown)
    groups = [group for group in fact_groups(data) if group["title"] != "Camera"]
    groups.insert(1, {"title": "Video", "rows": _facts(data["clip"]), "empty": "", "folded": False})
    rows = [row for frame in report.frames for row in _frame_rows(frame)]
    return render_page(
        "blurprint.clips",
        "clip.html.j2",
        styles=("clip.css",),
        name=PurePath(data["input"]["source"]).name or data["input"]["source"],
        subtitle=_subtitle(data),
        score=_score(report),
        finding=data["finding"],
        notes=data["input"]["notes"],
        timeline=timeline(report.tracks, report.facts.duration_s, _thresholds()),
        shown=[_shown(one, summary) for one in report.shown],
        legend_faces=[(name, words) for name, words, _ in SHAPES],
        scale=plots.scale_bar(summary, shown.defocus),
        legend=plots.legend(shown.defocus),
        map_word="map of blur" if shown.defocus.unit == "px" else "the paper\u2019s map",
        faces_sentence=data["face_search"]["sentence"],
        tracks=[_track(one, scale) for one in report.tracks[:MOST_TRACKS]],
        more_tracks=max(len(report.tracks) - MOST_TRACKS, 0),
        evidence=[shown_row(row, scale) for row in report.evidence],
        judged=_judged(report),
        rows=rows[:MOST_ROWS],
        more_rows=max(len(rows) - MOST_ROWS, 0),
        doubts=shown_doubts([one for one in data["doubts"] if one["name"] != "screenshot"]),
        doubts_at=f"{report.shown[0].row.time_s:.2f} s",
        provenance=data["provenance"]["rows"],
        facts=[group for group in groups if not group["folded"]],
        folded=[group for group in groups if group["folded"]],
        siblings=siblings,
        footer=f"Made by Blurprint {data['blurprint_version']} on {_date(data)}.",
    )


def _thresholds() -> Thresholds | None:
    return rules_of(shipped("face", FaceCard)).thresholds if ships("face") else None


def _widest(shown: Sequence[ShownFrame]) -> Distribution | None:
    """The distribution of blur whose scale holds those of all shown frames."""
    found = [one.report.distribution for one in shown]
    return max((one for one in found if one is not None), key=lambda one: one.top, default=None)


def _date(data: dict[str, Any]) -> str:
    created: str = data["created"]
    return f"{created[:10]} {created[11:16]} UTC"


def _subtitle(data: dict[str, Any]) -> str:
    clip, source = data["clip"], data["input"]
    seconds = "" if clip["duration_s"] is None else f", {clip['duration_s']:.1f} s"
    frames = "" if clip["frames"] is None else f" of {clip['frames']:,}"
    return (
        f"{source['format']}, {size_text(source)}{seconds} · {clip['analysed']}{frames} frames · "
        f"method \u201c{data['method']['name']}\u201d · {_date(data)}"
    )


def _score(report: ClipResults) -> tuple[str, str]:
    score = report.score
    if score.likelihood_ratio is None:
        return "No score.", score.abstain_reason or ""
    ratio = ratio_in_figures(score.likelihood_ratio, score.at_bound)
    return "Score:", f"{LABELS[score.label]}, likelihood ratio {ratio} by the median frame."


def _judged(report: ClipResults) -> dict[str, Any]:
    score = report.score
    faces = []
    for track in report.tracks[:MOST_TRACKS]:
        pooled = track.pooled
        ratio = ""
        if pooled is not None:
            median = pooled.median
            ratio = ratio_in_figures(median.value, median.at_bound)
            ratio = f"likelihood ratio {ratio} by the median of {pooled.frames} frames"
        faces.append(
            {
                "name": track.name.capitalize(),
                "label": LABELS[track.label],
                "ratio": ratio,
                "reason": track.reason or "",
            }
        )
    judged = score.likelihood_ratio is not None
    return {
        "words": score.words or score.abstain_reason,
        "notes": report.score_notes,
        "faces": faces,
        "otherwise": [one.sentence for one in OTHER_EXPLANATIONS[score.label]] if judged else [],
        "not_looked_at": [one.sentence for one in NOT_LOOKED_AT],
    }


def _shown(one: ShownFrame, summary: Distribution | None) -> dict[str, Any]:
    report = one.report
    width, height = report.photo.size
    tracks = {id(face): found.track for face, found in _pairs(one)}
    measured = report.faces.measured if report.faces else ()
    return {
        "title": f"At {one.row.time_s:.2f} s",
        "why": one.why,
        "frame": one.row.index,
        "photo": data_uri(photo_jpeg(report.photo, SIDE), "image/jpeg"),
        "map": data_uri(
            map_png(report.defocus, summary.top if summary else 1.0, SIDE), "image/png"
        ),
        "width": width,
        "height": height,
        "outlines": [
            face_outlines(tracks.get(id(found.face), 0), found.face, max(width, height))
            for found in measured
        ],
    }


def _pairs(one: ShownFrame) -> list[tuple[Any, FaceInFrame]]:
    """Faces of the frame's report with their rows, which have the same order."""
    search = one.report.faces.search.located if one.report.faces else ()
    return list(zip(search, one.row.faces, strict=False))


def _track(track: Track, scale: float) -> dict[str, Any]:
    first, last = track.seconds
    eyes = sorted(face.face.eye_distance for face in track.faces)
    return {
        "name": track.name.capitalize(),
        "words": (
            f"In {len(track.faces)} of {track.looked} frames, from {first:.2f} to {last:.2f} s; "
            f"eyes {eyes[len(eyes) // 2]:.0f} px apart in its median frame."
        ),
        "rows": [shown_row(_bare(row), scale) for row in track.evidence],
    }


def _bare(row: Evidence) -> Evidence:
    return replace(row, native=None)


def _frame_rows(frame: FrameRow) -> list[dict[str, str]]:
    head = {"time": f"{frame.time_s:.2f} s", "frame": str(frame.index)}
    if not frame.faces:
        none = {"face": "none", "eyes": "", "inner": "", "ring": "", "difference": "", "ratio": ""}
        return [{**head, **none, "label": "", "why": frame.why_not}]
    return [{**head, **_face_row(face, frame.why_not)} for face in frame.faces]


def _face_row(face: FaceInFrame, nothing: str) -> dict[str, str]:
    """A face in a frame. `nothing`: why nothing was measured in the whole frame, or ""."""
    reasons = ((face.code or "").replace("_", " "), nothing or face.why_not)
    difference = face.difference
    told = "" if difference.value is None else signed_percent(difference.value)
    if told and difference.error is not None:
        told += f" ± {percent(100 * difference.error)}"
    return {
        "face": str(face.track),
        "eyes": f"{face.face.eye_distance:.0f} px",
        "inner": _blur(face.blur_of("inner")),
        "ring": _blur(face.blur_of("ring")),
        "difference": told,
        "ratio": "" if face.ratio is None else f"{face.ratio.log10:+.2f}".replace("-", "−"),
        "label": face.label,
        "why": "; ".join(filter(None, reasons)),
    }


def _blur(one: Value) -> str:
    if one.value is None:
        return ""
    return number(one.value) + ("" if one.error is None else f" ± {number(max(one.error, 0.01))}")


def _facts(clip: dict[str, Any]) -> list[tuple[str, str, bool]]:
    def seconds(value: float | None) -> str:
        return "unknown" if value is None else f"{value:.2f} s"

    rate = "unknown" if clip["rate"] is None else f"{clip['rate']:.4g} frames a second"
    if clip["variable_rate"]:
        rate += ", variable"
    bits = "unknown" if clip["bit_rate"] is None else f"{clip['bit_rate'] / 1000:,.0f} kbit/s"
    colours = ", ".join(
        text
        for text in (
            clip["transfer"],
            clip["matrix"] or "matrix not named",
            f"{clip['value_range']} range" if clip["value_range"] else "range not named",
        )
        if text
    )
    known = "unknown number" if clip["frames"] is None else f"{clip['frames']:,}"
    part = clip["met"] != clip["frames"]
    turned = f"{clip['turned']}°" + (", mirrored" if clip["mirrored"] else "")
    return [
        ("Container", clip["container"], True),
        ("Codec", f"{clip['codec']}, {clip['pixel_format']}", False),
        ("Stored size", f"{clip['width']} × {clip['height']} pixels", False),
        ("Frames", f"{known}, {seconds(clip['duration_s'])}", False),
        *[("Looked at", f"{clip['met']:,}, {seconds(clip['met_s'])}", False)] * part,
        ("Duration as stated", seconds(clip["stated_s"]), False),
        ("Rate", rate, False),
        ("Bit rate", bits, False),
        ("Encoder", clip["encoder"] or "not named in the stream", False),
        ("Colours", colours, False),
        ("Interlaced", "yes" if clip["interlaced"] else "no", False),
        ("Width / height of a pixel as stored", f"{clip['pixel_aspect']:.4g}", False),
        ("Turned to be shown", turned, False),
    ]
