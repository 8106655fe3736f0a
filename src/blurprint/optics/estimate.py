"""The entry to this room: one function from a photograph to its map."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.hiding.hidden import hidden_in
from blurprint.limits import MIN_SIDE
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.extend import extend, inner_part
from blurprint.optics.method import Estimator
from blurprint.optics.methods import DEFAULT_METHOD, method_of
from blurprint.photos.photo import Photo, PhotoLike, as_photo

# An antialiased outline mixes one pixel, halved colour two: docs/thresholds.md.
SOFT_PX: Final = 2
"""Width inside the outline of a cut-out shape where colours are mixed with the background's."""
# Pixels changed by the outline: 12 % up to 2 px inside, 10 up to 4, 9 up to 6, 7 up to 12:
# docs/thresholds.md.
OUTLINE_PX: Final = 4
"""Width inside such an outline where nothing counts as measured."""


def estimate_defocus(photo: PhotoLike, method: str = DEFAULT_METHOD) -> DefocusMap:
    """Measure the defocus blur of every pixel of a photograph.

    Args:
        photo: a :class:`Photo`; or a path or the bytes of a file, which
            :func:`blurprint.read_photo` reads; or an array or a Pillow image, as
            :meth:`Photo.from_array` takes them, at its own size.
        method: one of :func:`blurprint.list_methods`. "net" and "edge" measure in pixels, by a
            network and from the widths of edges; "net-float" is the same network in float instead
            of 8-bit integers, slower and no better; "paper" and "paper-release" reproduce the map
            of Jeon & Woo (CIKM 2025).

    Returns:
        A :class:`DefocusMap` with `sigma` in pixels of the photo as read. Bars and frames are cut
        off before the estimate, so that the map within is that of the photograph without them.
        Around a shape that transparent parts cut out, the photograph is mirrored outwards first.
        Where noise or grain, an enlargement by repeated pixels, dither, the screen of a print or a
        small palette hides the blur of the whole picture, or all of it is drawn, `confidence` is 0
        everywhere and `doubt` says so, for the methods that measure in pixels; where only a part
        is drawn, `confidence` is 0 there.
        Outside ``Photo.mask``, and within :data:`OUTLINE_PX` of such a shape's outline,
        `confidence` is 0.

    Raises:
        InputError: if `method` is unknown, or the array has the wrong type, shape or range.
        PhotoError: if a file cannot be read.

    >>> import numpy as np
    >>> picture = np.zeros((64, 64, 3), np.float32)
    >>> picture[:, 32:] = 1
    >>> defocus = estimate_defocus(picture, method="edge")
    >>> defocus.sigma.shape, bool(np.median(defocus.sigma) < 0.5)
    ((64, 64), True)
    """
    return apply_estimator(as_photo(photo), method_of(method))


def apply_estimator(photo: Photo, estimator: Estimator) -> DefocusMap:
    """:func:`estimate_defocus` with any estimator, such as one that is not among the methods."""
    if photo.mask.all():
        found = estimator(photo.rgb)
        found = found if found.scale == photo.scale else replace(found, scale=photo.scale)
    else:
        found = _of_part(photo, estimator)
    if found.unit != "px":
        return found
    hidden = hidden_in(photo)
    if hidden.doubt:
        return replace(found, confidence=np.zeros_like(found.confidence), doubt=hidden.doubt)
    if hidden.drawn is None:
        return found
    confidence = found.confidence.copy()
    confidence[photo.rectangle.cut][hidden.drawn] = 0
    return replace(found, confidence=confidence)


def _of_part(photo: Photo, estimator: Estimator) -> DefocusMap:
    """The map of the photograph alone, put back where it lies in the picture."""
    part, (height, width) = photo.rectangle, photo.mask.shape
    if min(part.size) < MIN_SIDE:
        nothing = np.zeros((height, width), np.float32)
        like = estimator(np.zeros((MIN_SIDE, MIN_SIDE, 3), np.float32))
        return replace(
            like,
            sigma=nothing,
            confidence=nothing.copy(),
            scale=photo.scale,
            mask=photo.mask,
            anisotropy=None,
        )
    rgb, mask = np.ascontiguousarray(photo.rgb[part.cut]), photo.mask[part.cut]
    if mask.all():
        found = estimator(rgb)
        confidence = found.confidence
    else:
        known = inner_part(photo.mask, SOFT_PX)[part.cut]
        found = estimator(extend(rgb, known if known.any() else mask))
        trusted = inner_part(photo.mask, OUTLINE_PX)[part.cut]
        confidence = np.where(trusted, found.confidence, np.float32(0))
    around = (part.top, height - part.bottom, part.left, width - part.right)

    def nearest(plane: FloatMap) -> FloatMap:
        return np.asarray(cv2.copyMakeBorder(plane, *around, cv2.BORDER_REPLICATE))

    return replace(
        found,
        sigma=nearest(found.sigma),
        anisotropy=None if found.anisotropy is None else nearest(found.anisotropy),
        confidence=cv2.copyMakeBorder(confidence, *around, cv2.BORDER_CONSTANT, value=0),
        scale=photo.scale,
        mask=photo.mask,
    )
