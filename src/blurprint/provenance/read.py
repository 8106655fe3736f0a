"""From a file to where it comes from: every row, each looked for on its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.errors import InputError, PhotoError
from blurprint.frozen import frozen
from blurprint.limits import DEFAULT_MAX_PIXELS
from blurprint.photos.container import open_picture, without_metadata
from blurprint.photos.photo import Photo
from blurprint.photos.tiff import pixels_alone, read_tags
from blurprint.provenance.earlier_jpeg import Luma
from blurprint.provenance.exif_contradictions import EXIF, exif_row
from blurprint.provenance.jpeg_quality import JPEG, jpeg_row, luminance_steps
from blurprint.provenance.manifest import MANIFEST, manifest_row
from blurprint.provenance.metadata import Metadata, metadata_of
from blurprint.provenance.provenance import UNKNOWN, Provenance, ProvenanceRow, Subject
from blurprint.provenance.recompression import RECOMPRESSION, recompression_row
from blurprint.provenance.software import (
    GENERATOR_NAMED,
    SOFTWARE_NAMED,
    generator_row,
    software_row,
)
from blurprint.provenance.text import plain
from blurprint.provenance.thumbnail import THUMBNAIL, read_thumbnail, thumbnail_row

_GRAY: Final = frozenset(("L", "LA", "RGB", "RGBA", "RGBX", "YCbCr"))
"""Modes of Pillow with a luminance of 8 bits; palettes, CMYK and 16 bits are not among them."""
_NO_METADATA: Final = Metadata(None, "", frozen({}), photoshop=False, program="")


@dataclass(frozen=True, slots=True)
class _File:
    """What is looked at of a file."""

    data: bytes
    mime: str
    container: str | None
    stored: tuple[int, int]
    metadata: Metadata
    tables: dict[int, list[int]]
    layers: list[tuple[int, int, int, int]]
    luma: Luma | None
    thumbnail: Luma | None


def read_provenance(
    source: str | os.PathLike[str] | bytes, photo: Photo | None = None
) -> Provenance:
    """Look at where a picture file comes from: what it says of itself, and how it was saved.

    Nothing of it enters the finding or the score of a report. Nothing is fetched from a network.
    Whatever a file holds, a row says so, or why nothing is known; texts out of the file are
    shortened, and their control signs written as escapes.

    Args:
        source: path of the file, or its bytes.
        photo: what was read from the file, if it was; its hash must be that of the file, which
            else counts as changed, and every row is "unknown".

    Returns:
        a :class:`Provenance`, whose rows are, in this order: "manifest" (a signed C2PA manifest),
        "generator", "software", "exif" (contradictions), "thumbnail", "jpeg" (quality) and
        "recompression".

    Raises:
        PhotoError: if the file cannot be read from disk.
        InputError: if `source` is neither path nor bytes.

    >>> import io
    >>> from PIL import Image
    >>> file = io.BytesIO()
    >>> Image.linear_gradient("L").save(file, "JPEG", quality=90)
    >>> rows = read_provenance(file.getvalue())
    >>> rows["jpeg"].found
    'Quality 90 of 100, with the standard table of luminance; gray.'
    >>> rows["exif"].status
    'unknown'
    """
    data = _bytes_of(source)
    if photo is not None and photo.sha256 != hashlib.sha256(data).hexdigest():
        return no_file("the file has changed since it was read")
    return _rows(_opened(data))


def provenance_of(photo: Photo, data: bytes | None = None) -> Provenance:
    """The same of a photo, whose file is read again; never fails.

    Args:
        photo: the photo.
        data: bytes that it was read from, if they are at hand.
    """
    if data is not None:
        return read_provenance(data, photo)
    if not photo.sha256 or photo.source.startswith("<"):
        return NO_FILE
    try:
        return read_provenance(photo.source, photo)
    except (PhotoError, InputError):
        return no_file("the file cannot be read any more")


def no_file(why: str) -> Provenance:
    """Every row as unknown, for the one reason."""
    return Provenance(tuple(subject.row(UNKNOWN, f"Unknown: {why}.") for subject in _MAKERS))


def _bytes_of(source: object) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if not isinstance(source, (str, os.PathLike)):
        raise InputError(f"Expected a path or the bytes of a file, but got {type(source).__name__}")
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PhotoError(f"{source}: cannot be read ({reason})") from error


_MIME: Final = frozen(
    {
        **{"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"},
        **{"TIFF": "image/tiff", "GIF": "image/gif", "AVIF": "image/avif", "HEIF": "image/heic"},
    }
)
_TURNED: Final = frozenset(("AVIF", "HEIF"))
"""Formats whose decoders turn the picture, so that its size says nothing of how it is stored."""


def _opened(data: bytes) -> _File:
    """The file as far as it can be read; what cannot is left out, and its rows are unknown."""
    metadata, container, stored = _NO_METADATA, None, (0, 0)
    tables: dict[int, list[int]] = {}
    layers: list[tuple[int, int, int, int]] = []
    luma: Luma | None = None
    try:
        image: Any = _open(data)
        container, stored = image.format, image.size
        tables = getattr(image, "quantization", None) or {}
        layers = list(getattr(image, "layer", None) or [])
        metadata = metadata_of(image.info, data if container == "TIFF" else None)
        luma = _luma(image, layers)
        metadata = metadata_of(image.info, data if container == "TIFF" else None)
    except Exception:  # decoders raise whatever a broken file makes them raise
        pass
    mime = _MIME.get(container or "", "")
    small = read_thumbnail(metadata.exif.thumbnail) if metadata.exif else None
    return _File(data, mime, container, stored, metadata, tables, layers, luma, small)


def _open(data: bytes) -> Any:
    tags = read_tags(data) if data[:2] in (b"II", b"MM") else None
    if tags is not None and tags.first:
        return open_picture(pixels_alone(data, tags), "<file>")
    try:
        return open_picture(data, "<file>")
    except PhotoError:
        bare = without_metadata(data)
        if bare is None:
            raise
        return open_picture(bare, "<file>")


def _luma(image: Any, layers: list[tuple[int, int, int, int]]) -> Luma | None:
    """Luminance as it is stored; None where it is not stored with 8 bits, or too large."""
    width, height = image.size
    red_green_blue = len(layers) == 3 and (
        image.info.get("adobe_transform") == 0 or [layer[0] for layer in layers] == [82, 71, 66]
    )
    if image.mode not in _GRAY or red_green_blue or width * height > DEFAULT_MAX_PIXELS:
        return None
    if image.format in ("JPEG", "MPO"):
        image.draft("L", image.size)  # the decoder then leaves the colours out
    image.load()
    return np.asarray(image.convert("L"))


def _rows(file: _File) -> Provenance:
    rows = []
    for subject, make in _MAKERS.items():
        try:
            rows.append(make(file))
        except Exception as error:  # a file must not cost the analysis of its pixels
            why = f"Unknown: an unexpected error ({type(error).__name__}); please report it."
            rows.append(subject.row(UNKNOWN, why))
    return Provenance(tuple(rows))


def _manifest(file: _File) -> ProvenanceRow:
    remote = plain(next(file.metadata.xmp_values("dcterms:provenance"), ""), 200)
    return manifest_row(file.data, file.mime, remote=remote)


def _exif(file: _File) -> ProvenanceRow:
    small = file.thumbnail
    size = None if small is None else (small.shape[1], small.shape[0])
    return exif_row(file.metadata, file.stored, size, turned=file.container in _TURNED)


def _thumbnail(file: _File) -> ProvenanceRow:
    exif = file.metadata.exif
    held = exif is not None and bool(exif.thumbnail)
    return thumbnail_row(file.luma, file.thumbnail, held=held)


def _recompression(file: _File) -> ProvenanceRow:
    steps = None
    if file.container in ("JPEG", "MPO"):
        steps = luminance_steps(file.tables, file.layers)
        if steps is None:
            return RECOMPRESSION.row(UNKNOWN, "The file's quantisation tables cannot be read.")
    return recompression_row(file.luma, steps)


_MAKERS: Final[Mapping[Subject, Callable[[_File], ProvenanceRow]]] = frozen(
    {
        MANIFEST: _manifest,
        GENERATOR_NAMED: lambda file: generator_row(file.metadata),
        SOFTWARE_NAMED: lambda file: software_row(file.metadata),
        EXIF: _exif,
        THUMBNAIL: _thumbnail,
        JPEG: lambda file: jpeg_row(file.tables, file.layers, file.container),
        RECOMPRESSION: _recompression,
    }
)
"""What is looked for, in the order of the report."""
NO_FILE: Final = no_file("no file")
"""Of a picture that is no file, as an array."""
