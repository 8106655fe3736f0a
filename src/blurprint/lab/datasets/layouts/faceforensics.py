"""FaceForensics++ as its download script lays it out (Rössler et al., ICCV 2019)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Clip, Entry, entries_table, find_clips
from blurprint.lab.datasets.layouts.folders import (
    few,
    read_json,
    require_folder,
    subfolders,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.identities import faceforensics_identities
from blurprint.lab.datasets.layouts.options import COMPRESSIONS, ReadOptions
from blurprint.lab.datasets.splits import authors_split, identity_groups, split_identities
from blurprint.lab.datasets.table import FAKE, REAL, SPLITS, SampleTable

_ROOMS: Final = (("original_sequences", REAL), ("manipulated_sequences", FAKE))
_SPLIT_FOLDERS: Final = ("", "splits", "dataset/splits")
# Both names have been used by the download script for the same videos.
_SAME: Final = {"raw": ("raw", "c0"), "c0": ("c0", "raw")}


class _Found(NamedTuple):
    clip: Clip
    label: int
    method: str
    identities: tuple[str, ...]


def read_faceforensics(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of FaceForensics++; methods are "youtube", "actors", "Deepfakes", "Face2Face", ...

    Rules: "official" (the split files, default where they are on disk), "identity" (connected
    components of target and source), "authors" (each folder sorted, 70/10/20).

    Raises:
        InputError: if the folder is laid out otherwise, the compression or a split file is missing.
    """
    found = _find(root, options)
    rule = options.rule(
        "faceforensics",
        ("authors", "official", "identity"),
        "official" if _split_folder(root) else "identity",
    )
    identities = [one.identities for one in found]
    groups = identity_groups(identities)
    if rule == "authors":
        parts = _authors(found)
    elif rule == "official":
        parts = _official(found, _official_parts(root), options.seed)
    else:
        parts = split_identities(identities, options.seed)
    entries = [
        Entry(one.clip, one.label, one.method, group)
        for one, group in zip(found, groups, strict=True)
    ]
    return entries_table(entries, parts)


def _find(root: Path, options: ReadOptions) -> list[_Found]:
    require_folder(root, "FaceForensics++")
    expected = "original_sequences/ and manipulated_sequences/ (FaceForensics++)"
    found: list[_Found] = []
    lacking: list[Path] = []
    for room, label in _ROOMS:
        for source in subfolders(root / room) if (root / room).is_dir() else ():
            compression = options.compression or "c23"
            names = _SAME.get(compression, (compression,))
            folder = next((source / name for name in names if (source / name).is_dir()), None)
            clips = find_clips(folder, options.frames) if folder else []
            if not clips:
                lacking.append(source)
            found += [_Found(clip, label, source.name, _identities(clip)) for clip in clips]
    if found:
        if lacking:
            warnings.warn(
                f"{few(map(str, lacking))}: no videos or frames of compression"
                f" {options.compression}; left out",
                stacklevel=2,
            )
        return found
    if not lacking:
        raise wrong_layout(root, expected)
    there = sorted(
        {name for source in lacking for name in COMPRESSIONS if (source / name).is_dir()}
    )
    raise InputError(
        f"{lacking[0]}: Expected {options.compression}/ with videos/ or a folder of frames in it,"
        f" but got {', '.join(there) or 'no compression'} with no such clips"
    )


def _identities(clip: Clip) -> tuple[str, ...]:
    identities = faceforensics_identities(clip.name)
    if identities is None:
        raise InputError(
            f"{clip.path}: Expected the name of a clip of FaceForensics++ (000, 000_003,"
            f" 01_02__scene__XYZ), but got {clip.name}"
        )
    return identities


def _authors(found: Sequence[_Found]) -> list[str]:
    parts = [""] * len(found)
    for method in {(one.label, one.method) for one in found}:
        where = [index for index, one in enumerate(found) if (one.label, one.method) == method]
        split = authors_split([found[index].clip.name for index in where])
        for index, part in zip(where, split, strict=True):
            parts[index] = part
    return parts


def _official(found: Sequence[_Found], listed: dict[str, str], seed: int) -> list[str]:
    # The lists do not know the actors of DeepFakeDetection, which came later.
    actors = [index for index, one in enumerate(found) if one.identities[0].startswith("actor")]
    drawn = split_identities([found[index].identities for index in actors], seed)
    part_of_actor = dict(zip(actors, drawn, strict=True))
    parts, unlisted = [], []
    for index, one in enumerate(found):
        named = {listed.get(name, "") for name in one.identities}
        part = part_of_actor.get(index, named.pop() if len(named) == 1 else "")
        parts.append(part)
        if not part and index not in part_of_actor:
            unlisted.append(str(one.clip.path))
    if unlisted:
        warnings.warn(
            f"{len(unlisted)} clips belong to no part: the official split files do not list their"
            f" pair ({few(unlisted)})",
            stacklevel=2,
        )
    return parts


def _split_folder(root: Path) -> Path | None:
    folders = (root / name for name in _SPLIT_FOLDERS)
    return next(
        (one for one in folders if all((one / f"{part}.json").is_file() for part in SPLITS)), None
    )


def _official_parts(root: Path) -> dict[str, str]:
    folder = _split_folder(root)
    if folder is None:
        places = ", ".join(str(root / name) for name in _SPLIT_FOLDERS)
        raise InputError(
            f"{root}: Expected train.json, val.json and test.json of the FaceForensics++ repository"
            f" (its folder dataset/splits) in one of {places}, but got none; copy them there or"
            " choose the rule identity or authors"
        )
    listed: dict[str, str] = {}
    for part in SPLITS:
        file = folder / f"{part}.json"
        pairs = read_json(file)
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            raise InputError(f'{file}: Expected a list of pairs [["071", "054"], ...]')
        for name in (name for pair in pairs for name in pair):
            if listed.setdefault(name, part) != part:
                raise InputError(f"{file}: {name} is listed in {listed[name]}.json too")
    return listed


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
