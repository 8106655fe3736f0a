"""EXIF data with any entries, also those that Pillow does not write, as the thumbnail's."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping

from PIL import Image

Entry = str | bytes | int | float | tuple[float, ...]
Entries = Mapping[int, Entry]


def exif(
    first: Entries | None = None,
    detail: Entries | None = None,
    gps: Entries | None = None,
    second: Entries | None = None,
    thumbnail: bytes = b"",
) -> bytes:
    """EXIF data (without the "Exif" mark) with these entries in their four directories.

    Text becomes ASCII, bytes "undefined", whole numbers LONG, floats and tuples RATIONAL.
    """
    chunks = [bytearray(b"II*\0" + struct.pack("<I", 8))]
    inner = [directory for directory in (detail, gps) if directory is not None]
    start = 8
    tags: dict[int, Entry] = dict(first or {})
    after = start + _length(tags, extra=len(inner))
    for tag, directory in ((0x8769, detail), (0x8825, gps)):
        if directory is not None:
            tags[tag] = after
            after += _length(directory)
    last: dict[int, Entry] = dict(second or {})
    if thumbnail or second:
        if thumbnail:
            last |= {0x0201: 0, 0x0202: len(thumbnail)}
            last[0x0201] = after + _length(last)
        chunks.append(_directory(tags, start, following=after))
    else:
        chunks.append(_directory(tags, start))
    place = start + len(chunks[-1])
    for directory in inner:
        chunks.append(_directory(directory, place))
        place += len(chunks[-1])
    if thumbnail or second:
        chunks.append(_directory(last, place))
        chunks.append(bytearray(thumbnail))
    return bytes(b"".join(chunks))


def jpeg_with(picture: Image.Image, block: bytes, **options: object) -> bytes:
    """The picture as a JPEG file with these EXIF data."""
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=b"Exif\0\0" + block, **options)
    return file.getvalue()


def jpeg(picture: Image.Image, quality: int = 90, **options: object) -> bytes:
    """The picture as a JPEG file."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


def _packed(value: Entry) -> tuple[int, int, bytes]:
    """Type, count and bytes of an entry."""
    if isinstance(value, str):
        text = value.encode("utf-8") + b"\0"
        return 2, len(text), text
    if isinstance(value, bytes):
        return 7, len(value), value
    if isinstance(value, int):
        return 4, 1, struct.pack("<I", value)
    numbers = value if isinstance(value, tuple) else (value,)
    signed = any(number < 0 for number in numbers)
    pairs = [struct.pack("<ii" if signed else "<II", round(n * 10000), 10000) for n in numbers]
    return 10 if signed else 5, len(numbers), b"".join(pairs)


def _length(entries: Entries, extra: int = 0) -> int:
    outside = sum(len(data) for *_, data in map(_packed, entries.values()) if len(data) > 4)
    return 2 + 12 * (len(entries) + extra) + 4 + outside


def _directory(entries: Entries, start: int, following: int = 0) -> bytearray:
    place = start + 2 + 12 * len(entries) + 4
    head, tail = bytearray(struct.pack("<H", len(entries))), bytearray()
    for tag, value in sorted(entries.items()):
        kind, count, data = _packed(value)
        head += struct.pack("<HHI", tag, kind, count)
        if len(data) <= 4:
            head += data.ljust(4, b"\0")
        else:
            head += struct.pack("<I", place + len(tail))
            tail += data
    return head + struct.pack("<I", following) + tail
