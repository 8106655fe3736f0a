"""From a file's bytes, or a picture of Pillow's, to upright RGB in [0, 1], and what was done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import PhotoError
from blurprint.limits import MIN_SIDE
from blurprint.photos.colour import RGB8
from blurprint.photos.container import open_picture, without_metadata
from blurprint.photos.exif import Metadata, metadata_of
from blurprint.photos.jpeg2000 import bits_of, deep_colours
from blurprint.photos.jpeg_quality import quality_of
from blurprint.photos.pixels import Pixels, pixels_of, planes_of_16_bits
from blurprint.photos.tiff import (
    BITS_PER_SAMPLE,
    DNG_VERSION,
    NEW_SUBFILE_TYPE,
    Tags,
    pixels_alone,
    read_tags,
)

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_Values = TypeVar("_Values", FloatMap, RGB8)
_METADATA_LEFT_OUT: Final = (
    "What the file says of the picture (EXIF, XMP, colour profile) is damaged; all of it was left "
    "out, the pixels were read."
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture as it is measured.

    Attributes:
        rgb: float32 (H, W, 3) in [0, 1], upright.
        alpha: float32 (H, W) in [0, 1], or None if all is opaque.
        native_size: (width, height) before it was reduced, upright.
        format: container as Pillow names it, or None.
        facts: of EXIF.
        notes: what was done to the picture, a sentence each.
        jpeg_quality: from 1 to 100, of a JPEG file; None of others.
        rgb8: uint8 (H, W, 3), the whole numbers that `rgb` was made of; None of more bits.
    """

    rgb: FloatMap
    alpha: FloatMap | None
    native_size: tuple[int, int]
    format: str | None
    facts: Mapping[str, str | float]
    notes: tuple[str, ...]
    jpeg_quality: float | None = None
    rgb8: RGB8 | None = None


def decode(
    data: bytes, name: str, max_sides: tuple[int, ...], max_pixels: int
) -> tuple[Decoded, ...]:
    """Decode a file; where its metadata keep that from succeeding, once more without them.

    Args:
        data: of the file.
        name: for messages.
        max_sides: reduce to each of these longer sides, in pixels; 0 keeps the size.
        max_pixels: refuse files that declare more.

    Returns:
        the picture at each of these sizes, the same object where they are equal. One decoding
        serves all of them, except where a JPEG file is reduced to a quarter or less: its decoder
        does part of that.

    Raises:
        PhotoError: naming the file and the reason.
    """
    try:
        return _attempt(data, name, max_sides, max_pixels)
    except PhotoError as error:
        bare = without_metadata(data)
        if bare is None or bare == data or isinstance(error, _RefusedError):
            raise
        try:
            decoded = _attempt(bare, name, max_sides, max_pixels)
        except PhotoError:
            raise error from None
        noted = {id(one): replace(one, notes=(_METADATA_LEFT_OUT, *one.notes)) for one in decoded}
        return tuple(noted[id(one)] for one in decoded)


def decode_image(image: Image, name: str) -> Decoded:
    """The same of a picture that Pillow opened or made; it is left as it was.

    Raises:
        PhotoError: naming the picture and the reason.
    """
    with _Failures(name):
        notes = _frame_notes(image)
        copy = image.copy()  # decodes; Pillow turns TIFF pictures while it does
        metadata = metadata_of({} if image.format == "TIFF" else copy.info)
        copy.format = image.format
        found = _upright(pixels_of(copy, (0,))[0], metadata, copy.size, image.format, notes)
        return replace(found, jpeg_quality=quality_of(image))
    raise AssertionError


class _RefusedError(PhotoError):
    """A file that is refused for what it is, not because it could not be decoded."""


