"""A face as it is after its picture was passed on: compressed again, or reduced."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np

from blurprint.errors import InputError
from blurprint.faces.crop import reach_of
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.score.rules import Redelivery

_BLOCK = 16
"""Pixels in which JPEG compresses colour at half the size: two blocks of 8."""


def surroundings(rgb: RGB8, face: Face, *, size: int, width: float) -> tuple[RGB8, Face]:
    """The part of a picture that the square around a face is cut from, also after it is passed on.

    It begins at a multiple of 16 pixels, so that JPEG divides it into the same blocks as the whole.

    Args:
        rgb: uint8 (H, W, 3).
        face: in pixels of it.
        size: side of the square as it is cut out, pixels.
        width: side of the square in eye distances.

    Returns:
        The part, and the face in pixels of it.

    Raises:
        InputError: if the face lies outside the picture.
    """
    reach = reach_of(face, size=size, width=width) + _BLOCK
    x, y = (float(one) for one in face.centre)
    high, wide = rgb.shape[:2]
    left, top = (max(0, int((one - reach) // _BLOCK)) * _BLOCK for one in (x, y))
    right, bottom = (max(0, -int(-(one + reach) // _BLOCK)) * _BLOCK for one in (x, y))
    part = rgb[top : min(bottom, high), left : min(right, wide)]
    if 0 in part.shape:
        raise InputError(f"Expected a face within {wide} x {high} px, but its centre is {x}, {y}")
    return part, face.moved(-left, -top)


def redelivered(rgb: RGB8, face: Face, how: Redelivery) -> tuple[RGB8, Face]:
    """A picture after it was passed on, with the face where it then is; it is not searched again.

    Args:
        rgb: uint8 (H, W, 3).
        face: in pixels of it.
        how: first its scale, by area average, then JPEG with colour at half the size.
    """
    if how.scale != 1:
        high, wide = rgb.shape[:2]
        size = (max(1, round(wide * how.scale)), max(1, round(high * how.scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        face = face.scaled(size[0] / wide)
    if how.jpeg_quality is not None:
        from PIL import Image

        file = BytesIO()
        quality = round(how.jpeg_quality)
        Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling="4:2:0")
        file.seek(0)
        with Image.open(file) as image:
            rgb = np.array(image.convert("RGB"), np.uint8)
    return rgb, face
