"""The Deepfake Detection Challenge (Dolhansky et al., 2020): folders with a metadata.json each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Clip, Entry, entries_table, find_clips
from blurprint.lab.datasets.layouts.folders import (
    few,
    listing,
    read_json,
    require_folder,
    subfolders,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.labels import label_of, part_of
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation, group_split
from blurprint.lab.datasets.table import FAKE, SampleTable

METADATA: Final = "metadata.json"


class _Found(NamedTuple):
    clip: Clip
    label: int
    original: str
    part: str


def read_dfdc(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of DFDC; all fakes are of method "DFDC", as the files do not say how they are made.

    A fake and the original that it was made from are one group. Rules: "official" (the parts in
    metadata.json, default where they name a test part) and "identity" (by original).

    Raises:
        InputError: if there is no metadata.json, or it is not what DFDC's is.
    """
    require_folder(root, "DFDC")
    folders = [one for one in (root, *subfolders(root)) if (one / METADATA).is_file()]
    if not folders:
        raise wrong_layout(root, f"{METADATA}, or dfdc_train_part_N/ with {METADATA} each")
    found = [one for folder in folders for one in _read_folder(folder, options.frames)]
    groups = [one.original for one in found]
    parts = [one.part for one in found]
    default = "official" if "test" in parts else "identity"
    if options.rule("dfdc", ("official", "identity"), default) == "official":
        parts = carve_validation(parts, groups, options.seed)
    else:
        parts = group_split(groups, options.seed)
    entries = [
        Entry(one.clip, one.label, "DFDC" if one.label == FAKE else "real", one.original)
        for one in found
    ]
    return entries_table(entries, parts)


def _read_folder(folder: Path, frames: int) -> Iterator[_Found]:
    """The listed clips that are on disk: frames may have been made of some only."""
    file = folder / METADATA
    content = read_json(file)
    if not isinstance(content, dict) or not content:
        raise InputError(
            f'{file}: Expected {{"a.mp4": {{"label": "FAKE", "split": "train", "original":'
            f' "b.mp4"}}, ...}}, but got {type(content).__name__}'
        )
    clips = {clip.name: clip for clip in find_clips(folder, frames)}
    listed = {Path(name).stem: (name, row) for name, row in content.items()}
    if not clips.keys() & listed.keys():
        raise InputError(
            f"{folder}: Expected clips that {METADATA} lists ({few(content)}), but got"
            f" {listing(folder)}"
        )
    for stem, (name, row) in listed.items():
        if stem in clips:
            label, part, original = _check_row(file, name, row)
            yield _Found(clips[stem], label, original or stem, part)


def _check_row(file: Path, name: str, row: Any) -> tuple[int, str, str]:
    label = label_of(str(row.get("label", ""))) if isinstance(row, dict) else None
    if label is None:
        raise InputError(f'{file}: Expected "{name}" to have the label REAL or FAKE, but got {row}')
    part = part_of(str(row.get("split", "train")))
    if part is None:
        raise InputError(
            f'{file}: Expected "{name}" to have the split train, val or test, but got {row}'
        )
    return label, part, Path(str(row.get("original") or "")).stem
