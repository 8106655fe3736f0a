"""The overview of several reports: a page of photographs with their maps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from blurprint import __version__
from blurprint.evidence.wording import amount, percent, subject
from blurprint.report.distribution import distribution
from blurprint.report.document import printable
from blurprint.report.figures import map_thumbnail, photo_thumbnail
from blurprint.report.page import render_page
from blurprint.report.write import FILE_NAMES

if TYPE_CHECKING:
    from blurprint.report.report import Report


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the overview shows of one report.

    Attributes:
        name: of the picture.
        href: where its ``report.html`` lies, relative to the overview, URL-quoted.
        photo: the photograph in little, as a data URI.
        map: the map in little, as a data URI.
        summary: what was measured, in a sentence.
    """

    name: str
    href: str
    photo: str
    map: str
    summary: str


def index_entry(report: Report, folder_name: str) -> IndexEntry:
    """The entry of a report that lies in the folder `folder_name` beside the overview."""
    defocus = report.defocus
    summary = distribution(defocus)
    return IndexEntry(
        name=printable(PurePath(report.photo.source).name),
        href=f"{quote(folder_name, errors='surrogateescape')}/{FILE_NAMES['html']}",
        photo=photo_thumbnail(report.photo),
        map=map_thumbnail(defocus, summary.top if summary else 1.0),
        summary=_summary(report, summary.percentiles["p50"] if summary else None),
    )


def render_index(entries: Iterable[IndexEntry]) -> str:
    """The page that lists `entries` in their order; it holds all it shows and loads nothing."""
    shown = list(entries)
    count = f"{len(shown)} report" + ("" if len(shown) == 1 else "s")
    return render_page(
        "index.html.j2", title=count, entries=shown, footer=f"Made by Blurprint {__version__}."
    )


def _summary(report: Report, median: float | None) -> str:
    if median is None:
        return "Nothing in this picture could be measured."
    share = next((row.value for row in report.evidence if row.name == "measured_share"), None)
    value = amount(median, report.defocus)
    in_px = report.defocus.unit == "px"
    text = f"Median blur {value}" if in_px else f"Median of the map's values on edges {value}"
    if share is None:
        return f"{text}."
    where = "measured" if in_px else "on edges"
    return f"{text}; {percent(share)} of the {subject(report.defocus)} {where}."
