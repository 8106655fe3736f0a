"""CIFAKE (Bird and Lotfi, 2024): CIFAR-10 against Stable Diffusion, 32 x 32 px."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Entry, entries_table, single
from blurprint.lab.datasets.layouts.folders import (
    name_in,
    note_unread,
    pictures,
    require_folder,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable

_FOLDERS: Final = {"REAL": (REAL, "real"), "FAKE": (FAKE, "stable_diffusion")}


def read_cifake(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of CIFAKE; fakes are of method "stable_diffusion", each picture is its own group.

    Rule: "official": its train and test, with a tenth of each class of train as validation.

    Raises:
        InputError: if one of the four folders is missing or empty.
    """
    require_folder(root, "CIFAKE")
    options.rule("cifake", ("official",), "official", account=account)
    entries: list[Entry] = []
    parts: list[str] = []
    for name, (label, method) in _FOLDERS.items():
        of_class: list[str] = []
        for part in ("train", "test"):
            folder = root / part / name
            found = pictures(folder) if folder.is_dir() else []
            if not found:
                where = folder if folder.is_dir() else folder.parent
                raise wrong_layout(
                    where if where.is_dir() else root,
                    "pictures in train/REAL, train/FAKE, test/REAL and test/FAKE (CIFAKE)",
                )
            entries += [
                Entry(single(one), label, method, name_in(root, one), name) for one in found
            ]
            account.take_part(part, part, len(found))
            of_class += [part] * len(found)
        # Class by class, so that validation is as balanced as the rest.
        groups = [entry.group for entry in entries[len(parts) :]]
        parts += carve_validation(of_class, groups, options.seed, account)
    read = [root / part / name for name in _FOLDERS for part in ("train", "test")]
    note_unread(account, root, (), read)
    return entries_table(entries, parts, account)
