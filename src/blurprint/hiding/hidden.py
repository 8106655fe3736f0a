"""The door of this room: what hides the blur of a photograph, and where it is drawn."""

from __future__ import annotations

from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from blurprint.arrays import FloatMap, Mask
from blurprint.hiding.dots import DITHERED, is_dithered
from blurprint.hiding.drawn import DRAWN, Drawn, drawn_in
from blurprint.hiding.noise import HIDDEN, noise_hides_blur
from blurprint.hiding.palette import FEW_COLOURS, has_few_colours
from blurprint.hiding.repeated import REPEATED, is_repeated
from blurprint.photos.photo import Photo


class Hidden(NamedTuple):
    """What of a photograph shows no blur of a lens.

    Attributes:
        doubt: why nothing in it can be measured, in a sentence, the first reason found; "" if it
            can.
        drawn: where its rectangle is drawn, bool (H, W) of :attr:`Photo.rectangle`; None if
            nowhere.
    """

    doubt: str
    drawn: Mask | None


_KNOWN: Final[WeakKeyDictionary[Photo, Hidden]] = WeakKeyDictionary()
"""The map of a photograph and what is said of its measurement ask the same."""


def hidden_in(photo: Photo) -> Hidden:
    """What hides the blur of a photograph, found once for each: its pixels must not change."""
    found = _KNOWN.get(photo)
    if found is None:
        shown = photo.rgb[photo.rectangle.cut]
        drawn = drawn_in(shown)
        found = _KNOWN[photo] = Hidden(_doubt(shown, drawn), drawn.parts)
    return found


def _doubt(rgb: FloatMap, drawn: Drawn) -> str:
    if noise_hides_blur(rgb):
        return HIDDEN
    if is_repeated(rgb):
        return REPEATED
    if drawn.whole:
        return DRAWN
    if is_dithered(rgb):
        return DITHERED
    return FEW_COLOURS if has_few_colours(rgb) else ""
