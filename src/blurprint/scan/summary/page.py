"""``summary.html``: what a scan found, on one page."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from blurprint.files import write_atomic
from blurprint.pages.page import render_page
from blurprint.scan.items.written import file_of_row
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.store.layout import SUMMARY, Layout
from blurprint.scan.summary.gather import LEAST_ROWS, MOST_SHOWN, Apart, gathered
from blurprint.scan.summary.measures import SHOWN_BINS, Counts, Measure, measures_of
from blurprint.scan.summary.thumbnails import thumbnails
from blurprint.scan.table.columns import MEASURED, STATUSES
from blurprint.score.words import ratio_in_figures
from blurprint.version import __version__

# A normal distribution has 1.2 % beyond it: docs/thresholds.md.
LEAST_APART: Final = 2.5
"""Distance from the median of the scan, in its spread, from which a picture is shown."""
_LOG_TICKS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


def write_summary(
    layout: Layout,
    settings: ScanSettings,
    *,
    statuses: Mapping[str, int],
    labels: Mapping[str, int],
    account: Sequence[str] = (),
    problems: Sequence[str] = (),
    changed: str = "",
    complete: bool = True,
) -> Path:
    """Write the page of a folder whose rows and shards are whole; its path.

    Args:
        layout: of the folder.
        settings: of the scan.
        statuses: number of rows of each status.
        labels: number of rows of each label.
        account: what was given beside items, a sentence each.
        problems: what was given and could not be listed, or not to its end, a sentence each.
        changed: what has rows that are out of date, a phrase with the first names; "" for none.
        complete: whether all that was given has been gone through, and no row is out of date.

    Raises:
        OutputError: if the rows cannot be read or the page cannot be written.
    """
    measures = measures_of(settings.method)
    rows = sum(statuses.values())
    found = gathered(layout, measures, rows)
    unusual = [one for one in found.unusual if one.strength >= LEAST_APART]
    paths = [file_of_row(str(one.row["path"])) for one in (*found.fakes, *unusual)]
    pictures = thumbnails(paths, max_pixels=settings.max_pixels)
    cards = _cards(found.fakes, pictures, found.counts), _cards(unusual, pictures, found.counts)
    page = render_page(
        "blurprint.scan.summary",
        "summary.html.j2",
        styles=("summary.css",),
        rows=rows,
        measured=sum(count for status, count in statuses.items() if status in MEASURED),
        statuses=_shares(statuses, STATUSES),
        labels=_shares(labels, _LABELS),
        histograms=[_histogram(one) for one in found.counts if one.total],
        fakes=cards[0],
        fakes_in_all=labels.get("fake", 0),
        unusual=cards[1],
        faces=settings.faces,
        least=LEAST_APART,
        least_rows=LEAST_ROWS,
        most=MOST_SHOWN,
        account=account,
        problems=problems,
        changed=changed,
        complete=complete,
        method=settings.method,
        footer=f"Made by Blurprint {__version__}.",
    )
    path = layout.folder / SUMMARY
    write_atomic(path, page.encode())
    return path


_LABELS: Final = {
    "fake": "signs of a pasted or regenerated face",
    "real": "no sign of a pasted face, which is less than real",
    "unsure": "not decided, or no face to judge",
}


def _shares(counts: Mapping[str, int], words: Mapping[str, str]) -> list[dict[str, Any]]:
    total = max(sum(counts.values()), 1)
    names = [name for name in words if counts.get(name)]
    return [
        {
            "name": name,
            "count": counts[name],
            "percent": 100 * counts[name] / total,
            "is": words[name],
        }
        for name in names
    ]


def _cards(
    pictures: Sequence[Apart], addresses: Mapping[str, str], counts: Sequence[Counts]
) -> list[dict[str, Any]]:
    return [_card(one, addresses, counts) for one in pictures]


def _card(one: Apart, addresses: Mapping[str, str], counts: Sequence[Counts]) -> dict[str, Any]:
    path = file_of_row(str(one.row["path"]))
    place, _, name = str(one.row["path"]).rpartition("/")
    ratio = one.row["likelihood_ratio"]
    if one.measure is None:
        why = f"Likelihood ratio {ratio_in_figures(ratio, one.row['at_bound'])}"
        beside = ""
    else:
        why = f"{one.measure.title} {_value(one.measure, one.row)}"
        beside = _usual(next(each for each in counts if each.measure is one.measure))
    here = path in addresses
    return {
        "name": name,
        "place": place,
        "href": "file://" + quote(os.path.abspath(path), errors="surrogateescape") if here else "",  # noqa: PTH100
        "picture": addresses.get(path, ""),
        "why": why,
        "beside": beside,
        "label": one.row["label"] if one.row["abstain_code"] != "no_face" else None,
        "ratio": None
        if ratio is None or one.measure is None
        else ratio_in_figures(ratio, one.row["at_bound"]),
    }


def _value(measure: Measure, row: Mapping[str, Any]) -> str:
    """A value with its error.

    >>> _value(Measure("a", "e", "A", " px", 0, 1), {"a": 1.234, "e": 0.1})
    '1.23 ± 0.10 px'
    """
    value = _figure(row[measure.column], measure)
    error = row[measure.error] if measure.error else None
    if error is not None:
        value += f" ± {error:.{measure.decimals}f}"
    return f"{value}{measure.unit}"


def _figure(value: float, measure: Measure) -> str:
    """A value to its decimals, where zero has no sign.

    >>> _figure(-0.001, Measure("a", "e", "A", " px", 0, 1))
    '0.00'
    """
    return f"{value:z.{measure.decimals}f}".replace("-", "−")


def _usual(counts: Counts) -> str:
    measure = counts.measure
    low, high = (measure.value(counts.place(share)) for share in (0.25, 0.75))
    words = f"{_figure(low, measure)} to {_figure(high, measure)}{measure.unit}"
    return f"Half of this scan: {words}"


def _histogram(counts: Counts) -> dict[str, Any]:
    measure = counts.measure
    bars = counts.bins.reshape(SHOWN_BINS, -1).sum(1)
    top = max(int(bars.max()), 1)
    width = 100 / SHOWN_BINS
    middle = counts.place(0.5)
    outside = [
        f"{number:,} {side} of the axis"
        for number, side in ((counts.below, "left"), (counts.above, "right"))
        if number
    ]
    quarter = [measure.value(counts.place(share)) for share in (0.25, 0.5, 0.75)]
    low, mid, high = (_figure(value, measure) for value in quarter)
    return {
        "title": measure.title,
        "note": measure.note,
        "words": f"Median {mid}{measure.unit}; half of {counts.total:,} between {low} and "
        f"{high}{measure.unit}" + (f"; {' and '.join(outside)}" if outside else "") + ".",
        "bars": [
            {"x": f"{place * width:.3f}", "width": f"{width:.3f}", "height": 100 * int(bar) / top}
            for place, bar in enumerate(bars)
            if bar
        ],
        "median": f"{100 * middle:.2f}",
        "ticks": _ticks(measure),
    }


def _ticks(measure: Measure) -> list[dict[str, str]]:
    if measure.log:
        values = [value for value in _LOG_TICKS if measure.low <= value <= measure.high]
    else:
        values = [measure.value(place / 4) for place in range(5)]
    import numpy as np

    places = measure.places(np.array(values, np.float64))
    return [
        {"x": f"{100 * place:.2f}", "label": f"{value:g}".replace("-", "−")}
        for value, place in zip(values, places, strict=True)
    ]
