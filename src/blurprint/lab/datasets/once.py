"""Every file once, with one label and part; every clip with one label, method and group."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account, number
from blurprint.lab.datasets.table import FAKE, SampleTable


def every_file_once(
    table: SampleTable, sources: Sequence[int], names: Sequence[str], account: Account
) -> SampleTable:
    """`table` without the rows that list a file again, which `account` counts.

    Files are the same where their real paths are, however these are spelt: with ``..``, through
    links to folders, or as links themselves.

    Args:
        table: rows of one data set or several.
        sources: (N,) the number of each row's data set.
        names: of the data sets, as they were specified.
        account: takes the number of rows left out.

    Raises:
        InputError: if a file is listed as real and as fake, in two parts, as a fake of two methods,
            or in two data sets.
    """
    paths = table["path"].tolist()
    keys = real_paths(paths)
    if len(set(keys)) == len(keys):
        return table
    labels, parts = table["label"].tolist(), table["split"].tolist()
    methods, clips = table["method"].tolist(), table["clip"].tolist()
    first: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    kept = []
    for row, key in enumerate(keys):
        if (one := first.setdefault(key, row)) == row:
            kept.append(row)
        else:
            pairs.append((one, row))

    def told(row: int, one: int, other: int) -> str:
        """What tells two rows apart: the data set, the spelling of the path, or the clip."""
        if sources[one] != sources[other]:
            return f" in {names[sources[row]]}"
        if paths[one] != paths[other]:
            return f" as {paths[row]}"
        clip, before = clips[row], clips[one] if row != one else clips[other]
        return f" in clip {clip}" if clip != before else ""

    def refuse(what: str, values: Sequence[str], alike: Sequence[bool]) -> None:
        """Refuse the first file whose two rows are not alike in `what`."""
        if wrong := [pair for pair, same in zip(pairs, alike, strict=True) if not same]:
            one, other = wrong[0]
            more = number(len(wrong), "file")
            said = [f"{values[row]}{told(row, one, other)}" for row in (one, other)]
            raise InputError(
                f"{paths[one]}: Expected a file {what}, but got {' and '.join(said)} ({more} so)"
            )

    refuse(
        "with one label",
        ["fake" if label == FAKE else "real" for label in labels],
        [labels[one] == labels[other] for one, other in pairs],
    )
    across = [sources[one] == sources[other] for one, other in pairs]
    if not all(across):
        one, other = pairs[across.index(False)]
        raise InputError(
            f"Expected every file once, but {across.count(False)} are read twice, first"
            f" {paths[one]} of {names[sources[one]]} and of {names[sources[other]]}"
        )
    refuse(
        "in one part",
        [part or "no part" for part in parts],
        [parts[one] == parts[other] for one, other in pairs],
    )
    refuse(
        "with one method",
        methods,
        [methods[one] == methods[other] or labels[one] != FAKE for one, other in pairs],
    )
    text = "1 row that lists" if len(pairs) == 1 else f"{len(pairs):,} rows that list"
    account.leave_out(f"{text} a file again")
    return table.iloc[kept].reset_index(drop=True)


def require_clips_alike(table: SampleTable) -> None:
    """Check that the rows of each clip have one label, one method and one group.

    Raises:
        InputError: if not; the first such clip is named.
    """
    clips = table[["clip", "label", "method", "group"]].drop_duplicates()
    twice = clips["clip"].duplicated(keep=False)
    if not twice.any():
        return
    wrong = clips.loc[twice]
    name = wrong["clip"].iloc[0]
    rows = wrong.loc[wrong["clip"] == name]
    for column in ("label", "method", "group"):
        values = list(dict.fromkeys(rows[column]))
        if len(values) > 1:
            said = ["fake" if one == FAKE else "real" for one in values]
            raise InputError(
                f"Expected the rows of a clip to have one {column}, but those of {name} have"
                f" {' and '.join(said if column == 'label' else map(str, values))}"
                f" ({number(wrong['clip'].nunique(), 'clip')} so); clips need names of their own"
            )


def real_paths(paths: Iterable[str]) -> list[str]:
    """The real path of each file: folders are resolved once, files only where they are links."""
    folders: dict[str, _Folder] = {}
    real: dict[str, _Folder] = {}

    def folder(place: str) -> _Folder:
        """By its spelling; its own name is asked for alone where the folder above is known."""
        if place not in folders:
            above, name = os.path.split(place)
            if name in {"", os.curdir, os.pardir} or not above or os.path.islink(place):  # noqa: PTH114
                where = os.path.realpath(place)
            else:
                where = os.path.join(folder(above).path, name)  # noqa: PTH118
            folders[place] = real.setdefault(where, _Folder(where))
        return folders[place]

    found = []
    for path in paths:
        place, name = os.path.split(path)
        one = folder(place)
        whole = os.path.join(one.path, name)  # noqa: PTH118
        found.append(os.path.normcase(os.path.realpath(whole) if name in one.links() else whole))
    return found


@dataclass(slots=True)
class _Folder:
    """A folder by its real path, and the names in it that are links."""

    path: str
    _links: frozenset[str] | None = field(default=None)

    def links(self) -> frozenset[str]:
        if self._links is None:
            try:
                with os.scandir(self.path) as entries:
                    self._links = frozenset(one.name for one in entries if one.is_symlink())
            except OSError:  # a list may name what is not there
                self._links = frozenset()
        return self._links
