"""Tags of a TIFF structure, which EXIF data are too; what is damaged is skipped, never followed."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Value = str | bytes | int | float | tuple[int | float, ...]

NEW_SUBFILE_TYPE: Final = 254
BITS_PER_SAMPLE: Final = 258
PHOTOMETRIC: Final = 262
MAKE: Final = 271
MODEL: Final = 272
ORIENTATION: Final = 274
SAMPLES: Final = 277
MAX_SAMPLE_VALUE: Final = 281
PLANAR: Final = 284
SOFTWARE: Final = 305
EXTRA_SAMPLES: Final = 338
SAMPLE_FORMAT: Final = 339
XMP: Final = 700
EXIF: Final = 34665
DNG_VERSION: Final = 50706
_GPS: Final = 34853
_THUMBNAIL: Final = 513
_THUMBNAIL_LENGTH: Final = 514
_INTEROPERABILITY: Final = 40965

_FIRST: Final = frozenset(
    (
        *(NEW_SUBFILE_TYPE, BITS_PER_SAMPLE, PHOTOMETRIC, MAKE, MODEL, ORIENTATION, SAMPLES),
        *(MAX_SAMPLE_VALUE, PLANAR, SOFTWARE, EXTRA_SAMPLES, SAMPLE_FORMAT, XMP, EXIF, DNG_VERSION),
    )
)
_DETAIL: Final = frozenset((0x829A, 0x829D, 0x8827, 0x9003, 0x920A, 0xA405, 0xA434))
_HIDDEN: Final = frozenset((XMP, EXIF, _GPS, _INTEROPERABILITY))

_HEADERS: Final[Mapping[bytes, tuple[str, bool]]] = {
    b"II*\0": ("<", False),
    b"MM\0*": (">", False),
    b"II+\0": ("<", True),
    b"MM\0+": (">", True),
}
"""First bytes: order of bytes, and whether offsets take 8 bytes (BigTIFF)."""

_TYPES: Final = {
    **{1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"},
    **{13: "I", 16: "Q", 17: "q", 18: "Q"},
}
_RATIONAL: Final = {5: "I", 10: "i"}
_WORDS: Final = frozenset((2, 7, 129))
"""Text of ASCII, bytes, and text of UTF-8 (EXIF 3.0)."""
_KNOWN: Final = frozenset((*_TYPES, *_RATIONAL, *_WORDS))


@dataclass(frozen=True, slots=True)
class Tags:
    """Values from a TIFF structure.

    Attributes:
        first: values of the first directory that matter here, by tag; a single number stands alone.
        detail: values of its EXIF directory.
        damaged: whether some of the structure, or of these values, could not be read.
        entries: where the first directory's entries begin in the data, by tag.
    """

    first: Mapping[int, Value]
    detail: Mapping[int, Value]
    damaged: bool
    entries: Mapping[int, int]


def read_tags(data: bytes) -> Tags:
    """Tags of the first directory and of its EXIF directory; no other is followed.

    Args:
        data: from the header on ("II" or "MM"), classic or BigTIFF.
    """
    order, big = _HEADERS.get(data[:4], ("", False))
    if not order:
        return Tags({}, {}, True, {})
    reader = _Reader(data, order, big)
    start = reader.number("Q" if big else "I", 8 if big else 4)
    if start is None:
        return Tags({}, {}, True, {})
    first, entries = reader.directory(start, _FIRST)
    detail: dict[int, Value] = {}
    place = first.get(EXIF)
    if isinstance(place, int) and place != start:
        detail, _ = reader.directory(place, _DETAIL)
    elif place is not None:
        reader.damaged = True
    return Tags(first, detail, reader.damaged, entries)


@dataclass(frozen=True, slots=True)
class Directories:
    """Values from the four directories of EXIF data, by tag; a single number stands alone.

    Attributes:
        first: of the picture.
        detail: of the EXIF directory.
        gps: of the GPS directory.
        second: of the thumbnail.
        thumbnail: its file, a JPEG; empty if there is none.
        damaged: whether some of it could not be read.
    """

    first: Mapping[int, Value]
    detail: Mapping[int, Value]
    gps: Mapping[int, Value]
    second: Mapping[int, Value]
    thumbnail: bytes
    damaged: bool


def read_directories(data: bytes, wanted: frozenset[int]) -> Directories:
    """The wanted tags of EXIF data, and the thumbnail in them.

    Args:
        data: from the header on ("II" or "MM").
        wanted: tags, of any directory.
    """
    order, big = _HEADERS.get(data[:4], ("", False))
    if not order:
        return Directories({}, {}, {}, {}, b"", True)
    reader = _Reader(data, order, big)
    wanted |= {EXIF, _GPS, _THUMBNAIL, _THUMBNAIL_LENGTH}
    start = reader.number("Q" if big else "I", 8 if big else 4)
    first = reader.directory(start, wanted)[0] if start else {}
    seen = {start}
    inner: list[Mapping[int, Value]] = []
    for place in (first.get(EXIF), first.get(_GPS), reader.following(start) if start else None):
        if isinstance(place, int) and place and place not in seen:
            inner.append(reader.directory(place, wanted)[0])
            seen.add(place)
        else:
            inner.append({})
    at, length = inner[2].get(_THUMBNAIL), inner[2].get(_THUMBNAIL_LENGTH)
    thumbnail = b""
    if isinstance(at, int) and isinstance(length, int) and 0 < at < len(data) and length > 0:
        thumbnail = data[at : at + length]
    return Directories(first, inner[0], inner[1], inner[2], thumbnail, reader.damaged)


def pixels_alone(data: bytes, tags: Tags) -> bytes:
    """A TIFF file with orientation 1, and without pointers to EXIF, GPS and XMP data.

    A decoder then neither turns the picture nor fails at them. No offset changes.
    """
    order, big = _HEADERS[data[:4]]
    changed = bytearray(data)
    for tag, place in tags.entries.items():
        if tag in _HIDDEN:  # to the next number, which no decoder knows
            struct.pack_into(f"{order}H", changed, place, tag + 1)
        elif tag == ORIENTATION:
            form = "HHQHxxxxxx" if big else "HHIHxx"
            struct.pack_into(order + form, changed, place, ORIENTATION, 3, 1, 1)
    return bytes(changed)


class _Reader:
    def __init__(self, data: bytes, order: str, big: bool) -> None:
        self.data, self.order, self.big = data, order, big
        self.damaged = False

    def number(self, form: str, place: int) -> int | None:
        """A number at a place, or None where the data end before."""
        size = struct.calcsize(f"={form}")
        if not 0 <= place <= len(self.data) - size:
            self.damaged = True
            return None
        return int(struct.unpack_from(self.order + form, self.data, place)[0])

    def directory(
        self, start: int, wanted: frozenset[int]
    ) -> tuple[dict[int, Value], dict[int, int]]:
        """The wanted values, and where every entry begins."""
        values: dict[int, Value] = {}
        entries: dict[int, int] = {}
        count = self.number("Q" if self.big else "H", start)
        size = 20 if self.big else 12
        begin = start + (8 if self.big else 2)
        fitting = max(0, (len(self.data) - begin) // size)
        if count is None or count == 0 or count > fitting:
            self.damaged = True
        for index in range(min(count or 0, fitting)):
            place = begin + index * size
            tag, kind = struct.unpack_from(f"{self.order}HH", self.data, place)
            entries.setdefault(tag, place)
            if kind not in _KNOWN:
                self.damaged = True
            if tag in wanted and tag not in values:
                value = self.value(kind, place + 4)
                if value is None:
                    self.damaged = True
                else:
                    values[tag] = value
        return values, entries

    def following(self, start: int) -> int | None:
        """Where the directory after the one at `start` begins; None or 0 if there is none."""
        count = self.number("Q" if self.big else "H", start)
        if count is None:
            return None
        place = start + (8 + 20 * count if self.big else 2 + 12 * count)
        if place > len(self.data) - (8 if self.big else 4):  # left out by some writers
            return None
        return self.number("Q" if self.big else "I", place)

    def value(self, kind: int, place: int) -> Value | None:
        """What an entry holds, whose count stands at `place`; None if it cannot be read."""
        form = _TYPES.get(kind) or _RATIONAL.get(kind) or ("s" if kind in _WORDS else "")
        word = "Q" if self.big else "I"
        count = self.number(word, place)
        if not form or not count:
            return None
        inline = 8 if self.big else 4
        numbers = count * (2 if kind in _RATIONAL else 1)
        length = numbers * struct.calcsize(f"={form}")
        at = place + inline if length <= inline else self.number(word, place + inline)
        if at is None or at + length > len(self.data):
            return None
        found = struct.unpack_from(f"{self.order}{numbers}{form}", self.data, at)
        if kind in _WORDS:
            text: bytes = found[0]
            return text.split(b"\0")[0].decode("utf-8", "replace") if kind != 7 else text
        if kind in _RATIONAL:
            found = tuple(
                above / below if below else float("nan")
                for above, below in zip(found[::2], found[1::2], strict=True)
            )
        return found[0] if len(found) == 1 else found
