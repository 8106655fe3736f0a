"""Which names are of the same file: a name as an absolute path, without a look at the file."""

from __future__ import annotations

import os
from pathlib import Path

from blurprint.scan.items.file_systems import is_address
from blurprint.scan.items.item import Item


def working_folder() -> str:
    """The folder that relative paths start from, by the name by which it was entered.

    Shells keep that name in PWD; the system's own, where this is missing or outdated, has no links.
    """
    named = os.environ.get("PWD", "")
    try:
        if os.path.isabs(named) and os.path.samefile(named, os.curdir):  # noqa: PTH117, PTH121
            return named
    except (OSError, ValueError):
        pass
    return os.getcwd()  # noqa: PTH109


def place_of(path: str, folder: str) -> str:
    """A path from the root, without ``.``, ``..`` and doubled separators.

    Links keep their names, but for what ``..`` leaves: that is the folder in which a link's target
    lies, and not the one in which the link does.

    Args:
        path: of a file.
        folder: that it starts from, if it is relative; absolute.
    """
    whole = os.path.join(folder, path)  # noqa: PTH118  a Path is slow
    if os.pardir in whole:
        whole = _without_parents(whole)
    place = os.path.normcase(os.path.normpath(whole))
    # POSIX lets a system give two leading slashes a meaning of their own; those of today do not.
    return place[1:] if os.sep == "/" and place.startswith("//") else place


def identity_of(item: Item, folder: str) -> str:
    """What is the same for two items only if they are one: the place of a file, with the member
    for one of an archive; an address as it is.

    Args:
        item: of any kind.
        folder: as :func:`place_of` has it.
    """
    file = item.source.file
    place = file if is_address(file) else place_of(file, folder)
    member = item.path.removeprefix(file)
    return f"{place}\0{member}" if member else place  # no name of a file can hold a NUL


def _without_parents(path: str) -> str:
    root, *parts = Path(path).parts
    found = root
    for part in parts:
        if part == os.pardir:
            found = os.path.dirname(os.path.realpath(found) if os.path.islink(found) else found)  # noqa: PTH114, PTH120
        else:
            found = os.path.join(found, part)  # noqa: PTH118
    return found
