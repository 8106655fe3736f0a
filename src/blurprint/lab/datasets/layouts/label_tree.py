"""Which folders of a tree are classes, which are parts, and which are only names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.folders import Holding, few
from blurprint.lab.datasets.layouts.labels import meaning, part_of
from blurprint.lab.datasets.table import FAKE, REAL

_Names = tuple[str, ...]


class Place(NamedTuple):
    """A folder with pictures or videos that lies in a class folder, or is one.

    Attributes:
        holding: what is in it.
        label: 0 real, 1 fake.
        label_name: of the folder that says so.
        home: names from the root to that folder.
        part: "train", "val", "test", or "" where no folder says so.
        part_name: of the folder that says so.
        above: names of the other folders above the class folder.
        below: names of the other folders in it, down to this one.
    """

    holding: Holding
    label: int
    label_name: str
    home: _Names
    part: str
    part_name: str
    above: _Names
    below: _Names


def read_tree(
    root: Path,
    holdings: Iterable[Holding],
    labels: Mapping[str, int],
    account: Account,
    *,
    outermost: bool = False,
) -> list[Place]:
    """The places of `holdings` that lie in class folders.

    Where the folders above a picture say different labels, an outer one is only a name if all that
    is below it lies in class folders of both labels, and no folder at its level is a class folder
    or says the other label. An inner one is only a name if inner folders of its name lie in class
    folders of both labels, and no inner folder says the other label.

    A folder named as a part is one, above a class or below it; below, it is only a name where data
    beside it are in no part, and no other part is there ("test" beside "alice" and "bob").

    Args:
        root: of the tree, for errors.
        holdings: folders with pictures or videos.
        labels: meanings of names in lower case.
        account: takes what was inferred.
        outermost: whether only the outermost folder named as a label is one.

    Raises:
        InputError: if the folders above a picture say different labels, or different parts.
    """
    marks = {}
    for one in holdings:
        found = [at for at, name in enumerate(one.names) if meaning(labels, name) is not None]
        if found:
            marks[one.names] = found[:1] if outermost else found
    _settle(root, marks, labels, account)
    homes = _homes(marks)
    mixed = _mixed(homes)
    places, kept = [], set()
    for one in holdings:
        if one.names not in homes:
            continue
        at = homes[one.names]
        parts = []
        for index, name in enumerate(one.names):
            if part_of(name) is None or index == at:
                continue
            if index > at and one.names[:index] in mixed:
                kept.add("/".join(one.names[: index + 1]))
            else:
                parts.append(index)
        places.append(_place(root, one, at, parts, labels))
    if kept:
        account.infer(
            f"{few(sorted(kept))} taken for a name, not for a part: what lies beside it is in none"
        )
    return places


def _place(
    root: Path, holding: Holding, at: int, parts: Sequence[int], labels: Mapping[str, int]
) -> Place:
    names = holding.names
    found = {part_of(names[index]): names[index] for index in reversed(parts)}
    if len(found) > 1:
        raise InputError(
            f"{root.joinpath(*names)}: Expected one part, but got the folders"
            f" {' and '.join(sorted(found.values()))} in its path"
        )
    part, part_name = next(iter(found.items()), ("", ""))
    return Place(
        holding=holding,
        label=_value(names[at], labels),
        label_name=names[at],
        home=names[: at + 1],
        part=part or "",
        part_name=part_name,
        above=tuple(name for index, name in enumerate(names[:at]) if index not in parts),
        below=tuple(name for index, name in enumerate(names) if index > at and index not in parts),
    )


def _homes(marks: Mapping[_Names, list[int]]) -> dict[_Names, int]:
    """Where the class folder stands in the names of each folder.

    Of several that say the same label, it is the one at a level where others have their only one,
    else the outermost.
    """
    levels = {_depth(names[: found[0]]) for names, found in marks.items() if len(found) == 1}
    return {
        names: next((at for at in found if _depth(names[:at]) in levels), found[0])
        for names, found in marks.items()
    }


def _mixed(homes: Mapping[_Names, int]) -> set[_Names]:
    """Folders in class folders that hold data in no part, and one part at most."""
    mixed = set()
    parts = defaultdict(set)
    for names, at in homes.items():
        mixed.add(names)
        for index in range(at + 1, len(names)):
            if part := part_of(names[index]):
                parts[names[:index]].add(part)
            else:
                mixed.add(names[:index])
    return {names for names in mixed if len(parts[names]) < 2}


def _settle(
    root: Path, marks: dict[_Names, list[int]], labels: Mapping[str, int], account: Account
) -> None:
    """Take from `marks` the folders that are named as labels but are only names."""
    while fight := [names for names in marks if len(_values(names, marks, labels)) > 1]:
        if peers := _outer_names(fight[0], marks, labels):
            outer = sorted({"/".join(one[: marks[one][0] + 1]) for one in peers})
            account.infer(f"{few(outer)} is no label: folders of both labels lie in it")
            marks.update({one: marks[one][1:] for one in peers})
        elif inner := _inner_names(marks, labels):
            account.infer(f"{few(sorted(inner))} in folders of both labels is no label")
            marks.update({one: found[:1] for one, found in marks.items()})
        else:
            raise _contradiction(root, fight[0], marks, labels)


def _contradiction(
    root: Path, names: _Names, marks: Mapping[_Names, list[int]], labels: Mapping[str, int]
) -> InputError:
    outer, *rest = marks[names]
    inner = next(at for at in rest if _value(names[at], labels) != _value(names[outer], labels))
    said = [
        f"{'/'.join(names[: at + 1])} ({'fake' if _value(names[at], labels) == FAKE else 'real'})"
        for at in (outer, inner)
    ]
    return InputError(
        f"{root}: Expected the folders above a picture to say one label, but got"
        f" {' and '.join(said)}; rename the one that is no label"
    )


def _values(
    names: _Names, marks: Mapping[_Names, list[int]], labels: Mapping[str, int], start: int = 0
) -> set[int]:
    return {_value(names[at], labels) for at in marks[names][start:]}


def _value(name: str, labels: Mapping[str, int]) -> int:
    return FAKE if meaning(labels, name) == FAKE else REAL


def _depth(names: Sequence[str]) -> int:
    """Number of folders that are no parts."""
    return sum(part_of(name) is None for name in names)


def _outer_names(
    names: _Names, marks: Mapping[_Names, list[int]], labels: Mapping[str, int]
) -> list[_Names]:
    """All whose outermost label folder is at the level of that of `names`, if that is a name."""
    depth = _depth(names[: marks[names][0]])
    peers = [one for one, found in marks.items() if _depth(one[: found[0]]) == depth]
    outer = {_value(one[marks[one][0]], labels) for one in peers}
    below = {value for one in peers for value in _values(one, marks, labels, 1)}
    alone = any(len(marks[one]) == 1 for one in peers)
    return [] if alone or len(outer) > 1 or len(below) < 2 else peers


def _inner_names(marks: Mapping[_Names, list[int]], labels: Mapping[str, int]) -> set[str]:
    """Names of the label folders inside others, if they are only names."""
    outside: dict[str, set[int]] = defaultdict(set)
    for names, found in marks.items():
        for at in found[1:]:
            outside[names[at].lower()].add(_value(names[found[0]], labels))
    one_label = len({_value(name, labels) for name in outside}) == 1
    return set(outside) if one_label and all(len(two) == 2 for two in outside.values()) else set()
