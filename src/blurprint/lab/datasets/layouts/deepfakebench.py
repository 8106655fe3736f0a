"""The JSON files of DeepfakeBench (Yan et al., NeurIPS 2023), listing the frames of each clip."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Clip, Entry, Taken, entries_table
from blurprint.lab.datasets.layouts.deepfakebench_labels import DF40, SILENT, bench_labels
from blurprint.lab.datasets.layouts.deepfakebench_lists import ListedClip, read_lists
from blurprint.lab.datasets.layouts.folders import listing, wrong_layout
from blurprint.lab.datasets.layouts.identities import celebdf_identities, faceforensics_identities
from blurprint.lab.datasets.layouts.labels import meaning
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation, identity_groups, split_identities
from blurprint.lab.datasets.table import FAKE, SampleTable

_ROOMS: Final = ("", "rgb", "datasets", "datasets/rgb", "dataset", "dataset/rgb")


def read_deepfakebench(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of one JSON file of DeepfakeBench, or of all in a folder.

    Frames are looked for from the folder of the file and the folders above it, and from ``rgb`` and
    ``datasets`` in these. The method is the label's name in the file ("FF-DF", "CelebDFv2_real");
    what it means is known (:data:`BENCH_LABELS`) or given. Listed frames that are not there are
    left out.

    Rules: "official" (the file's parts, default; a tenth of train validates where no clip does) and
    "identity".

    Raises:
        InputError: if there is no such file, or it, or where its frames are, is not as expected.
    """
    files = _files(root)
    labels = bench_labels(options.labels)
    listed = read_lists(files, labels, options.compression, account)
    folders = _Folders()
    base = _base(files[0], listed, folders)
    taken = Taken(options.frames)
    kept, clips = [], []
    missing, broken = 0, []
    for one in listed:
        there = [frame for frame in one.frames if folders.have(base, frame)]
        if len(there) < len(one.frames):
            missing += len(one.frames) - len(there)
            broken.append(one)
        if there:
            kept.append(one)
            clips.append(_clip(base, one, there, taken))
    if broken:
        account.leave_out(
            f"{missing:,} of {sum(len(one.frames) for one in listed):,} listed frames that are not"
            f" there, in {len(broken):,} of {len(listed):,} clips, {len(listed) - len(kept):,} of"
            f" them whole (first {broken[0].name}, in {base})"
        )
    taken.tell(account)
    if any(one.label.lower() == SILENT for one in kept) and SILENT not in _plain(options.labels):
        account.infer("RealVideo-FakeAudio is real, for its pictures are; only its sound is fake")
    identities = [_identities(one) for one in kept]
    groups = identity_groups(identities)
    if (
        options.rule("deepfakebench", ("official", "identity"), "official", account=account)
        == "official"
    ):
        for one, clip in zip(kept, clips, strict=True):
            account.take_part(one.part, one.part_name, len(clip.files))
        parts = carve_validation([one.part for one in kept], groups, options.seed, account)
    else:
        account.infer("parts are drawn, as asked; those of the file are not followed")
        parts = split_identities(identities, options.seed, account=account)
    entries = [
        Entry(clip, FAKE if meaning(labels, one.label) == FAKE else 0, one.label, group)
        for clip, one, group in zip(clips, kept, groups, strict=True)
    ]
    return entries_table(entries, parts, account)


@dataclass(slots=True)
class _Folders:
    """Names in folders, each listed once: quicker than to ask for every frame."""

    names: dict[str, frozenset[str]] = field(default_factory=dict)

    def have(self, base: Path, frame: str) -> bool:
        folder, _, name = frame.rpartition("/")
        path = os.path.join(base, folder)  # noqa: PTH118
        if path not in self.names:
            try:
                self.names[path] = frozenset(os.listdir(path))  # noqa: PTH208
            except OSError:
                self.names[path] = frozenset()
        there = self.names[path]
        # Asked again, for the system may take capitals and small letters for the same.
        return name in there or (bool(there) and os.path.isfile(os.path.join(path, name)))  # noqa: PTH113, PTH118


def _plain(labels: Iterable[str]) -> set[str]:
    return {name.strip().lower() for name in labels}


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise InputError(f"{root}: Expected a JSON file of DeepfakeBench, but got nothing there")
    files = sorted(root.glob("*.json"))
    if not files:
        raise wrong_layout(root, "JSON files of DeepfakeBench")
    return files


def _base(file: Path, listed: Sequence[ListedClip], folders: _Folders) -> Path:
    if not listed:
        raise InputError(f"{file}: Expected clips with frames, but got none")
    for folder in file.resolve().parents:
        for room in _ROOMS:
            base = folder / room
            if base.is_dir() and any(
                folders.have(base, frame) for one in listed for frame in one.frames
            ):
                return base
    raise InputError(
        f"{file}: Expected its frames ({listed[0].frames[0]}) in {file.parent}, a folder above it,"
        f" or rgb/ or datasets/ in one of these, but got {listing(file.parent)} there"
    )


def _clip(base: Path, one: ListedClip, there: Sequence[str], taken: Taken) -> Clip:
    folder = (base / there[0]).parent
    path = folder if folder.name == one.name else folder / one.name
    return Clip(one.name, path, taken.of(base, there))


def _identities(one: ListedClip) -> tuple[str, ...]:
    label, dataset = one.label.lower(), one.dataset.lower()
    in_df40 = label.rpartition("_")[0] in DF40
    celebrities = celebdf_identities(one.name)
    # DF40 is made from the clips of FaceForensics++ and Celeb-DF, and keeps their names.
    if label.startswith("celebdf") or (in_df40 and celebrities[0].startswith("id")):
        return tuple(f"Celeb-DF/{name}" for name in celebrities)
    found = faceforensics_identities(one.name)
    # Files of single methods are named after them: FF-DF.json shows those of FaceForensics++.json.
    if label.startswith(("ff-", "dfd_")) or (in_df40 and found):
        return tuple(f"FaceForensics++/{name}" for name in found or (one.name,))
    return (f"{dataset and one.dataset}/{one.name}",)
