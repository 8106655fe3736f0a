"""The clips of FaceForensics++: where they lie, in which compression, and whom they show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Clip, ClipSearch, Taken, has_clips
from blurprint.lab.datasets.layouts.compressions import choose_compression, same
from blurprint.lab.datasets.layouts.folders import (
    name_in,
    note_unread,
    require_folder,
    subfolders,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.identities import faceforensics_identities
from blurprint.lab.datasets.layouts.options import COMPRESSIONS, ReadOptions
from blurprint.lab.datasets.table import FAKE, REAL

_ROOMS: Final = (("original_sequences", REAL), ("manipulated_sequences", FAKE))
_FLAT: Final = {
    "original": ("youtube", REAL),
    "youtube": ("youtube", REAL),
    "actors": ("actors", REAL),
    **{
        name.lower(): (name, FAKE)
        for name in (
            *("Deepfakes", "Face2Face", "FaceShifter", "FaceSwap", "NeuralTextures"),
            "DeepFakeDetection",
        )
    },
}
"""Method and label of the folders of public copies, which have no level of compression."""
_IN_NAME: Final = re.compile(r"(?:.*[^0-9a-z])?(raw|c0|c23|c40)(?:[^0-9a-z].*)?", re.IGNORECASE)


class FoundClip(NamedTuple):
    """A clip, its truth, the folder that says it, and whom the clip shows."""

    clip: Clip
    label: int
    method: str
    folder: str
    identities: tuple[str, ...]


class _Source(NamedTuple):
    path: Path
    label: int
    method: str


def find_faceforensics(root: Path, options: ReadOptions, account: Account) -> list[FoundClip]:
    """All clips of one compression, in the layout of the download script or of a public copy.

    A public copy is flat: ``original/``, ``Deepfakes/`` ... with videos, or folders of frames, in
    them; its compression is what the name of `root` says.

    Raises:
        InputError: if the folder is laid out otherwise, or the compression is not there or has to
            be chosen.
    """
    require_folder(root, "FaceForensics++")
    sources = [
        _Source(folder, label, folder.name)
        for room, label in _ROOMS
        if (root / room).is_dir()
        for folder in subfolders(root / room)
    ]
    flat = not sources
    if flat:
        sources = [
            _Source(folder, label, method)
            for folder in subfolders(root)
            for method, label in [_FLAT.get(folder.name.lower(), ("", REAL))]
            if method
        ]
    if not sources:
        raise wrong_layout(
            root,
            "original_sequences/ and manipulated_sequences/ (FaceForensics++), or original/,"
            " Deepfakes/ and others with clips in them",
        )
    search = ClipSearch(Taken(options.frames))
    if flat and not any(_levels(one.path) for one in sources):
        account.infer("a flat copy of FaceForensics++: a folder is a method, original is youtube")
        _flat_compression(root, options.compression, account)
        places = [(one, one.path) for one in sources]
        known = [one.path for one in sources]
    else:
        there = {name_in(root, one.path): _levels(one.path) for one in sources}
        if not any(there.values()):
            raise wrong_layout(
                sources[0].path, "raw/, c23/ or c40/ with videos/ or a folder of frames in it"
            )
        chosen = choose_compression(str(root), there, options.compression, account)
        places = []
        for one in sources:
            levels = there[name_in(root, one.path)]
            places += [(one, one.path / level) for level in levels if same(level) == chosen][:1]
        known = [one.path / level for one in sources for level in COMPRESSIONS]
    found = [
        FoundClip(clip, one.label, one.method, one.path.name, _identities(clip))
        for one, folder in places
        for clip in search.find(folder, one.path.name)
    ]
    if not found:
        raise wrong_layout(sources[0].path, "videos, or folders of frames")
    search.tell(account)
    note_unread(account, root, known)
    _tell_missing_reals(found, account)
    return found


def _levels(source: Path) -> list[str]:
    """Compressions of which there are clips."""
    return [name for name in COMPRESSIONS if (source / name).is_dir() and has_clips(source / name)]


def _flat_compression(root: Path, asked: str | None, account: Account) -> None:
    named = _IN_NAME.fullmatch(root.resolve().name)
    if named is None:
        said = f", taken for {asked} as asked" if asked else ""
        account.infer(f"compression unknown, for the folder's name does not say it{said}")
        return
    name = named[1].lower()
    if asked and same(asked) != same(name):
        raise InputError(
            f"{root}: Expected clips of compression {asked}, but the folder's name says {name};"
            f" say --compression {name}"
        )
    account.infer(f"compression {name}, from the folder's name")


def _tell_missing_reals(found: Sequence[FoundClip], account: Account) -> None:
    there = {one.method for one in found}
    if "DeepFakeDetection" in there and "actors" not in there:
        account.infer("the reals of DeepFakeDetection (actors) are not there")
    if there - {"DeepFakeDetection", "actors", "youtube"} and "youtube" not in there:
        account.infer("the reals of YouTube are not there")


def _identities(clip: Clip) -> tuple[str, ...]:
    identities = faceforensics_identities(clip.name)
    if identities is None:
        raise InputError(
            f"{clip.path}: Expected the name of a clip of FaceForensics++ (000, 000_003,"
            f" 01_02__scene__XYZ), but got {clip.name}"
        )
    return identities
