"""What a notebook shows of a report and of a map: pictures in little and the finding."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from blurprint.evidence.wording import percent
from blurprint.optics.map_picture import colour_top
from blurprint.pages.text import printable, without_turns
from blurprint.report.figures import map_thumbnail, photo_thumbnail

if TYPE_CHECKING:
    from blurprint.report.results import Results


def notebook_html(report: Results) -> str:
    """A fragment: photograph, map, the finding, and a row for each measurement."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(row.title)}</th>"
        f"<td style='text-align:left'>{_value(row.value, row.unit)}</td>"
        f"<td style='text-align:left'>{escape(row.sentence)}</td></tr>"
        for row in report.evidence
    )
    top = colour_top(report.defocus)
    return (
        f"<div><b>{escape(without_turns(printable(report.photo.source)))}</b>"
        f"<div><img alt='photograph' src='{photo_thumbnail(report.photo)}'> "
        f"<img alt='map of blur' src='{map_thumbnail(report.defocus, top)}'></div>"
        f"<p>{escape(without_turns(report.finding.text))}</p><table>{rows}</table></div>"
    )


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "not measured"
    if unit == "%":
        return percent(value)
    return f"{value:.2f}&nbsp;{escape(unit.replace('^2', '²'))}"
