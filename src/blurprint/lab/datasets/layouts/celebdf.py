"""Celeb-DF, versions 1 and 2 (Li et al., CVPR 2020). Its list marks reals 1; our table 0."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import ClipSearch, Entry, Taken, entries_table
from blurprint.lab.datasets.layouts.folders import (
    few,
    note_unread,
    require_folder,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.identities import celebdf_identities
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.splits import carve_validation, identity_groups, split_identities
from blurprint.lab.datasets.table import FAKE, REAL, SampleTable

TEST_LIST: Final = "List_of_testing_videos.txt"
_FOLDERS: Final = {"Celeb-real": REAL, "YouTube-real": REAL, "Celeb-synthesis": FAKE}


def read_celebdf(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of Celeb-DF; methods are "Celeb-real", "YouTube-real" and "Celeb-synthesis".

    Rules: "official" (the test list, default where it is on disk; a tenth of the rest validates, by
    target identity) and "identity".

    Raises:
        InputError: if the folder is laid out otherwise or the test list is wrong or missing.
    """
    require_folder(root, "Celeb-DF")
    search = ClipSearch(Taken(options.frames))
    found = [
        (name, clip)
        for name in _FOLDERS
        if (root / name).is_dir()
        for clip in search.find(root / name, name)
    ]
    if not found:
        raise wrong_layout(root, "Celeb-real/, Celeb-synthesis/ and YouTube-real/ with clips")
    search.tell(account)
    note_unread(account, root, [root / name for name in _FOLDERS])
    absent = [name for name in _FOLDERS if not any(of == name for of, _ in found)]
    if absent:
        account.infer(f"{' and '.join(absent)} not there")
    identities = [celebdf_identities(clip.name) for _, clip in found]
    groups = identity_groups(identities)
    default = "official" if (root / TEST_LIST).is_file() else "identity"
    if options.rule("celebdf", ("official", "identity"), default, account=account) == "identity":
        parts = split_identities(identities, options.seed, account=account)
    else:
        listed = _read_list(root / TEST_LIST)
        parts = ["test" if (name, clip.name) in listed else "train" for name, clip in found]
        if "test" not in parts:
            raise InputError(
                f"{root / TEST_LIST}: Expected some of its {len(listed)} videos in the folder,"
                f" but got none ({few('/'.join(one) for one in sorted(listed))})"
            )
        _tell_absent(listed, {(name, clip.name) for name, clip in found}, account)
        account.rule(f"test from {TEST_LIST}")
        parts = carve_validation(parts, groups, options.seed, account)
    entries = [
        Entry(clip, _FOLDERS[name], name, group)
        for (name, clip), group in zip(found, groups, strict=True)
    ]
    return entries_table(entries, parts, account)


def _tell_absent(
    listed: set[tuple[str, str]], there: set[tuple[str, str]], account: Account
) -> None:
    if absent := sorted(listed - there):
        names = few("/".join(one) for one in absent)
        account.leave_out(
            f"{len(absent):,} of {len(listed):,} videos of {TEST_LIST} that are not there ({names})"
        )


def _read_list(file: Path) -> set[tuple[str, str]]:
    """Folder and stem of each listed video; a line is ``1 YouTube-real/00170.mp4``, 1 = real.

    A tab may stand for the blank, a backslash for the slash; capitals of the folder do not matter.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file}: Expected the list of test videos that comes with Celeb-DF, but it cannot be"
            f" read ({getattr(error, 'strerror', None) or error}); copy it there or choose the rule"
            " identity"
        ) from error
    listed = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        mark, _, video = line.strip().replace("\t", " ").partition(" ")
        folder, _, name = video.strip().replace("\\", "/").partition("/")
        folder = next((one for one in _FOLDERS if one.lower() == folder.lower()), folder)
        if mark not in {"0", "1"} or folder not in _FOLDERS or not name:
            raise InputError(
                f'{file}: Expected line {number} like "1 YouTube-real/00170.mp4" (or'
                f' {", ".join(one for one in _FOLDERS if one != "YouTube-real")}), but got "{line}"'
            )
        if (mark == "1") != (_FOLDERS[folder] == REAL):
            raise InputError(
                f"{file}: Expected line {number} to mark real videos 1 and fake ones 0, but got"
                f' "{line}"'
            )
        listed.add((folder, Path(name).stem))
    return listed
