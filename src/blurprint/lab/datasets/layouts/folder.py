"""Folders named after what is in them: ``real/`` and ``fake/`` at any depth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Clip, Entry, entries_table, frames_of, single
from blurprint.lab.datasets.layouts.folders import (
    few,
    name_in,
    pictures,
    require_folder,
    subfolders,
    videos,
    walk,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.labels import LABELS, label_of, part_of
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation, group_split
from blurprint.lab.datasets.table import FAKE, SampleTable


class ClassFolder(NamedTuple):
    """A folder of one class.

    Attributes:
        path: the folder.
        label: 0 real, 1 fake.
        part: "train", "val", "test", or "" where no folder above says so.
        above: names of the other folders between the root and it.
    """

    path: Path
    label: int
    part: str
    above: tuple[str, ...]


def read_folder(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of ``real/`` and ``fake/`` (or other names of :data:`LABELS`) at any depth.

    The method of a fake is the first folder above its class that is no part ("progan" of
    ``progan/airplane/1_fake``), else "fake". A picture directly in a class folder is its own clip
    and group. A folder within is one clip, in one group with its namesake of the other class; so is
    a video. Videos count in class folders without pictures.

    Rules: "official" (folders train, val, test in the path; the default where they are there; a
    tenth of train validates where there is no val) and "identity" (70/10/20 by group).

    Raises:
        InputError: if there are no such folders, or no parts to follow.
    """
    require_folder(root, "real/ and fake/")
    found = list(class_folders(root))
    if not found:
        raise wrong_layout(root, f"folders named {', '.join(LABELS)}, at any depth")
    return class_table("folder", root, found, options)


def class_folders(
    root: Path, *, numbers: bool = False, part: str = "", above: tuple[str, ...] = ()
) -> Iterator[ClassFolder]:
    """The outermost folders below `root` whose names are labels.

    Args:
        root: where to look.
        numbers: whether ``0`` and ``1`` are labels too.
        part: of what lies in `root`, as the folders above say.
        above: names of those folders.
    """
    for folder in subfolders(root):
        label = label_of(folder.name, numbers=numbers)
        if label is not None:
            yield ClassFolder(folder, label, part, above)
        elif inner := part_of(folder.name):
            yield from class_folders(folder, numbers=numbers, part=inner, above=above)
        else:
            names = (*above, folder.name)
            yield from class_folders(folder, numbers=numbers, part=part, above=names)


def class_table(
    layout: str, root: Path, found: Sequence[ClassFolder], options: ReadOptions
) -> SampleTable:
    """The table of class folders; see :func:`read_folder`.

    Raises:
        InputError: if they hold nothing, or have no parts where these are asked for.
    """
    entries, parts = [], []
    for folder in found:
        for clip, group in _clips(folder, options.frames):
            method = (folder.above or ("fake",))[0] if folder.label == FAKE else "real"
            entries.append(Entry(clip, folder.label, method, group))
            parts.append(folder.part)
    if not entries:
        names = few(name_in(root, one.path) for one in found)
        raise InputError(f"{root}: Expected pictures or videos in {names}, but got none")
    groups = [entry.group for entry in entries]
    default = "identity" if "" in parts else "official"
    if options.rule(layout, ("official", "identity"), default) == "identity":
        parts = group_split(groups, options.seed)
    elif "" in parts:
        path = entries[parts.index("")].clip.path
        raise InputError(
            f"{path}: Expected a folder train, val or test above it, where the official split is"
            " asked for"
        )
    else:
        parts = carve_validation(parts, groups, options.seed)
    return entries_table(entries, parts)


def _clips(folder: ClassFolder, frames: int) -> Iterator[tuple[Clip, str]]:
    """Clips and their groups; videos count where there are no pictures."""
    inner = [one for one in walk(folder.path) if one != folder.path]
    found = [(single(one), _name(folder, one)) for one in pictures(folder.path)]
    for one in inner:
        if files := frames_of(one, frames):
            found.append((Clip(one.name, one, files), _group(folder, one)))
    if found:
        yield from found
        return
    for one in (folder.path, *inner):
        for video in videos(one):
            yield single(video), _group(folder, video.with_suffix(""))


def _name(folder: ClassFolder, path: Path) -> str:
    return "/".join((*folder.above, folder.path.name, name_in(folder.path, path)))


def _group(folder: ClassFolder, path: Path) -> str:
    """Without the class: a clip and the fake made from it are often namesakes."""
    return "/".join((*folder.above, name_in(folder.path, path)))
