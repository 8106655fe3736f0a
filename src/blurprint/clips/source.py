"""From what was given to one regular file, with its hash; a stream is stored up to a bound."""

from __future__ import annotations

import hashlib
import os
import select
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blurprint.errors import PhotoError

STREAM_BYTES: Final = 64 << 20
"""Of a stream, such as a pipe, as many bytes are taken at most."""
STREAM_SECONDS: Final = 60.0
"""Of a stream, what comes within this time."""
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A regular file that holds the clip.

    Attributes:
        path: of it; a temporary file for a stream.
        sha256: of its bytes.
        size: in bytes.
        note: that only the beginning of a stream was taken, as a sentence; "" otherwise.
    """

    path: Path
    sha256: str
    size: int
    note: str = ""


@contextmanager
def clip_file(
    path: str | os.PathLike[str],
    *,
    stream_bytes: int = STREAM_BYTES,
    stream_seconds: float = STREAM_SECONDS,
) -> Iterator[ClipFile]:
    """A clip as a regular file. Of a pipe or device the beginning is stored, and removed again.

    Args:
        path: what was given.
        stream_bytes: taken of a stream at most.
        stream_seconds: for which a stream is read at most.

    Raises:
        PhotoError: naming the path: if it is missing, a folder, empty, or cannot be read.
    """
    name = str(path)
    with ExitStack() as stack:
        try:
            found = _found(path, name, stack, stream_bytes, stream_seconds)
        except FileNotFoundError:
            raise PhotoError(f"{name}: no such file") from None
        except OSError as error:
            raise PhotoError(f"{name}: cannot be read ({error.strerror or error})") from error
        yield found


def _found(
    path: str | os.PathLike[str], name: str, stack: ExitStack, most: int, seconds: float
) -> ClipFile:
    if not name:
        raise PhotoError("Expected the path of a video, but got an empty one")
    if "://" in name:
        raise PhotoError(f"{name}: is an address; addresses are not fetched")
    if "\0" in name:
        raise PhotoError(f"{name!r}: is no path (it holds a null character)")
    mode = Path(path).stat().st_mode
    if stat.S_ISDIR(mode):
        raise PhotoError(f"{name}: is a folder, not a video")
    if stat.S_ISREG(mode):
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        if not size:
            raise PhotoError(f"{name}: the file is empty")
        return ClipFile(Path(path), digest, size)
    copy = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".clip"))  # noqa: SIM115
    digest, size, ended = _store(path, copy.fileno(), most, seconds)
    if not size:
        raise PhotoError(f"{name}: the stream gave nothing within {seconds:g} s")
    note = ""
    if not ended:
        note = f"It is a stream that had not ended: its first {size:,} bytes were looked at."
    return ClipFile(Path(copy.name), digest, size, note)


def _store(
    path: str | os.PathLike[str], copy: int, most: int, seconds: float
) -> tuple[str, int, bool]:
    """Hash and size of what was stored, and whether the stream ended."""
    sha256, size, end = hashlib.sha256(), 0, time.monotonic() + seconds
    # Without waiting: a pipe that nobody writes to would block for ever.
    source = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        while size < most and (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([source], [], [], left)
            if not ready:
                break
            try:
                piece = os.read(source, min(_PIECE, most - size))
            except BlockingIOError:
                continue
            if not piece:
                if size or not stat.S_ISFIFO(os.fstat(source).st_mode):
                    return sha256.hexdigest(), size, True
                time.sleep(0.05)  # no one has opened a named pipe for writing yet
                continue
            sha256.update(piece)
            size += os.write(copy, piece)
        return sha256.hexdigest(), size, False
    finally:
        os.close(source)
