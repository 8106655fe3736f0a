"""From a file to the pixels that are measured: decode safely, orient, bound the size, identify."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError, PhotoError
from blurprint.exif import exif_of_interest
from blurprint.extent import EVERYWHERE, Mask, bounding_box, checked_mask, extent_of, sentences
from blurprint.frame import Rectangle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.Image import Image

RGB = npt.NDArray[np.float32]
Alpha = npt.NDArray[np.float32]

DEFAULT_MAX_PIXELS: Final = 150_000_000
"""Pictures that declare more pixels than this are refused before they are decoded."""
MIN_SIDE: Final = 8
"""Smallest height and width in which blur can be measured, in pixels."""

_ROUNDING: Final = 1e-4
_NO_NOTES: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photograph as it is measured.

    Attributes:
        rgb: float32 (H, W, 3) in [0, 1], upright, in the encoding of the file (not linear light).
        source: path, or "<bytes>" / "<array>".
        sha256: of the file's bytes; empty for arrays.
        exif: tags of interest in plain words ("camera", "lens", "focal_length_mm", "f_number",
            "exposure_s", "iso", "taken", "software"), as far as the file has them.
        scale: working size / native size; 1 unless the picture was reduced.
        native_size: (width, height) of the upright picture in the file, in pixels.
        format: container as Pillow names it ("JPEG", "PNG", ...), or None for arrays.
        notes: what was done to the picture that the user should know, a sentence each.
        mask: bool (H, W), True where the picture shows a photograph; False on transparent parts
            and on bars and frames, which are not measured. Left out: True everywhere.
        absent: share of the picture in [0, 1] that is no photograph, by kind: "transparent",
            "bars", "frame".

    Raises:
        InputError: if `rgb` is not float32 (H, W, 3), finite and in [0, 1], or is too small; if
            `mask` is not bool (H, W).
    """

    rgb: RGB
    source: str = "<array>"
    sha256: str = ""
    exif: Mapping[str, str | float] = field(default_factory=lambda: MappingProxyType({}))
    scale: float = 1.0
    native_size: tuple[int, int] = (0, 0)
    format: str | None = None
    notes: tuple[str, ...] = _NO_NOTES
    mask: Mask = field(default_factory=lambda: EVERYWHERE)
    absent: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        _check_rgb(self.rgb)
        object.__setattr__(self, "mask", checked_mask(self.mask, self.rgb.shape[:2]))
        if self.native_size == (0, 0):
            height, width = self.rgb.shape[:2]
            object.__setattr__(self, "native_size", (width, height))

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) at which the picture is measured, in pixels."""
        height, width = self.rgb.shape[:2]
        return width, height

    @property
    def rectangle(self) -> Rectangle:
        """The smallest rectangle of the picture that holds the photograph, in pixels."""
        return bounding_box(self.mask)

    @classmethod
    def from_array(cls, array: npt.NDArray[Any], source: str = "<array>") -> Photo:
        """A photo from uint8 (H, W, 3), or floating (H, W, 3) in [0, 1].

        Floats that miss this range by rounding, up to 1e-4, are clipped to it. Even bars or a frame
        around the photograph are left out of `mask`.

        Raises:
            InputError: on another dtype, shape or range, and on NaN or infinity.

        >>> import numpy as np
        >>> Photo.from_array(np.zeros((20, 30, 3), np.uint8)).size
        (30, 20)
        """
        if not isinstance(array, np.ndarray):
            raise InputError(
                f"Expected a NumPy array of shape (H, W, 3), but got {type(array).__name__}"
            )
        if array.ndim != 3 or array.shape[2] != 3:
            raise InputError(f"Expected an array of shape (H, W, 3), but got {array.shape}")
        if array.dtype == np.uint8:
            rgb = array.astype(np.float32) / np.float32(255)
        elif np.issubdtype(array.dtype, np.floating):
            rgb = array.astype(np.float32)
            if rgb.min(initial=0) >= -_ROUNDING and rgb.max(initial=1) <= 1 + _ROUNDING:  # no NaN
                np.clip(rgb, 0, 1, out=rgb)
        else:
            raise InputError(
                f"Expected an array of uint8, or of floats in [0, 1], but got {array.dtype}"
            )
        rgb = np.ascontiguousarray(rgb)
        _check_rgb(rgb)
        extent = extent_of(rgb)
        notes = sentences(extent, MIN_SIDE)
        return cls(rgb=rgb, source=source, notes=notes, mask=extent.mask, absent=extent.absent)


def read_photo(
    source: str | Path | bytes,
    *,
    max_side: int | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> Photo:
    """Read a picture file into the pixels that are measured.

    EXIF orientation is applied; of an animation the first frame is taken; transparency is laid on
    white; 16-bit, gray, palette and CMYK pictures become RGB. What is transparent, and even bars or
    a frame around the photograph, are left out of ``Photo.mask``. ``Photo.notes`` says so.

    Args:
        source: path of the file, or its bytes.
        max_side: reduce the picture (area average) until its longer side has at most this many
            pixels; None or 0 keeps it as it is.
        max_pixels: refuse pictures that declare more pixels than this, before decoding them.

    Raises:
        PhotoError: if the file is missing, empty, no picture, broken, too large or too small. The
            message names the file and the reason.
        InputError: if an argument is out of range.
    """
    if max_side is not None and max_side != 0 and max_side < MIN_SIDE:
        raise InputError(f"Expected `max_side` to be 0 or at least {MIN_SIDE}, but got {max_side}")
    name = "<bytes>" if isinstance(source, (bytes, bytearray, memoryview)) else str(source)
    data = _read_bytes(source, name)
    return _decode(data, name, max_side or 0, max_pixels)


def _read_bytes(source: str | Path | bytes, name: str) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    else:
        path = Path(source)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise PhotoError(f"{name}: no such file") from None
        except IsADirectoryError:
            raise PhotoError(f"{name}: is a folder, not a picture") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise PhotoError(f"{name}: cannot be read ({reason})") from error
    if not data:
        raise PhotoError(f"{name}: the file is empty")
    return data


def _decode(data: bytes, name: str, max_side: int, max_pixels: int) -> Photo:
    from PIL import Image, UnidentifiedImageError

    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > 2 * Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels  # Pillow's own bound would refuse first
    try:
        with Image.open(io.BytesIO(data)) as image:
            _check_declared_size(image.size, name, max_pixels)
            container, exif = image.format, image.getexif()
            orientation = exif.get(0x0112, 1)
            native = image.size[::-1] if orientation in (5, 6, 7, 8) else image.size
            facts = exif_of_interest(exif)
            notes = _frame_notes(image)
            if max_side:
                _reduce_while_decoding(image, max_side)
            image.load()
            rgb, alpha, mode_notes = _to_rgb(image, max_side)
    except UnidentifiedImageError:
        raise PhotoError(f"{name}: not a picture in a format that can be read") from None
    except PhotoError:
        raise
    except Image.DecompressionBombError:
        raise PhotoError(
            f"{name}: declares more pixels than the limit of {max_pixels / 1e6:g} million; "
            "raise the limit (max_pixels, --max-pixels) to read it"
        ) from None
    except MemoryError:
        raise PhotoError(f"{name}: not enough memory to decode the picture") from None
    except Exception as error:  # decoders raise whatever a broken file makes them raise
        raise PhotoError(f"{name}: cannot be decoded ({_one_line(error)})") from error
    rgb = _orient(rgb, orientation)
    scale = max(rgb.shape[:2]) / max(native)
    try:
        _check_rgb(rgb)
        extent = extent_of(rgb, None if alpha is None else _orient(alpha, orientation))
        return Photo(
            rgb=rgb,
            source=name,
            sha256=hashlib.sha256(data).hexdigest(),
            exif=MappingProxyType(facts),
            scale=scale,
            native_size=native,
            format=container,
            notes=(*notes, *mode_notes, *sentences(extent, MIN_SIDE)),
            mask=extent.mask,
            absent=extent.absent,
        )
    except InputError as error:
        raise PhotoError(f"{name}: {error}") from error


def _check_rgb(rgb: RGB) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.float32:
        raise InputError(f"Expected `rgb` to be float32 (H, W, 3), but got {rgb.dtype} {rgb.shape}")
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise InputError(
            f"{width} x {height} pixels are too few: at least {MIN_SIDE} each way are needed"
        )
    low, high = float(rgb.min()), float(rgb.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError("Expected values in [0, 1], but the array holds NaN or infinity")
    if low < 0 or high > 1:
        raise InputError(f"Expected values in [0, 1], but they reach from {low:.4g} to {high:.4g}")


def _check_declared_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise PhotoError(
            f"{name}: declares {width} x {height} pixels, more than the limit of "
            f"{max_pixels / 1e6:g} million; raise the limit (max_pixels, --max-pixels) to read it"
        )
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"{name}: {width} x {height} pixels are too few: "
            f"at least {MIN_SIDE} each way are needed"
        )


def _frame_notes(image: Image) -> tuple[str, ...]:
    frames = int(getattr(image, "n_frames", 1))
    if frames > 1:
        return (f"The file holds {frames} frames; the first was measured.",)
    return _NO_NOTES


def _reduce_while_decoding(image: Image, max_side: int) -> None:
    """Let the JPEG decoder halve the picture as often as it stays above twice `max_side`.

    The factor of two leaves the last step to the area average, whose blur is the same for all.
    """
    width, height = image.size
    ratio = max(width, height) / max_side
    if ratio >= 4:
        image.draft(None, (int(2 * width / ratio), int(2 * height / ratio)))


def _to_rgb(image: Image, max_side: int) -> tuple[RGB, Alpha | None, tuple[str, ...]]:
    """float32 (H, W, 3) and alpha (H, W) in [0, 1], and notes. Reduces in 8 bits, to save memory.

    Alpha is None where the picture has none that matters.
    """
    alpha: Alpha | None = None
    notes: list[str] = []
    mode = image.mode
    if mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        notes.append("The picture is gray; its three channels are equal.")
        gray = np.asarray(image).astype(np.float32)
        top = float(gray.max(initial=0))
        if mode != "F":
            gray /= 65535 if top <= 65535 else 2**31 - 1
        elif not np.isfinite(gray).all() or gray.min() < 0 or top > 1:
            raise ValueError("floating-point pictures must hold values in [0, 1]")
        return np.repeat(_shrink(gray, max_side)[..., None], 3, axis=2), None, tuple(notes)
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        from PIL import Image as Pillow

        rgba = image.convert("RGBA")
        if rgba.getchannel("A").getextrema() != (255, 255):
            notes.append("Transparent parts were laid on white.")
            shrunk_alpha = _shrink(np.asarray(rgba.getchannel("A")), max_side)
            alpha = shrunk_alpha.astype(np.float32) / np.float32(255)
        background = Pillow.new("RGBA", rgba.size, (255, 255, 255, 255))
        background.alpha_composite(rgba)
        image = background.convert("RGB")
    elif mode == "CMYK":
        notes.append("The picture is CMYK; it was converted to RGB without a colour profile.")
    elif mode in ("L", "1"):
        notes.append("The picture is gray; its three channels are equal.")
    if image.mode != "RGB":
        image = image.convert("RGB")
    shrunk = _shrink(np.asarray(image), max_side)
    return shrunk.astype(np.float32) / np.float32(255), alpha, tuple(notes)


def _shrink(pixels: npt.NDArray[Any], max_side: int) -> npt.NDArray[Any]:
    height, width = pixels.shape[:2]
    if not max_side or max(height, width) <= max_side:
        return pixels
    ratio = max_side / max(height, width)
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _orient(rgb: npt.NDArray[np.float32], orientation: int) -> npt.NDArray[np.float32]:
    """Turn the stored pixels upright (EXIF 2.3, tag 0x0112)."""
    if orientation in (5, 6, 7, 8):
        rgb = np.swapaxes(rgb, 0, 1)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (text or type(error).__name__)[:200]
