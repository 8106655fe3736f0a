"""GenImage (Zhu et al., NeurIPS 2023): ``{train,val}/{ai,nature}`` a generator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Entry, entries_table, single
from blurprint.lab.datasets.layouts.folders import (
    note_unread,
    pictures,
    require_folder,
    subfolders,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable

_PARTS: Final = {"train": "train", "val": "test"}
_CLASSES: Final = {"ai": FAKE, "nature": REAL}


def read_genimage(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of GenImage; the method is the generator's folder, "real" for nature.

    `root` holds generators or is one; between a generator and its train there may be one folder, as
    in the archives ("imagenet_ai_0424_sdv5"). Photographs of ImageNet that come with several
    generators are one group each.

    Rule: "official": train trains, less a tenth of its groups that validates; val tests.

    Raises:
        InputError: if the folder is laid out otherwise.
    """
    require_folder(root, "GenImage")
    options.rule("genimage", ("official",), "official", account=account)
    generators = [(root.resolve().name, root)] if _is_home(root) else list(_generators(root))
    entries: list[Entry] = []
    parts: list[str] = []
    read: list[Path] = []
    for generator, home in generators:
        for inner, part in _PARTS.items():
            for name, label in _CLASSES.items():
                folder = home / inner / name
                found = pictures(folder) if folder.is_dir() else []
                method, of = (generator, generator) if label == FAKE else ("real", name)
                entries += [
                    Entry(single(one), label, method, f"{of}/{one.name}", name) for one in found
                ]
                parts += [part] * len(found)
                read.append(folder)
                if found:
                    account.take_part(part, inner, len(found))
                else:
                    account.infer(f"{home.name}/{inner}/{name}/ holds no pictures")
    if not entries:
        raise wrong_layout(root, "GENERATOR/{train,val}/{ai,nature} with pictures (GenImage)")
    groups = [entry.group for entry in entries]
    note_unread(account, root, (), read)
    parts = carve_validation(parts, groups, options.seed, account)
    return entries_table(entries, parts, account)


def _is_home(folder: Path) -> bool:
    return any((folder / part / name).is_dir() for part in _PARTS for name in _CLASSES)


def _generators(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in subfolders(root):
        if _is_home(folder):
            yield folder.name, folder
            continue
        for inner in subfolders(folder):
            if _is_home(inner):
                yield folder.name, inner
