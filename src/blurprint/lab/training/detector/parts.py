"""The rows of a training: both classes, readable, and the same as before where it is resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.contents import Contents, check_share, read_contents
from blurprint.lab.datasets.seen import SeenRecord, read_record, seen_file
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.pictures import require_pictures
from blurprint.lab.training.detector.settings import DetectorTraining

# A convention: docs/thresholds.md.
MOST_COPIES: Final = 0.01
"""Share of the pictures that may lie under both labels or in both parts: blank frames do."""
Steps = Callable[[int, int], None]


def train_and_val(table: SampleTable) -> tuple[SampleTable, SampleTable]:
    """The rows to learn from, and those by which the best epoch is chosen.

    Raises:
        InputError: if there are none of one of them.
    """
    train, val = (table[table["split"] == name].reset_index(drop=True) for name in ("train", "val"))
    for name, part in (("train", train), ("val", val)):
        if part.empty:
            raise InputError(f"Expected a part {name} in the data, but it has no rows")
    return train, val


def require_both(train: SampleTable, val: SampleTable) -> None:
    """Check that both parts hold both classes.

    Raises:
        InputError: if one does not.
    """
    for name, table in (("training", train), ("validation", val)):
        counts = table["label"].value_counts()
        if len(counts) < 2:
            raise InputError(
                f"Expected reals and fakes in the {name} part, but got {len(table)} pictures of "
                "one class"
            )


def readable_parts(
    tables: Mapping[str, SampleTable],
    contents: Mapping[str, Contents] | None,
    training: DetectorTraining,
    checked: Steps | None,
) -> tuple[dict[str, tuple[SampleTable, Contents]], dict[str, str]]:
    """The rows of each part that can be read, with their contents, and the reasons of the rest.

    Args:
        tables: by name of the part.
        contents: of each part, where its pictures have been read already.
        training: how many processes read.
        checked: called with pictures read and wanted, of all parts.

    Raises:
        InputError: if there are videos, or over 1 % of the pictures cannot be read.
    """
    total = sum(map(len, tables.values()))
    parts: dict[str, tuple[SampleTable, Contents]] = {}
    unreadable: dict[str, str] = {}
    before = 0
    for name, table in tables.items():
        paths = table["path"].astype(str).tolist()
        require_pictures(paths)
        if contents is not None:
            found = contents[name]
        else:
            found = read_contents(
                paths, decode=True, workers=training.workers, progress=_from(checked, before, total)
            )
        before += len(table)
        unreadable |= found.unreadable
        kept = Contents(found.hashes[found.readable], {})
        parts[name] = (table[found.readable].reset_index(drop=True), kept)
    check_share(unreadable, total)
    return parts, unreadable


def copies_words(parts: Mapping[str, tuple[SampleTable, Contents]]) -> list[str]:
    """What is said of files that are the same byte for byte under both labels or in both parts.

    Args:
        parts: "train" and "val", of readable rows.

    Raises:
        InputError: if they are more than :data:`MOST_COPIES` of the pictures.
    """
    hashes = np.concatenate([contents.hashes for _, contents in parts.values()])
    labels = np.concatenate([table["label"].to_numpy(int) for table, _ in parts.values()])
    of_part = np.repeat(np.arange(len(parts)), [len(table) for table, _ in parts.values()])
    said = []
    for what, kind in (("both labels", labels), ("both parts, train and val", of_part)):
        first, second = (np.unique(hashes[kind == value]) for value in (0, 1))
        shared = np.isin(hashes, np.intersect1d(first, second))
        if not shared.any():
            continue
        paths = pd.concat([table["path"] for table, _ in parts.values()]).astype(str).to_numpy()
        same = paths[hashes == hashes[shared][0]][:2]
        text = (
            f"{int(shared.sum()):,} of {len(hashes):,} pictures are the same file, byte for byte,"
            f" under {what}, such as {' = '.join(same)}"
        )
        if shared.sum() > max(2, MOST_COPIES * len(hashes)):
            raise InputError(
                f"Expected at most {100 * MOST_COPIES:g} % of the pictures to be copies, but"
                f" {text}; `blurprint dataset check` lists them"
            )
        said.append(text)
    return said


def check_data(weights: Path, record: SeenRecord) -> None:
    """Refuse to go on with other pictures, labels or groups than the training began with.

    Raises:
        InputError: if the record beside `weights` is not `record`; with the numbers.
    """
    if not seen_file(weights).is_file():
        return  # begun before records were kept
    before = read_record(seen_file(weights))
    if before.digest == record.digest:
        return
    counts = [
        f"{name} {len(np.setdiff1d(now, then)):,} new and {len(np.setdiff1d(then, now)):,} gone"
        for name, then, now in (
            ("training", before.train_pictures, record.train_pictures),
            ("validation", before.val_pictures, record.val_pictures),
        )
    ]
    raise InputError(
        f"{weights.parent}: belongs to other data (pictures: {', '.join(counts)}; labels or groups"
        " may differ, too); --resume goes on with the same data only"
    )


def _from(checked: Steps | None, before: int, total: int) -> Steps | None:
    return None if checked is None else lambda done, _: checked(before + done, total)
