"""What a folder holds to prepare, and where crops go: the same tree, `videos` become `faces`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from blurprint.errors import InputError
from blurprint.files import PICTURE_SUFFIXES
from blurprint.photos.video import VIDEO_SUFFIXES

LIST_SUFFIXES: Final = frozenset({".csv", ".json", ".txt"})
"""Lists of labels and splits, which the readers of data sets need beside the crops."""
MAX_LIST_BYTES: Final = 64 * 2**20
_MASKS: Final = "masks"
"""FaceForensics++ keeps videos of masks, which show no faces, in folders of this name."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file to prepare.

    Attributes:
        path: of it, absolute.
        kind: "video" or "picture".
        target: of its crops below the output folder, with "/": a folder for a video, else a PNG.
    """

    path: Path
    kind: Literal["video", "picture"]
    target: str


@dataclass(frozen=True, slots=True)
class Tree:
    """What is below a path: sources by target, and lists by their relative path."""

    sources: tuple[Source, ...]
    lists: tuple[tuple[Path, str], ...]


def find_sources(path: Path, out: Path) -> Tree:
    """All videos, pictures and lists below `path`, but hidden ones, masks and what is in `out`.

    Args:
        path: a folder, or one file.
        out: where crops will go.

    Raises:
        InputError: if `path` is missing, is `out`, or holds nothing to prepare.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if path.resolve() == out.resolve():
        raise InputError(f"Expected `out` to be another folder than the source, but got {out}")
    root = path if path.is_dir() else path.parent
    files = list(_files(path, out.resolve())) if path.is_dir() else [path]
    sources = [
        (file, file.relative_to(root), kind) for file in files if (kind := _kind(file)) is not None
    ]
    if not sources and path.is_file():
        sources = [(path, path.relative_to(root), "video")]
    if not sources:
        raise InputError(f"{path}: holds no videos and no pictures")
    stems = Counter(_target(name, kind) for _, name, kind in sources)
    targets = [
        Source(
            file.absolute(),
            kind,
            _target(name, kind, whole=stems[_target(name, kind)] > 1),
        )
        for file, name, kind in sources
    ]
    lists = [
        (file, file.relative_to(root).as_posix())
        for file in files
        if file.suffix.lower() in LIST_SUFFIXES and file.stat().st_size <= MAX_LIST_BYTES
    ]
    return Tree(tuple(sorted(targets, key=lambda source: source.target)), tuple(lists))


def _files(folder: Path, out: Path) -> Iterator[Path]:
    visited: set[str] = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if real in visited or Path(real) == out:
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if name != _MASKS and name[0] != ".")
        yield from (Path(here) / name for name in sorted(names) if name[0] != ".")


def _kind(file: Path) -> Literal["video", "picture"] | None:
    suffix = file.suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        return "video"
    return "picture" if suffix in PICTURE_SUFFIXES else None


def _target(name: Path, kind: str, *, whole: bool = False) -> str:
    """`c23/videos/000.mp4` to `c23/faces/000`; with the suffix too where stems collide."""
    parts = list(PurePosixPath(name.as_posix()).parts)
    if kind == "video" and "videos" in parts[:-1]:
        last = len(parts) - 2 - parts[:-1][::-1].index("videos")
        parts[last] = "faces"
    parts[-1] = name.name if whole else name.stem
    return "/".join(parts) + (".png" if kind == "picture" else "")
