"""A table of one's own: CSV or Parquet with columns path and label, and as many more as one has."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any, Final

import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.folders import few
from blurprint.lab.datasets.layouts.labels import (
    LABELS,
    NUMBERS,
    PARTS,
    known_labels,
    label_hint,
    meaning,
    part_of,
)
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.unfollowed import names_with_parts, tell_own_name
from blurprint.lab.datasets.splits import carve_validation, group_split
from blurprint.lab.datasets.table import FAKE, REAL, Sample, SampleTable, make_table

Rows = Sequence[Mapping[str, str]]
"""Cells of a table as text, by column; "" where there is nothing."""
_COLUMNS: Final = frozenset(("path", "file_name", "label", "method", "group", "split", "clip"))


def read_table(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table in the file `root`; relative paths start from its folder.

    Columns path and label (0 or real, 1 or fake) are needed; method, group, split and clip may be
    there, and others are named. A clip is its own group, a picture its own clip, where there is no
    such column; such a group is the path from the table's folder, so that a copy of the folder
    has the same groups. Where a path with backslashes is not there, they are taken for the
    separators of Windows.

    Rules: "official" (the column split, default where there is one; a tenth of train validates
    where no row does) and "identity" (70/10/20 by group).

    Raises:
        InputError: if the file, a column, a label or a picture is not as expected.
    """
    if not root.is_file():
        found = "a folder" if root.is_dir() else "nothing there"
        raise InputError(f"{root}: Expected a CSV or Parquet file, but got {found}")
    rows = read_rows(root)
    table = rows_table("table", root, root.parent, rows, options, account)
    _tell_contradicted(rows, known_labels(options.labels, LABELS), account)
    return table


def read_rows(file: Path) -> Rows:
    """The cells of a CSV or Parquet file, by column in lower case.

    Raises:
        InputError: if it cannot be read, or several columns have one name.
    """
    try:
        if file.suffix.lower() == ".parquet":
            frame = pd.read_parquet(file)
            header = list(frame.columns)
        elif file.suffix.lower() == ".csv":
            # As text: clips named 000 and 003 are no numbers.
            frame = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
            header = _header(file)  # pandas gives names that are there twice other ones
        else:
            raise InputError(f"{file}: Expected a file .csv or .parquet, but got {file.suffix}")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file}: cannot be read ({' '.join(str(error).split())})") from error
    require_one_each(file, header)
    columns = [str(name).strip().lower() for name in frame.columns]
    values = [[_text(cell) for cell in frame.iloc[:, index]] for index in range(len(columns))]
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*values, strict=True)]


def require_one_each(file: Path, columns: Iterable[object]) -> None:
    """Check that no two columns have one name, whatever its case.

    Raises:
        InputError: if two have; all such names are listed.
    """
    counts = Counter(str(name).strip().lower() for name in columns)
    if twice := [name for name, count in counts.items() if count > 1 and name]:
        raise InputError(f"{file}: Expected every column once, but got {few(twice)} more than once")


def rows_table(
    layout: str, file: Path, folder: Path, rows: Rows, options: ReadOptions, account: Account
) -> SampleTable:
    """The table of `rows`; see :func:`read_table`.

    Args:
        layout: its name, for errors.
        file: where the rows come from, for errors.
        folder: where relative paths, and the names of groups, start.
        rows: cells by column.
        options: the rule of splitting and its seed, more labels.
        account: takes what was inferred.
    """
    if not rows:
        raise InputError(f"{file}: Expected rows, but got none")
    for column in ("path", "label"):
        if column not in rows[0]:
            raise InputError(
                f"{file}: Expected the columns path and label, but got {', '.join(rows[0])}"
            )
    paths = _paths(file, folder, rows, account)
    labels = known_labels(options.labels, NUMBERS, LABELS)
    _tell_unused(rows, account)
    require_labels(file, rows, labels)
    samples = list(_samples(file, folder, paths, rows, labels, account))
    groups = [sample.group for sample in samples]
    parted = [sample.split for sample in samples]
    default = "official" if any(parted) else "identity"
    if options.rule(layout, ("official", "identity"), default, account=account) == "identity":
        parts = group_split(groups, options.seed, account)
        if any(parted):
            account.infer("parts are drawn, as asked; those of the table are not followed")
        elif options.split is None:
            _tell_parts(file, folder, paths, account)
    elif not any(parted):
        raise InputError(
            f"{file}: Expected a column split, where the official split is asked for, but got"
            f" {', '.join(rows[0])}"
        )
    else:
        for row in rows:
            if name := row.get("split"):
                account.take_part(part_of(name) or "", name)
        if without := parted.count(""):
            account.leave_out(
                f"{without:,} of {len(rows):,} rows belong to no part: their split is empty"
            )
        parts = carve_validation(parted, groups, options.seed, account)
    return make_table(
        Sample(one.path, one.label, one.method, one.group, part, one.clip)
        for one, part in zip(samples, parts, strict=True)
    )


