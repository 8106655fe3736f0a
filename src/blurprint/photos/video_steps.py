"""Steps from frame to frame of a video: how long it is, whether its rate varies, where it jumps."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.photos.video_table import FrameTable

# Steps of an even rate differ by the rounding of their time base only: docs/thresholds.md.
UNEVEN: Final = 0.1
"""Share of steps between frames that differ from their median, from which a rate is variable."""
_STEP: Final = 0.25
"""By how much a step differs from the median, as a share of it, to count as another."""
# A slide that stays is no jump; a stream that was interrupted jumps by more: docs/thresholds.md.
GAP_S: Final = 10.0
"""Step between frames, in seconds, from which time stamps are said to jump ahead."""
# Clips of a frame a minute or an hour have long steps throughout: docs/thresholds.md.
GAP_STEPS: Final = 20
"""The same, over the median step."""


def duration_and_rate(table: FrameTable, base: float) -> tuple[float | None, bool | None]:
    """From the first frame to the end of the last, in seconds, and whether the rate is variable.

    Both are None where they are unknown.

    Args:
        table: of the clip.
        base: seconds of a unit of its times; 0 if unknown.
    """
    ticks = _steps(table)
    if not ticks.size or not base:
        return None, None
    steps = ticks * base
    middle = float(np.median(steps))
    seconds = float(ticks.sum() * base) + middle
    # A time base that is coarse makes steps of an even rate differ by one of its units.
    other = np.abs(steps - middle) > max(_STEP * middle, 1.5 * base)
    return seconds, bool(other.mean() > UNEVEN)


def gap_sentences(table: FrameTable, base: float) -> list[str]:
    """A sentence where time stamps jump ahead, as where a stream was interrupted."""
    steps = _steps(table) * base
    if not steps.size:
        return []
    count = int((steps > max(GAP_S, GAP_STEPS * float(np.median(steps)))).sum())
    if not count:
        return []
    place = int(steps.argmax())
    of = f", the largest of {count:,} such jumps" if count > 1 else ""
    return [f"Its time stamps jump ahead by {steps[place]:,.1f} s at frame {place + 1:,}{of}."]


def _steps(table: FrameTable) -> npt.NDArray[np.int64]:
    """In the stream's time base; empty where they are unknown."""
    times = table.clock if table.times is None else table.times
    known = times is not None and not table.faults.missing
    ticks = np.array(times if known else (), np.int64)
    return ticks[1:] - ticks[:-1]
