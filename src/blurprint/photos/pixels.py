"""From a decoded picture of any kind of pixels to RGB in [0, 1], with its alpha."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from sys import byteorder
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.photos.colour import RGB8, SRGB_GAMMA, by_gamma, by_profile, lab_to_rgb
from blurprint.photos.depth import to_unit
from blurprint.photos.tiff import (
    BITS_PER_SAMPLE,
    EXTRA_SAMPLES,
    MAX_SAMPLE_VALUE,
    PHOTOMETRIC,
    PLANAR,
    SAMPLE_FORMAT,
    Value,
)

FloatArray = FloatMap
_MEASURED_AS_STORED: Final = (
    "The file holds values of high dynamic range ({}); they were measured as stored, not as sRGB."
)
_HDR: Final = {16: _MEASURED_AS_STORED.format("PQ"), 18: _MEASURED_AS_STORED.format("HLG")}
Reopen = Callable[[], Any]

GRAY: Final = "The picture is gray; its three channels are equal."
"""Note on a gray picture."""
_ON_WHITE: Final = "Transparent parts were laid on white."
_NO_TAGS: Final[Mapping[int, Value]] = {}
# 2^14 / 2^8: docs/thresholds.md.
DARK: Final = 64
"""Upper byte that a picture of 14 bits or fewer in a file of 16 does not reach."""
_PREMULTIPLIED: Final = 1
_SEPARATE: Final = 2
_PLANES: Final = (*"RGBA", *"CMYK")
_HIGH_BYTES: Final = "The file has 16 bits a value; the upper 8 of them were read."


class Pixels(NamedTuple):
    """RGB, float32 (H, W, 3) in [0, 1]; alpha, (H, W) or None if all is opaque; notes; and the
    uint8 (H, W, 3) that RGB is 255ths of, None where there are none."""

    rgb: FloatArray
    alpha: FloatArray | None
    notes: tuple[str, ...]
    rgb8: RGB8 | None = None


def pixels_of(
    image: Any,
    max_sides: Sequence[int],
    tags: Mapping[int, Value] = _NO_TAGS,
    *,
    bits: Value = 8,
    transfer: int | None = None,
    reopen: Reopen | None = None,
    deep: npt.NDArray[np.uint16] | None = None,
) -> list[Pixels]:
    """Pixels of a loaded Pillow image, reduced by area average, at each of several sizes.

    Args:
        image: a Pillow image of any mode.
        max_sides: longer sides to reduce to, in pixels; 0 keeps the size.
        tags: of a TIFF file's first directory.
        bits: of each value, or of the values of each pixel, as the file states them.
        transfer: characteristics of a PNG file's cICP chunk (ITU-T H.273, table 3), if it has one.
        reopen: opens the file once more, not yet loaded; needed for colours of 16 bits.
        deep: colours of 16 bits, (H, W, 3) or (H, W, 4), where another decoder has read them.

    Raises:
        ValueError: if it is unknown which value is white.
    """
    if image.mode.startswith("I"):
        found = [_whole_numbers(image, side, tags) for side in max_sides]
    elif image.mode == "F":
        found = [_floating(image, side, tags) for side in max_sides]
    else:
        stated: set[Any] = set(bits) if isinstance(bits, tuple) else {bits}
        deep = _deep(image, reopen, stated, tags) if deep is None else deep
        if deep is None:
            found = _of_8_bits(image, max_sides, 16 in stated)
        else:
            found = [_of_16_bits(deep, image.info, side) for side in max_sides]
    return [_gamma(pixels, image, transfer) for pixels in found]


def compose(rgb: FloatArray, alpha: FloatArray) -> Pixels:
    """RGB with its alpha on white, all float32 in [0, 1]."""
    if bool((alpha >= 1).all()):
        return Pixels(rgb, None, ())
    laid = rgb * alpha[..., None] + (1 - alpha[..., None])
    return Pixels(np.clip(laid, 0, 1, dtype=np.float32), alpha, (_ON_WHITE,))


def gray_to_rgb(gray: FloatArray) -> FloatArray:
    """(H, W) to (H, W, 3)."""
    return np.repeat(gray[..., None], 3, axis=2)


def _whole_numbers(image: Any, max_side: int, tags: Mapping[int, Value]) -> Pixels:
    """Gray of 12, 16 or 32 bits."""
    values = np.asarray(image)
    bits = 16 if image.mode.startswith("I;16") else 32
    stated = tags.get(BITS_PER_SAMPLE)
    if isinstance(stated, int) and 8 < stated <= 32:
        bits = stated
    elif image.format in ("PNG", "PPM", "JPEG2000"):  # mode I of these holds 16 bits
        bits = 16
    if tags.get(SAMPLE_FORMAT) == 2 and bits == 16:
        bits = 15  # signed
    low, top = int(values.min(initial=0)), int(values.max(initial=0))
    if low < 0:
        raise ValueError(f"values reach down to {low}; expected none below 0")
    white = tags.get(MAX_SAMPLE_VALUE)
    if isinstance(white, int) and top <= white < 2**bits - 1 and white > 0:
        gray = _shrink(values.astype(np.float32) / np.float32(white), max_side)
        note: str | None = f"White is {white}, as the file states."
    else:
        shrunk = _shrink(values.astype(np.uint16 if bits <= 16 else np.float64), max_side)
        gray, note = to_unit(shrunk, bits, top)
    if tags.get(PHOTOMETRIC) == 0:
        gray = 1 - gray
    notes = (GRAY, note) if note else (GRAY,)
    clear = image.info.get("transparency")
    if isinstance(clear, int) and bool((values == clear).any()):
        alpha = _shrink((values != clear).astype(np.float32), max_side)
        laid = compose(gray_to_rgb(gray), alpha)
        return Pixels(laid.rgb, laid.alpha, (*notes, *laid.notes))
    return Pixels(gray_to_rgb(gray), None, notes)


def _floating(image: Any, max_side: int, tags: Mapping[int, Value]) -> Pixels:
    gray = np.asarray(image).astype(np.float32)
    if not np.isfinite(gray).all() or gray.min() < 0 or gray.max() > 1:
        raise ValueError("floating-point pictures must hold values in [0, 1]")
    if tags.get(PHOTOMETRIC) == 0:
        gray = 1 - gray
    return Pixels(gray_to_rgb(_shrink(gray, max_side)), None, (GRAY,))


def _deep(
    image: Any, reopen: Reopen | None, bits: set[Any], tags: Mapping[int, Value]
) -> npt.NDArray[np.uint16] | None:
    """uint16 (H, W, 3) or (H, W, 4) of a colour picture of 16 bits, of which Pillow reads the upper
    8: a second reading with the order of bytes exchanged gives the lower 8. None otherwise.
    """
    if reopen is None or image.mode not in ("RGB", "RGBA") or bits != {16}:
        return None
    if tags.get(EXTRA_SAMPLES) == _PREMULTIPLIED or "transparency" in image.info:
        return None
    with reopen() as again:
        tiles = [_bytes_exchanged(tile) for tile in again.tile]
        in_planes = tags.get(PLANAR) == _SEPARATE and again.tile[0][0] == "libtiff"
        if None in tiles or in_planes:  # planes that are compressed have one order of bytes
            return None
        again.tile = tiles
        again.load()
        lower = np.asarray(again)
    upper = np.asarray(image)
    if lower.shape != upper.shape:
        return None
    return upper.astype(np.uint16) << 8 | lower


def _bytes_exchanged(tile: Any) -> Any:
    """What Pillow is to decode, with the other order of bytes; None where there is none."""
    raw = _raw_mode(tile)
    other = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if byteorder == "little" else ";16L"}
    kind, order = raw[:-4], raw[-4:]
    if kind not in ("RGB", "RGBA", "RGBX", *_PLANES) or order not in other:
        return None
    return _with_raw_mode(tile, kind + other[order])


def planes_of_16_bits(tiles: list[Any], big_endian: bool) -> list[Any]:
    """What Pillow is to decode, where colours lie in planes of 16 bits, not compressed.

    It takes these planes for 8 bits otherwise, and gives another picture.
    """
    order = ";16B" if big_endian else ";16L"
    return [
        _with_raw_mode(tile, _raw_mode(tile) + order) if _raw_mode(tile) in _PLANES else tile
        for tile in tiles
    ]


def _raw_mode(tile: Any) -> str:
    mode: str = tile[3] if isinstance(tile[3], str) else tile[3][0]
    return mode


def _with_raw_mode(tile: Any, mode: str) -> Any:
    arguments = mode if isinstance(tile[3], str) else (mode, *tile[3][1:])
    if hasattr(tile, "_replace"):
        return tile._replace(args=arguments)
    return (*tile[:3], arguments)


def _of_16_bits(deep: npt.NDArray[np.uint16], info: Mapping[Any, Any], max_side: int) -> Pixels:
    shrunk = _shrink(np.ascontiguousarray(deep), max_side)
    rgb, note = to_unit(shrunk[..., :3], 16, int(deep[..., :3].max(initial=0)))
    notes = [note] if note else []
    if profile := info.get("icc_profile"):
        seen, said = by_profile(np.rint(rgb * 255).astype(np.uint8), profile, "RGB")
        rgb = rgb if seen is None else seen.astype(np.float32) / np.float32(255)
        notes += [said] if said else []
    if deep.shape[2] == 3:
        return Pixels(rgb, None, tuple(notes))
    laid = compose(rgb, shrunk[..., 3].astype(np.float32) / np.float32(65535))
    return Pixels(laid.rgb, laid.alpha, (*notes, *laid.notes))


def _of_8_bits(image: Any, max_sides: Sequence[int], upper_bytes: bool) -> list[Pixels]:
    """Reduces in 8 bits, to save memory."""
    from PIL import Image

    alpha: RGB8 | None = None
    notes: list[str] = [_HIGH_BYTES] if upper_bytes else []
    profile = image.info.get("icc_profile")
    if image.mode == "LAB":
        notes.append("The picture is CIELAB; it was converted to sRGB.")
        image, profile = lab_to_rgb(image), None
    elif image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        if image.mode in ("LA", "La"):
            notes.append(GRAY)
        rgba = image.convert("RGBA")
        if rgba.getchannel("A").getextrema() != (255, 255):
            notes.append(_ON_WHITE)
            alpha = np.asarray(rgba.getchannel("A"))
        background = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        background.alpha_composite(rgba)
        image = background.convert("RGB")
    elif image.mode in ("L", "1"):
        notes.append(GRAY)
        image = image.convert("L")
    elif image.mode not in ("RGB", "CMYK"):
        image = image.convert("RGB")
    values = np.asarray(image)
    found = []
    for side in max_sides:
        shrunk = _shrink(values, side)
        seen, said = _in_rgb(shrunk, image.mode, profile, upper_bytes)
        clear = None if alpha is None else _unit(_shrink(alpha, side))
        found.append(Pixels(_unit(seen), clear, (*notes, *said), seen))
    return found


def _in_rgb(
    values: RGB8, mode: str, profile: bytes | None, upper_bytes: bool
) -> tuple[RGB8, list[str]]:
    """Values of 8 bits of mode "L", "RGB" or "CMYK" in sRGB, and what must be known of that."""
    from PIL import Image

    notes = []
    if upper_bytes and 0 < (top := int(values.max(initial=0))) < DARK:
        notes.append(
            f"No value is above {top} of 255: the picture is very dark, or it was stored in fewer "
            "bits than the file declares."
        )
    seen, said = by_profile(values, profile, mode) if profile else (None, None)
    if mode == "CMYK":
        how = "without a colour profile" if seen is None else "by the colour profile in the file"
        notes.append(f"The picture is CMYK; it was converted to RGB {how}.")
    if said is not None and not (mode == "CMYK" and seen is not None):
        notes.append(said)
    if seen is None:
        plain = mode == "RGB"
        seen = values if plain else np.asarray(Image.fromarray(values, mode).convert("RGB"))
    return seen, notes


def _unit(values: RGB8) -> FloatArray:
    """8 bits to [0, 1]."""
    found = values.astype(np.float32)
    found /= np.float32(255)
    return found


def _gamma(pixels: Pixels, image: Any, transfer: int | None) -> Pixels:
    """By PNG's gAMA chunk, which cICP, iCCP and sRGB chunks overrule (PNG, third edition, 4.3)."""
    if transfer is not None:
        said = _HDR.get(transfer)
        return pixels if said is None else pixels._replace(notes=(*pixels.notes, said))
    gamma = image.info.get("gamma")
    if image.format != "PNG" or not isinstance(gamma, float) or not 0.05 < gamma < 10:
        return pixels
    if "srgb" in image.info or image.info.get("icc_profile") or abs(gamma - SRGB_GAMMA) < 0.02:
        return pixels
    rgb, said = by_gamma(pixels.rgb, gamma)
    return Pixels(rgb, pixels.alpha, (*pixels.notes, said))


def _shrink(pixels: npt.NDArray[Any], max_side: int) -> npt.NDArray[Any]:
    height, width = pixels.shape[:2]
    if not max_side or max(height, width) <= max_side:
        return pixels
    ratio = max_side / max(height, width)
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
