"""What the name of a file promises, wherever it lies: in a folder, an archive or a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from blurprint.files import PICTURE_SUFFIXES
from blurprint.photos.video import VIDEO_SUFFIXES
from blurprint.scan.items.item import Kind

ALL_VIDEO_SUFFIXES: Final = VIDEO_SUFFIXES | frozenset(
    (".3gp", ".asf", ".flv", ".m2ts", ".m2v", ".mts", ".mxf", ".ogv", ".vob")
)
"""Names that promise a video. `.ts` is none: it is TypeScript as well, and content decides."""
RAW_SUFFIXES: Final = frozenset(
    (
        *(".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw"),
        *(".rw2", ".srw"),
    )
)
TAR_SUFFIXES: Final = (".tar",)
PACKED_TAR_SUFFIXES: Final = {
    ".tar.gz": "gz",
    ".tgz": "gz",
    ".tar.bz2": "bz2",
    ".tbz2": "bz2",
    ".tar.xz": "xz",
    ".txz": "xz",
}
"""Tars that are compressed as a whole, which can only be read from their beginning."""
OTHER_ARCHIVES: Final = (".7z", ".rar", ".tar.zst", ".tar.lz4", ".cab", ".iso")

NameKind = Literal["picture", "video", "raw", "zip", "tar", "archive", "hidden", "other"]

_ITEMS: Final[Mapping[NameKind, Kind]] = {"picture": "picture", "video": "video"}
_ENDS: Final[Mapping[NameKind, tuple[str, ...]]] = {
    "picture": tuple(PICTURE_SUFFIXES),
    "video": tuple(ALL_VIDEO_SUFFIXES),
    "raw": tuple(RAW_SUFFIXES),
    "zip": (".zip",),
    "tar": (*TAR_SUFFIXES, *PACKED_TAR_SUFFIXES),
    "archive": OTHER_ARCHIVES,
}

HIDDEN: Final = "hidden files and folders"
RAW: Final = "camera raw files, which cannot be read"
OTHER: Final = "other files"
UNREADABLE: Final = "files of unknown kind that cannot be read"
UNREADABLE_ARCHIVES: Final = "archives of a kind that cannot be read"


def item_kind(kind: NameKind) -> Kind | None:
    """The kind of the item that a file of this name is by itself; None if it is none."""
    return _ITEMS.get(kind)


def kind_of_name(name: str) -> NameKind:
    """What a file or member of this name is taken for.

    Args:
        name: of a file, or path within an archive, with "/".

    >>> [kind_of_name(name) for name in ("a.JPG", "b/x.tar.gz", ".b/x.png", "__MACOSX/._a.jpg")]
    ['picture', 'tar', 'hidden', 'hidden']
    """
    parts = name.split("/")
    if any(_is_hidden(part) for part in parts):
        return "hidden"
    last = parts[-1].lower()
    kinds = (kind for kind, ends in _ENDS.items() if last.endswith(ends))
    return next(kinds, "other")


def packing_of(name: str) -> str:
    """How a tar is compressed as a whole; "" where it is not."""
    last = name.lower()
    return next((how for end, how in PACKED_TAR_SUFFIXES.items() if last.endswith(end)), "")


def _is_hidden(part: str) -> bool:
    return (part.startswith(".") and part not in (".", "..")) or part == "__MACOSX"
