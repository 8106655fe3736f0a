"""COCO (Lin et al., ECCV 2014) as a source of real photographs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account, number
from blurprint.lab.datasets.layouts.clips import Entry, entries_table, single
from blurprint.lab.datasets.layouts.folders import (
    few,
    note_aside,
    pictures,
    require_folder,
    videos,
    walk,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.labels import require_no_other
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.unfollowed import names_with_parts
from blurprint.lab.datasets.splits import group_split
from blurprint.lab.datasets.table import REAL, SPLITS, SampleTable

_FOLDER: Final = re.compile(r"(train|val|test|unlabeled)20\d\d")


def read_coco(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of COCO, all real: pictures of `root` and all folders below, each its own group.

    Rules: "official" (train2017, val2017, test2017; unlabeled2017 trains), the default where all
    three parts are on disk, and "identity": 70/10/20 by a hash of the names.

    Raises:
        InputError: if there are no pictures, a folder is named as one of fakes, or there are no
            parts to follow.
    """
    require_folder(root, "COCO")
    aside: list[Path] = []
    folders = list(walk(root, aside))
    found = [(folder, picture) for folder in folders for picture in pictures(folder)]
    if not found:
        raise wrong_layout(root, "pictures in train2017/, val2017/, test2017/, or in any folder")
    require_no_other(root, (folder for folder, _ in found), REAL, options.labels)
    parts = [_part(root, folder) for folder, _ in found]
    default = "official" if set(parts) == set(SPLITS) else "identity"
    # The name alone: the same pictures are the same groups wherever they lie.
    entries = [
        Entry(single(one), REAL, "real", one.name, f"{folder.name}/") for folder, one in found
    ]
    account.infer("every picture is taken for a real photograph")
    note_aside(account, root, aside)
    if lost := sum(len(videos(folder)) for folder in folders):
        account.leave_out(number(lost, "video"))
    if options.rule("coco", ("official", "identity"), default, account=account) == "identity":
        if any(parts):
            asked = "as asked" if options.split else "for one of train, val, test is missing"
            account.infer(f"the parts of COCO's folders are not followed, {asked}")
        elif names := names_with_parts(
            name for folder, _ in found for name in (*folder.relative_to(root).parts, root.name)
        ):
            account.infer(f"the folders {few(names)} are not followed as parts")
        parts = group_split([entry.group for entry in entries], options.seed, account)
    elif "" in parts:
        picture = found[parts.index("")][1]
        raise InputError(
            f"{picture}: Expected pictures in train2017/, val2017/, test2017/ or unlabeled2017/,"
            " where the official split is asked for"
        )
    else:
        for (folder, _), part in zip(found, parts, strict=True):
            account.take_part(part, folder.name)
    return entries_table(entries, parts, account)


def _part(root: Path, folder: Path) -> str:
    for name in (*folder.relative_to(root).parts[::-1], root.name):
        if found := _FOLDER.fullmatch(name):
            return "train" if found[1] == "unlabeled" else found[1]
    return ""