def _paths(file: Path, folder: Path, rows: Rows, account: Account) -> list[str]:
    """Where the file of each row is."""
    paths, missing, turned = [], [], 0
    for number, row in enumerate(rows, 1):
        name = row["path"]
        if not name:
            raise InputError(f"{file}: Expected a path in row {number}, but got none")
        path = folder / name
        if not path.is_file():
            other = folder / name.replace("\\", "/")
            if other != path and other.is_file():
                path, turned = other, turned + 1
            elif PureWindowsPath(name).drive and not Path(name).drive:
                raise InputError(
                    f"{file}: Expected paths of this machine, but got one of Windows in row"
                    f" {number}: {name}"
                )
            else:
                missing.append(str(path))
        paths.append(str(path))
    if missing:
        raise InputError(
            f"{file}: Expected every path to be a file, but {len(missing)} of {len(rows)} are"
            f" not there, first {missing[0]}"
        )
    if turned:
        account.infer(f"backslashes taken for separators in {turned:,} of {len(rows):,} paths")
    return paths


def require_labels(file: Path, rows: Rows, labels: Mapping[str, int]) -> None:
    """Check that every label is known.

    Raises:
        InputError: if one is not; all that are not are listed.
    """
    unknown: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if meaning(labels, row["label"]) is None:
            unknown.setdefault(row["label"], number)
    if not unknown:
        return
    first, number = next(iter(unknown.items()))
    if {name.lower() for name in unknown} <= {"true", "false"}:
        hint = "; true may mean real or fake: write 0 for real and 1 for fake"
    else:
        hint = f"; {label_hint(name for name in unknown if name)} names others" if first else ""
    raise InputError(f"{_unknown(file, number, 'label', first, tuple(labels))}{hint}")


def _samples(
    file: Path,
    folder: Path,
    paths: Sequence[str],
    rows: Rows,
    labels: Mapping[str, int],
    account: Account,
) -> Iterator[Sample]:
    home = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118
    for number, (path, row) in enumerate(zip(paths, rows, strict=True), 1):
        label = FAKE if meaning(labels, row["label"]) == FAKE else REAL
        part = part_of(row["split"]) if row.get("split") else ""
        if part is None:
            raise _unknown(file, number, "split", row["split"], tuple(PARTS))
        account.take_label(label, row["label"])
        method = row.get("method") or ("fake" if label == FAKE else "real")
        group = row.get("group") or row.get("clip") or _from_home(home, path, row["path"])
        yield Sample(path, label, method, group, part, row.get("clip") or path)


def _tell_parts(file: Path, folder: Path, paths: Sequence[str], account: Account) -> None:
    """Name the folders that may mean parts where there is no column that says them."""
    inside = {os.path.dirname(path) for path in paths}  # noqa: PTH120
    above = folder.parts
    names = (
        name
        for one in map(Path, inside)
        for name in one.parts[len(above) if one.parts[: len(above)] == above else 0 :]
    )
    if found := names_with_parts(names):
        account.rule(f"not by the folders {few(found)}, for there is no column split")
    tell_own_name(file, account)


def _from_home(home: str, path: str, name: str) -> str:
    """`path` from the folder `home`, with forward slashes; absolute ones elsewhere stay so."""
    whole = os.path.abspath(path)  # noqa: PTH100
    if whole.startswith(home):
        whole = whole[len(home) :]
    elif not os.path.isabs(name):  # noqa: PTH117
        whole = os.path.relpath(whole, home)
    return whole.replace(os.sep, "/")


def _tell_unused(rows: Rows, account: Account) -> None:
    """Name the columns that say nothing here, and the one that may be meant for the parts."""
    columns = dict.fromkeys(name for row in rows for name in row)
    unused = []
    for column in columns:
        if column in _COLUMNS:
            continue
        values = {row.get(column, "") for row in rows} - {""}
        parts = bool(values) and all(part_of(value) for value in values)
        unused.append(f"{column} (holds parts: name it split to follow it)" if parts else column)
    if unused:
        account.infer(f"columns not used: {few(unused)}")


def _tell_contradicted(rows: Rows, labels: Mapping[str, int], account: Account) -> None:
    """Count the rows whose label is not that of the folder named in their path."""
    both = {**NUMBERS, **labels}
    wrong = [
        row["path"] for row in rows if contradicts(row["path"], meaning(both, row["label"]), labels)
    ]
    if wrong:
        account.infer(
            f"{len(wrong):,} of {len(rows):,} rows have another label than the folder in their"
            f" path is named, first {wrong[0]}; the table is followed"
        )


def contradicts(path: str, label: int | None, labels: Mapping[str, int]) -> str:
    """The folder in `path` that says another label than `label`, where all say so; else ""."""
    names = path.replace("\\", "/").split("/")[:-1]
    said = {name: meaning(labels, name) for name in names}
    marks = {name: value for name, value in said.items() if value is not None}
    return next(iter(marks)) if marks and label not in marks.values() else ""


def _header(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return next((row for row in csv.reader(lines) if row), [])


def _unknown(file: Path, number: int, column: str, text: str, known: Sequence[str]) -> InputError:
    return InputError(
        f"{file}: Expected the {column} of row {number} to be among {', '.join(known)}, but got"
        f' "{text}"'
    )


def _text(cell: Any) -> str:
    """A cell as text; missing ones are empty, as they are in CSV."""
    if cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124
        return ""
    return str(cell).strip()
