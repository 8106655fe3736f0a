"""Bars and frames around a photograph: letterbox, pillarbox, white or coloured borders.

A bar is even from the border of the picture to one straight, sharp edge that runs along the whole
photograph. A clear sky drifts or has noise, a black night sky or a white studio background ends at
no straight line: these are photograph. What this rule cannot distinguish, such as an overexposed
sky above a horizon parallel to the picture's rows, counts as a bar: nothing could be measured in it
in either case.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from blurprint.arrays import FloatMap

FloatImage = FloatMap

# Bars found: 75 % at half this value, 85 at this and at twice: docs/thresholds.md.
EVEN: Final = 5 / 255
"""Mean deviation from a bar's colour up to which a line of pixels may belong to it."""
# No difference from a quarter of this value to twice; skies drift: docs/thresholds.md.
DRIFT: Final = 1.5 / 255
"""Most that the mean colour of any part of a bar may differ from the whole."""
# Bars found: 61 % with 5, 63 with 9, 85 here and above: docs/thresholds.md.
RINGING_PX: Final = 17
"""How far compression carries an edge into a bar: a block of subsampled colour, and a line."""
# No difference from a quarter of this value to twice: docs/thresholds.md.
STEP: Final = 5 / 255
"""Least mean step from a bar to the photograph."""
THIN_PX: Final = RINGING_PX + 5
# Twice this value cuts 7 % of photographs, this one 3 %, which have frames: docs/thresholds.md.
THIN_DRIFT: Final = 1.0 / 255
"""In bars thinner than this the edge may ring everywhere. Where they differ by more than this in
themselves, another bar of the same colour must bear them out."""
# Half this value cuts into 6 % of framed photographs, this one into 5 %: docs/thresholds.md.
SPAN: Final = 0.5
"""Least share of the edge's pixels along which that step must be there."""
# No difference from half this value to 1.25 times: docs/thresholds.md.
SHARPNESS: Final = 0.35
# No difference from 2 to 8 within the accuracy; codecs bleed 2 px: docs/thresholds.md.
BLEED_PX: Final = 3
"""Most of the step that may be left this far before the edge: subsampled colour bleeds 2 px."""
# Photographs cut into: 4 % at half this value, 5 here, 7 at 1.25 times: docs/thresholds.md.
MIXED: Final = 0.7
"""Lines with less than this share of the next line's step are a mixture of bar and photograph."""
# Bars found: 73 % at half this value, 85 here, 93 at twice; cut into: 5, 5, 6 %:
# docs/thresholds.md.
RINGING: Final = 0.06
"""Share of the step by which compression may change the colour of a bar beside the edge."""
# No difference from a quarter of this value to four times: docs/thresholds.md.
UNEVEN: Final = 1 / 255
PARTS: Final = 16
"""Least standard deviation of the mean colours of a photograph's 16 parts along a bar."""
# Two blocks of a JPEG: docs/thresholds.md.
MIN_PHOTO_PX: Final = 16
"""Least side of what is left; a picture of which less is left counts as a photograph whole."""
MAX_LAYERS: Final = 3
"""How many frames, one in the other, are looked for."""

# Bars found: 80 % at a quarter of this value, 85 here and above: docs/thresholds.md.
PEER: Final = 8 / 255
"""Most that two bars' colours may differ where one is to bear the other out."""

_CHUNK: Final = 32
_MOST: Final = 128


class Rectangle(NamedTuple):
    """A part of a picture: the first row and column in it, and the first ones beyond it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        return self.right - self.left, self.bottom - self.top

    @property
    def area(self) -> int:
        """Pixels in it."""
        width, height = self.size
        return width * height

    def moved(self, down: int, right: int) -> Rectangle:
        """The same rectangle elsewhere: its place in a picture of which this was a part."""
        return Rectangle(self.top + down, self.left + right, self.bottom + down, self.right + right)

    @property
    def cut(self) -> tuple[slice, slice]:
        """Rows and columns, to index an array with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def find_photograph(rgb: FloatImage) -> Rectangle:
    """The rectangle that holds the photograph, without even bars or a frame around it.

    Args:
        rgb: float32 (H, W, 3) in [0, 1].

    Returns:
        the whole picture where there are no bars, or where nothing but bars would be found.
    """
    height, width = rgb.shape[:2]
    whole = found = Rectangle(0, 0, height, width)
    for _ in range(MAX_LAYERS):
        inner = _without_layer(rgb, found)
        if inner == found:
            break
        if min(inner.size) < MIN_PHOTO_PX:
            return whole
        found = inner
    if found == whole:
        return whole
    kept = [
        new if new == old or _has_structure(_from_side(rgb, found, side)) else old
        for side, (new, old) in enumerate(zip(found, whole, strict=True))
    ]
    return Rectangle(*kept)


