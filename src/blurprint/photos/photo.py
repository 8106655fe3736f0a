"""A photograph as it is measured, from a file, an array, or a Pillow image."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError, PhotoError
from blurprint.frozen import frozen
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE, MIN_SIDE
from blurprint.photos.bars import Rectangle
from blurprint.photos.check_rgb import ROUNDING, check_rgb
from blurprint.photos.colour import RGB8
from blurprint.photos.decode import Decoded, decode, decode_image
from blurprint.photos.depth import to_unit
from blurprint.photos.extent import EVERYWHERE, bounding_box, checked_mask, extent_of, sentences
from blurprint.photos.pixels import GRAY, Pixels, compose, gray_to_rgb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL.Image import Image

RGB = FloatMap
PhotoLike: TypeAlias = "Photo | str | os.PathLike[str] | bytes | npt.NDArray[Any] | Image"
"""What :func:`as_photo` takes."""

_NO_NOTES: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Photo:
    """A photograph as it is measured.

    Attributes:
        rgb: float32 (H, W, 3) in [0, 1], upright, in the encoding of the file (not linear light).
        source: path or given name, or "<bytes>", "<array>", "<picture>".
        sha256: of the file's bytes; empty for arrays.
        exif: tags of interest in plain words ("camera", "lens", "focal_length_mm", "f_number",
            "exposure_s", "iso", "taken", "software"), as far as the file has them.
        scale: working size / native size; 1 unless the picture was reduced.
        native_size: (width, height) of the upright picture in the file, in pixels.
        format: container as Pillow names it ("JPEG", "PNG", ...), or None for arrays.
        notes: what was done to the picture that the user should know, a sentence each.
        mask: bool (H, W), True where the picture shows a photograph; False on transparent parts,
            bars, frames and rounded corners, which are not measured. Left out: True everywhere.
        absent: share of the picture in [0, 1] that is no photograph, by kind: "transparent",
            "bars", "frame", "corners".
        jpeg_quality: of the file, from 1 to 100, by its table of luma steps
            (:func:`blurprint.photos.jpeg_quality.jpeg_quality`); None for other formats and arrays.

    Raises:
        InputError: if `rgb` is not float32 (H, W, 3), finite and in [0, 1], or is too small; if
            `mask` is not bool (H, W).
    """

    rgb: RGB
    source: str = "<array>"
    sha256: str = ""
    exif: Mapping[str, str | float] = field(default_factory=lambda: frozen({}))
    scale: float = 1.0
    native_size: tuple[int, int] = (0, 0)
    format: str | None = None
    notes: tuple[str, ...] = _NO_NOTES
    mask: Mask = field(default_factory=lambda: EVERYWHERE)
    absent: Mapping[str, float] = field(default_factory=lambda: frozen({}))
    jpeg_quality: float | None = None
    _rgb8: RGB8 | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_rgb(self.rgb)
        object.__setattr__(self, "mask", checked_mask(self.mask, self.rgb.shape[:2]))
        if self.native_size == (0, 0):
            height, width = self.rgb.shape[:2]
            object.__setattr__(self, "native_size", (width, height))

    @property
    def rgb8(self) -> RGB8:
        """`rgb` in whole numbers up to 255, as detectors and codecs take it: uint8 (H, W, 3).

        ``np.rint(rgb * 255)``, which of a file of 8 bits are its own values: `rgb` was made of
        them, and they are kept. Of other pictures they are made when they are first asked for and
        kept from then on, so that `rgb` must not be changed afterwards. Not to be written to.
        """
        found = self._rgb8
        if found is None:
            found = np.asarray(cv2.convertScaleAbs(self.rgb, alpha=255), np.uint8)
            _keep(self, found)
        return found

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
    def from_array(cls, array: npt.NDArray[Any] | Image, source: str | None = None) -> Photo:
        """A photo from an array, or from a picture of Pillow's, at its own size.

        Arrays are gray (H, W) or (H, W, 1), RGB (H, W, 3), or RGBA (H, W, 4), of uint8, uint16, or
        floats in [0, 1]. Floats that miss this range by rounding, up to 1e-4, are clipped to it.
        Transparent parts are laid on white; they, and even bars or a frame around the photograph,
        are left out of `mask`. Of a picture of Pillow's, EXIF orientation and profile are applied,
        as of a file.

        Raises:
            InputError: on another dtype, shape or range, and on NaN or infinity.
            PhotoError: if a picture of Pillow's cannot be decoded.

        >>> import numpy as np
        >>> Photo.from_array(np.zeros((20, 30, 3), np.uint8)).size
        (30, 20)
        """
        if hasattr(array, "getbands"):
            name = source or str(getattr(array, "filename", "") or "<picture>")
            return _photo(decode_image(cast("Image", array), name), name)
        pixels = _of_array(array)
        check_rgb(pixels.rgb)
        extent = extent_of(pixels.rgb, pixels.alpha)
        return cls(
            rgb=pixels.rgb,
            source=source or "<array>",
            notes=(*pixels.notes, *sentences(extent, MIN_SIDE)),
            mask=extent.mask,
            absent=extent.absent,
        )


def as_photo(source: PhotoLike) -> Photo:
    """A photo from a path, the bytes of a file, an array or a Pillow image; a photo as it is.

    Files are read as :func:`read_photo` does without options; arrays and Pillow images are used at
    their own size (:meth:`Photo.from_array`).

    Raises:
        PhotoError: if a file cannot be read.
        InputError: if it is none of these, or an array of another dtype, shape or range.
    """
    if isinstance(source, Photo):
        return source
    if isinstance(source, (str, os.PathLike, bytes, bytearray, memoryview)):
        return read_photo(source)
    return Photo.from_array(source)


def read_photo(
    source: str | os.PathLike[str] | bytes,
    *,
    max_side: int | None = DEFAULT_MAX_SIDE,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    name: str | None = None,
) -> Photo:
    """Read a picture file into the pixels that are measured.

    EXIF orientation is applied; other colour profiles are converted to sRGB; an animation gives its
    first frame; transparent parts are composed over white; 16-bit, gray, palette, CMYK and CIELAB
    pictures become RGB. ``Photo.mask`` leaves out transparent parts, and even bars, frames and
    rounded corners around the photograph. Damaged EXIF data are ignored. ``Photo.notes`` lists what
    was done.

    Args:
        source: path of the file, or its bytes.
        max_side: reduce the picture (area average) until its longer side has at most this many
            pixels, as the command line does; None or 0 keeps it as it is.
        max_pixels: refuse pictures that declare more pixels than this, before decoding them.
        name: of the picture in ``Photo.source`` and in messages; default: the path, or "<bytes>".

    Raises:
        PhotoError: if the file is missing, empty, not a picture, broken, too large or too small.
            The message names the file and the reason.
        InputError: if an argument is out of range.
    """
    return read_photos(source, (max_side or 0,), max_pixels=max_pixels, name=name)[0]


def read_photos(
    source: str | os.PathLike[str] | bytes,
    max_sides: Sequence[int],
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    name: str | None = None,
) -> tuple[Photo, ...]:
    """:func:`read_photo` at several sizes, for which the file is read and decoded once.

    Args:
        source: path of the file, or its bytes.
        max_sides: longer sides to reduce to, in pixels; 0 keeps the size.
        max_pixels: see :func:`read_photo`.
        name: see :func:`read_photo`.

    Returns:
        a photo for each of `max_sides`, each the same as if it alone was asked for; where two have
        the same size, it is the same object.

    Raises:
        PhotoError: as :func:`read_photo`.
        InputError: as :func:`read_photo`.
    """
    for side in max_sides:
        if side != 0 and side < MIN_SIDE:
            raise InputError(f"Expected `max_side` to be 0 or at least {MIN_SIDE}, but got {side}")
    if isinstance(source, (bytes, bytearray, memoryview)):
        name, data = name or "<bytes>", bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        if not str(source):
            raise PhotoError("Expected the path of a picture, but got an empty one")
        name = name or str(source)
        data = picture_bytes(source, name)
    else:
        raise InputError(f"Expected a path or the bytes of a file, but got {type(source).__name__}")
    if not data:
        raise PhotoError(f"{name}: the file is empty")
    decoded = decode(data, name, tuple(max_sides), max_pixels)
    sha256 = hashlib.sha256(data).hexdigest()
    photos = {id(one): _photo(one, name, sha256) for one in decoded}
    return tuple(photos[id(one)] for one in decoded)


def picture_bytes(path: str | os.PathLike[str], name: str | None = None) -> bytes:
    """The bytes of a picture's file.

    Raises:
        PhotoError: if it cannot be read; `name`, or else the path, is named in the message.
    """
    name = name or str(path)
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise PhotoError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise PhotoError(f"{name}: is a folder, not a picture") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PhotoError(f"{name}: cannot be read ({reason})") from error


def _photo(decoded: Decoded, name: str, sha256: str = "") -> Photo:
    try:
        photo = Photo(
            rgb=decoded.rgb,
            source=name,
            sha256=sha256,
            exif=frozen(decoded.facts),
            scale=max(decoded.rgb.shape[:2]) / max(decoded.native_size),
            native_size=decoded.native_size,
            format=decoded.format,
            notes=decoded.notes,
            jpeg_quality=decoded.jpeg_quality,
        )
        extent = extent_of(decoded.rgb, decoded.alpha)
        if extent.absent:
            notes = (*decoded.notes, *sentences(extent, MIN_SIDE))
            photo = replace(photo, mask=extent.mask, absent=extent.absent, notes=notes)
        if decoded.rgb8 is not None:
            _keep(photo, decoded.rgb8)
        return photo
    except InputError as error:
        width, height = decoded.native_size
        reduced = (
            ""
            if decoded.rgb.shape[:2] == (height, width)
            else (f" (reduced from {width} x {height}; a larger max_side, --max-side, keeps more)")
        )
        small = min(decoded.rgb.shape[:2]) < MIN_SIDE
        status = "too_small" if small else "unreadable"
        raise PhotoError(f"{name}: {error}{reduced}", status) from error


def _keep(photo: Photo, rgb8: RGB8) -> None:
    """Let this be :attr:`Photo.rgb8`."""
    rgb8.setflags(write=False)
    object.__setattr__(photo, "_rgb8", rgb8)


def _of_array(array: npt.NDArray[Any]) -> Pixels:
    """RGB and alpha of an array, whose range is not yet checked."""
    shapes = "(H, W), (H, W, 3) or (H, W, 4)"
    if not isinstance(array, np.ndarray):
        raise InputError(
            "Expected a path, the bytes of a file, a picture of Pillow's, or a NumPy array of "
            f"shape {shapes}, but got {type(array).__name__}"
        )
    if isinstance(array, np.ma.MaskedArray):
        raise InputError("Expected an array without a mask; transparency goes into a 4th channel")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2 and (array.ndim != 3 or array.shape[2] not in (3, 4)):
        raise InputError(f"Expected an array of shape {shapes}, but got {array.shape}")
    notes: list[str] = [GRAY] if array.ndim == 2 else []
    colours = array[..., :3] if array.ndim == 3 else array
    values: FloatMap
    alpha = array[..., 3] if array.ndim == 3 and array.shape[2] == 4 else None
    if array.dtype == np.uint8:
        values = colours.astype(np.float32) / np.float32(255)
        alpha = None if alpha is None else alpha.astype(np.float32) / np.float32(255)
    elif array.dtype == np.uint16:
        values, note = to_unit(colours, 16, int(colours.max(initial=0)))
        notes += [note] if note else []
        alpha = None if alpha is None else alpha.astype(np.float32) / np.float32(65535)
    elif np.issubdtype(array.dtype, np.floating):
        values = _clipped(colours.astype(np.float32))
        alpha = None if alpha is None else _clipped(alpha.astype(np.float32))
    else:
        raise InputError(
            f"Expected an array of uint8, uint16, or of floats in [0, 1], but got {array.dtype}"
        )
    rgb = np.ascontiguousarray(gray_to_rgb(values) if values.ndim == 2 else values)
    if alpha is None:
        return Pixels(rgb, None, tuple(notes))
    check_rgb(rgb)
    if not (alpha.min(initial=0) >= 0 and alpha.max(initial=1) <= 1):
        raise InputError("Expected alpha in [0, 1], but the array holds other values")
    laid = compose(rgb, alpha)
    return Pixels(laid.rgb, laid.alpha, (*notes, *laid.notes))


def _clipped(values: FloatMap) -> FloatMap:
    """Without what rounding added to the range; NaN and what lies further outside stay."""
    if values.min(initial=0) >= -ROUNDING and values.max(initial=1) <= 1 + ROUNDING:
        np.clip(values, 0, 1, out=values)
    return values
