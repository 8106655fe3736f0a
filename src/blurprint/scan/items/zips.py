"""Members of zip archives as items, each read by itself: nothing is unpacked to disk."""

from __future__ import annotations

import bz2
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import IO, Final, Protocol, cast

from blurprint.scan.items.account import Account
from blurprint.scan.items.item import Item, ItemError, too_large
from blurprint.scan.items.local import stamp_of_error, stamp_of_file
from blurprint.scan.items.members import member_kind
from blurprint.scan.items.places import BoundedReads, OpenPlaces, open_place, size_of_place
from blurprint.scan.items.zip_rest import LOCAL_HEADER, LOCAL_MARK, has_program, rest_of_zip
from blurprint.scan.system_errors import check_machine

_ENCRYPTED: Final = 0x1 | 0x40
_LZMA_HEADER: Final = 9
_CHUNK: Final = 1 << 20
_MOST_DIRECTORY: Final = 1 << 30
"""Bytes of a directory, some ten million members: it is held in memory."""


class _Decompressor(Protocol):
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A member of a zip archive, by its place in the file.

    Attributes:
        archive: path or address.
        offset: of the member's own header, in bytes.
        packed: its size in the archive, in bytes.
        method: of compression, by its number.
        crc: CRC-32 of its content.
    """

    archive: str
    offset: int
    packed: int
    method: int
    crc: int

    def read(self, most_bytes: int) -> bytes:
        """As :meth:`blurprint.scan.items.item.Source.read`; no more than that is unpacked."""
        data = self._unpacked(most_bytes + 1, None)
        if len(data) > most_bytes:
            raise too_large(None, most_bytes)
        if zlib.crc32(data) != self.crc:
            raise ItemError("is damaged in the archive (its check sum is another)")
        return data

    def start(self, file: IO[bytes], length: int) -> bytes:
        """Its first bytes.

        Args:
            file: the archive, which nobody else reads meanwhile.
            length: most bytes.

        Raises:
            ItemError: if they cannot be read.
        """
        return self._unpacked(length, file)

    @property
    def file(self) -> str:
        """The archive."""
        return self.archive

    @property
    def local_path(self) -> None:
        """None."""
        return None

    def _unpacked(self, most: int, file: IO[bytes] | None) -> bytes:
        try:
            return self._read(file or _places.get(self.archive), most)
        except ItemError:
            raise
        except Exception as error:  # whatever damage, and whatever a file system raises
            if file is None:
                _places.forget(self.archive)
            what = " ".join(str(error).split()) or type(error).__name__
            raise ItemError(f"cannot be read from the archive ({what})") from error

    def _read(self, file: IO[bytes], most: int) -> bytes:
        if self.offset < 0:  # as zipfile has it where the beginning of the file is missing
            raise ItemError("is not where the archive says")
        file.seek(self.offset)
        header = file.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_MARK):
            raise ItemError("is not where the archive says")
        *_, name, extra = LOCAL_HEADER.unpack(header)
        file.seek(self.offset + LOCAL_HEADER.size + name + extra)
        if self.method == zipfile.ZIP_STORED:
            return file.read(min(self.packed, most))
        # No method makes its input much longer: more would not be unpacked anyway.
        packed = file.read(min(self.packed, most + most // 64 + _CHUNK))
        if self.method == zipfile.ZIP_DEFLATED:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)
        unpack: _Decompressor
        if self.method == zipfile.ZIP_BZIP2:
            unpack = bz2.BZ2Decompressor()
            return unpack.decompress(packed, most)
        if self.method == zipfile.ZIP_LZMA:
            return _unpack_lzma(packed, most)
        raise ItemError(f"is compressed by method {self.method}, which cannot be read")


_places = OpenPlaces()


def _unpack_lzma(packed: bytes, most: int) -> bytes:
    properties = packed[4:_LZMA_HEADER]
    code, dictionary = properties[0], struct.unpack("<I", properties[1:])[0]
    lc, rest = code % 9, code // 9
    filters = [
        {
            "id": lzma.FILTER_LZMA1,
            "lc": lc,
            "lp": rest % 5,
            "pb": rest // 5,
            "dict_size": min(dictionary, 64 << 20),
        }
    ]
    unpack = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
    return unpack.decompress(packed[_LZMA_HEADER:], most)


def zip_items(archive: str, account: Account) -> Iterator[Item]:
    """The pictures and videos in a zip archive, in the order of its directory.

    The directory is held in memory while the archive is gone through. What cannot be read as an
    archive, or not to its end, is an item with a problem.

    Args:
        archive: path or address.
        account: of what gets no row.

    Raises:
        MachineError: if the machine keeps it from being read.
    """
    with ExitStack() as opening:
        yield from _items(archive, account, opening)


def _items(archive: str, account: Account, opening: ExitStack) -> Iterator[Item]:
    file_stamp = stamp_of_file(archive)
    try:
        file = opening.enter_context(open_place(archive))
        with zipfile.ZipFile(cast("IO[bytes]", BoundedReads(file, _MOST_DIRECTORY))) as opened:
            members = opened.infolist()
            where = opened.start_dir
            rest = rest_of_zip(file, size_of_place(file), members, where, len(opened.comment))
            program = has_program(file, members, where)
    except Exception as error:  # whatever damage, and whatever a file system raises
        check_machine(error)
        what = " ".join(str(error).split()) or type(error).__name__
        why = f"cannot be read as a zip archive ({what})"
        account.problem(archive, why)
        yield _of_archive(archive, why, file_stamp + stamp_of_error(error))
        return
    if program:
        account.leave_out("programs at the beginning of archives that unpack themselves", archive)
    met: set[str] = set()
    for member in members:
        if member.is_dir() and not (member.file_size or member.CRC):
            continue
        source = ZipMember(
            archive, member.header_offset, member.compress_size, member.compress_type, member.CRC
        )
        problem = "is encrypted in the archive" if member.flag_bits & _ENCRYPTED else ""
        path = f"{archive}!{member.filename}"
        peek = None if problem else partial(source.start, file)
        kind = member_kind(member.filename, path, peek, account, met)
        if kind is not None:
            stamp = f"{member.file_size}:{member.CRC:08x}"
            yield Item(path, source, kind, member.file_size, stamp, problem, file_stamp=file_stamp)
    if rest:
        account.problem(archive, rest)
        yield _of_archive(archive, rest, file_stamp)


def _of_archive(archive: str, why: str, file_stamp: str) -> Item:
    return Item(archive, ZipMember(archive, 0, 0, 0, 0), problem=why, file_stamp=file_stamp)
