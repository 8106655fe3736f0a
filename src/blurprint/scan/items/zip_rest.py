"""What lies in a zip archive beside its members, before, between and after them, or is missing."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from typing import Final

from blurprint.scan.items.places import Readable

LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")
"""A member's own header, up to its name (PKWARE APPNOTE 4.3.7)."""
LOCAL_MARK: Final = b"PK\x03\x04"
_END_MARK: Final = b"PK\x05\x06"
_END: Final = 22
"""Bytes of the record at the end, up to its comment."""
_LONGEST_COMMENT: Final = 0xFFFF
_SPANNED: Final = (b"PK\x07\x08", b"PK00")
"""What stands before the first member of an archive that was once divided (APPNOTE 8.5)."""
_PROGRAMS: Final = (
    *(b"MZ", b"\x7fELF", b"#!"),
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
    b"\xca\xfe\xba\xbe",
)
"""How programs begin: of Windows, Linux, a shell, and macOS."""
_USUAL_HEADER: Final = 1 << 10
"""Bytes between two contents below which nothing is looked for: names, times and such."""


def has_program(file: Readable, members: Sequence[zipfile.ZipInfo], directory: int) -> bool:
    """Whether a program that unpacks the archive stands before its members.

    Args:
        file: the archive.
        members: of its directory.
        directory: where this begins, in bytes.
    """
    return _first(members, directory) > 0 and _start(file).startswith(_PROGRAMS)


def rest_of_zip(
    file: Readable, size: int, members: Sequence[zipfile.ZipInfo], directory: int, comment: int
) -> str:
    """What an archive holds that its directory does not name, or that its beginning is missing, as
    a problem of the archive; "" for neither.

    Args:
        file: the archive.
        size: of it, in bytes.
        members: of its directory.
        directory: where this begins, in bytes.
        comment: bytes of its comment.
    """
    first = _first(members, directory)
    if first < 0:
        return f"is cut off: its first {-first:,} bytes are missing"
    rest = _rest(file, size, members, directory, comment)
    return rest and f"holds what its directory does not name: {rest}"


def _rest(
    file: Readable, size: int, members: Sequence[zipfile.ZipInfo], directory: int, comment: int
) -> str:
    first = _first(members, directory)
    start = _start(file) if first > 0 else b""
    if first > 0 and not (
        start.startswith(_PROGRAMS) or (first == len(start) and start in _SPANNED)
    ):
        what = "another archive, whose members get no row" if start == LOCAL_MARK else "other data"
        return f"{first:,} bytes before its first member are {what}"
    if gap := _gap(file, members, directory):
        return f"{gap:,} bytes between its members belong to none"
    if after := _after(file, size, comment):
        return f"{after:,} bytes follow its end"
    return ""


def _first(members: Sequence[zipfile.ZipInfo], directory: int) -> int:
    return min((member.header_offset for member in members), default=directory)


def _start(file: Readable) -> bytes:
    file.seek(0)
    return file.read(len(LOCAL_MARK))


def _gap(file: Readable, members: Sequence[zipfile.ZipInfo], directory: int) -> int:
    """Bytes of the first gap between members, or between the last and the directory."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    reached = 0
    for place, member in enumerate(ordered, 1):
        following = ordered[place].header_offset if place < len(ordered) else directory
        end = member.header_offset + LOCAL_HEADER.size + member.compress_size
        if following - max(end, reached) > _USUAL_HEADER:
            end += _names(file, member.header_offset)
        reached = max(end, reached)
        if following - reached > _USUAL_HEADER:
            return following - reached
    return 0


def _names(file: Readable, offset: int) -> int:
    """Bytes of name and extra fields in a member's own header."""
    file.seek(max(offset, 0))
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_MARK):
        return 0  # the member has a row, which says so
    *_, name, extra = LOCAL_HEADER.unpack(header)
    return int(name + extra)


def _after(file: Readable, size: int, comment: int) -> int:
    """Bytes after the end of the archive, which is looked for backwards."""
    file.seek(max(size - _END - comment, 0))
    if file.read(len(_END_MARK)) == _END_MARK:
        return 0
    most = min(size, _END + _LONGEST_COMMENT)
    file.seek(size - most)
    tail = file.read(most)
    end = tail.rfind(_END_MARK)
    return 0 if end < 0 else max(len(tail) - end - _END - comment, 0)
