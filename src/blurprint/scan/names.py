"""Where the results of each picture go: the folders of the input again, a folder a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

_TAKEN: Final = frozenset(
    ("index.html", "report.html", "report.json", "defocus.npz", "explanation.npz", "thumbnail.webp")
)
"""Names of files that lie in folders of results."""


class FoundPicture(NamedTuple):
    """A picture, and the folders from the root that was given to it.

    Attributes:
        path: of the file.
        parts: names of the folders between the root and the file; none for a file given itself.
    """

    path: Path
    parts: tuple[str, ...]


def result_names(sources: Sequence[FoundPicture]) -> list[str]:
    """A folder for each picture's results, relative, with "/": its folders, then its stem.

    Where stems collide, with each other or with a folder, the whole file name is taken; where
    those collide, as of two folders given, they are numbered. Upper and lower case count as equal,
    as some systems take them.

    >>> files = ["cat.jpg", "dog.jpg", "dog.png", "sub/dog.jpg", "sub.jpg"]
    >>> result_names([FoundPicture(Path(file), Path(file).parent.parts) for file in files])
    ['cat', 'dog.jpg', 'dog.png', 'sub/dog', 'sub.jpg']
    """
    stems = Counter(_key((*parts, path.stem)) for path, parts in sources)
    folders = {_key(parts[:depth]) for _, parts in sources for depth in range(1, len(parts) + 1)}
    taken: set[str] = set()
    names = []
    for path, parts in sources:
        stem = path.stem
        alone = stems[_key((*parts, stem))] == 1 and _key((*parts, stem)) not in folders
        usable = stem.strip(". ") and stem.casefold() not in _TAKEN
        base = stem if alone and usable else path.name
        name, count = base, 1
        while (key := _key((*parts, name))) in taken or key in folders or name.casefold() in _TAKEN:
            count += 1
            name = f"{base}-{count}"
        taken.add(key)
        names.append("/".join((*parts, name)))
    return names


def _key(parts: Iterable[str]) -> str:
    return "/".join(parts).casefold()
