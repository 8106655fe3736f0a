"""Signs of an earlier JPEG compression, on the file's own grid of blocks or on another one."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.hiding.drawn import is_drawn
from blurprint.provenance.earlier_jpeg import (
    EarlierJpeg,
    Floats,
    Luma,
    earlier_elsewhere,
    earlier_quality,
    support_of_chance,
)
from blurprint.provenance.provenance import FOUND, NONE, UNKNOWN, ProvenanceRow, Subject

LEAST_SIDE: Final = 64
"""Pixels each way from which a picture is examined."""

_OWN_GRID: Final = (0.015, 40.0)
"""Least support of each coefficient, and of all of them, for an earlier compression on the grid of
the file, or on any grid of a file without one."""
_OTHER_GRID: Final = (0.1, 200.0)
"""The same on another grid than that of a JPEG file."""
_CHANCE: Final = 0.25
"""Support where no grid can be, over the support found, from which pixels count as drawn: drawings
have few values, whose coefficients keep to multiples anywhere."""

RECOMPRESSION: Final = Subject(
    "recompression",
    "Earlier JPEG compression",
    "The picture was a JPEG file of another quality before it was saved as this one: opened and "
    "saved again, edited, sent through a service, or taken from a video or page. On another grid "
    "of blocks it was cropped or moved in between. Of 986 photographs saved once, none "
    "was taken for one saved twice (739 as JPEG, 247 as PNG).",
    "It does not mean that anything in the picture was changed: most pictures on the web were "
    "saved more than once. And no sign does not mean that it was saved once: the same quality "
    "again, a much lower one, an earlier quality of 95 or more, or resizing leave none.",
)


def recompression_row(luma: Luma | None, steps: Floats | None) -> ProvenanceRow:
    """Whether the pixels were a JPEG file before this one.

    Args:
        luma: uint8 (H, W), as the file stores it, not turned; None if it could not be decoded.
        steps: (8, 8), quantisation steps of luminance; None if the file is no JPEG.
    """
    if luma is None:
        return RECOMPRESSION.row(
            UNKNOWN, "The luminance of the picture cannot be examined in this format."
        )
    if min(luma.shape) < LEAST_SIDE:
        return RECOMPRESSION.row(
            UNKNOWN, f"The picture has fewer than {LEAST_SIDE} pixels on a side."
        )
    found = None
    if steps is not None:
        found = _if_above(earlier_quality(luma, steps), _OWN_GRID)
    if found is None:
        bounds = _OWN_GRID if steps is None else _OTHER_GRID
        found = _if_above(earlier_elsewhere(luma, steps), bounds)
    if found is None:
        return RECOMPRESSION.row(NONE, "No sign of an earlier JPEG compression was found.")
    if support_of_chance(luma, found) > _CHANCE * found.support_each or is_drawn(
        np.repeat(luma[..., None], 3, axis=2).astype(np.float32) / np.float32(255)
    ):
        return RECOMPRESSION.row(
            UNKNOWN,
            "The picture is drawn or has few tones, which look like compressed ones whatever was "
            "done to them.",
        )
    return _found(found, own=steps is not None and (found.top, found.left) == (0, 0))


def _if_above(found: EarlierJpeg, bounds: tuple[float, float]) -> EarlierJpeg | None:
    each, total = bounds
    return found if found.support_each >= each and found.support >= total else None


def _found(found: EarlierJpeg, *, own: bool) -> ProvenanceRow:
    where = (
        "on the same grid of blocks as this file"
        if own
        else "on a grid of blocks that begins at the picture's corner"
        if (found.top, found.left) == (0, 0)
        else f"on a grid of blocks that begins {found.left} px from the left and {found.top} px "
        "from the top, so that it was cropped or moved since"
    )
    return RECOMPRESSION.row(
        FOUND,
        f"The picture was a JPEG file of a quality of about {found.quality} before, {where}.",
        {
            "quality": found.quality,
            "grid_left": found.left,
            "grid_top": found.top,
            "same_grid": own,
            "support": round(found.support_each, 4),
        },
        brief=f"earlier JPEG compression, quality about {found.quality}",
    )
