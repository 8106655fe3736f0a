"""The page of a report: what the template shows, put into words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO
from blurprint.evidence.wording import number, percent, signed_percent, significant
from blurprint.optics.methods import words_of
from blurprint.pages.page import render_page
from blurprint.pages.text import data_uri
from blurprint.report import plots
from blurprint.report.document import document
from blurprint.report.face_section import face_section
from blurprint.report.facts import fact_groups, size_text
from blurprint.report.figures import (
    PHOTO_SIDE,
    SAMPLE_DISC,
    SAMPLE_SIDE,
    map_png,
    photo_jpeg,
    sample_png,
)
from blurprint.report.grid import map_grid
from blurprint.report.score_section import LABELS, score_section
from blurprint.score.words import ratio_in_figures

if TYPE_CHECKING:
    from blurprint.report.distribution import Distribution
    from blurprint.report.explanation import Explanation
    from blurprint.report.results import Results

# 16:9 still fits side by side: docs/thresholds.md.
WIDE = 1.9
"""Width over height from which photograph and map are placed one above the other."""
# As in evidence/finding.py: docs/thresholds.md.
LEAST_ERROR = 0.01
"""Error that is shown at least, in the unit of the value: none is known better."""
SAMPLES = (0.5, 1.0, 2.0, 4.0)
"""Widths of blur that the page shows samples of, in pixels."""


def render_html(report: Results, siblings: Sequence[str] = ()) -> str:
    """One complete page: no file, font or script is loaded from elsewhere.

    Args:
        report: what to show.
        siblings: names of files in the same folder to link to, such as ``report.json``.
    """
    data = document(report)
    defocus = report.defocus
    summary = report.distribution
    in_px = defocus.unit == "px"
    width, height = _shown_size(report.photo.size)
    score_title, score_text = _score(report)
    groups = fact_groups(data)
    return render_page(
        "blurprint.report",
        "template.html.j2",
        script="overlay.js",
        name=PurePath(data["input"]["source"]).name or data["input"]["source"],
        subtitle=_subtitle(data),
        score_title=score_title,
        score_text=score_text,
        judged=score_section(report),
        finding=data["finding"],
        notes=[
            *_notes(data["input"]),
            *([defocus.doubt] if defocus.doubt else []),
            *([report.explanation.words_of_output()] if report.explanation else []),
        ],
        map_word="map of blur" if in_px else "the paper's map",
        photo=data_uri(photo_jpeg(report.photo), "image/jpeg"),
        map=data_uri(map_png(defocus, summary.top if summary else 1.0), "image/png"),
        width=width,
        height=height,
        map_alt=_map_alt(summary, defocus.unit),
        map_caption=_map_caption(summary, in_px, whole=bool(defocus.mask.all())),
        wide=width > WIDE * height,
        grid=map_grid(defocus),
        unit=defocus.unit,
        working=report.photo.size,
        per_native=defocus.scale,
        scale=plots.scale_bar(summary, defocus),
        legend=plots.legend(defocus),
        doubts=shown_doubts(data["doubts"]),
        camera=_camera(data["camera_limits"], defocus.scale),
        explanation=_explanation(report.explanation),
        provenance=data["provenance"]["rows"],
        evidence_caption=_evidence_caption(in_px, defocus.scale),
        evidence=[shown_row(row, defocus.scale) for row in report.evidence],
        faces=_faces(report),
        histogram=plots.histogram(summary, defocus),
        samples=_samples() if in_px else [],
        sample_side=SAMPLE_SIDE,
        sample_disc=SAMPLE_DISC,
        meaning=words_of(report.defocus),
        facts=[group for group in groups if not group["folded"]],
        folded=[group for group in groups if group["folded"]],
        siblings=siblings,
        footer=f"Made by Blurprint {data['blurprint_version']} on {_date(data)}.",
    )


def _shown_size(size: tuple[int, int]) -> tuple[int, int]:
    ratio = min(1.0, PHOTO_SIDE / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def _subtitle(data: Mapping[str, Any]) -> str:
    source = data["input"]
    kind = source["format"] or "Array"
    return f"{kind}, {size_text(source)} · method “{data['method']['name']}” · {_date(data)}"


def _date(data: Mapping[str, Any]) -> str:
    created: str = data["created"]
    return f"{created[:10]} {created[11:16]} UTC"


def _score(report: Results) -> tuple[str, str]:
    score = report.score
    if score.likelihood_ratio is None:
        return "No score.", score.abstain_reason or ""
    ratio = ratio_in_figures(score.likelihood_ratio, score.at_bound)
    return "Score:", f"{LABELS[score.label]}, likelihood ratio {ratio}."


def _notes(source: Mapping[str, Any]) -> list[str]:
    notes = list(source["notes"])
    if source["scale"] != 1:
        notes.append(
            f"The picture was reduced to {source['working_width']} × {source['working_height']} "
            "pixels and measured at that size. Lengths are given in pixels of the reduced picture "
            f"and in native pixels, {1 / source['scale']:.3g} times as many."
        )
    return notes


def _map_alt(summary: Distribution | None, unit: str) -> str:
    if summary is None:
        return "The map, gray throughout: nothing could be measured."
    tell = number if unit == "px" else significant
    low, median, high = (tell(summary.percentiles[name]) for name in ("p05", "p50", "p95"))
    return f"The map: median {median} {unit}, nine tenths between {low} and {high} {unit}."


def _map_caption(summary: Distribution | None, in_px: bool, *, whole: bool) -> str:
    if not in_px:
        text = "drawn whole, as the paper defines it, although it reads the picture on edges only"
    elif summary is None:
        text = "hatched throughout, since nothing in this picture could be measured"
    else:
        text = "dark is sharp, bright is blurred, hatched is not measured"
    return f"{text}." if whole else f"{text}; hatched crosswise is no photograph."


def _explanation(explanation: Explanation | None) -> dict[str, Any] | None:
    if explanation is None:
        return None
    return {
        "title": explanation.title,
        "words": explanation.words,
        "panels": [
            {
                "title": panel.title,
                "caption": panel.caption,
                "source": data_uri(panel.png, "image/png"),
                "width": panel.width,
                "height": panel.height,
            }
            for panel in explanation.panels
        ],
        "scale": data_uri(explanation.scale, "image/png") if explanation.scale else "",
        "ends": explanation.ends,
    }


def _evidence_caption(in_px: bool, scale: float) -> str:
    if not in_px:
        return "Values are in the unit of the map, which is not pixels."
    where = "working pixels, with native pixels below" if scale != 1 else "pixels"
    return (
        f"Blur is its standard deviation, pixel included, in {where}. ± is the expected error of a "
        "value; percentiles are among ordinary photographs of like size and measured share."
    )


def _faces(report: Results) -> dict[str, Any] | None:
    section = face_section(report)
    if section is not None and report.faces is not None:
        for shown, found in zip(section["faces"], report.faces.measured, strict=True):
            shown["rows"] = [shown_row(row, report.defocus.scale) for row in found.rows]
    return section


def shown_row(row: Evidence, scale: float) -> dict[str, str]:
    """A row of evidence as the template shows it; `scale` is working size / native size."""
    unit = row.unit.replace("^2", "²")
    tell = number if unit.startswith("px") else significant
    error = ""
    if row.value is None:
        value = "not measured"
    elif row.unit == "%":
        value, error = percent(row.value), "a count: no error"
    elif row.unit == LOG_RATIO:
        value, error = signed_percent(row.value), "error unknown"
        if row.error is not None:
            error = f"± {100 * row.error:.0f} %"
    else:
        value = f"{tell(row.value)} {unit}".replace("-", "−")
        error = "error unknown"
        if row.error is not None and isfinite(row.error):
            error = f"± {tell(max(row.error, LEAST_ERROR))} {unit}"
    native = ""
    if row.native is not None and scale != 1:
        native = f"{number(row.native)} {unit} native".replace("-", "−")
    usual, like = row.no_reference, ""
    if row.reference is not None:
        low, high = (_end(end, row.unit, tell) for end in (row.reference.low, row.reference.high))
        usual = f"Percentile {min(max(row.reference.percentile, 1), 99):.0f}"
        if row.is_unusual:
            usual += ": unusual"
        like = (
            f"of {row.reference.photographs} photographs {row.reference.group}; nine tenths of "
            f"them: {low} to {high}"
        )
    return {
        "title": row.title,
        "value": value,
        "error": error,
        "native": native,
        "usual": usual,
        "like": like,
        "sentence": row.sentence,
    }


def _end(end: float, unit: str, tell: Callable[[float], str]) -> str:
    if unit == LOG_RATIO:
        return signed_percent(end)
    return percent(end) if unit == "%" else tell(end).replace("-", "−")


def shown_doubts(doubts: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Those found, those looked for in vain, and those that could not be checked."""
    return {
        "found": [doubt for doubt in doubts if doubt["found"]],
        "absent": [doubt for doubt in doubts if doubt["found"] is False],
        "unknown": [doubt for doubt in doubts if doubt["found"] is None],
    }


def _camera(limits: Mapping[str, Any], scale: float) -> dict[str, Any]:
    rows = []
    if limits["diffraction_px"] is not None:
        rows.append(("Sharpest that diffraction allows", limits["diffraction_px"]))
    rows += [
        (f"Background at infinity, focus at {row['focus_m']:g} m", row["sigma_px"])
        for row in limits["infinity"]
    ]
    return {
        "missing": limits["missing"],
        "pitch": f"{limits['pitch_um']:.2f} µm" if limits["pitch_um"] is not None else "",
        "rows": [
            (
                label,
                f"{number(sigma)} px",
                f"{number(sigma / scale)} px native" if scale != 1 else "",
            )
            for label, sigma in rows
        ],
        "words": limits["words"],
        "contradicts": limits["contradicts"],
        "assumptions": limits["assumptions"],
    }


def _samples() -> list[dict[str, str]]:
    return [
        {"sigma": f"{sigma:g}", "image": data_uri(sample_png(sigma), "image/png")}
        for sigma in SAMPLES
    ]
