"""The Deepfake Detection Challenge (Dolhansky et al., 2020): folders with a list of labels each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account, number
from blurprint.lab.datasets.layouts.clips import Clip, ClipSearch, Entry, Taken, entries_table
from blurprint.lab.datasets.layouts.folders import (
    few,
    listing,
    note_unread,
    read_json,
    require_folder,
    walk,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.labels import LABELS, NUMBERS, known_labels, meaning, part_of
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.table_file import read_rows
from blurprint.lab.datasets.splits import carve_validation, group_split
from blurprint.lab.datasets.table import FAKE, SampleTable

METADATA: Final = "metadata.json"
TEST_LABELS: Final = "labels.csv"


class _Row(NamedTuple):
    name: str
    label: int
    label_name: str
    original: str
    part: str
    part_name: str


class _Found(NamedTuple):
    clip: Clip
    row: _Row


def read_dfdc(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of DFDC; all fakes are of method "DFDC", as the files do not say how they are made.

    Folders with metadata.json lie at any depth; so do those with labels.csv, which is how the test
    set comes. A fake and the original that it was made from are one group. Rules: "official" (the
    parts that the lists and the folders of their name say, default where there is a test part) and
    "identity" (by original).

    Raises:
        InputError: if there is no list, it is not what DFDC's is, or it contradicts its folder.
    """
    require_folder(root, "DFDC")
    folders = [
        one for one in walk(root) if any((one / name).is_file() for name in (METADATA, TEST_LABELS))
    ]
    if not folders:
        raise wrong_layout(
            root, f"{METADATA} or {TEST_LABELS}, or folders (dfdc_train_part_N/) with one of them"
        )
    search = ClipSearch(Taken(options.frames))
    labels = known_labels(options.labels, LABELS, NUMBERS)
    found: list[_Found] = []
    read: list[Path] = []
    lists = {
        folder: _each_once(folder, _read_list(root, folder, labels, account), account)
        for folder in folders
    }
    for folder, rows in lists.items():
        if any(folder in one.parents for one in folders) and not _direct(folder, rows):
            account.infer(f"the list of {folder.name} is not read, for folders in it have theirs")
            continue
        if some := _of_folder(folder, rows, search, account):
            found += some
            read.append(folder)
    if not found:
        names = few(row.name for row in lists[folders[0]].values())
        raise InputError(
            f"{folders[0]}: Expected clips that its list names ({names}), but got"
            f" {listing(folders[0])}"
        )
    search.tell(account)
    note_unread(account, root, read)
    groups = [one.row.original or one.clip.name for one in found]
    parts = [one.row.part for one in found]
    default = "official" if "test" in parts else "identity"
    if options.rule("dfdc", ("official", "identity"), default, account=account) == "official":
        for one in found:
            account.take_part(one.row.part, one.row.part_name, len(one.clip.files))
        parts = carve_validation(parts, groups, options.seed, account)
    else:
        if len(set(parts)) > 1:
            asked = "as asked" if options.split else "for no list says test"
            account.infer(f"parts are drawn, {asked}; those of the lists are not followed")
        parts = group_split(groups, options.seed, account)
    entries = [
        Entry(
            one.clip,
            one.row.label,
            "DFDC" if one.row.label == FAKE else "real",
            group,
            one.row.label_name,
        )
        for one, group in zip(found, groups, strict=True)
    ]
    return entries_table(entries, parts, account)


def _each_once(
    folder: Path, listed: Iterable[tuple[str, _Row]], account: Account
) -> dict[str, _Row]:
    """What is said about each stem; refused where a list says different things about one."""
    rows: dict[str, _Row] = {}
    again = 0
    for stem, row in listed:
        first = rows.setdefault(stem, row)
        if first is row:
            continue
        again += 1
        for what, one, other in (
            ("label", first.label, row.label),
            ("part", first.part, row.part),
            ("original", first.original, row.original),
        ):
            if one != other:
                said = (
                    (first.label_name, row.label_name)
                    if what == "label"
                    else (str(one), str(other))
                )
                raise InputError(
                    f"{folder}: Expected one {what} for {row.name}, but its list says"
                    f" {' and '.join(said)}"
                )
    if again:
        repeat = "repeats another" if again == 1 else "repeat others"
        account.leave_out(f"{number(again, 'row')} of the list of {folder.name} that {repeat}")
    return rows


