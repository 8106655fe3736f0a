"""Files on disk: which are pictures; written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from blurprint.errors import OutputError

PICTURE_SUFFIXES: Final = frozenset(
    (
        *(".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jp2"),
        *(".jpe", ".jpeg", ".jpg", ".mpo"),
        *(".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
    )
)
"""Files of a folder that count as pictures. A file named outright may have any suffix."""


def safe_name(text: str) -> str:
    """A file name for any text: never "..", hidden, empty, or that of another text.

    Text of letters, digits, "-", "_" and inner dots stays as it is; of other text these stay, and
    a hash follows.

    >>> safe_name("Deepfakes"), safe_name("..").startswith("_-")
    ('Deepfakes', True)
    >>> safe_name("a/b") == safe_name("a_b")
    False
    """
    kept = "".join(c if c.isalnum() or c in "._-" else "_" for c in text)[:_LONGEST_NAME]
    plain = kept.strip(".") or "_"
    if plain == text:
        return plain
    digest = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    return f"{plain}-{digest}"


_LONGEST_NAME: Final = 80


def write_atomic(path: str | Path, data: bytes) -> None:
    """Write `data` to `path` whole or not at all, in place of what was there.

    The data are complete in a temporary file of the same folder before that takes the name.

    Raises:
        OutputError: if the file cannot be written; an earlier one is then as it was.
    """
    write_all({Path(path): data})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files; all are complete before the first takes its name.

    Raises:
        OutputError: if one cannot be written.
    """
    staged: dict[Path, Path] = {}
    path = Path()
    try:
        for path, data in contents.items():
            staged[path] = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
            _write_whole(staged[path], data)
        for path, temporary in staged.items():
            temporary.replace(path)
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written ({reason(error)})") from error
    finally:
        for temporary in staged.values():
            with suppress(OSError, ValueError):
                temporary.unlink()


def _write_whole(path: Path, data: bytes) -> None:
    with path.open("xb") as file:  # a new file, with the permissions that the umask gives
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def reason(error: OSError | ValueError) -> str:
    """Why the system refused, in one line."""
    return getattr(error, "strerror", None) or " ".join(str(error).split())


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, if it is missing.

    Raises:
        OutputError: if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder}: cannot be made ({reason(error)})") from error


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` to be written within, which takes its name at the end.

    After an error it is removed, and an earlier file is as it was.

    Raises:
        OutputError: if it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({reason(error)})") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def natural_key(name: str) -> tuple[tuple[str | int, ...], str]:
    """Key that orders numbers in names by their value.

    >>> sorted(["10.png", "9.png", "010.png", "a1", "a"], key=natural_key)
    ['9.png', '010.png', '10.png', 'a', 'a1']
    """
    parts = re.split(r"(\d+)", name)
    numbered = (int(part) if index % 2 else part for index, part in enumerate(parts))
    return tuple(numbered), name  # the name itself tells "010" from "10"
