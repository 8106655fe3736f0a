"""FaceForensics++ as its download script or as a public copy lays it out (Rössler et al., 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Entry, entries_table
from blurprint.lab.datasets.layouts.faceforensics_clips import FoundClip, find_faceforensics
from blurprint.lab.datasets.layouts.folders import few, read_json
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import authors_split, identity_groups, split_identities
from blurprint.lab.datasets.table import SPLITS, SampleTable

_SPLIT_FOLDERS: Final = ("", "splits", "dataset/splits")


def read_faceforensics(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of FaceForensics++; methods are "youtube", "actors", "Deepfakes", "Face2Face", ...

    Rules: "official" (the split files, default where they are on disk), "identity" (connected
    components of target and source), "authors" (each folder sorted, 70/10/20).

    Raises:
        InputError: if the folder is laid out otherwise, the compression is missing or to be chosen,
            or one of the split files is missing.
    """
    found = find_faceforensics(root, options, account)
    if options.split in (None, "official"):
        _require_all_lists(root)
    rule = options.rule(
        "faceforensics",
        ("authors", "official", "identity"),
        "official" if _split_folder(root) else "identity",
        account=account,
    )
    identities = [one.identities for one in found]
    groups = identity_groups(identities)
    if rule == "authors":
        parts = _authors(found, account)
    elif rule == "official":
        parts = _official(found, _official_parts(root, account), options.seed, account)
    else:
        parts = split_identities(identities, options.seed, account=account)
    entries = [
        Entry(one.clip, one.label, one.method, group, one.folder)
        for one, group in zip(found, groups, strict=True)
    ]
    return entries_table(entries, parts, account)


def _authors(found: Sequence[FoundClip], account: Account) -> list[str]:
    account.rule(
        "each folder sorted by name: the first int(0.7 n) train, the next int(0.1 n) val, the rest"
        " test, whoever is shown"
    )
    parts = [""] * len(found)
    for method in {(one.label, one.method) for one in found}:
        where = [index for index, one in enumerate(found) if (one.label, one.method) == method]
        split = authors_split([found[index].clip.name for index in where])
        for index, part in zip(where, split, strict=True):
            parts[index] = part
    return parts


def _official(
    found: Sequence[FoundClip], listed: dict[str, str], seed: int, account: Account
) -> list[str]:
    # The lists do not know the actors of DeepFakeDetection, which came later.
    actors = [index for index, one in enumerate(found) if one.identities[0].startswith("actor")]
    part_of_actor: dict[int, str] = {}
    if actors:
        shown = [found[index].identities for index in actors]
        of_actors = Account()
        drawn = split_identities(shown, seed, "clips of DeepFakeDetection", of_actors)
        account.add(of_actors, "actors")
        part_of_actor = dict(zip(actors, drawn, strict=True))
    parts, unlisted = [], []
    for index, one in enumerate(found):
        named = {listed.get(name, "") for name in one.identities}
        part = part_of_actor.get(index, named.pop() if len(named) == 1 else "")
        parts.append(part)
        if not part and index not in part_of_actor:
            unlisted.append(str(one.clip.path))
    if unlisted:
        account.leave_out(
            f"{len(unlisted):,} clips belong to no part: the official split files do not list their"
            f" pair ({few(unlisted)})"
        )
    return parts


def _split_folder(root: Path) -> Path | None:
    folders = (root / name for name in _SPLIT_FOLDERS)
    return next(
        (one for one in folders if all((one / f"{part}.json").is_file() for part in SPLITS)), None
    )


def _require_all_lists(root: Path) -> None:
    """Check that the split files are there whole or not at all: a part of them is no split."""
    if _split_folder(root) is not None:
        return
    for folder in (root / name for name in _SPLIT_FOLDERS):
        missing = [f"{part}.json" for part in SPLITS if not (folder / f"{part}.json").is_file()]
        if len(missing) < len(SPLITS):
            raise InputError(
                f"{folder}: Expected train.json, val.json and test.json together, but"
                f" {' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing; copy"
                f" {'them' if len(missing) > 1 else 'it'} there, or say --split identity to draw"
                " the parts"
            )


def _official_parts(root: Path, account: Account) -> dict[str, str]:
    folder = _split_folder(root)
    if folder is None:
        places = ", ".join(str(root / name) for name in _SPLIT_FOLDERS)
        raise InputError(
            f"{root}: Expected train.json, val.json and test.json of the FaceForensics++ repository"
            f" (its folder dataset/splits) in one of {places}, but got none; copy them there or"
            " choose the rule identity or authors"
        )
    account.rule(f"by train.json, val.json and test.json in {folder}")
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
