"""What of a picture is a photograph: not what is transparent, nor bars, a frame, round corners."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError
from blurprint.frozen import frozen
from blurprint.photos.bars import Rectangle, find_photograph
from blurprint.photos.corners import rounded_corners

# A definition: docs/thresholds.md.
OPAQUE: Final = 0.5
"""Alpha from which a pixel is a photograph's: below it, most of its colour is the background's."""
EVERYWHERE: Final[Mask] = np.ones((0, 0), np.bool_)
"""Represents a mask that is True everywhere, for a picture of any size."""
EVERYWHERE.setflags(write=False)

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "transparent": "transparent parts",
        "bars": "even bars",
        "frame": "an even frame",
        "corners": "rounded corners",
    }
)
"""Kinds of what is no photograph, and how a sentence names them."""


class Extent(NamedTuple):
    """Where a picture shows a photograph.

    Attributes:
        mask: bool (H, W), True on the photograph; :data:`EVERYWHERE` if that is all.
        absent: share of the picture in [0, 1] that is none, by the names in :data:`KINDS`.
    """

    mask: Mask
    absent: Mapping[str, float]


def extent_of(rgb: FloatMap, alpha: FloatMap | None = None) -> Extent:
    """Where a picture shows a photograph, by its alpha and by what is even around it.

    Bars, frames and rounded corners are looked for in the rectangle that is not transparent; a
    cut-out shape has none.

    Args:
        rgb: float32 (H, W, 3) in [0, 1].
        alpha: float32 (H, W) in [0, 1], or None if the picture has none.
    """
    height, width = rgb.shape[:2]
    opaque = None if alpha is None else alpha >= OPAQUE
    if opaque is None or opaque.all():
        opaque = None
        outer = Rectangle(0, 0, height, width)
    else:
        outer = bounding_box(opaque)
    inner, corners = outer, None
    if opaque is None or (outer.area and opaque[outer.cut].all()):
        inner = find_photograph(rgb[outer.cut]).moved(outer.top, outer.left)
        corners = rounded_corners(rgb, inner)
    if opaque is None and inner == outer and corners is None:
        return Extent(EVERYWHERE, frozen({}))

    absent: dict[str, float] = {}
    mask = np.zeros((height, width), np.bool_)
    mask[inner.cut] = True
    if opaque is not None:
        absent["transparent"] = 1 - int(np.count_nonzero(opaque)) / opaque.size
        mask &= opaque
    if inner != outer:
        kind = "frame" if all(a != b for a, b in zip(inner, outer, strict=True)) else "bars"
        absent[kind] = (outer.area - inner.area) / (height * width)
    if corners is not None:
        absent["corners"] = int(np.count_nonzero(corners)) / (height * width)
        mask[inner.cut] &= ~corners
    return Extent(mask, frozen(absent))


def bounding_box(mask: Mask) -> Rectangle:
    """The smallest rectangle that holds all that is True; an empty one at 0, 0 if nothing is.

    >>> bounding_box(np.array([[False, False], [False, True]]))
    Rectangle(top=1, left=1, bottom=2, right=2)
    """
    if mask.all():  # as of most pictures
        height, width = mask.shape
        return Rectangle(0, 0, height, width) if mask.size else Rectangle(0, 0, 0, 0)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if rows.size == 0:
        return Rectangle(0, 0, 0, 0)
    return Rectangle(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def checked_mask(mask: Mask, shape: tuple[int, int]) -> Mask:
    """`mask`, or one that is True everywhere in place of :data:`EVERYWHERE`.

    Raises:
        InputError: if it is not bool of `shape`.
    """
    if mask.shape == EVERYWHERE.shape:
        return np.ones(shape, np.bool_)
    if mask.dtype != np.bool_ or mask.shape != shape:
        raise InputError(f"Expected `mask` to be bool {shape}, but got {mask.dtype} {mask.shape}")
    return mask


def sentences(extent: Extent, least: int) -> tuple[str, ...]:
    """What a reader must know of an extent, a sentence each; none where all is photograph.

    Args:
        extent: of the picture.
        least: side in pixels below which a photograph is not measured.
    """
    if not extent.absent:
        return ()
    box = bounding_box(extent.mask)
    width, height = box.size
    if not box.area:
        return ("The picture is transparent throughout: it holds nothing that could be measured.",)
    parts = [f"{_percent(share)} of it is {KINDS[kind]}" for kind, share in extent.absent.items()]
    told = (
        f"Not all of the picture is a photograph: {' and '.join(parts)}. The photograph lies in a "
        f"rectangle of {width} x {height} pixels, {box.left} from the left and {box.top} from the "
        "top; only it is measured."
    )
    if min(box.size) < least:
        return (told.replace("only it is measured", "that is too small to be measured"),)
    return (told,)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"
