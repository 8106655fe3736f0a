"""From the paths that were given to pictures and videos, with an account of every other file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from blurprint.errors import PhotoError
from blurprint.files import PICTURE_SUFFIXES, natural_key
from blurprint.scan.first_bytes import is_picture_inside, is_video_inside
from blurprint.scan.items.account import LeftOut
from blurprint.scan.items.kinds import (
    ALL_VIDEO_SUFFIXES,
    HIDDEN,
    OTHER,
    RAW,
    RAW_SUFFIXES,
    UNREADABLE,
)
from blurprint.scan.items.local import why_unreadable
from blurprint.scan.names import FoundPicture

THUMBNAIL_NAME: Final = "thumbnail.webp"
"""In a folder of results: the picture and its map in little, which the overview shows."""

_RESULTS: Final = frozenset(("report.html", "report.json"))


@dataclass(slots=True)
class Inputs:
    """Every file that was met, as a picture, a failure, or left out.

    Attributes:
        pictures: what is to be analysed.
        failures: (path, why) of what was given or met and cannot be analysed.
        left_out: files that are not analysed, by kind.
        sniffed: pictures recognised by their first bytes alone.
        folders: whether a folder was given.
    """

    pictures: list[FoundPicture] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    sniffed: LeftOut = field(default_factory=LeftOut)
    folders: bool = False

    @property
    def several(self) -> bool:
        """Whether there may be more than one result: a folder, or several files, was given."""
        return self.folders or len(self.pictures) + len(self.failures) > 1

    def leave_out(self, kind: str, name: str) -> None:
        """Count a file that is not analysed."""
        self.left_out.setdefault(kind, LeftOut()).add(name)

    def account(self) -> list[str]:
        """What is not analysed and why, a line a kind."""
        lines = [f"Left out: {one.words(kind)}" for kind, one in self.left_out.items()]
        if self.sniffed.count:
            kind = "recognised by their first bytes, not by their names"
            lines.append(f"Among the pictures: {self.sniffed.words(kind)}")
        return lines


def find_inputs(
    paths: Iterable[str | Path],
    *,
    recursive: bool = False,
    out: str | Path | None = None,
    videos: bool = False,
) -> Inputs:
    """The pictures that `paths` name or hold, each file once, in natural order within a folder.

    Hidden files, camera raw files and whatever is no picture are left out and counted; links are
    followed, but no folder is entered twice.

    Args:
        paths: files and folders.
        recursive: also enter the folders within folders.
        out: folder of results, which is not entered unless it is given itself.
        videos: take videos as well, by suffix or first bytes. Those of folders are left out and
            counted where PyAV is missing; one that is given itself is taken, and will fail.
    """
    out = None if out is None else Path(out)
    given = list(map(str, paths))
    walk = _Walk(Inputs(), recursive, None if out is None else os.path.realpath(out), videos=videos)
    roots = [path for path in given if _is_folder(path)]
    walk.found.folders = bool(roots)
    shown = _root_names(roots)
    for path in given:
        if not path:
            walk.found.failures.append(("", "is an empty path"))
        elif "://" in path:
            walk.found.failures.append(
                (
                    path,
                    "is an address; addresses are not fetched: save the picture, and give its path",
                )
            )
        elif path in shown:
            walk.root(Path(path), shown[path])
        elif not videos and Path(path).suffix.lower() in ALL_VIDEO_SUFFIXES and Path(path).exists():
            walk.found.failures.append((path, "is a video; only pictures are analysed"))
        else:
            walk.picture(Path(path), ())
    return walk.found


def pictures_under(path: str | Path) -> list[Path]:
    """The picture itself, or the pictures directly in a folder, in natural order.

    Raises:
        PhotoError: if the folder holds no picture or cannot be listed.
    """
    path = Path(path)
    if not path.is_dir():
        return [path]
    found = find_inputs([str(path)])
    if not found.pictures:
        raise PhotoError("; ".join(f"{where}: {why}" for where, why in found.failures))
    return [source.path for source in found.pictures]


class _Walk:
    """Goes through folders and files, and remembers where it was."""

    def __init__(
        self, found: Inputs, recursive: bool, out: str | None, *, videos: bool = False
    ) -> None:
        self.found = found
        self._readable = videos and find_spec("av") is not None
        missing = ", which need PyAV (pip install 'blurprint[video]')" * videos
        self._videos_left_out = f"videos{missing}"
        self._recursive = recursive
        self._out = out
        self._met = 0
        self._files: dict[str, Path] = {}
        self._folders: dict[str, Path] = {}
        self._links: list[tuple[Path, tuple[str, ...]]] = []

    def root(self, path: Path, parts: tuple[str, ...]) -> None:
        """A folder that was given; links to folders come last, so that these keep their names."""
        before = self._met, len(self.found.failures)
        self._folder(path, parts, given=True)
        while self._links:
            self._folder(*self._links.pop(0))
        if before == (self._met, len(self.found.failures)):
            self.found.failures.append((str(path), "holds no pictures"))

    def picture(self, path: Path, parts: tuple[str, ...]) -> None:
        """A file that is to be analysed, unless it was met before."""
        self._met += 1
        real = os.path.realpath(path)
        if real in self._files:
            self.found.leave_out(
                "files met twice (analysed once)", f"{path} (is {self._files[real]})"
            )
            return
        self._files[real] = path
        self.found.pictures.append(FoundPicture(path, parts))

    def _folder(self, path: Path, parts: tuple[str, ...], *, given: bool = False) -> None:
        real = os.path.realpath(path)
        if real == self._out and not given:
            self.found.leave_out("folder of the results", str(path))
            return
        if real in self._folders:
            kind = "links to folders met already" if path.is_symlink() else "folders met twice"
            self.found.leave_out(kind, f"{path} (is {self._folders[real]})")
            return
        self._folders[real] = path
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: natural_key(entry.name))
        except OSError as error:
            self.found.failures.append((str(path), f"cannot be listed ({error.strerror})"))
            return
        results = any(entry.name in _RESULTS for entry in entries)
        inner = [e for e in entries if not self._entry(path / e.name, e, parts, results)]
        for entry in inner:
            child = path / entry.name
            if not self._recursive:
                self.found.leave_out("folders within (-r enters them)", str(child))
            elif entry.is_symlink():
                self._links.append((child, (*parts, entry.name)))
            else:
                self._folder(child, (*parts, entry.name))

    def _entry(
        self, path: Path, entry: os.DirEntry[str], parts: tuple[str, ...], results: bool
    ) -> bool:
        """Account for what is no folder; False for a folder."""
        suffix = path.suffix.lower()
        if entry.name.startswith("."):
            self.found.leave_out(HIDDEN, str(path))
            return True
        try:
            mode = entry.stat().st_mode
        except OSError as error:
            if suffix in PICTURE_SUFFIXES:
                self.found.failures.append((str(path), why_unreadable(entry, error)))
            else:
                self.found.leave_out("broken links", str(path))
            return True
        if stat.S_ISDIR(mode):
            return False
        if not stat.S_ISREG(mode):
            self.found.leave_out("pipes, sockets and devices", str(path))
        elif results and entry.name == THUMBNAIL_NAME:
            self.found.leave_out("thumbnails of earlier results", str(path))
        elif suffix in PICTURE_SUFFIXES or (suffix in ALL_VIDEO_SUFFIXES and self._readable):
            self.picture(path, parts)
        elif suffix in ALL_VIDEO_SUFFIXES:
            self.found.leave_out(self._videos_left_out, str(path))
        elif suffix in RAW_SUFFIXES:
            self.found.leave_out(RAW, str(path))
        else:
            self._unknown(path, parts)
        return True

    def _unknown(self, path: Path, parts: tuple[str, ...]) -> None:
        try:
            inside = is_picture_inside(path)
            video = not inside and is_video_inside(path)
        except OSError as error:
            self.found.leave_out(UNREADABLE, f"{path} ({error.strerror})")
            return
        if inside or (video and self._readable):
            self.found.sniffed.add(str(path))
            self.picture(path, parts)
        elif video:
            self.found.leave_out(self._videos_left_out, str(path))
        else:
            self.found.leave_out(OTHER, str(path))


def _is_folder(path: str) -> bool:
    try:
        return bool(path) and Path(path).is_dir()  # "" would be the current folder
    except (OSError, ValueError):
        return False


def _root_names(roots: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Where the results of each root go: of one root, at the top; of several, under its name.

    >>> _root_names(["a/x"]), _root_names(["a/x", "b/x"])
    ({'a/x': ()}, {'a/x': ('x',), 'b/x': ('x-2',)})
    """
    once = list(dict.fromkeys(roots))
    if len(once) == 1:
        return {once[0]: ()}
    names: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for root in once:
        base = Path(os.path.realpath(root)).name or "root"
        name, count = base, 1
        while name.casefold() in taken:
            count += 1
            name = f"{base}-{count}"
        taken.add(name.casefold())
        names[root] = (name,)
    return names