def _has_structure(lines: FloatImage) -> bool:
    """Whether what is left varies along the bar, as a photograph does and stripes do not.

    Decided by the means of its parts, in which noise averages out.
    """
    some = np.ascontiguousarray(_thinned(lines))
    parts = cv2.resize(some, (PARTS, 1), interpolation=cv2.INTER_AREA)
    return bool(parts.std(axis=(0, 1)).max() > UNEVEN)


def _thinned(lines: FloatImage) -> FloatImage:
    """`lines` and columns at even distances, up to :data:`_MOST` each way and the first of both."""
    return lines[:: max(1, len(lines) // _MOST), :: max(1, lines.shape[1] // _MOST)]


def _from_side(rgb: FloatImage, part: Rectangle, side: int) -> FloatImage:
    """A view (N, L, 3) of `part`: its lines from the top, left, bottom or right inwards."""
    view = rgb[part.cut]
    if side % 2:
        view = view.swapaxes(0, 1)
    return view[::-1] if side >= 2 else view


def _without_layer(rgb: FloatImage, part: Rectangle) -> Rectangle:
    """`part` without one bar a side, each checked along the photograph between the others."""
    inner, found = part, {}
    for side in (0, 2, 1, 3):  # rows first: columns are then judged between the bars
        bar = _bar(_from_side(rgb, inner, side))
        if bar is not None:
            found[side] = bar
            inner = _moved(inner, side, bar.depth)
    while found:
        spans = {
            side: _span(rgb, part, inner, side) if bar.sure or _has_peer(side, found) else 0.0
            for side, bar in found.items()
        }
        worst = min(spans, key=spans.__getitem__)
        if spans[worst] >= SPAN:
            break
        del found[worst]
        inner = Rectangle(*(part[s] if s == worst else inner[s] for s in range(4)))
    for side, bar in found.items():
        other = (side + 2) % 4
        if bar.sure and other not in found and _mirrors(_from_side(rgb, inner, other), bar):
            inner = _moved(inner, other, bar.depth)
    return inner


class _Bar(NamedTuple):
    """Lines from one side: how many, their colour, and whether that is even beyond all doubt."""

    depth: int
    colour: FloatImage
    sure: bool


def _has_peer(side: int, bars: dict[int, _Bar]) -> bool:
    """Whether the bar of the opposite side, or a sure one of any, has the same colour."""
    return any(
        np.abs(bar.colour - bars[side].colour).max() <= PEER
        for other, bar in bars.items()
        if other == (side + 2) % 4 or (other != side and bar.sure)
    )


def _moved(part: Rectangle, side: int, depth: int) -> Rectangle:
    ends = list(part)
    ends[side] += depth if side < 2 else -depth
    return Rectangle(*ends)


def _mirrors(lines: FloatImage, bar: _Bar) -> bool:
    """Whether `lines` begin with a bar like that of the opposite side, though its edge is weak.

    Beside a photograph of the bar's own colour, white beside a bright sky, there is no step.
    """
    core = _core(lines[: bar.depth])
    return len(lines) >= bar.depth + MIN_PHOTO_PX and bool(
        _deviation(core, bar.colour).max() <= EVEN and _drift(core) <= DRIFT
    )


def _bar(lines: FloatImage) -> _Bar | None:
    """The bar at the beginning of `lines` (N, L, 3), from the border of the picture inwards."""
    if len(lines) < MIN_PHOTO_PX:
        return None
    few = lines[:1, :: max(1, lines.shape[1] // 64)]  # most pictures end here, at little cost
    if _deviation(few, _colour(few[0]))[0] > 2 * EVEN:
        return None
    lines = lines[:, :: max(1, lines.shape[1] // _MOST)]
    colour = _colour(lines[0])
    edge = _edge(lines, colour)
    if edge == 0:
        return None
    drift = _drift(_core(lines[:edge]))
    if edge >= THIN_PX:
        return _Bar(edge, colour, sure=True) if drift <= DRIFT else None
    step = float(_deviation(lines[edge : edge + 1], colour)[0])
    most = max(THIN_DRIFT, RINGING * step)
    return _Bar(edge, colour, sure=drift <= THIN_DRIFT) if drift <= most else None


def _edge(lines: FloatImage, colour: FloatImage) -> int:
    """The first of `lines` beyond a sharp edge after nothing but `colour`; 0 if there is none."""
    seen, start = _until_left(lines, colour)
    if start == 0:
        return 0
    jumps = np.diff(seen[start - 1 : start + RINGING_PX + 1])
    edge = start + int(np.argmax(jumps >= 0.4 * jumps.max()))
    while edge + 1 < seen.size and seen[edge] < MIXED * seen[edge + 1]:
        edge += 1
    step = seen[edge]
    sharp = step >= STEP and seen[max(edge - BLEED_PX, 0)] <= SHARPNESS * step
    return edge if sharp else 0


def _until_left(lines: FloatImage, colour: FloatImage) -> tuple[FloatImage, int]:
    """Deviations from `colour` of lines to some way beyond the first that leaves it, and that one.

    It is 0 if the first line leaves it already, if none does, or if they drift away, as a sky does.
    """
    seen, start = np.empty(0, np.float32), len(lines)
    while seen.size < min(len(lines), start + RINGING_PX + 2):
        chunk = lines[seen.size : seen.size + _CHUNK]
        seen = np.concatenate([seen, _deviation(chunk, colour)])
        beyond = np.flatnonzero(seen > EVEN)
        if beyond.size:
            start = int(beyond[0])
        elif np.abs(chunk.mean(axis=(0, 1)) - colour).max() > 2 * DRIFT:
            return seen, 0
    return seen, 0 if start >= len(lines) - 1 else start


def _colour(line: FloatImage) -> FloatImage:
    """Median of each channel, float32 (3,); np.median costs several times this."""
    middle: FloatImage = np.sort(line.T, axis=1)[:, len(line) // 2]
    return middle


def _deviation(lines: FloatImage, colour: FloatImage) -> FloatImage:
    """Mean over each line of the largest channel's deviation from `colour`, float32 (N,)."""
    apart = np.abs(lines - colour)
    largest = np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])
    return largest.mean(axis=1, dtype=np.float32)


def _core(bar: FloatImage) -> FloatImage:
    """The lines of a bar that compression does not carry its edge into; of a thin one, half."""
    return bar[:-RINGING_PX] if len(bar) >= THIN_PX else bar[: max(1, len(bar) // 2)]


def _drift(core: FloatImage) -> float:
    """Most by which the mean colour of a part of a bar differs from that of its other parts."""
    parts = cv2.resize(
        np.ascontiguousarray(_thinned(core)), (8, min(4, len(core))), interpolation=cv2.INTER_AREA
    )
    return float(np.abs(parts - np.median(parts, axis=(0, 1))).max())


def _span(rgb: FloatImage, part: Rectangle, inner: Rectangle, side: int) -> float:
    """Share of an edge's pixels that leave the bar's colour there, along the photograph."""
    along = Rectangle(*(part[s] if s == side else inner[s] for s in range(4)))
    lines = _from_side(rgb, along, side)
    edge = abs(inner[side] - part[side])
    colour = _colour(lines[0])
    apart = np.abs(lines[max(edge - BLEED_PX, 0) : edge + 1] - colour).max(axis=2)
    step = apart[-1] - apart[0]
    return float(np.mean(step > max(STEP / 2, 0.1 * float(step.mean()))))