def _direct(folder: Path, rows: Mapping[str, _Row]) -> bool:
    """Whether clips of the list lie directly in its folder."""
    return any(one.stem in rows for one in folder.iterdir())


def _of_folder(
    folder: Path, rows: Mapping[str, _Row], search: ClipSearch, account: Account
) -> list[_Found]:
    """The listed clips that are on disk; the rest is counted."""
    clips = {clip.name: clip for clip in search.find(folder, folder.name)}
    found = [_Found(clips[stem], row) for stem, row in rows.items() if stem in clips]
    if absent := [row.name for stem, row in rows.items() if stem not in clips]:
        account.leave_out(
            f"{len(absent):,} of {len(rows):,} listed videos of {folder.name} that are not there"
            f" ({_first(absent)})"
        )
    if found and (unlisted := [name for name in clips if name not in rows]):
        account.leave_out(
            f"{number(len(unlisted), 'clip')} of {folder.name} that its list does not name"
            f" ({_first(unlisted)})"
        )
    return found


def _first(names: list[str]) -> str:
    return f"first {names[0]}" if len(names) > 1 else names[0]


def _read_list(
    root: Path, folder: Path, labels: Mapping[str, int], account: Account
) -> Iterator[tuple[str, _Row]]:
    """Stems of listed videos and what is said about them."""
    names = [name for name in folder.relative_to(root).parts if part_of(name)]
    if len({part_of(name) for name in names}) > 1:
        raise InputError(f"{folder}: Expected one part, but got {' and '.join(names)} in its path")
    file = folder / TEST_LABELS
    if file.is_file():
        if (folder / METADATA).is_file():
            account.infer(f"{folder.name}: labels from {TEST_LABELS}, not from {METADATA}")
        yield from _rows_of_test(file, names[-1] if names else "", labels)
    else:
        yield from _rows_of_train(folder / METADATA, names[-1] if names else "", labels)


def _rows_of_test(
    file: Path, part_name: str, labels: Mapping[str, int]
) -> Iterator[tuple[str, _Row]]:
    for index, row in enumerate(read_rows(file), 1):
        if not {"filename", "label"} <= row.keys():
            raise InputError(
                f"{file}: Expected the columns filename and label, but got {', '.join(row)}"
            )
        label = meaning(labels, row["label"])
        if label is None:
            raise InputError(
                f'{file}: Expected the label of row {index} to be 0 (real) or 1 (fake), but got "'
                f'{row["label"]}"'
            )
        part = part_of(part_name) or "test"
        yield (
            Path(row["filename"]).stem,
            _Row(row["filename"], label, row["label"], "", part, part_name or TEST_LABELS),
        )


def _rows_of_train(
    file: Path, part_name: str, labels: Mapping[str, int]
) -> Iterator[tuple[str, _Row]]:
    content = read_json(file)
    if not isinstance(content, dict) or not content:
        raise InputError(
            f'{file}: Expected {{"a.mp4": {{"label": "FAKE", "split": "train", "original":'
            f' "b.mp4"}}, ...}}, but got {type(content).__name__}'
        )
    for name, row in content.items():
        yield Path(name).stem, _check_row(file, name, row, part_name, labels)


def _check_row(file: Path, name: str, row: Any, part_name: str, labels: Mapping[str, int]) -> _Row:
    label_name = str(row.get("label", "")) if isinstance(row, dict) else ""
    label = meaning(labels, label_name)
    if label is None:
        raise InputError(f'{file}: Expected "{name}" to have the label REAL or FAKE, but got {row}')
    said = str(row.get("split") or part_name or "train")
    part = part_of(said)
    if part is None:
        raise InputError(
            f'{file}: Expected "{name}" to have the split train, val or test, but got {row}'
        )
    if part_name and part_of(part_name) != part:
        raise InputError(
            f'{file}: Expected "{name}" to be in the part {part_name} of its folder, but its split'
            f" is {said}"
        )
    original = Path(str(row.get("original") or "")).stem
    return _Row(name, label, label_name, original, part, said)
