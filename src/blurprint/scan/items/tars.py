"""Members of tar archives as items, WebDataset shards among them: nothing is unpacked to disk."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, cast

from blurprint.scan.items.account import Account
from blurprint.scan.items.item import Item, ItemError, too_large
from blurprint.scan.items.kinds import packing_of
from blurprint.scan.items.local import stamp_of_error, stamp_of_file
from blurprint.scan.items.members import member_kind
from blurprint.scan.items.places import (
    BoundedReads,
    OpenPlaces,
    Readable,
    open_place,
    size_of_place,
)
from blurprint.scan.items.unpacked import KEPT, Unpacked
from blurprint.scan.system_errors import check_machine

_MOST_HEADER: Final = 1 << 24
"""Bytes of a header; more is a bomb, since a header holds a name."""
_MOST_EXPANDED: Final = 200
_FREE: Final = 1 << 30
"""A compressed tar is read up to this many bytes and 200 times its size: pictures hardly shrink."""


@dataclass(frozen=True, slots=True)
class TarMember:
    """A member of a tar, by its place in the (uncompressed) archive.

    A compressed tar can only be read from its beginning: each process goes through it once, as
    long as members are asked for in their order.

    Attributes:
        archive: path or address.
        packing: of the archive as a whole: "", "gz", "bz2" or "xz".
        offset: of the content, in bytes.
        size: of the content, in bytes.
    """

    archive: str
    packing: str
    offset: int
    size: int

    def read(self, most_bytes: int) -> bytes:
        """As :meth:`blurprint.scan.items.item.Source.read`."""
        if self.size > most_bytes:
            raise too_large(self.size, most_bytes)
        return self.start(self.size)

    def start(self, length: int) -> bytes:
        """Its first bytes."""
        wanted = min(length, self.size)
        try:
            data = _streams.at(self.archive, self.packing, self.offset).read(wanted)
        except Exception as error:  # whatever damage, and whatever a file system raises
            _streams.forget(self.archive)
            what = " ".join(str(error).split()) or type(error).__name__
            raise ItemError(f"cannot be read from the archive ({what})") from error
        if len(data) < wanted:
            raise ItemError("is cut off: the archive ends before it")
        return data

    @property
    def file(self) -> str:
        """The archive."""
        return self.archive

    @property
    def local_path(self) -> None:
        """None."""
        return None


class _Streams:
    """The archives that this process has open, each at a place to which reading has come."""

    def __init__(self) -> None:
        self._places = OpenPlaces()
        self._unpacked: dict[str, Unpacked] = {}

    def at(self, archive: str, packing: str, offset: int) -> Readable:
        if not packing:
            file = self._places.get(archive)
            file.seek(offset)
            return file
        stream = self._unpacked.get(archive)
        if stream is None or stream.tell() > offset:
            self._unpacked.clear()  # one at a time: members come archive by archive
            self._places.forget(archive)
            stream = Unpacked(self._places.get(archive), packing)
            self._unpacked[archive] = stream
        stream.seek(offset)
        return stream

    def forget(self, archive: str) -> None:
        self._unpacked.pop(archive, None)
        self._places.forget(archive)


_streams = _Streams()


def tar_items(archive: str, account: Account) -> Iterator[Item]:
    """The pictures and videos in a tar archive, in its order.

    Headers are read one at a time; names of items are remembered, to find those met twice. What
    cannot be read as an archive, or not to its end, is an item with a problem.

    Args:
        archive: path or address; its name says how it is compressed.
        account: of what gets no row.

    Raises:
        MachineError: if the machine keeps it from being read.
    """
    if account.cheap and packing_of(archive):
        account.passed += 1
        return
    members, end, stamp = 0, 0, stamp_of_file(archive)
    stream: Readable | None = None
    try:
        with open_place(archive) as file:
            packing = packing_of(archive)
            most = _FREE + _MOST_EXPANDED * size_of_place(file) if packing else None
            stream = Unpacked(file, packing) if packing else file
            for item in _members(archive, packing, stream, most, account):
                members += 1
                source = cast("TarMember", item.source)
                end = source.offset + source.size
                yield replace(item, file_stamp=stamp)
    except Exception as error:  # whatever damage, and whatever a file system raises
        check_machine(error)
        what = " ".join(str(error).split()) or type(error).__name__
        before = f"{members:,} item{'s' * (members != 1)} came before"
        why = f"cannot be read as a tar archive to its end ({what}); {before}"
        if isinstance(stream, Unpacked) and end > stream.checked:
            why += ", which may be damaged too: the check sum comes last"
        account.problem(archive, why)
        source, stamp = TarMember(archive, "", 0, 0), stamp + stamp_of_error(error)
        yield Item(archive, source, problem=why, file_stamp=stamp)


def _members(
    archive: str, packing: str, stream: Readable, most: int | None, account: Account
) -> Iterator[Item]:
    """The items of an archive, and of those that follow it in the file; all of it is read."""
    met: set[str] = set()
    while True:
        headers = BoundedReads(stream, _MOST_HEADER)
        with tarfile.open(fileobj=cast("Any", headers), mode="r:") as tar:
            while (member := tar.next()) is not None:
                cast("Any", tar).members.clear()  # else all headers stay in memory
                _check_length(member.offset_data + member.size, most)
                item = _item(archive, packing, member, stream, account, met)
                if item is not None:
                    yield item
        _check_end(headers.last)
        if not _another(stream, most):
            return


def _item(
    archive: str,
    packing: str,
    member: tarfile.TarInfo,
    stream: Readable,
    account: Account,
    met: set[str],
) -> Item | None:
    path = f"{archive}!{member.name}"
    if member.isdir():
        return None
    if not member.isreg():
        account.leave_out("links and devices in archives", path)
        return None
    source = TarMember(archive, packing, member.offset_data, member.size)
    kind = member_kind(member.name, path, partial(_peek, stream, member), account, met)
    if kind is None:
        return None
    problem = "is stored as a sparse file, which is not read" if member.issparse() else ""
    stamp = f"{member.size}:{member.mtime}:{member.offset_data}"
    return Item(path, source, kind, member.size, stamp, problem)


def _peek(stream: Readable, member: tarfile.TarInfo, length: int) -> bytes:
    stream.seek(member.offset_data)
    return stream.read(min(length, member.size))


def _check_end(block: bytes) -> None:
    """A tar ends with a block of zeros; Python takes damage for its end as well."""
    if block.strip(b"\0"):
        raise tarfile.ReadError("damaged between two members")
    if len(block) < tarfile.BLOCKSIZE:
        raise tarfile.ReadError("the mark of its end is missing")


def _another(stream: Readable, most: int | None) -> bool:
    """Whether another archive follows the end of one, whose first header is then next.

    Raises:
        tarfile.ReadError: if something else than zeros and archives does.
    """
    while chunk := stream.read(KEPT):
        here = stream.tell() - len(chunk)
        zeros = len(chunk) - len(chunk.lstrip(b"\0"))
        if zeros < len(chunk):
            begin = zeros - zeros % tarfile.BLOCKSIZE
            block = chunk[begin : begin + tarfile.BLOCKSIZE]
            try:
                tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            except tarfile.HeaderError:
                why = f"something that is no archive follows its end, at byte {here + zeros:,}"
                raise tarfile.ReadError(why) from None
            stream.seek(here + begin)
            return True
        _check_length(here, most)
    return False


def _check_length(length: int, most: int | None) -> None:
    if most is not None and length > most:
        raise tarfile.ReadError(f"it unpacks to more than {_MOST_EXPANDED} times its size")
