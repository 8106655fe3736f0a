"""Scale bar and histogram, as numbers that the template draws; positions along x in percent."""

from __future__ import annotations

from typing import Any

import numpy as np

from blurprint.evidence.confident import CONFIDENT
from blurprint.evidence.wording import number, percent, significant
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import GUESSED, LEAST_TOP_PX, viridis
from blurprint.pages.text import data_uri
from blurprint.report.distribution import BINS, TOP_PERCENT, Distribution, round_up, ticks
from blurprint.report.figures import scale_png, swatch_png

PLOT_TOP, PLOT_FLOOR = 24.0, 200.0
"""Where the tallest bar of the histogram may end, and where all bars begin, in CSS pixels."""


def scale_bar(summary: Distribution | None, defocus: DefocusMap) -> dict[str, Any] | None:
    """The colour scale with ticks in working pixels and, where they differ, native ones."""
    if summary is None:
        return None
    in_px = defocus.unit == "px"
    top = f"{summary.top:g} {defocus.unit}"
    caption = (
        f"Colour runs from 0 to {top}, the {TOP_PERCENT}th percentile of the measured values "
        "rounded up; larger values look like the largest."
    )
    if in_px:
        caption = (
            f"Blur is its standard deviation, in pixels. Colour runs from 0 to {top}: the "
            f"{TOP_PERCENT}th percentile of the measured values rounded up, and at least "
            f"{LEAST_TOP_PX:g} px, so that errors do not look like differences; larger values "
            "look like the largest."
        )
    return {
        "image": data_uri(scale_png(), "image/png"),
        "label": f"Colour scale from 0 to {top}.",
        "ticks": _ticks(summary.top, 1.0, "px" if in_px else ""),
        "native": _native_ticks(summary, defocus, "px native"),
        "caption": caption,
    }


def legend(defocus: DefocusMap) -> list[dict[str, str]]:
    """What the map's kinds of drawing mean: patches with their words."""
    kinds = {}
    if defocus.unit == "px":
        kinds = {
            "measured": "measured: dark is sharp, bright is blurred",
            "unsure": f"not measured: confidence below {CONFIDENT:g}; a guess",
            "unknown": f"unknown: confidence below {GUESSED:g}",
        }
    if not defocus.mask.all():
        kinds["absent"] = "no photograph: hatched crosswise, not measured"
    return [
        {"image": data_uri(swatch_png(kind), "image/png"), "text": text}
        for kind, text in kinds.items()
    ]


def histogram(summary: Distribution | None, defocus: DefocusMap) -> dict[str, Any] | None:
    """Bars in the colours of the map, axes, the median, and what the picture says in words."""
    if summary is None:
        return None
    in_px = defocus.unit == "px"
    median = summary.percentiles["p50"]
    told = number(median) if in_px else significant(median)
    where = min(100 * median / summary.top, 100)
    highest = round_up(100 * max(summary.weights))
    drop = (PLOT_FLOOR - PLOT_TOP) / highest
    kind = "blur" if in_px else "map values"
    caption = f"Height is the share of each of {BINS} equal ranges of {kind}, in percent; " + (
        "each measured pixel counts by its confidence." if in_px else "only pixels on edges count."
    )
    if summary.above > 0:
        caption += f" {percent(100 * summary.above)} lies beyond the right end."
    return {
        "title": "How blur is distributed" if in_px else "How the map's values are distributed",
        "label": f"Histogram of {kind}, from 0 to {summary.top:g} {defocus.unit}. "
        f"The median is {told} {defocus.unit}.",
        "lines": [
            {"y": round(PLOT_FLOOR - value * drop, 1), "text": f"{value:g} %"}
            for value in ticks(highest)[::2]
        ],
        "bars": _bars(summary.weights, 100 * drop),
        "ticks": _ticks(summary.top, 1.0),
        "axis": "Blur sigma, in working pixels" if defocus.scale != 1 else "Blur sigma, in pixels",
        "native": _native_ticks(summary, defocus),
        "native_axis": "Blur sigma, in native pixels",
        "median": {
            "x": round(where, 2),
            "anchor": "start" if where < 15 else "end" if where > 85 else "middle",
            "text": f"median {told} {defocus.unit}",
        },
        "caption": caption,
    } | ({} if in_px else {"axis": "Value of the map (no pixels)"})


def _bars(weights: tuple[float, ...], height_of_one: float) -> list[dict[str, Any]]:
    width = 100 / len(weights)
    centres = (np.arange(len(weights)) + 0.5) / len(weights)
    colours = viridis(centres)
    return [
        {
            "x": round(index * width, 3),
            "width": round(width, 3),
            "y": round(PLOT_FLOOR - weight * height_of_one, 2),
            "height": round(weight * height_of_one, 2),
            "colour": "#" + colour.tobytes().hex(),
        }
        for index, (weight, colour) in enumerate(zip(weights, colours, strict=True))
    ]


def _ticks(top: float, scale: float, unit: str = "") -> list[dict[str, Any]]:
    """Ticks at round native values, placed on an axis that ends at `top` working pixels."""
    values = ticks(top / scale)
    return [
        {
            "x": round(100 * value * scale / top, 3),
            "text": f"{value:g} {unit}" if unit and value == values[-1] else f"{value:g}",
        }
        for value in values
    ]


def _native_ticks(
    summary: Distribution, defocus: DefocusMap, unit: str = ""
) -> list[dict[str, Any]]:
    if defocus.unit != "px" or defocus.scale == 1:
        return []
    return _ticks(summary.top, defocus.scale, unit)
