"""Which frames of a clip are looked at: spread over it in short bursts, all, or its key frames."""

from __future__ import annotations

from typing import Final

from blurprint.errors import InputError
from blurprint.photos.video import spread
from blurprint.photos.video_table import FrameTable

DEFAULT_FRAMES: Final = 24
"""Frames that are looked at, unless others are asked for."""
BURST: Final = 3
"""Neighbouring frames of each place: two steps show whether the blur of a face flickers."""
MOST: Final = 5_000
"""Frames that are analysed at most; of more that are asked for, as many, spread evenly."""
ALL: Final = "all"
KEY: Final = "key"

Frames = int | str
"""A number of frames, :data:`ALL` or :data:`KEY`."""


def checked_frames(frames: Frames) -> Frames:
    """The setting itself; a number may come as text.

    Raises:
        InputError: if it is none of a number of at least 1, "all" and "key".

    >>> checked_frames("12"), checked_frames("key")
    (12, 'key')
    """
    if frames in (ALL, KEY) or (
        isinstance(frames, int) and not isinstance(frames, bool) and frames >= 1
    ):
        return frames
    if isinstance(frames, str) and frames.isascii() and frames.isdigit() and int(frames) >= 1:
        return int(frames)
    raise InputError(
        f'Expected `frames` to be a number of at least 1, "all" or "key", but got {frames!r}'
    )


def sampled(table: FrameTable, frames: Frames) -> tuple[list[int], list[int], str]:
    """Which frames are looked at.

    A number n of frames gives n / 3 places, the middles of equal parts of the clip, each with its
    next two frames. Places that would overlap become one.

    Args:
        table: of the clip.
        frames: how many, "all" or "key".

    Returns:
        indices, rising; for each the burst that it belongs to, from 0 and rising: frames that
        follow one another belong to one; and what was left out, as a sentence, or "".

    >>> from array import array
    >>> sampled(FrameTable(100, [0, 50], None), 6)
    ([24, 25, 26, 74, 75, 76], [0, 0, 0, 1, 1, 1], '')
    >>> sampled(FrameTable(100, [0, 50], None), "key")
    ([0, 50], [0, 1], '')
    """
    frames = checked_frames(frames)
    wanted: list[int]
    if frames == KEY:
        wanted = list(table.keys)
    elif frames == ALL or (isinstance(frames, int) and frames >= table.total):
        wanted = list(range(table.total))
    else:
        assert isinstance(frames, int)
        wanted = _bursts(table.total, frames)
    said = ""
    if len(wanted) > MOST:
        asked = len(wanted)
        wanted = [wanted[place] for place in spread(asked, MOST)]
        said = f"Of {asked:,} frames that were asked for {MOST:,} were analysed, spread evenly."
    bursts: list[int] = []
    for place, index in enumerate(wanted):
        follows = place > 0 and index == wanted[place - 1] + 1
        bursts.append((bursts[-1] + (not follows)) if bursts else 0)
    return wanted, bursts, said


def _bursts(total: int, count: int) -> list[int]:
    if count < BURST:
        return spread(total, count)
    places = spread(total, -(-count // BURST))
    found: set[int] = set()
    for number, middle in enumerate(places):
        length = min(BURST, count - number * BURST)
        first = min(max(middle - length // 2, 0), max(total - length, 0))
        found.update(range(first, min(first + length, total)))
    return sorted(found)
