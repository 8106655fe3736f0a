"""JPEG 2000 with more than 8 bits a value: how many, and its colours as OpenCV reads them.

Pillow rounds such colours to 8 bits and lets what is rounded up beyond white begin again at black
(65,408 and more of 65,535). OpenCV keeps all bits; where the two agree but for that, its values are
those of the file.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

_SIZ: Final = b"\xff\x4f\xff\x51"
"""Start of a codestream and of its first segment (ITU-T T.800, A.5.1)."""
_COUNT: Final = 40
"""Bytes from there to the number of components, after which three bytes describe each."""


def bits_of(data: bytes) -> int:
    """The most bits that a component of the picture has; 8 where that cannot be read."""
    start = data.find(_SIZ)
    if start < 0 or start + _COUNT + 2 > len(data):
        return 8
    (count,) = struct.unpack_from(">H", data, start + _COUNT)
    described = data[start + _COUNT + 2 : start + _COUNT + 2 + 3 * count : 3]
    return max(((one & 0x7F) + 1 for one in described), default=8)


def deep_colours(data: bytes, image: Any, bits: int) -> npt.NDArray[np.uint16]:
    """Colours of 9 to 16 bits, spread over 16: uint16 (H, W, 3) or (H, W, 4).

    Args:
        data: of the file.
        image: the same, as Pillow decoded it.
        bits: of its values.

    Raises:
        ValueError: if OpenCV reads another picture, or none, so that the colours are unknown.
    """
    seen, found = np.asarray(image), None
    if image.mode in ("RGB", "RGBA"):
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is not None and found.dtype == np.uint16 and found.shape == seen.shape:
        order = cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGB
        found = cv2.cvtColor(found, order).astype(np.uint32)
        rounded = (found + (1 << bits - 9)) >> bits - 8
        if np.array_equal(rounded & 0xFF, seen):
            full = 2**bits - 1
            return ((found * 65535 + full // 2) // full).astype(np.uint16)
    raise ValueError(
        f"colours of {bits} bits in JPEG 2000, which cannot be read for certain; save it as PNG or "
        "TIFF"
    )
