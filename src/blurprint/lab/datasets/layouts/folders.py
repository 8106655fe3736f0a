"""What lies in a folder, and the errors when it is not what a layout says."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from blurprint.errors import InputError
from blurprint.files import PICTURE_SUFFIXES, natural_key
from blurprint.lab.datasets.account import Account, media
from blurprint.photos.video import VIDEO_SUFFIXES

_SHOWN: Final = 8
_NO_DATA: Final = frozenset({"masks", "landmarks", "__macosx", "@eadir"})
"""Folders of pictures that are no data: what a data set, or a system, says about its own."""


class Holding(NamedTuple):
    """What lies directly in one folder.

    Attributes:
        path: the folder.
        names: of the folders from the root to it.
        pictures: their names, in natural order.
        videos: the same.
        others: number of files of other kinds.
        hidden: number of files and folders that are hidden.
    """

    path: Path
    names: tuple[str, ...]
    pictures: list[str]
    videos: list[str]
    others: int
    hidden: int


def is_picture(name: str) -> bool:
    """Whether a file's name is that of a picture; hidden files are none."""
    return _has_suffix(name, PICTURE_SUFFIXES)


def is_video(name: str) -> bool:
    """Whether a file's name is that of a video; hidden files are none."""
    return _has_suffix(name, VIDEO_SUFFIXES)


def subfolders(folder: Path) -> list[Path]:
    """Folders directly in `folder`, in natural order; hidden ones left out."""
    with os.scandir(folder) as entries:
        names = [e.name for e in entries if not e.name.startswith(".") and e.is_dir()]
    return [folder / name for name in sorted(names, key=natural_key)]


def pictures(folder: Path) -> list[Path]:
    """Pictures directly in `folder`, in natural order."""
    with os.scandir(folder) as entries:
        names = [e.name for e in entries if is_picture(e.name) and not e.is_dir()]
    return [folder / name for name in sorted(names, key=natural_key)]


def videos(folder: Path) -> list[Path]:
    """Videos directly in `folder`, in natural order."""
    with os.scandir(folder) as entries:
        names = [e.name for e in entries if is_video(e.name) and not e.is_dir()]
    return [folder / name for name in sorted(names, key=natural_key)]


def holds_pictures(folder: Path) -> bool:
    """Whether a picture lies directly in `folder`."""
    with os.scandir(folder) as entries:
        return any(is_picture(entry.name) and not entry.is_dir() for entry in entries)


def is_no_data(name: str) -> bool:
    """Whether a folder's name says that its pictures are no data: masks, previews of a system."""
    return name.lower() in _NO_DATA


def walk(
    root: Path,
    aside: list[Path] | None = None,
    keep: Collection[str] = (),
    _above: tuple[tuple[int, int], ...] = (),
) -> Iterator[Path]:
    """`root` and every folder below it, in natural order; links are followed, not in circles.

    Args:
        root: where to start.
        aside: takes the folders that are no data, which are not walked through; None walks through
            these, too.
        keep: names in lower case that are data whatever they say.
    """
    status = os.stat(root)  # noqa: PTH116
    here = (status.st_dev, status.st_ino)
    if here in _above:
        return
    yield root
    for inner in subfolders(root):
        if aside is not None and is_no_data(inner.name) and inner.name.lower() not in keep:
            aside.append(inner)
        else:
            yield from walk(inner, aside, keep, (*_above, here))


def scan(root: Path, aside: list[Path], keep: Collection[str] = ()) -> Iterator[Holding]:
    """What lies in `root` and in every folder below it; see :func:`walk`."""
    for folder in walk(root, aside, keep):
        yield _holding(folder, folder.relative_to(root).parts)


def note_aside(account: Account, root: Path, aside: Iterable[Path]) -> None:
    """Count and name the folders that :func:`walk` put aside."""
    counts = {name_in(root, one): count for one in aside if (count := count_media(one))}
    if counts:
        said = few(f"{name}/ ({count:,})" for name, count in counts.items())
        account.leave_out(f"{media(sum(counts.values()))} in folders that are no data: {said}")


