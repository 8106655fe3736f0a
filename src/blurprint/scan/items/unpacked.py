"""A file that is compressed as a whole, read from its beginning and to its very end."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Final, Protocol

from blurprint.scan.items.places import Readable

_CHUNK: Final = 1 << 17
"""Bytes that are read, and at most unpacked, at a time."""
_LITTLE: Final = 512
"""The same where damage was met: what is unpacked together with damage is lost."""
KEPT: Final = 1 << 16
"""Bytes by which one can go back without unpacking all of it again."""
_GZIP: Final = 16 + zlib.MAX_WBITS


class UnpackError(OSError):
    """What is compressed is damaged, cut off, or followed by something else."""


class _DamageError(UnpackError):
    """With which sound content may be lost, which was unpacked together with the damage."""


class Unpacked:
    """The content of a compressed file: of all its streams, one after the other.

    The check sum of a stream is at its end, and is compared when reading gets there. Zeros between
    and after streams are padding, as tapes and xz have it; anything else is an error.

    Attributes:
        checked: bytes of the content whose check sums were compared.
    """

    def __init__(self, file: Readable, packing: str) -> None:
        """Nothing was read.

        Args:
            file: at its beginning.
            packing: "gz", "bz2" or "xz".
        """
        self._file, self._packing = file, packing
        self._damage: int | None = None
        self._begin()

    def _begin(self) -> None:
        self._stream: _Stream | None = None
        self._streams = self.checked = 0
        self._packed = b""
        self._piece, self._piece_at, self._place = b"", 0, 0

    def _again(self) -> None:
        self._file.seek(0)
        self._begin()

    def tell(self) -> int:
        """The place in the content, in bytes."""
        return self._piece_at + self._place

    def seek(self, offset: int, /) -> int:
        """Go to a place in the content; far back means all of it again.

        Raises:
            UnpackError: if something before this place is damaged.
        """
        if offset < self._piece_at:
            self._again()
        while offset > self._piece_at + len(self._piece) and self._unpack():
            pass
        self._place = min(offset - self._piece_at, len(self._piece))
        return self.tell()

    def read(self, size: int, /) -> bytes:
        """The next bytes; fewer only at the end.

        Raises:
            UnpackError: if they, or what is said of them at the end, are damaged.
        """
        parts = []
        while size > 0 and (self._place < len(self._piece) or self._unpack()):
            parts.append(self._piece[self._place : self._place + size])
            self._place += len(parts[-1])
            size -= len(parts[-1])
        return b"".join(parts)

    def _unpack(self) -> bool:
        """Take the next piece, of which the place becomes the beginning; False at the end."""
        try:
            piece = self._next()
        except _DamageError:
            if self._damage is not None:
                raise
            here = self._damage = self._piece_at + len(self._piece)
            self._again()
            self.seek(here)
            return self._unpack()
        kept = self._piece[-KEPT:]
        self._piece_at += len(self._piece) - len(kept)
        self._piece, self._place = kept + piece, len(kept)
        return bool(piece)

    def _next(self) -> bytes:
        while self._stream is not None or self._begins():
            stream = self._stream
            assert stream is not None
            wanted = stream.needs_input
            data = self._take() if wanted else b""
            piece = self._unpacked(stream, data)
            if stream.eof:
                self._packed, self._stream = stream.unused_data, None
                self.checked = self._piece_at + len(self._piece) + len(piece)
            elif wanted and not data and not piece:
                raise UnpackError("it is cut off")
            if piece:
                return piece
        return b""

    def _begins(self) -> bool:
        """Whether another stream begins; zeros before it are passed over."""
        while packed := self._take():
            if begin := packed.lstrip(b"\0"):
                break
        else:
            return False
        self._packed = begin
        self._stream = _stream(self._packing, first=not self._streams)
        self._streams += 1
        return True

    def _take(self) -> bytes:
        packed = self._packed or self._file.read(_CHUNK)
        self._packed = b""
        return packed

    def _unpacked(self, stream: _Stream, data: bytes) -> bytes:
        try:
            return stream.decompress(data, self._most())
        except (OSError, lzma.LZMAError, zlib.error) as error:
            what = str(error).rpartition("data: ")[2]
            if what in ("incorrect data check", "incorrect length check"):
                raise _DamageError("its check sum is another than that of its content") from error
            if self._streams > 1 and self.checked == self._piece_at + len(self._piece):
                raise _DamageError("something else follows what is compressed") from error
            raise _DamageError(f"what is compressed is damaged: {what}") from error

    def _most(self) -> int:
        if self._damage is None:
            return _CHUNK
        return min(max(self._damage - self._piece_at - len(self._piece), _LITTLE), _CHUNK)


class _Stream(Protocol):
    """One compressed stream, as the modules bz2 and lzma have it."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """A stream of gzip, as the other modules have theirs."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _stream(packing: str, *, first: bool) -> _Stream:
    match packing:
        case "gz":
            return _Gzip()
        case "bz2":
            return bz2.BZ2Decompressor()
        case "xz":
            # The older format may begin the file, but has no mark by which to tell junk.
            return lzma.LZMADecompressor(lzma.FORMAT_AUTO if first else lzma.FORMAT_XZ)
    raise ValueError(packing)
