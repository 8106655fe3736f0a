"""What no lens has made: screens of text, charts and drawings, whole or around a photograph.

They are told by blocks of 8 x 8 px, the size that JPEG keeps exact where a colour is even. What is
drawn is either flat or has a step at which the colour changes within two pixels or three; what lies
between, mild contrast or soft edges, is the rest of a photograph.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask

DRAWN: Final = (
    "The picture is drawn, as a screen of text, a chart or a cartoon is: no lens made its edges,"
    " and nothing counts as measured."
)

_BLOCK: Final = 8
_WINDOW: Final = 11
"""Blocks along the side of a window, 88 px, that is judged as a picture is."""
_MARKED: Final = 5
"""Blocks in the middle of such a window that its verdict is for."""
# No difference up to 0.1: it saves time: docs/thresholds.md.
_STEADY: Final = 0.05
"""Least share of the pixels that equal the one before exactly; fewer hold no drawn part."""


class Shares(NamedTuple):
    """Kinds of blocks, as shares of all, floats or float32 (rows, columns) of the windows around.

    Attributes:
        flat: the range of each colour is at most 2 of 255.
        stepped: the range exceeds 0.2, and one step between neighbours takes 0.35 of it.
        crossed: stepped both across and down, at least 0.15 of the range: corners, letters, curves.
        faint: not flat, but of a range under 0.1: shading, noise, what JPEG leaves around steps.
        soft: all others, more contrast without a step.
    """

    flat: FloatMap
    stepped: FloatMap
    crossed: FloatMap
    faint: FloatMap
    soft: FloatMap


class Drawn(NamedTuple):
    """Whether a picture is drawn as a whole; where it is drawn, bool (H, W), None if nowhere."""

    whole: bool
    parts: Mask | None


class Bounds(NamedTuple):
    """Flat and crossed blocks above, soft ones of the stepped and faint ones of the rest below."""

    flat: float
    crossed: float
    soft: float
    faint: float


# Screens missed: 0 % with flat 0.18 to 0.47, 23 with 0.7; photographs called: one of 60:
# docs/thresholds.md.
_WHOLE: Final = Bounds(flat=0.35, crossed=0.01, soft=0.35, faint=0.6)
"""Screens of text, charts and cartoons, raw, enlarged 1.25 and 1.5 times, after JPEG 80 and 95,
have 50 % flat blocks or more, and a soft one for three stepped ones at most. Of 1,108 photographs
one exceeds the bounds, a thing cut out on pure white, beside four that are cartoons; of 1,549
portraits none."""
# Dense screens missed: 5 % with flat 0.11, 8 here, 25 with 0.2: docs/thresholds.md.
_DENSE: Final = Bounds(flat=0.15, crossed=0.3, soft=0.15, faint=0.4)
"""Lines of text without a margin."""
# Dense screens missed: 13 % with soft 0.09, 8 here, 3 with 0.16: docs/thresholds.md.
_SHOWS: Final = Bounds(flat=0.15, crossed=0.0, soft=0.12, faint=0.6)
"""A window shows a photograph where less is flat, and more soft or faint; JPEG 80 leaves at most
0.04 soft around drawn text."""
# Dense screens missed: 13 % with 0.02, 8 here, 3 with 0.1: docs/thresholds.md.
_SHOWN: Final = 0.05
"""Share of such windows from which a screen is one with a photograph in it, judged in parts."""
# Text marked, photograph beside it: 65 and 2.3 % with crossed 0.26, 47 and 1.6 here:
# docs/thresholds.md.
_PART: Final = Bounds(flat=0.25, crossed=0.35, soft=0.1, faint=0.25)
# Photographs called: one of 60 up to here, none from 10 on: docs/thresholds.md.
_FEW_THINGS, _CROWDED = 5, 0.08
"""Connected outlines and the areas between them, and the share of crossed blocks, beyond which a
picture counts as more than a step or one or two disks for a test."""
# Screens missed: 10 % with 0.4, none from 0.6 on: docs/thresholds.md.
_ONE_DIRECTION: Final = 0.8
"""Coherence from which all steps are one straight edge, or stripes: a picture for a test."""


def is_drawn(rgb: FloatMap) -> bool:
    """Whether `rgb`, float32 (H, W, 3) in [0, 1], is drawn as a whole; never below 88 px squared.

    >>> page = np.ones((160, 160, 3), np.float32)
    >>> for top in range(8, 152, 16):
    ...     for left in range(8, 152, 9):
    ...         page[top : top + 8, left : left + 2] = page[top : top + 2, left : left + 6] = 0
    >>> is_drawn(page), is_drawn(cv2.GaussianBlur(page, (0, 0), 3))
    (True, False)
    """
    kinds = _kinds(rgb)
    return kinds is not None and _is_whole(rgb, kinds)


def drawn_parts(rgb: FloatMap) -> Mask | None:
    """Where `rgb`, float32 (H, W, 3) in [0, 1], is drawn, bool (H, W); None if nowhere.

    Windows of 88 px are judged, more strictly than whole pictures are: what they hold must be
    dense, as lines of text are, since the outline of something before a clipped background looks
    drawn as well, and is measured rightly. What is within some 50 px of a photograph is left to it.
    """
    kinds = _kinds(rgb)
    return None if kinds is None else _parts(rgb, kinds)


def drawn_in(rgb: FloatMap) -> Drawn:
    """:func:`is_drawn` and :func:`drawn_parts` of `rgb`, for which it is looked at once."""
    kinds = _kinds(rgb)
    if kinds is None:
        return Drawn(False, None)
    return Drawn(_is_whole(rgb, kinds), _parts(rgb, kinds))


def _is_whole(rgb: FloatMap, kinds: Shares) -> bool:
    shares = Shares(*(kind.mean() for kind in kinds))
    if not (_verdict(shares, _WHOLE) or _verdict(shares, _DENSE)) or _holds_photograph(kinds):
        return False
    return _is_varied(kinds) and _coherence(rgb) < _ONE_DIRECTION


def _parts(rgb: FloatMap, kinds: Shares) -> Mask | None:
    if not (_around(kinds.crossed) > _PART.crossed).any():
        return None  # as in most pictures
    blocks = _verdict(Shares(*map(_around, kinds)), _PART).astype(np.uint8)
    if not blocks.any():
        return None
    blocks = cv2.dilate(blocks, np.ones((_MARKED, _MARKED), np.uint8))
    height, width = rgb.shape[:2]
    marked = blocks.repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)
    bottom, right = height - marked.shape[0], width - marked.shape[1]
    whole = cv2.copyMakeBorder(marked, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(whole, np.bool_)


def _verdict(of: Shares, bounds: Bounds) -> Mask:
    return np.asarray(
        (of.flat > bounds.flat)
        & (of.crossed > bounds.crossed)
        & (of.soft < bounds.soft * of.stepped)
        & (of.faint < bounds.faint * (1 - of.flat)),
        np.bool_,
    )


def _around(kind: FloatMap) -> FloatMap:
    size = (_WINDOW, _WINDOW)
    return np.asarray(cv2.blur(kind, size, borderType=cv2.BORDER_REFLECT_101), np.float32)


def _holds_photograph(kinds: Shares) -> bool:
    soft, faint = _around(kinds.soft), _around(kinds.faint)
    shows = (soft > _SHOWS.soft) | (soft + faint > _SHOWS.faint)
    shows &= _around(kinds.flat) < _SHOWS.flat
    return bool(shows.mean() > _SHOWN)


def _is_varied(kinds: Shares) -> bool:
    """Whether there is more than one or two things with an outline, such as a disk for a test."""
    if kinds.crossed.mean() > _CROWDED:
        return True
    stepped = kinds.stepped.astype(np.uint8)
    outlines = cv2.connectedComponents(stepped)[0] - 1
    areas = cv2.connectedComponents(1 - stepped, connectivity=4)[0] - 1
    return outlines + areas > _FEW_THINGS


def _coherence(rgb: FloatMap) -> float:
    """How far all gradients point one way, 0 (all ways) to 1: of a step or stripes at any angle."""
    gray = rgb[..., 1]
    across, down = gray[1:, 1:] - gray[1:, :-1], gray[1:, 1:] - gray[:-1, 1:]
    xx, yy, xy = (
        float((a * b).mean()) for a, b in ((across, across), (down, down), (across, down))
    )
    return float(np.hypot(xx - yy, 2 * xy) / max(xx + yy, 1e-12))


def _kinds(rgb: FloatMap) -> Shares | None:
    """Whether each block of 8 x 8 px is of each kind, 0 or 1; None where none can be drawn."""
    height, width = (side - side % _BLOCK for side in rgb.shape[:2])
    if min(height, width) < _WINDOW * _BLOCK:
        return None
    lines = rgb[:: 4 * _BLOCK]
    equal = lines[:, 1:] == lines[:, :-1]
    if (equal[..., 0] & equal[..., 1] & equal[..., 2]).mean() < _STEADY:
        return None
    picture = cv2.convertScaleAbs(rgb[:height, :width], alpha=255)
    across, down = np.empty_like(picture), np.empty_like(picture)
    cv2.absdiff(picture[:, 1:], picture[:, :-1], dst=across[:, :-1])
    cv2.absdiff(picture[1:], picture[:-1], dst=down[:-1])
    span = _of_blocks(picture, np.maximum) - _of_blocks(picture, np.minimum)
    # Steps between blocks belong to neither.
    right = _of_blocks(across, np.maximum, columns=_BLOCK - 1).max(axis=0)
    below = _of_blocks(down, np.maximum, rows=_BLOCK - 1).max(axis=0)
    ranges, steps, both = span.max(axis=0), np.maximum(right, below), np.minimum(right, below)
    flat = ranges <= 2
    stepped = (ranges > 0.2 * 255) & (steps > 0.35 * ranges)
    crossed = stepped & (both > 0.15 * ranges)
    faint = ~flat & (ranges < 0.1 * 255)
    soft = ~(flat | stepped | faint)
    return Shares(*(kind.astype(np.float32) for kind in (flat, stepped, crossed, faint, soft)))


def _of_blocks(
    values: npt.NDArray[np.uint8], join: np.ufunc, rows: int = _BLOCK, columns: int = _BLOCK
) -> npt.NDArray[np.uint8]:
    """The largest or least value of each channel in the first rows and columns of each block.

    (3, H / 8, W / 8) of (H, W, 3). Blocks become the last axis, along which NumPy is fast.
    """
    height, width = (side // _BLOCK for side in values.shape[:2])
    lines = join.reduce(values.reshape(height, _BLOCK, -1)[:, :rows], axis=1)
    pixels = np.ascontiguousarray(lines.reshape(height * width, -1).T)
    found = join.reduce(pixels.reshape(_BLOCK, 3, -1)[:columns], axis=0)
    return np.asarray(found.reshape(3, height, width), np.uint8)
