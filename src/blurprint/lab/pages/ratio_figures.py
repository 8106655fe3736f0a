"""Figures of likelihood ratios: do they keep their word, and how far apart do the classes lie?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blurprint.lab.measures.ratio_curves import ReliabilityBin, Tippett
from blurprint.lab.pages.style import (
    FAKE_COLOUR,
    FAKE_LINE,
    GREY,
    REAL_COLOUR,
    REAL_LINE,
    Figure,
    figure_style,
    new_figure,
    to_figure,
)


@figure_style()
def ratio_figure(
    curve: Sequence[ReliabilityBin], tippett: Tippett, *, prior: float, name: str = "ratios"
) -> Figure:
    """The reliability curve and Tippett's curves, side by side.

    Args:
        curve: from :func:`~blurprint.lab.measures.ratio_curves.reliability_curve`.
        tippett: from :func:`~blurprint.lab.measures.ratio_curves.tippett`.
        prior: with which the curve was made.
        name: of the files, without suffix.

    Raises:
        ImportError: if matplotlib is missing.
    """
    drawing = new_figure(7.6, 3.6)
    left, right = drawing.subplots(1, 2)
    said = np.array([one.said for one in curve])
    share = np.array([one.share.value for one in curve])
    ends = np.array([[one.share.low, one.share.high] for one in curve])
    # An end may lie within the value by a rounding, or by chance in a bin of few groups.
    spread = np.maximum(np.stack([share - ends[:, 0], ends[:, 1] - share]), 0)
    left.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, label="what is said holds")
    left.errorbar(
        said, share, yerr=spread, fmt="o-", markersize=4, linewidth=1.2, label="measured, 95 %"
    )
    left.set_xlim(-0.02, 1.02)
    left.set_ylim(-0.02, 1.02)
    left.set_title("Does P(fake) keep its word?")
    left.set_xlabel(f"P(fake) that is said, for a prior of {prior:g}")
    left.set_ylabel("share of fakes there")
    left.legend(loc="upper left")
    for shares, label, colour, line in (
        (tippett.fakes, "fakes", FAKE_COLOUR, FAKE_LINE),
        (tippett.reals, "untouched", REAL_COLOUR, REAL_LINE),
    ):
        kept = np.isfinite(tippett.log10_lr)
        right.plot(
            tippett.log10_lr[kept],
            100 * shares[kept],
            line,
            color=colour,
            linewidth=1.6,
            drawstyle="steps-pre",
            label=label,
        )
    right.axvline(0, color=GREY, linewidth=0.8)
    right.set_ylim(-2, 102)
    right.set_title("How the ratios lie (Tippett)")
    right.set_xlabel("log10 of the likelihood ratio")
    right.set_ylabel("% of the faces with at least this ratio")
    right.legend(loc="upper right")
    return to_figure(
        drawing,
        name,
        "Left: among faces of which some P(fake) is said, the share that is fake; on the line the "
        "number holds. Right: the share of faces whose likelihood ratio is at least a value. At 0, "
        "the vertical line, the evidence favours neither side: untouched faces to its right and "
        "fakes to its left are misleading.",
    )
