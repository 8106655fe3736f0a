"""The JSON files of DeepfakeBench (Yan et al., NeurIPS 2023), listing the frames of each clip."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any, Final, NamedTuple

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Clip, Entry, entries_table
from blurprint.lab.datasets.layouts.folders import (
    listing,
    natural_key,
    read_json,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.identities import celebdf_identities, faceforensics_identities
from blurprint.lab.datasets.layouts.labels import part_of
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation, identity_groups, split_identities
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable

_ROOMS: Final = ("", "rgb", "datasets", "datasets/rgb", "dataset", "dataset/rgb")
_SHAPE: Final = '{"DATASET": {"LABEL": {"train": {["c23":] {"CLIP": {"label", "frames"}}}}}}'
_STRONGER: Final = {"train": 0, "val": 1, "test": 2}


class _Listed(NamedTuple):
    dataset: str
    label: str
    part: str
    name: str
    frames: tuple[str, ...]


def read_deepfakebench(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of one JSON file of DeepfakeBench, or of all in a folder.

    Frames are looked for from the folder of the file and the folders above it, and from ``rgb`` and
    ``datasets`` in these. The method is the label's name in the file ("FF-DF", "CelebDFv2_real"); a
    label is real where its name says real. Several files list the same clips as validation and
    test: such clips test.

    Rules: "official" (the file's parts, default; a tenth of train validates where no clip does) and
    "identity".

    Raises:
        InputError: if there is no such file, or it, or where its frames are, is not as expected.
    """
    files = _files(root)
    listed = _once(one for file in files for one in _read(file, options.compression or "c23"))
    base = _base(files[0], listed)
    clips = [_clip(base, one, options.frames) for one in listed]
    there = [index for index, clip in enumerate(clips) if clip.files[0].is_file()]
    if len(there) < len(clips):
        warnings.warn(
            f"{base}: {len(clips) - len(there)} of {len(clips)} listed clips are not there;"
            " left out",
            stacklevel=2,
        )
    kept = [listed[index] for index in there]
    identities = [_identities(one) for one in kept]
    groups = identity_groups(identities)
    if options.rule("deepfakebench", ("official", "identity"), "official") == "official":
        parts = carve_validation([one.part for one in kept], groups, options.seed)
    else:
        parts = split_identities(identities, options.seed)
    entries = [
        Entry(clips[index], _label(one.label), one.label, group)
        for index, one, group in zip(there, kept, groups, strict=True)
    ]
    return entries_table(entries, parts)


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise InputError(f"{root}: Expected a JSON file of DeepfakeBench, but got nothing there")
    files = sorted(root.glob("*.json"))
    if not files:
        raise wrong_layout(root, "JSON files of DeepfakeBench")
    return files


def _read(file: Path, compression: str) -> Iterator[_Listed]:
    for dataset, labels in _items(file, read_json(file)):
        for label, parts in _items(file, labels):
            for name, inside in _items(file, parts):
                part = part_of(name)
                if part is None:
                    raise InputError(f"{file}: Expected parts train, val, test, but got {name}")
                for clip, row in _items(file, _of_compression(file, label, inside, compression)):
                    frames = row.get("frames") if isinstance(row, dict) else None
                    if not isinstance(frames, list):
                        raise InputError(f"{file}: Expected {_SHAPE}, but got {clip}: {row}")
                    ordered = sorted(map(_posix, frames), key=natural_key)
                    if ordered:  # clips in which no face was found are listed without frames
                        yield _Listed(
                            dataset, str(row.get("label", label)), part, clip, (*ordered,)
                        )


def _items(file: Path, value: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise InputError(f"{file}: Expected {_SHAPE}, but got {type(value).__name__} within")
    return value.items()


def _of_compression(file: Path, label: str, inside: Any, compression: str) -> Any:
    """What lies below the level of compression, which only some data sets have."""
    clips = isinstance(inside, dict) and all(
        isinstance(row, dict) and "frames" not in row for row in inside.values()
    )
    if not clips or not inside:
        return inside
    if compression not in inside:
        raise InputError(
            f"{file}: Expected {label} in compression {compression}, but got {', '.join(inside)}"
        )
    return inside[compression]


def _posix(path: object) -> str:
    return PureWindowsPath(str(path)).as_posix()  # takes both kinds of slashes


def _once(listed: Iterable[_Listed]) -> list[_Listed]:
    """Each clip once: files of one folder, and parts of one file, list some of them twice."""
    kept: dict[tuple[str, str], _Listed] = {}
    for one in listed:
        key = (one.name, one.frames[0])
        if key not in kept or _STRONGER[one.part] > _STRONGER[kept[key].part]:
            kept[key] = one
    return list(kept.values())


def _base(file: Path, listed: Sequence[_Listed]) -> Path:
    if not listed:
        raise InputError(f"{file}: Expected clips with frames, but got none")
    for folder in file.resolve().parents:
        for room in _ROOMS:
            base = folder / room
            if base.is_dir() and any((base / one.frames[0]).is_file() for one in listed):
                return base
    raise InputError(
        f"{file}: Expected its frames ({listed[0].frames[0]}) in {file.parent}, a folder above it,"
        f" or rgb/ or datasets/ in one of these, but got {listing(file.parent)} there"
    )


def _clip(base: Path, one: _Listed, frames: int) -> Clip:
    files = tuple(base / frame for frame in one.frames)
    folder = files[0].parent
    path = folder if folder.name == one.name else folder / one.name
    return Clip(one.name, path, files[:frames] if frames else files)


def _label(name: str) -> int:
    return REAL if "real" in name.lower() else FAKE


def _identities(one: _Listed) -> tuple[str, ...]:
    dataset = one.dataset.lower()
    if dataset.startswith("celeb"):
        return tuple(f"Celeb-DF/{name}" for name in celebdf_identities(one.name))
    # Those three show the same people.
    if dataset.startswith(("faceforensics", "faceshifter", "deepfakedetection")):
        found = faceforensics_identities(one.name) or (one.name,)
        return tuple(f"FaceForensics++/{name}" for name in found)
    return (f"{one.dataset}/{one.name}",)
