"""Which columns the page shows, with the range of their histograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.optics.methods import method_of

FINE_BINS: Final = 480
"""Bins that are counted, of which quartiles are taken."""
SHOWN_BINS: Final = 48
"""Bars of a histogram; a divisor of the above."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One column on the page.

    Attributes:
        column: of the table.
        error: column of its expected error; "" for none.
        title: of its histogram.
        unit: after a number, with a space before it where it needs one.
        low: left end of the histogram.
        high: right end.
        log: whether its axis is logarithmic.
        decimals: of a value in text.
        ranked: whether a picture that stands apart in it is shown as unusual.
        note: what the axis means, as a sentence.
    """

    column: str
    error: str
    title: str
    unit: str
    low: float
    high: float
    log: bool = False
    decimals: int = 2
    ranked: bool = True
    note: str = ""

    def places(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Where values lie on the axis: 0 is its left end, 1 its right end; NaN stays."""
        low, high = self.low, self.high
        if self.log:
            values = np.log(np.maximum(values, 1e-300))
            low, high = np.log(low), np.log(high)
        return (values - low) / (high - low)

    def value(self, place: float) -> float:
        """The value at a place of the axis."""
        if self.log:
            return float(self.low * (self.high / self.low) ** place)
        return self.low + place * (self.high - self.low)


def measures_of(method: str) -> tuple[Measure, ...]:
    """The columns that the page of a scan by `method` shows, in order."""
    unit = method_of(method).unit
    word, short = unit.replace(" ", "_"), " px" if unit == "px" else ""
    top = 20.0 if unit == "px" else 1.0
    blur = (
        Measure(
            f"blur_median_{word}",
            f"blur_median_error_{word}",
            "Median blur",
            short,
            0.25 if unit == "px" else 0.01,
            top,
            log=True,
            note="Standard deviation of the blur, in pixels as measured."
            if unit == "px"
            else "Values of the map, which are no pixels.",
        ),
        Measure(
            f"blur_range_{word}",
            f"blur_range_error_{word}",
            "Blur range",
            short,
            0.05 if unit == "px" else 0.01,
            top,
            log=True,
            note="The 95th less the 5th percentile of the blur within a picture.",
        ),
        Measure(
            f"centre_border_{word}",
            f"centre_border_error_{word}",
            "Border against centre",
            short,
            -5.0 if unit == "px" else -1.0,
            5.0 if unit == "px" else 1.0,
            note="Above 0 the border is more blurred than the centre.",
        ),
        Measure(
            "measured_share_percent",
            "",
            "Share that could be measured",
            " %",
            0.0,
            100.0,
            decimals=0,
            ranked=False,
            note="Of the photograph; sky, darkness and smooth walls show no blur.",
        ),
    )
    faces = tuple(
        Measure(
            f"{name}_log_ratio",
            f"{name}_error_log_ratio",
            title,
            "",
            -1.5,
            1.5,
            note=f"Of the measured face, as a logarithm: {note}",
        )
        for name, title, note in (
            ("face_inner_ring", "Face against its surround", "0 where both are equally blurred."),
            ("face_noise", "Noise of the face", "0 where face and surround have the same noise."),
        )
    )
    ratio = Measure(
        "likelihood_ratio",
        "",
        "Likelihood ratio of a pasted face",
        "",
        0.1,
        100.0,
        log=True,
        ranked=False,
        note="Of the highest face of each picture. Above 1 its measurements are more probable if "
        "it was pasted in or regenerated.",
    )
    return (*blur, ratio, *faces)


class Counts:
    """How often each part of an axis was met."""

    def __init__(self, measure: Measure) -> None:
        """Nothing was met."""
        self.measure = measure
        self.bins = np.zeros(FINE_BINS, np.int64)
        self.below = self.above = 0

    def add(self, values: npt.NDArray[np.float64]) -> None:
        """Count values; NaN is none."""
        places = self.measure.places(values[np.isfinite(values)])
        self.below += int((places < 0).sum())
        self.above += int((places > 1).sum())
        inside = places[(places >= 0) & (places <= 1)]
        index = np.minimum((inside * FINE_BINS).astype(int), FINE_BINS - 1)
        self.bins += np.bincount(index, minlength=FINE_BINS)

    @property
    def total(self) -> int:
        """Number of values."""
        return int(self.bins.sum()) + self.below + self.above

    def place(self, share: float) -> float:
        """The place on the axis below which a share in (0, 1) of the values lies."""
        wanted = share * self.total
        reached = np.cumsum(self.bins) + self.below
        index = int(np.searchsorted(reached, wanted))
        if wanted <= self.below:
            return 0.0
        if index >= FINE_BINS:
            return 1.0
        before = reached[index] - self.bins[index]
        return float((index + (wanted - before) / max(int(self.bins[index]), 1)) / FINE_BINS)
