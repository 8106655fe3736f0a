"""From the paths on a command line to pictures, and to the folders of their results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from blurprint.errors import PhotoError
from blurprint.files import PICTURE_SUFFIXES


def pictures_under(path: Path) -> list[Path]:
    """The picture itself, or the pictures directly in a folder, by name.

    Raises:
        PhotoError: if the folder holds no picture or cannot be listed.
    """
    if not path.is_dir():
        return [path]
    try:
        files = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in PICTURE_SUFFIXES
            and not file.name.startswith(".")
            and file.is_file()
        )
    except OSError as error:
        raise PhotoError(f"{path}: cannot be listed ({error.strerror})") from error
    if not files:
        inner = ", ".join(sorted(PICTURE_SUFFIXES))
        raise PhotoError(f"{path}: holds no pictures directly in it (looked for {inner})")
    return files


def result_names(pictures: Sequence[Path]) -> list[str]:
    """A folder name for each picture's results: its stem, or more where stems collide.

    >>> result_names([Path("a/cat.jpg"), Path("a/dog.jpg"), Path("a/dog.png"), Path("b/dog.png")])
    ['cat', 'dog.jpg', 'dog.png', 'dog.png-2']
    """
    stems = Counter(picture.stem.casefold() for picture in pictures)
    taken: set[str] = set()
    names = []
    for picture in pictures:
        base = picture.stem if stems[picture.stem.casefold()] == 1 else picture.name
        name, count = base, 1
        while name.casefold() in taken:
            count += 1
            name = f"{base}-{count}"
        taken.add(name.casefold())
        names.append(name)
    return names
