"""Windows on a picture too large to be processed at once, with as little overlap as possible."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from blurprint.errors import InputError

Cut = tuple[slice, slice]


class Window(NamedTuple):
    """A part of a picture, rows and columns.

    Attributes:
        seen: the part that is processed.
        kept: the part whose result is used: `seen` without the margins towards other windows.
    """

    seen: Cut
    kept: Cut

    @property
    def inner(self) -> Cut:
        """Where `kept` lies in `seen`."""
        rows, columns = (
            slice(kept.start - seen.start, kept.stop - seen.start)
            for seen, kept in zip(self.seen, self.kept, strict=True)
        )
        return rows, columns


def cut_windows(
    shape: tuple[int, int], *, most_pixels: int, margin: int, stride: int = 1
) -> list[Window]:
    """Windows whose kept parts make up a picture, row by row.

    Of all even grids whose windows have at most `most_pixels`, the one that processes the fewest
    pixels in all; with small windows and wide margins, one within a few percent of it.

    Args:
        shape: height and width of the picture, in pixels.
        most_pixels: of one window.
        margin: width of `seen` beyond `kept`, inside the picture, in pixels.
        stride: seen and kept parts start at multiples of it; `margin` must be one.

    Raises:
        InputError: if not even a kept part of one stride fits, with its margins.

    >>> [window.kept for window in cut_windows((4, 20), most_pixels=60, margin=2)]
    [(slice(0, 4, None), slice(0, 10, None)), (slice(0, 4, None), slice(10, 20, None))]
    """
    height, width = shape
    best: tuple[int, int, int] | None = None
    for rows in range(1, ceil(height / stride) + 1):
        tallest = _tallest(height, rows, margin, stride)
        columns = _fewest(width, most_pixels // tallest, margin, stride)
        if columns is None:
            continue
        area = _seen(height, rows, margin, stride) * _seen(width, columns, margin, stride)
        if best is None or area < best[0]:
            best = (area, rows, columns)
        if columns == 1:  # more rows only read more
            break
    if best is None:
        raise InputError(
            f"Expected `most_pixels` to hold {stride} px and margins of {margin} px, "
            f"but got {most_pixels}"
        )
    return [
        Window((seen_rows, seen_columns), (kept_rows, kept_columns))
        for seen_rows, kept_rows in _parts(height, best[1], margin, stride)
        for seen_columns, kept_columns in _parts(width, best[2], margin, stride)
    ]


def _parts(side: int, count: int, margin: int, stride: int) -> list[tuple[slice, slice]]:
    """`side` in up to `count` like parts: what each sees, and what it keeps."""
    step = stride * ceil(side / (count * stride))
    return [
        (
            slice(max(0, start - margin), min(side, start + step + margin)),
            slice(start, min(side, start + step)),
        )
        for start in range(0, side, step)
    ]


def _seen(side: int, count: int, margin: int, stride: int) -> int:
    return sum(seen.stop - seen.start for seen, _ in _parts(side, count, margin, stride))


def _tallest(side: int, count: int, margin: int, stride: int) -> int:
    return max(seen.stop - seen.start for seen, _ in _parts(side, count, margin, stride))


def _fewest(side: int, longest: int, margin: int, stride: int) -> int | None:
    """The fewest parts of `side` of which none sees more than `longest`; None if none are."""
    if side <= longest:
        return 1
    if stride * ceil(side / (2 * stride)) + margin <= longest:
        return 2
    step = (longest - 2 * margin) // stride * stride
    return ceil(side / step) if step > 0 else None
