"""A table of one's own: CSV or Parquet with columns path and label, and as many more as one has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.labels import (
    LABELS,
    NUMBERS,
    PARTS,
    known_labels,
    meaning,
    part_of,
)
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation, group_split
from blurprint.lab.datasets.table import FAKE, Sample, SampleTable, make_table

Rows = Sequence[Mapping[str, str]]
"""Cells of a table as text, by column; "" where there is nothing."""


def read_table(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table in the file `root`; relative paths start from its folder.

    Columns path and label (0 or real, 1 or fake) are needed; method, group, split and clip may be
    there. A clip is its own group, a picture its own clip, where there is no such column. Where a
    path with backslashes is not there, they are taken for the separators of Windows.

    Rules: "official" (the column split, default where there is one; a tenth of train validates
    where no row does) and "identity" (70/10/20 by group).

    Raises:
        InputError: if the file, a column, a label or a picture is not as expected.
    """
    if not root.is_file():
        found = "a folder" if root.is_dir() else "nothing there"
        raise InputError(f"{root}: Expected a CSV or Parquet file, but got {found}")
    return rows_table("table", root, root.parent, read_rows(root), options, account)


def read_rows(file: Path) -> Rows:
    """The cells of a CSV or Parquet file, by column in lower case.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        if file.suffix.lower() == ".parquet":
            frame = pd.read_parquet(file)
        elif file.suffix.lower() == ".csv":
            # As text: clips named 000 and 003 are no numbers.
            frame = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        else:
            raise InputError(f"{file}: Expected a file .csv or .parquet, but got {file.suffix}")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file}: cannot be read ({' '.join(str(error).split())})") from error
    columns = [str(name).strip().lower() for name in frame.columns]
    values = [[_text(cell) for cell in frame.iloc[:, index]] for index in range(len(columns))]
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*values, strict=True)]


def rows_table(
    layout: str, file: Path, folder: Path, rows: Rows, options: ReadOptions, account: Account
) -> SampleTable:
    """The table of `rows`; see :func:`read_table`.

    Args:
        layout: its name, for errors.
        file: where the rows come from, for errors.
        folder: where relative paths start.
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
    samples = list(_samples(file, paths, rows, labels, account))
    groups = [sample.group for sample in samples]
    parted = [sample.split for sample in samples]
    default = "official" if any(parted) else "identity"
    if options.rule(layout, ("official", "identity"), default, account=account) == "identity":
        parts = group_split(groups, options.seed, account)
        if any(parted):
            account.infer("parts are drawn, as asked; those of the table are not followed")
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


def _samples(
    file: Path, paths: Sequence[str], rows: Rows, labels: Mapping[str, int], account: Account
) -> Iterator[Sample]:
    for number, (path, row) in enumerate(zip(paths, rows, strict=True), 1):
        label = meaning(labels, row["label"])
        if label is None:
            error = _unknown(file, number, "label", row["label"], tuple(labels))
            raise InputError(f"{error}; --label NAME=fake names another")
        part = part_of(row["split"]) if row.get("split") else ""
        if part is None:
            raise _unknown(file, number, "split", row["split"], tuple(PARTS))
        account.take_label(label, row["label"])
        clip = row.get("clip") or path
        method = row.get("method") or ("fake" if label == FAKE else "real")
        yield Sample(path, label, method, row.get("group") or clip, part, clip)


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
