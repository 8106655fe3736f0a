"""The rows of a training: both classes, readable, and the same as before where it is resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from blurprint.errors import InputError
from blurprint.lab.datasets.contents import Contents, check_share, read_contents
from blurprint.lab.datasets.pictures import require_pictures
from blurprint.lab.datasets.seen import SeenRecord, read_record, seen_file
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.training.detector_settings import DetectorTraining

Steps = Callable[[int, int], None]


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