class _Failures:
    """Everything that a decoder may raise, as a PhotoError."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        from PIL import Image

        if error is None or not isinstance(error, Exception) or isinstance(error, PhotoError):
            return
        if isinstance(error, Image.DecompressionBombError):
            raise _RefusedError(
                f"{self.name}: declares more pixels than Pillow reads in this format "
                f"({' '.join(str(error).split())})",
                "too_large",
            ) from None
        if isinstance(error, MemoryError):
            raise PhotoError(f"{self.name}: not enough memory to decode the picture") from None
        # decoders raise whatever a broken file makes them raise
        reason = (" ".join(str(error).split()) or type(error).__name__)[:200]
        raise PhotoError(f"{self.name}: cannot be decoded ({reason})") from error


def _attempt(
    data: bytes, name: str, max_sides: tuple[int, ...], max_pixels: int
) -> tuple[Decoded, ...]:
    tiff = None
    if data[:2] in (b"II", b"MM"):
        tiff = read_tags(data)
        _refuse_raw(tiff, name)
        data = pixels_alone(data, tiff) if tiff.entries else data
    first = tiff.first if tiff else {}

    def opened() -> ImageFile:
        image = open_picture(data, name)
        if first.get(BITS_PER_SAMPLE) in ((16, 16, 16), (16, 16, 16, 16)):
            image.tile = planes_of_16_bits(image.tile, data[:2] == b"MM")
        return image

    def reopened() -> ImageFile:
        image = opened()
        _allow_large(image)
        return image

    with _Failures(name), opened() as image:
        _check_declared_size(image.size, name, max_pixels)
        notes = _frame_notes(image)
        stored, quality = image.size, quality_of(image)
        sides = [side if side < max(stored) else 0 for side in max_sides]
        if len(set(sides)) == 1:
            _reduce_while_decoding(image, sides[0])
        elif any(_is_reduced_while_decoding(image, side) for side in sides):
            return tuple(_attempt(data, name, (side,), max_pixels)[0] for side in max_sides)
        _allow_large(image)
        image.load()
        metadata = metadata_of(image.info, tiff if image.format == "TIFF" else None)
        is_png = image.format == "PNG"
        bits = data[24] if is_png else first.get(BITS_PER_SAMPLE, 8)
        transfer = _transfer(data) if is_png else None
        deep = None
        if image.format == "JPEG2000" and not image.mode.startswith("I"):
            bits = bits_of(data)
            deep = deep_colours(data, image, bits) if bits > 8 else None

        different = tuple(set(sides))
        pixels = pixels_of(
            image, different, first, bits=bits, transfer=transfer, reopen=reopened, deep=deep
        )
        decoded = {
            side: replace(
                _upright(one, metadata, stored, image.format, notes), jpeg_quality=quality
            )
            for side, one in zip(different, pixels, strict=True)
        }
        return tuple(decoded[side] for side in sides)
    raise AssertionError


def _transfer(png: bytes) -> int | None:
    """Transfer characteristics of a PNG file's cICP chunk, which stands before the pixels."""
    found = re.search(b"\0\0\0\x04cICP.(.)", png[: png.find(b"IDAT")], re.DOTALL)
    return found[1][0] if found else None


def _refuse_raw(tags: Tags, name: str) -> None:
    kind = tags.first.get(NEW_SUBFILE_TYPE)
    if DNG_VERSION in tags.first:
        raise _RefusedError(f"{name}: is a camera's raw data (DNG); develop it first")
    if isinstance(kind, int) and kind & 1:
        raise _RefusedError(
            f"{name}: its first picture is a reduced copy of another in the file, as in raw data "
            "of cameras; develop or export the full one first"
        )


def _check_declared_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise _RefusedError(
            f"{name}: declares {width} x {height} pixels, more than the limit of "
            f"{max_pixels / 1e6:g} million; raise the limit (max_pixels, --max-pixels) to read it",
            "too_large",
        )
    if min(width, height) < MIN_SIDE:
        raise _RefusedError(
            f"{name}: {width} x {height} pixels are too few: "
            f"at least {MIN_SIDE} each way are needed",
            "too_small",
        )


def _frame_notes(image: Image) -> tuple[str, ...]:
    """What is said of a file of several pictures; counting them must not cost the first one."""
    place = image.tell()
    try:
        frames = int(getattr(image, "n_frames", 1))
    except Exception:  # whatever a broken directory makes them raise
        image.seek(place)
        return ("The file holds several frames; the first was measured.",)
    if image.tell() != place:
        image.seek(place)
    if frames > 1 and place == 0:
        return (f"The file holds {frames} frames; the first was measured.",)
    if frames > 1:
        return (f"The file holds {frames} frames; number {place + 1} was measured.",)
    return ()


def _reduce_while_decoding(image: Image, max_side: int) -> None:
    """Let the JPEG decoder halve the picture as often as it stays above twice `max_side`.

    The factor of two leaves the last step to the area average, whose blur is the same for all.
    """
    if _is_reduced_while_decoding(image, max_side):
        width, height = image.size
        ratio = max(width, height) / max_side
        image.draft(None, (int(2 * width / ratio), int(2 * height / ratio)))


def _is_reduced_while_decoding(image: Image, max_side: int) -> bool:
    return 0 < 4 * max_side <= max(image.size) and image.format in ("JPEG", "MPO")


def _allow_large(image: Any) -> None:
    """Give a TIFF picture its memory, for which Pillow would ask its own bound of pixels."""
    from PIL import Image

    bound = Image.MAX_IMAGE_PIXELS
    if image.format == "TIFF" and bound and image.size[0] * image.size[1] > bound:
        image.im = cast(Any, Image).core.new(image.mode, image.size)


def _upright(
    pixels: Pixels,
    metadata: Metadata,
    stored: tuple[int, int],
    container: str | None,
    notes: tuple[str, ...],
) -> Decoded:
    turn = metadata.orientation
    return Decoded(
        rgb=_orient(pixels.rgb, turn),
        alpha=None if pixels.alpha is None else _orient(pixels.alpha, turn),
        native_size=stored[::-1] if turn >= 5 else stored,
        format=container,
        facts=metadata.facts,
        notes=(*notes, *metadata.notes, *pixels.notes),
        rgb8=None if pixels.rgb8 is None else _orient(pixels.rgb8, turn),
    )


def _orient(rgb: _Values, orientation: int) -> _Values:
    """Turn the stored pixels upright (EXIF 2.3, tag 0x0112)."""
    if orientation in (5, 6, 7, 8):
        rgb = np.swapaxes(rgb, 0, 1)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)
