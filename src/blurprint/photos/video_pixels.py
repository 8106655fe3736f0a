"""From a decoded frame to upright RGB of 8 bits: matrix, range, HDR, fields, rotation."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

RGB8 = npt.NDArray[np.uint8]
Matrix = tuple[tuple[int, int], tuple[int, int]]

TRANSFERS: Final = {16: "PQ", 18: "HLG"}
"""Transfer curves of HDR by their numbers (ITU-T H.273)."""
_UNSPECIFIED: Final = 2
_ITU709: Final = "ITU709"
_WIDE_SD, _HIGH_SD = 1024, 576
"""Frames that are larger are taken for HD where the file does not name its colour matrix."""

WHITE_NITS: Final = 203.0
"""Luminance of a white sheet in HDR (ITU-R BT.2408), which becomes white."""
_HLG_PEAK: Final = 1000.0
"""Nominal peak of a display of HLG, cd/m^2 (ITU-R BT.2100)."""
_HLG_GAMMA: Final = 1.2
"""Its system gamma."""
# Below it a picture looks as one of SDR would: docs/thresholds.md.
KNEE: Final = 0.75
"""Linear light, over white, from which highlights are compressed."""
_LUMA_2020: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)
_TO_709: Final = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)
"""BT.2020 to BT.709 primaries in linear light (ITU-R BT.2087)."""


def rgb_of(frame: Any, *, deinterlace: bool = False) -> RGB8:
    """The pixels of a frame as players show them, uint8 (H, W, 3), upright.

    The matrix and the range are those that the file names; where it names no matrix, that of
    BT.709 for frames of more than 1024 x 576 pixels, and BT.601 for others. HDR is tone-mapped by
    :func:`tone_mapped`.

    Args:
        frame: of PyAV.
        deinterlace: of an interlaced frame, give every second line and, reduced, half the columns:
            half the size, and no line invented.
    """
    source = _matrix_name(frame)
    if is_hdr(frame):
        deep = frame.reformat(format="rgb48le", **source).to_ndarray()
        rgb = tone_mapped(deep, TRANSFERS[int(frame.color_trc)], wide=frame.color_primaries == 9)
    else:
        rgb = frame.reformat(format="rgb24", **source).to_ndarray()
    if deinterlace and frame.interlaced_frame:
        height, width = rgb.shape[0] // 2, rgb.shape[1] // 2
        lines = np.ascontiguousarray(rgb[0 : 2 * height : 2])
        rgb = cv2.resize(lines, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return np.ascontiguousarray(displayed(rgb, matrix_of(frame)))


def is_hdr(frame: Any) -> bool:
    """Whether a frame (or a codec context) has a transfer curve of HDR."""
    return int(frame.color_trc or 0) in TRANSFERS


def taken_for_709(frame: Any) -> bool:
    """Whether the file names no colour matrix, and that of HD is taken."""
    unnamed = int(frame.colorspace) == _UNSPECIFIED
    return unnamed and (frame.width > _WIDE_SD or frame.height > _HIGH_SD)


def _matrix_name(frame: Any) -> dict[str, Any]:
    if not taken_for_709(frame):
        return {}
    return {"src_colorspace": _ITU709}


def tone_mapped(deep: npt.NDArray[np.uint16], transfer: str, *, wide: bool) -> RGB8:
    """HDR to sRGB by one curve: as it is up to :data:`KNEE` of white, highlights rolled off above.

    Linear light of :data:`WHITE_NITS` is 1. Above the knee k, light x becomes
    ``k + (1 - k) t / (1 + t)`` with ``t = (x - k) / (1 - k)``, which is smooth there and never
    reaches 1 (Reinhard et al. 2002, equation 3, above a knee). It is found for the largest channel,
    and all three are multiplied alike, so that hues stay. PQ is decoded by SMPTE ST 2084; HLG by
    ITU-R BT.2100 for a display of 1,000 cd/m^2.

    Args:
        deep: uint16 (H, W, 3), R'G'B' of full range.
        transfer: "PQ" or "HLG".
        wide: whether the primaries are those of BT.2020; else BT.709.
    """
    light = _light_of(transfer)[deep]
    if transfer == "HLG":
        luma = light @ _LUMA_2020
        light = light * np.maximum(luma, 1e-6)[..., None] ** np.float32(_HLG_GAMMA - 1)
        light = light * np.float32(_HLG_PEAK / WHITE_NITS)
    if wide:
        light = light @ _TO_709.T
    light = np.maximum(light, 0)
    brightest = np.maximum(light.max(axis=-1, keepdims=True), np.float32(1e-6))
    above = np.maximum(brightest - KNEE, 0) / (1 - KNEE)
    rolled = KNEE + (1 - KNEE) * above / (1 + above)
    light = light * np.where(brightest > KNEE, rolled / brightest, 1)
    codes = _srgb_codes()[np.minimum(light * 4095 + 0.5, 4095).astype(np.int32)]
    return np.ascontiguousarray(codes)


@cache
def _light_of(transfer: str) -> FloatMap:
    """Linear light for each code of 16 bits: of PQ over white, of HLG of the scene in [0, 1]."""
    signal = np.arange(65536, dtype=np.float64) / 65535
    if transfer == "PQ":
        m1, m2 = 2610 / 16384, 2523 / 4096 * 128
        c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
        root = signal ** (1 / m2)
        nits = 10000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
        return (nits / WHITE_NITS).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    light = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return light.astype(np.float32)


@cache
def _srgb_codes() -> RGB8:
    light = np.arange(4096) / 4095
    signal = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * signal).astype(np.uint8)


def displayed(rgb: RGB8, matrix: Matrix) -> RGB8:
    """Stored pixels as a display matrix shows them (ISO/IEC 14496-12, 8.3.2).

    A pixel at (x, y) is shown at (a x + c y, b x + d y), moved into the picture.

    Args:
        rgb: (H, W, ...).
        matrix: ((a, b), (c, d)), in any unit; zeros are taken for the identity.

    >>> displayed(np.array([[1, 2], [3, 4]]), ((0, 1), (-1, 0))).tolist()  # right becomes down
    [[3, 1], [4, 2]]
    """
    (a, b), (c, d) = matrix
    if max(abs(b), abs(c)) > max(abs(a), abs(d)):
        rgb, a, d = np.swapaxes(rgb, 0, 1), c, b
    if a < 0:
        rgb = rgb[:, ::-1]
    return rgb[::-1] if d < 0 else rgb


def matrix_of(frame: Any) -> Matrix:
    """Of FFmpeg's display matrix, nine int32 in the order of this machine."""
    side_data = frame.side_data.get("DISPLAYMATRIX")
    data = b"" if side_data is None else bytes(side_data)
    if len(data) != 36:
        return ((1, 0), (0, 1))
    a, b, _, c, d, *_ = struct.unpack("=9i", data)
    return ((a, b), (c, d))
