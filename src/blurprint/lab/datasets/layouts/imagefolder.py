"""Hugging Face's imagefolder: ``split/label/*.png``, or metadata beside the pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account, media
from blurprint.lab.datasets.layouts.folder import populated, tree_table
from blurprint.lab.datasets.layouts.folders import (
    Holding,
    each_name_once,
    few,
    note_aside,
    require_folder,
    scan,
    walk,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.label_tree import read_tree
from blurprint.lab.datasets.layouts.labels import (
    LABELS,
    NUMBERS,
    known_labels,
    meaning,
    part_of,
)
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.table_file import Rows, contradicts, read_rows, rows_table
from blurprint.lab.datasets.once import real_paths
from blurprint.lab.datasets.table import SampleTable

_METADATA: Final = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def read_imagefolder(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of an imagefolder.

    With metadata.csv, .jsonl or .parquet, in `root` or in its folders, rows come from their
    columns file_name and label; method, group, split and clip count where they are there. Without,
    labels and parts are names of folders, as in :func:`read_folder`; ``0`` and ``1`` are labels
    where no folder is named as one.

    Raises:
        InputError: if there is neither, or a file, label or column is not as expected.
    """
    require_folder(root, "imagefolder")
    labels = known_labels(options.labels, LABELS)
    aside: list[Path] = []
    files = [folder / name for folder in walk(root, aside, labels) for name in _METADATA]
    note_aside(account, root, aside)
    files = [file for file in files if file.is_file()]
    if files:
        rows = [row for file in files for row in _rows(root, file, options.labels)]
        table = rows_table("imagefolder", files[0], root, rows, options, account)
        _tell_unlisted(set(table["path"]), files, scan(root, [], labels), account)
        return table
    holdings = list(scan(root, [], labels))
    found = populated(holdings)
    if places := read_tree(root, found, labels, account):
        return tree_table("imagefolder", root, holdings, places, options, account)
    # Only the outermost number: those below it are likely to be clips.
    numbered = read_tree(root, found, NUMBERS, account, outermost=True)
    if not numbered:
        names = ", ".join({**LABELS, **options.labels})
        raise wrong_layout(
            root, f"{', '.join(_METADATA)}, or folders [SPLIT/]LABEL named {names}, 0 or 1"
        )
    return tree_table("imagefolder", root, holdings, numbered, options, account)


def _rows(root: Path, file: Path, given: Mapping[str, int]) -> Iterator[dict[str, str]]:
    above = file.relative_to(root).parts[:-1]
    folders = known_labels(given, LABELS)
    labels = {**NUMBERS, **folders}
    for index, row in enumerate(_read(file), 1):
        if not {"file_name", "label"} <= row.keys():
            raise InputError(
                f"{file}: Expected the columns file_name and label, but got {', '.join(row)} in row"
                f" {index}"
            )
        inner = row["file_name"].replace("\\", "/").split("/")[:-1]
        names = [name for name in (*above, *inner) if part_of(name)]
        if row.get("split"):
            names.append(row["split"])
        if len({part_of(name) for name in names}) > 1 and part_of(names[-1]):
            raise InputError(
                f"{file}: Expected row {index} to be in one part, but got"
                f" {' and '.join(dict.fromkeys(names))}"
            )
        label = meaning(labels, row["label"])
        inside = "/".join((*above, row["file_name"]))
        if label is not None and (name := contradicts(inside, label, folders)):
            raise InputError(
                f"{file}: Expected row {index} ({row['file_name']}) to have the label of its folder"
                f" {name}, but got {row['label']}"
            )
        path = str(Path(*above) / row["file_name"]) if row["file_name"] else ""
        yield {**row, "path": path, "split": names[-1] if names else ""}


def _tell_unlisted(
    listed: set[str], files: Sequence[Path], there: Iterable[Holding], account: Account
) -> None:
    listed = set(real_paths(listed))
    paths = [str(one.path / name) for one in there for name in (*one.pictures, *one.videos)]
    lost = [path for path, real in zip(paths, real_paths(paths), strict=True) if real not in listed]
    if lost:
        account.leave_out(
            f"{media(len(lost))} that"
            f" {few(sorted({one.name for one in files}))} does not list, first {min(lost)}"
        )


def _read(file: Path) -> Rows:
    if file.suffix != ".jsonl":
        return read_rows(file)
    import json

    rows = []
    try:
        for line in file.read_text(encoding="utf-8-sig").split("\n"):
            if line.strip():
                row = json.loads(line, object_pairs_hook=each_name_once)
                rows.append({str(key).strip().lower(): _cell(cell) for key, cell in row.items()})
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{file}: Expected one JSON object a line, but got line {len(rows) + 1}: {error}"
        ) from error
    return rows


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()
