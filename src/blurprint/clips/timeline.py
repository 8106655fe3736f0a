"""What the timeline draws: likelihood ratio and blur difference of each face over time.

Places along x are in percent, along y in pixels, so that no script is needed at any width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import exp, log
from typing import Any, Final

from blurprint.clips.frame_rows import FaceInFrame
from blurprint.clips.tracks import Track
from blurprint.report.distribution import ticks
from blurprint.score.rules import Thresholds

MOST: Final = 6
"""Faces that are drawn, those seen in most frames: each in its colour, every second by rings."""
MOST_POINTS: Final = 1500
"""Points of one face that are drawn; of more every n-th is."""
TOP, FLOOR = 12.0, 172.0
"""Where the highest value may be drawn, and the lowest, in CSS pixels."""
_LEAST_SPAN: Final = 0.4
"""Range of values that a chart shows at least: about the error of one of them."""
_LEAST_SECONDS: Final = 0.04
_FACTORS: Final = tuple(
    log(factor) * side
    for factor in (1.05, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, 50, 100)
    for side in (1, -1)
)
"""Round ratios of two blurs, as logarithms."""

Take = Callable[[FaceInFrame], tuple[float, float | None] | None]


def timeline(
    tracks: Sequence[Track], seconds: float | None, thresholds: Thresholds | None
) -> dict[str, Any] | None:
    """Both charts, with their axis of time; None where there is nothing to draw.

    Args:
        tracks: of the clip.
        seconds: duration of the clip; None if unknown.
        thresholds: of the labels, drawn as lines; None where no network judged.
    """
    last = max((track.seconds[1] for track in tracks), default=0.0)
    end = max(seconds or 0.0, last, _LEAST_SECONDS)
    shown = tracks[:MOST]
    lines = (
        []
        if thresholds is None
        else [
            (thresholds.fake, "signs of a pasted face above"),
            (thresholds.real, "no sign below"),
        ]
    )
    charts = [
        _chart(
            "Likelihood ratio, as log10",
            "Each point is a frame that could be judged; above 0 it speaks for a pasted face.",
            shown,
            end,
            _ratio,
            lines,
            _as_log10,
        ),
        _chart(
            "Blur of the inner face against its surround",
            "Each point is a frame in which both could be measured, with the scatter of the "
            "comparison; above \u201cequal\u201d the inner face is more blurred.",
            shown,
            end,
            _difference,
            [(0.0, "")],
            _as_ratio,
            _FACTORS,
        ),
    ]
    known = [chart for chart in charts if chart is not None]
    if not known:
        return None
    rest = len(tracks) - len(shown)
    return {
        "charts": known,
        "ticks": [
            {"x": round(100 * value / end, 3), "text": f"{value:g} s"} for value in ticks(end)
        ],
        "legend": [{"number": track.number, "name": track.name} for track in shown]
        if len(shown) > 1
        else [],
        "rest": f"{rest} more {'is' if rest == 1 else 'are'} not drawn." if rest else "",
    }


def _ratio(face: FaceInFrame) -> tuple[float, float | None] | None:
    return None if face.ratio is None else (face.ratio.log10, None)


def _difference(face: FaceInFrame) -> tuple[float, float | None] | None:
    one = face.difference
    return None if one.value is None else (one.value, one.error)


def _chart(
    title: str,
    caption: str,
    tracks: Sequence[Track],
    end: float,
    take: Take,
    lines: Sequence[tuple[float, str]],
    told: Callable[[float], str],
    round_values: Sequence[float] = (),
) -> dict[str, Any] | None:
    series = [(track.number, _points(track, take)) for track in tracks]
    values = [value for _, points in series for _, value, _ in points]
    if not values:
        return None
    inside = [value for value, _ in lines]
    low, high = min(*values, *inside, 0.0), max(*values, *inside, 0.0)
    margin = max(_LEAST_SPAN - (high - low), 0.1 * (high - low)) / 2
    low, high = low - margin, high + margin

    def y(value: float) -> float:
        return round(FLOOR - (value - low) / (high - low) * (FLOOR - TOP), 1)

    return {
        "title": title,
        "caption": caption,
        "label": f"{title} over {end:.3g} s, from {told(min(values))} to {told(max(values))}.",
        "marks": [
            {"y": y(value), "text": told(value)} for value in _marks(low, high, round_values)
        ],
        "lines": [{"y": y(value), "text": text} for value, text in lines if low <= value <= high],
        "series": [_drawn(number, points, end, y) for number, points in series if points],
    }


def _points(track: Track, take: Take) -> list[tuple[FaceInFrame, float, float | None]]:
    found = []
    for face in track.faces:
        one = take(face)
        if one is not None:
            found.append((face, *one))
    return found[:: max(1, -(-len(found) // MOST_POINTS))]


def _as_log10(value: float) -> str:
    return f"{value:.2g}".replace("-", "\u2212")


def _as_ratio(value: float) -> str:
    """The logarithm of a ratio of two blurs as that ratio.

    >>> _as_ratio(0.0), _as_ratio(log(2)), _as_ratio(-log(3))
    ('equal', '2 \u00d7', '1/3')
    """
    if abs(value) < 1e-9:
        return "equal"
    return f"{exp(value):.3g} \u00d7" if value > 0 else f"1/{exp(-value):.3g}"


def _marks(low: float, high: float, round_values: Sequence[float]) -> list[float]:
    """Round values within the chart, on both sides of 0; of `round_values` some, if there are."""
    inside = [value for value in round_values if low <= value <= high]
    if inside:
        wide = (high - low) / 6
        kept = [0.0]
        for value in sorted(inside, key=abs):
            if all(abs(value - other) >= wide for other in kept):
                kept.append(value)
        return sorted(kept)
    step = ticks(high - low)[1]
    first, last = int(low / step) - 1, int(high / step) + 1
    return [
        round(step * number, 9) for number in range(first, last + 1) if low <= step * number <= high
    ]


def _drawn(
    number: int,
    points: Sequence[tuple[FaceInFrame, float, float | None]],
    end: float,
    y: Callable[[float], float],
) -> dict[str, Any]:
    places = [
        {
            "x": round(100 * face.time_s / end, 3),
            "y": y(value),
            "low": None if error is None else min(y(value - error), FLOOR + 8),
            "high": None if error is None else max(y(value + error), TOP - 8),
            "text": f"face {face.track}, frame {face.frame}, {face.time_s:.2f} s",
        }
        for face, value, error in points
    ]
    bursts = [
        (one, other)
        for (one, first), (other, second) in pairwise(
            zip(places, [face.burst for face, _, _ in points], strict=True)
        )
        if first == second
    ]
    return {"number": number, "points": places, "links": bursts}
