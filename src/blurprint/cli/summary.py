"""What the terminal shows of results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blurprint.cli.plain import shown
from blurprint.evidence.face_scene import LOG_RATIO
from blurprint.evidence.wording import number, percent, signed_percent
from blurprint.score.words import ratio_in_figures


def block(document: Mapping[str, Any], folder: Path | None, formats: tuple[str, ...]) -> str:
    """A report (the content of ``report.json``) in some lines, for one picture."""
    source = document["input"]
    size = f"{source['working_width']} x {source['working_height']} px"
    if source["scale"] != 1:
        size += f" (reduced from {source['native_width']} x {source['native_height']})"
    lines = [f"{shown(source['source'])}  {size}, method {document['method']['name']}"]
    lines += [f"  {shown(note)}" for note in source["notes"]]
    lines += [f"  {row['title']:<24}{_amount(row)}{_ends(row)}" for row in document["evidence"]]
    if document["defocus"]["percentiles"] is None and document["finding"]["unknown"]:
        lines.append(f"  {'Why':<24}{document['finding']['unknown']}")
    lines += _faces(document)
    lines.append(f"  {'Score':<24}{_score_text(document['score'])}")
    lines += [f"  {'':<24}{shown(note)}" for note in document["score"].get("notes", [])]
    if "provenance" in document:  # reports of earlier versions have none
        lines.append(f"  {'Where it comes from':<24}{shown(document['provenance']['brief'])}")
    if folder is not None:
        file = "report.html" if "html" in formats else ""
        lines.append(f"  {'Report':<24}{shown(str(folder / file))}")
    return "\n".join(lines)


def _faces(document: Mapping[str, Any]) -> list[str]:
    """What was found of faces; nothing of reports made without a search."""
    search = document.get("face_search")
    if search is None:
        return []
    tracks = document.get("clip", {}).get("tracks", ())
    frames = {track["number"]: track["frames"] for track in tracks}
    lines = [f"  {'Faces':<24}{search['sentence']}"]
    for face in document["faces"]:
        lines.append(f"  Face {face['number']}, eyes {face['eye_distance']:.0f} px apart")
        seen = frames.get(face["number"])
        lines += [
            f"    {row['title']:<30}{_amount(row)}{_rank(row)}{_of_frames(row, seen)}"
            for row in face["evidence"]
        ]
    return lines


def _rank(row: Mapping[str, Any]) -> str:
    if row["reference"] is None:
        return ""
    return f", percentile {min(max(row['reference']['percentile'], 1), 99):.0f} of portraits"


def _of_frames(row: Mapping[str, Any], seen: int | None) -> str:
    """Of a clip's face: that a value is of fewer frames than the face is seen in."""
    count = row["details"].get("frames")
    if seen is None or row["value"] is None or count is None or count >= seen:
        return ""
    return f", in {count:.0f} of {seen} frames"


def line(document: Mapping[str, Any], folder: Path | None) -> str:
    """A report in one line, for many pictures."""
    values = {row["name"]: row for row in document["evidence"]}
    share = {**values["measured_share"], "native": None}
    text = (
        f"{shown(document['input']['source'])}: median blur {_amount(values['blur_median'])}, "
        f"{_amount(share)} measured"
    )
    if document["score"]["label"] in ("fake", "real"):
        text += f", score {document['score']['label']}"
    return text if folder is None else f"{text} -> {shown(str(folder))}"


def _amount(row: Mapping[str, Any]) -> str:
    value, unit, native = row["value"], row["unit"], row["native"]
    if value is None:
        return "nothing to measure"
    if unit == "%":
        return percent(value)
    if unit == LOG_RATIO:
        return signed_percent(value)
    text = f"{number(value)} {unit}"
    if native is not None and abs(native - value) > 1e-9:
        text += f" ({number(native)} {unit} at native size)"
    return text


def _ends(row: Mapping[str, Any]) -> str:
    if row["value"] is None or not {"p05", "p95"} <= row["details"].keys():
        return ""
    return f", from {row['details']['p05']:.2f} to {row['details']['p95']:.2f} {row['unit']}"


def _score_text(score: Mapping[str, Any]) -> str:
    if not score.get("words"):  # reports of earlier versions have none
        return f"none. {score['abstain_reason']}"
    if score["value"] is None:
        return f"{score['label']}. {score['words']}"
    ratio = ratio_in_figures(score["likelihood_ratio"], score["at_bound"])
    return f"{score['label']}, likelihood ratio {ratio}. {score['words']}"
