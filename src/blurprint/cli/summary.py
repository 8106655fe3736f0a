"""What the terminal shows of a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blurprint.evidence.evidence import Evidence
    from blurprint.report.report import Report


def block(report: Report, folder: Path | None, formats: tuple[str, ...]) -> str:
    """A report in some lines, for one picture."""
    photo = report.photo
    width, height = photo.size
    size = f"{width} x {height} px"
    if photo.scale != 1:
        native_width, native_height = photo.native_size
        size += f" (reduced from {native_width} x {native_height})"
    lines = [f"{photo.source}  {size}, method {report.defocus.method}"]
    lines += [f"  {note}" for note in photo.notes]
    lines += [
        f"  {row.title:<24}{_amount(row.value, row.unit, row.native)}{_ends(row)}"
        for row in report.evidence
    ]
    lines.append(f"  {'Score':<24}{_score_text(report)}")
    if folder is not None:
        shown = "report.html" if "html" in formats else ""
        lines.append(f"  {'Report':<24}{folder / shown}")
    return "\n".join(lines)


def line(report: Report, folder: Path | None) -> str:
    """A report in one line, for many pictures."""
    values = {row.name: row for row in report.evidence}
    median, share = values["blur_median"], values["measured_share"]
    text = (
        f"{report.photo.source}: median blur {_amount(median.value, median.unit, median.native)}, "
        f"{_amount(share.value, share.unit, None)} measured"
    )
    return text if folder is None else f"{text} -> {folder}"


def _amount(value: float | None, unit: str, native: float | None) -> str:
    if value is None:
        return "nothing to measure"
    digits = 0 if unit == "%" else 2
    text = f"{value:.{digits}f} {unit}"
    if native is not None and abs(native - value) > 1e-9:
        text += f" ({native:.{digits}f} {unit} at native size)"
    return text


def _ends(row: Evidence) -> str:
    if row.value is None or not {"p05", "p95"} <= row.details.keys():
        return ""
    return f", from {row.details['p05']:.2f} to {row.details['p95']:.2f} {row.unit}"


def _score_text(report: Report) -> str:
    if report.score.value is None:
        return f"none. {report.score.abstain_reason}"
    return f"{report.score.value:.2f} ({report.score.label})"
