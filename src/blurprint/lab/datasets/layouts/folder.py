"""Folders named after what is in them: ``real/`` and ``fake/`` at any depth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account, media, number
from blurprint.lab.datasets.layouts.clips import Clip, Entry, Taken, entries_table
from blurprint.lab.datasets.layouts.folders import (
    Holding,
    few,
    note_aside,
    require_folder,
    scan,
    wrong_layout,
)
from blurprint.lab.datasets.layouts.label_tree import Place, read_tree
from blurprint.lab.datasets.layouts.labels import LABELS, known_labels, label_hint, meaning
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.unfollowed import require_no_parts
from blurprint.lab.datasets.splits import carve_validation, group_split
from blurprint.lab.datasets.table import FAKE, SampleTable

_RULES: Final = ("official", "identity")


def read_folder(root: Path, options: ReadOptions, account: Account) -> SampleTable:
    """The table of ``real/`` and ``fake/`` (or other names of :data:`LABELS`) at any depth.

    Which folders are classes and parts, :func:`read_tree` says. The method of a fake is the first
    folder above its class that is no part ("progan" of ``progan/airplane/1_fake``), else "fake". A
    picture directly in a class folder, or in a part of it, is its own clip and group. A folder
    within is one clip, in one group with its namesake of the other class; so is a video. Videos
    count in class folders without pictures.

    Rules: "official" (folders train, val, test in the path; the default where they are there; a
    tenth of train validates where there is no val) and "identity" (70/10/20 by group).

    Raises:
        InputError: if there are no such folders, they contradict each other, some lie in parts and
            some do not, parts would be drawn though names have parts in them, or there are no parts
            where these are asked for.
    """
    require_folder(root, "real/ and fake/")
    labels = known_labels(options.labels, LABELS)
    aside: list[Path] = []
    holdings = list(scan(root, aside, labels))
    note_aside(account, root, aside)
    places = read_tree(root, populated(holdings), labels, account)
    if not places:
        names = ", ".join({**LABELS, **options.labels})
        empty = [
            one for one in holdings if one.names and meaning(labels, one.names[-1]) is not None
        ]
        if empty:
            which = few("/".join(one.names) for one in empty)
            raise InputError(f"{root}: Expected pictures or videos in {which}, but got none")
        raise wrong_layout(root, f"folders named {names}, at any depth")
    return tree_table("folder", root, holdings, places, options, account)


def populated(holdings: Sequence[Holding]) -> list[Holding]:
    """Those with pictures or videos."""
    return [one for one in holdings if one.pictures or one.videos]


def tree_table(
    layout: str,
    root: Path,
    holdings: Sequence[Holding],
    places: Sequence[Place],
    options: ReadOptions,
    account: Account,
) -> SampleTable:
    """The table of `places`; see :func:`read_folder`.

    Args:
        layout: its name, for errors.
        root: of the tree.
        holdings: all folders of the tree.
        places: those in class folders.
        options: the rule of splitting and its seed, frames of a clip.
        account: takes what was inferred and left out.

    Raises:
        InputError: if some lie in parts and some do not, or there are none where these are asked
            for.
    """
    taken = Taken(options.frames)
    entries: list[Entry] = []
    where: list[Place] = []
    for place in _with_one_kind(places, account):
        for entry in _entries(place, taken):
            entries.append(entry)
            where.append(place)
    taken.tell(account)
    methods = (place.above[0] for place in where if place.above and place.label == FAKE)
    if above := list(dict.fromkeys(methods)):
        account.infer(f"methods of fakes from folders above their class: {few(above)}")
    _tell_left_out(holdings, places, account)
    return entries_table(entries, _split(layout, root, entries, where, options, account), account)


def _split(
    layout: str,
    root: Path,
    entries: Sequence[Entry],
    where: Sequence[Place],
    options: ReadOptions,
    account: Account,
) -> list[str]:
    parts = [place.part for place in where]
    groups = [entry.group for entry in entries]
    without = parts.count("")
    rule = options.rule(
        layout, _RULES, "identity" if without == len(parts) else "official", account=account
    )
    if rule == "identity":
        drawn = group_split(groups, options.seed, account)
        if without < len(parts):
            names = sorted({place.part_name for place in where if place.part})
            account.infer(f"parts are drawn, as asked; the folders {few(names)} are not followed")
        elif options.split is None:
            require_no_parts(root, (name for one in where for name in one.holding.names), account)
        return drawn
    if without:
        first = entries[parts.index("")].clip.path
        have = f"{without:,} of {len(parts):,} clips have none, first {first}"
        raise InputError(
            f"{root}: Expected a folder train, val or test in every path, but {have};"
            " --split identity draws parts for all"
        )
    for entry, place in zip(entries, where, strict=True):
        account.take_part(place.part, place.part_name, len(entry.clip.files))
    return carve_validation(parts, groups, options.seed, account)


def _with_one_kind(places: Sequence[Place], account: Account) -> Iterator[Place]:
    """Places without the videos of class folders that hold pictures; these are counted."""
    hold = {place.home for place in places if place.holding.pictures}
    lost: Counter[str] = Counter()
    for place in places:
        if place.home not in hold:
            yield place
            continue
        if place.holding.videos:
            lost["/".join(place.home)] += len(place.holding.videos)
        if place.holding.pictures:
            yield place._replace(holding=place.holding._replace(videos=[]))
    if lost:
        account.leave_out(
            f"{number(lost.total(), 'video')} in class folders that hold pictures: {_counted(lost)}"
        )
    kinds = defaultdict(set)
    for place in places:
        kinds["pictures" if place.home in hold else "videos"].add("/".join(place.home))
    if len(kinds) > 1:
        account.infer(
            f"pictures from {few(sorted(kinds['pictures']))}, but videos from"
            f" {few(sorted(kinds['videos']))}"
        )


def _entries(place: Place, taken: Taken) -> Iterator[Entry]:
    """Clips and their groups."""
    folder, label = place.holding.path, place.label
    method = (place.above or ("fake",))[0] if label == FAKE else "real"
    if place.below and place.holding.pictures:
        files = taken.of(folder, place.holding.pictures)
        yield Entry(
            Clip(folder.name, folder, files), label, method, _group(place), place.label_name
        )
    elif place.holding.pictures:
        home = "/".join(place.holding.names)
        for name in place.holding.pictures:
            path = folder / name
            clip = Clip(name, path, (str(path),))
            yield Entry(clip, label, method, f"{home}/{name}", place.label_name)
    for name in place.holding.videos:
        video = folder / name
        clip = Clip(video.stem, video, (str(video),))
        yield Entry(clip, label, method, _group(place, video.stem), place.label_name)


def _group(place: Place, *name: str) -> str:
    """Without class and part: a clip and the fake made from it are often namesakes."""
    return "/".join((*place.above, *place.below, *name))


def _tell_left_out(holdings: Sequence[Holding], places: Sequence[Place], account: Account) -> None:
    """Count and name what lies in no class folder; count files of other kinds."""
    inside = {place.holding.names for place in places}
    outside = [one for one in populated(holdings) if one.names not in inside]
    # A class folder may be a link to one that has another name.
    real = {place.holding.path.resolve() for place in places} if outside else set()
    lost: Counter[str] = Counter()
    for one in outside:
        if one.path.resolve() not in real:
            count = len(one.pictures) + len(one.videos)
            lost[f"{'/'.join(one.names[:2])}/" if one.names else "the folder itself"] += count
    for one in holdings:
        account.aside["file of another kind"] += one.others
        account.aside["hidden file"] += one.hidden
    if lost:
        names = [name.strip("/").rpartition("/")[2] for name in lost if name.endswith("/")]
        hint = label_hint(names or ["NAME"])
        account.leave_out(
            f"{media(lost.total())} in no folder named as a label:"
            f" {_counted(lost)} ({hint} takes them)"
        )


def _counted(counts: Mapping[str, int]) -> str:
    return few(f"{name} ({count:,})" for name, count in counts.items())
