"""One row of evidence from the values of many frames: their median, and how they scatter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from blurprint.clips.frame_rows import Value
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import LOG_RATIO
from blurprint.evidence.wording import number, percent, signed_percent, significant
from blurprint.frozen import frozen

NO_REFERENCE: Final = (
    "Unknown: ordinary photographs were measured for comparison, no frames of videos."
)
TENTHS: Final = (10, 50, 90)


def pooled_row(
    name: str, title: str, unit: str, values: Sequence[Value], *, looked: int
) -> Evidence:
    """A row whose value is the median of the frames that have one.

    Its error is the median of their errors: what makes one frame err is shared by the others, so
    that the error does not shrink with their number. `details` has the tenth and ninetieth
    percentile over frames and the number of frames.

    Args:
        name: of the row, as that of a picture.
        title: of the row.
        unit: of the values.
        values: of the frames.
        looked: frames that were looked at.
    """
    known = [one for one in values if one.value is not None]
    if not known:
        return Evidence(
            name,
            title,
            None,
            unit,
            f"None of {looked} frames gives anything to measure{_why(values)}",
            no_reference="Unknown: there is no value to compare.",
        )
    low, middle, high = np.percentile([one.value for one in known if one.value is not None], TENTHS)
    errors = [one.error for one in known if one.error is not None]
    natives = [one.native for one in known if one.native is not None]
    count = f"{len(known)} of {looked} frames" if len(known) < looked else f"{looked} frames"
    if looked == 1:
        count = "a single frame"
    sentence = f"Median of {count}: {_told(middle, unit)}"
    if len(known) > 1:
        spread = f"{_told(low, unit)} and {_told(high, unit)}"
        sentence += f"; eight tenths of them lie between {spread}"
    return Evidence(
        name,
        title,
        value=float(middle),
        unit=unit,
        sentence=f"{sentence}.",
        native=float(np.median(natives)) if natives else None,
        details=frozen({"low": float(low), "high": float(high), "frames": float(len(known))}),
        error=float(np.median(errors)) if errors else None,
        no_reference=NO_REFERENCE,
    )


def _why(values: Sequence[Value]) -> str:
    """The most frequent reason, as the end of a sentence."""
    reasons = Counter(one.why for one in values if one.why)
    if not reasons:
        return "."
    reason, count = reasons.most_common(1)[0]
    return f"; in {count}, for this reason: {reason}"


def _told(value: float, unit: str) -> str:
    if unit == LOG_RATIO:
        return signed_percent(float(value))
    if unit == "%":
        return percent(float(value))
    tell = number if unit.startswith("px") else significant
    return f"{tell(float(value))} {unit}".replace("-", "−").replace("^2", "²")
