"""DiffusionDB (Wang et al., ACL 2023) as a source of fakes: Stable Diffusion, with the prompts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pandas as pd

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.clips import Entry, entries_table, single
from blurprint.lab.datasets.layouts.folders import (
    few,
    note_aside,
    note_unread,
    pictures,
    read_json,
    require_folder,
    walk,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.labels import require_no_other
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.unfollowed import names_with_parts, tell_own_name
from blurprint.lab.datasets.splits import group_split
from blurprint.lab.datasets.table import FAKE, SampleTable

METHOD: Final = "stable_diffusion"
_METADATA: Final = ("metadata.parquet", "metadata-large.parquet")


def read_diffusiondb(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of DiffusionDB, all fake: the pictures of every ``part-NNNNNN`` at or below `root`.

    Where there is no such folder, those of all folders are taken. All pictures of one prompt are
    one group. Prompts come from the JSON of each part, or from metadata.parquet in `root`. Rule:
    "identity", by prompt.

    Raises:
        InputError: if there are no pictures, a folder is named as one of reals, or the prompts
            cannot be read.
    """
    require_folder(root, "DiffusionDB")
    options.rule("diffusiondb", ("identity",), "identity", account=account)
    aside: list[Path] = []
    folders = list(walk(root, aside))
    found = [(folder, pictures(folder)) for folder in folders if folder.name.startswith("part-")]
    if found:
        note_unread(account, root, (), [folder for folder, _ in found])
    else:
        found = [(folder, inside) for folder in folders if (inside := pictures(folder))]
        account.infer("no folder part-NNNNNN: the pictures of all folders are taken")
        note_aside(account, root, aside)
    if not any(inside for _, inside in found):
        raise wrong_layout(root, "images/part-000001/ (or part-000001/) with pictures")
    require_no_other(root, (folder for folder, _ in found), FAKE, options.labels)
    if names := names_with_parts(n for one, _ in found for n in one.relative_to(root).parts):
        account.infer(f"the folders {few(names)} are not followed as parts")
    tell_own_name(root, account)
    account.infer("every picture is taken for one of Stable Diffusion")
    prompts: dict[str, str] = {}
    for folder, _ in found:
        prompts |= _prompts_of_part(folder)
    everything = [one for _, inside in found for one in inside]
    if any(one.name not in prompts for one in everything):
        prompts = _prompts_of_all(root, {one.name for one in everything}) | prompts
    if unknown := [one for one in everything if one.name not in prompts]:
        account.leave_out(
            f"prompts of {len(unknown):,} of {len(everything):,} pictures are unknown (no"
            f" part-NNNNNN.json beside {unknown[0]}): pictures of one prompt may lie in different"
            " parts"
        )
    groups = [_group(prompts.get(one.name), one) for one in everything]
    entries = [
        Entry(single(one), FAKE, METHOD, group, f"{one.parent.name}/")
        for one, group in zip(everything, groups, strict=True)
    ]
    return entries_table(entries, group_split(groups, options.seed, account), account)


def _group(prompt: str | None, picture: Path) -> str:
    if prompt is None:
        return picture.name
    words = " ".join(prompt.split()).casefold()
    digest = hashlib.blake2b(words.encode(errors="surrogatepass"), digest_size=8)
    return f"prompt-{digest.hexdigest()}"


def _prompts_of_part(folder: Path) -> dict[str, str]:
    name = f"{folder.name}.json"
    file = next((one for one in (folder / name, folder.parent / name) if one.is_file()), None)
    if file is None:
        return {}
    content = read_json(file)
    try:
        return {name: str(row["p"]) for name, row in content.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f'{file}: Expected {{"picture.png": {{"p": "the prompt", ...}}, ...}}, but got'
            " something else"
        ) from error


def _prompts_of_all(root: Path, names: set[str]) -> dict[str, str]:
    for file in (root / name for name in _METADATA):
        if file.is_file():
            try:
                frame = pd.read_parquet(file, columns=["image_name", "prompt"])
            except (OSError, ValueError) as error:  # what pyarrow raises derives from these
                raise InputError(
                    f"{file}: Expected the columns image_name and prompt, but got: {error}"
                ) from error
            frame = frame[frame["image_name"].isin(names)]
            return dict(zip(frame["image_name"], frame["prompt"].astype(str), strict=True))
    return {}
