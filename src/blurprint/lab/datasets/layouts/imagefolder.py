"""Hugging Face's imagefolder: ``split/label/*.png``, or metadata beside the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.folder import class_folders, class_table
from blurprint.lab.datasets.layouts.folders import require_folder, walk, wrong_layout
from blurprint.lab.datasets.layouts.labels import LABELS, part_of
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.table_file import Rows, read_rows, rows_table
from blurprint.lab.datasets.table import SampleTable

_METADATA: Final = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def read_imagefolder(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of an imagefolder.

    With metadata.csv, .jsonl or .parquet, in `root` or in its folders, rows come from their
    columns file_name and label; method, group, split and clip count where they are there. Without,
    labels and parts are names of folders, as in :func:`read_folder`, and ``0`` and ``1`` are labels
    too.

    Raises:
        InputError: if there is neither, or a file, label or column is not as expected.
    """
    require_folder(root, "imagefolder")
    files = [folder / name for folder in walk(root) for name in _METADATA]
    files = [file for file in files if file.is_file()]
    if files:
        rows = [row for file in files for row in _rows(root, file)]
        return rows_table("imagefolder", files[0], Path(), rows, options)
    found = list(class_folders(root, numbers=True))
    if not found:
        raise wrong_layout(
            root, f"{', '.join(_METADATA)}, or folders [SPLIT/]LABEL named {', '.join(LABELS)}"
        )
    return class_table("imagefolder", root, found, options)


def _rows(root: Path, file: Path) -> Iterator[dict[str, str]]:
    part = next((name for name in file.relative_to(root).parts[:-1] if part_of(name)), "")
    for number, row in enumerate(_read(file), 1):
        if not {"file_name", "label"} <= row.keys():
            raise InputError(
                f"{file}: Expected the columns file_name and label, but got {', '.join(row)} in row"
                f" {number}"
            )
        inner = next((name for name in Path(row["file_name"]).parts[:-1] if part_of(name)), "")
        split = row.get("split") or part or inner
        yield {**row, "path": str(file.parent / row["file_name"]), "split": split}


def _read(file: Path) -> Rows:
    if file.suffix != ".jsonl":
        return read_rows(file)
    import json

    rows = []
    try:
        for line in file.read_text(encoding="utf-8-sig").splitlines():
            if line.strip():
                row = json.loads(line)
                rows.append({str(key): str(value) for key, value in row.items()})
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"{file}: Expected one JSON object a line, but got line {len(rows) + 1}: {error}"
        ) from error
    return rows