def _holding(folder: Path, names: tuple[str, ...]) -> Holding:
    found: list[str] = []
    moving: list[str] = []
    others = hidden = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                hidden += 1
            elif entry.is_dir():  # even if it is named 000.mp4: a folder of its frames
                continue
            elif is_picture(name):
                found.append(name)
            elif is_video(name):
                moving.append(name)
            else:
                others += 1
    found.sort(key=natural_key)
    moving.sort(key=natural_key)
    return Holding(folder, names, found, moving, others, hidden)


def count_media(folder: Path) -> int:
    """Number of pictures and videos in `folder` and below it."""
    count = 0
    for one in walk(folder):
        with os.scandir(one) as entries:
            count += sum(_is_media(entry) for entry in entries)
    return count


def note_unread(
    account: Account, root: Path, whole: Collection[Path], itself: Collection[Path] = ()
) -> None:
    """Count and name the folders with pictures or videos that a reader does not look into.

    Args:
        account: takes the note.
        root: where the data set lies.
        whole: folders that were read, or accounted for, with all that is below them.
        itself: folders of which what lies directly in them was read.
    """
    read, direct = set(whole), set(itself)
    links = {one.resolve() for one in read | direct}
    above = {root, *(folder for one in read | direct for folder in one.parents)}
    counts: dict[str, int] = {}

    def look(folder: Path) -> None:
        if folder in read or is_no_data(folder.name):
            return
        if folder not in direct and folder.resolve() in links:  # read under another name
            return
        name = "the folder itself" if folder == root else f"{name_in(root, folder)}/"
        if folder not in above and folder not in direct:
            if count := count_media(folder):
                counts[name] = count
            return
        with os.scandir(folder) as entries:
            count = sum(_is_media(entry) for entry in entries)
        if count and folder not in direct:
            counts[name] = count
        for inner in subfolders(folder):
            look(inner)

    look(root)
    if counts:
        said = few(f"{name} ({count:,})" for name, count in counts.items())
        account.leave_out(f"{media(sum(counts.values()))} where the layout has none: {said}")


def name_in(root: Path, path: Path) -> str:
    """`path` below `root` with forward slashes: the same on every machine."""
    return path.relative_to(root).as_posix()


def require_folder(root: Path, layout: str) -> None:
    """Check that `root` is a folder.

    Raises:
        InputError: if it is missing or a file.
    """
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing there"
        raise InputError(f"{root}: Expected a folder laid out as {layout}, but got {found}")


def wrong_layout(folder: Path, expected: str) -> InputError:
    """The error for a folder that holds something else than `expected`."""
    return InputError(f"{folder}: Expected {expected}, but got {listing(folder)}")


def listing(folder: Path) -> str:
    """What a folder holds, in one line."""
    names = sorted(
        (f"{entry.name}/" if entry.is_dir() else entry.name for entry in folder.iterdir()),
        key=natural_key,
    )
    return few(names) if names else "an empty folder"


def few(names: Iterable[str], between: str = ", ") -> str:
    """The first names, with `between` between them, and how many more there are.

    >>> few("abcdefghijk")
    'a, b, c, d, e, f, g, h and 3 more'
    """
    everything = list(names)
    text = between.join(everything[:_SHOWN])
    more = len(everything) - _SHOWN
    return f"{text} and {more} more" if more > 0 else text


def read_json(file: Path) -> Any:
    """What a JSON file holds.

    Raises:
        InputError: if it cannot be read, is not JSON, or gives a name twice with different values.
    """
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=each_name_once)
    except _TwiceError as error:
        raise InputError(f"{file}: Expected every name once, but got {error}") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:  # also bytes that are no UTF-8
        raise InputError(f"{file}: Expected JSON, but got what is not ({error})") from error


class _TwiceError(ValueError):
    """A name of a JSON object that has two values."""


def each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for the decoder, which else takes the last of several values in silence.

    Raises:
        ValueError: if a name has several values.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise _TwiceError(f'"{name}" twice')
    return found


def _is_media(entry: os.DirEntry[str]) -> bool:
    return (is_picture(entry.name) or is_video(entry.name)) and not entry.is_dir()


def _has_suffix(name: str, suffixes: frozenset[str]) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in suffixes  # noqa: PTH122
