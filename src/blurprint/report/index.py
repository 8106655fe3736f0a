"""The overview of a run: every picture with its map in little, and every one that failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from blurprint.evidence.wording import percent
from blurprint.pages.page import render_page
from blurprint.pages.text import data_uri, path_of_text
from blurprint.report.figures import scale_png
from blurprint.report.thumbnail import SIDE, TICKS, TOP, place_on_scale
from blurprint.report.write import FILE_NAMES
from blurprint.score.words import ratio_in_figures
from blurprint.version import __version__

PAGE_LENGTH: Final = 60
"""Pictures that a browser shows at a time."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the overview shows of one picture.

    Attributes:
        name: of the file.
        folder: that it lies in, "" if that is not worth a word.
        folder_href: of its results, relative to the overview, URL-quoted; "" if there are none.
        median: blur, in `unit`; None where nothing could be measured.
        unit: of the map.
        measured: share of the photograph that could be measured, in percent.
        problem: why it failed, or was not analysed.
        label: of its score; "" where it has no face.
        ratio: likelihood ratio of its score; None where none is given.
        at_bound: "lower" or "upper" if the data support no stronger ratio; None otherwise.
        clip: of a video, what was looked at, as a phrase; "" of a picture.
    """

    name: str
    folder: str = ""
    folder_href: str = ""
    median: float | None = None
    unit: str = "px"
    measured: float | None = None
    problem: str = ""
    label: str = ""
    ratio: float | None = None
    at_bound: str | None = None
    clip: str = ""

    @property
    def verdict(self) -> str:
        """What the score says of its faces, in a phrase; "" where it has none."""
        if not self.label:
            return ""
        words = {
            "fake": "Signs of a pasted face",
            "real": "No sign of a pasted face",
            "unsure": "Undecided on its faces",
        }[self.label]
        if self.ratio is None:
            return words
        return f"{words}, likelihood ratio {ratio_in_figures(self.ratio, self.at_bound)}"

    @property
    def summary(self) -> str:
        """What was measured, in a phrase."""
        if self.problem:
            return self.problem
        if self.clip:
            return f"{self.clip}. {self._blur}"
        return self._blur

    @property
    def _blur(self) -> str:
        if self.median is None:
            return f"No blur could be measured in this {'video' if self.clip else 'picture'}."
        text = (
            f"Median blur {self.median:.2f} px"
            if self.unit == "px"
            else (f"Median of the map {self.median:.2f}")
        )
        where = "measured" if self.unit == "px" else "on edges"
        return text if self.measured is None else f"{text}, {percent(self.measured)} {where}"


def index_entry(row: Mapping[str, Any]) -> IndexEntry:
    """The entry of a row of the run's table."""
    source = PurePath(row["source"])
    folder = "" if source.parent == PurePath() else str(source.parent)
    if row.get("result") is None:
        return IndexEntry(
            name=source.name or str(source),
            folder=folder,
            problem=str(row["error"] or f"This picture was {row['status']}."),
        )
    unit = "px" if "blur_median_px" in row else "map units"
    return IndexEntry(
        name=source.name,
        folder=folder,
        folder_href=quote(path_of_text(row["result"]), errors="surrogateescape"),
        median=row.get(f"blur_median_{unit.replace(' ', '_')}"),
        unit=unit,
        measured=row.get("measured_share_percent"),
        label=_label(row),
        ratio=row.get("likelihood_ratio"),
        at_bound=row.get("at_bound"),
        clip=_clip(row),
    )


def _clip(row: Mapping[str, Any]) -> str:
    looked = row.get("clip_frames_analysed")
    if looked is None:
        return ""
    seconds = row.get("clip_seconds")
    length = "" if seconds is None else f" of {seconds:.1f} s"
    return f"Video{length}, {looked} frame{'s' * (looked != 1)}"


def _label(row: Mapping[str, Any]) -> str:
    """The label of a judged picture; "" where no face was found or no network judged."""
    label, reason = row.get("score_label"), row.get("score_reason")
    if label is None or reason == "no_face" or (label == "unsure" and reason is None):
        return ""
    return str(label)


def render_index(
    entries: Iterable[IndexEntry],
    *,
    words: str = "",
    account: Sequence[str] = (),
    reports: bool = True,
) -> str:
    """The page that lists `entries`; it loads the thumbnails that lie beside the reports.

    Args:
        entries: in their order.
        words: what became of the pictures, in a sentence.
        account: what became of the other files, a sentence each.
        reports: whether there are ``report.html`` to link to; else ``report.json`` is linked.
    """
    shown = list(entries)
    unit = next((entry.unit for entry in shown if entry.folder_href), "px")
    failed = sum(bool(entry.problem) for entry in shown)
    clips = sum(bool(entry.clip) for entry in shown)
    count = " and ".join(
        f"{number:,} {what}" + ("" if number == 1 else "s")
        for number, what in ((len(shown) - clips, "picture"), (clips, "video"))
        if number or (what == "picture" and not clips)
    )
    return render_page(
        "blurprint.report",
        "index.html.j2",
        styles=("index.css",),
        script="index.js",
        images="'self' file: data:",
        title=count,
        failed=failed,
        entries=shown,
        target=FILE_NAMES["html" if reports else "json"],
        words=words,
        account=account,
        unit=unit,
        scale=data_uri(scale_png(), "image/png"),
        ticks=_ticks(unit),
        side=SIDE,
        page_length=PAGE_LENGTH,
        footer=f"Made by Blurprint {__version__}.",
    )


def _ticks(unit: str) -> list[dict[str, str]]:
    """Labels below the scale, with their place in percent."""
    top = TOP[unit]
    values = [value for value in TICKS if value < top] + [top]
    places = place_on_scale(np.array(values), unit)
    return [
        {
            "place": f"{100 * place:.4g}",
            "label": f"{value:g}" + (" and more" if value == top else ""),
        }
        for value, place in zip(values, places, strict=True)
    ]
