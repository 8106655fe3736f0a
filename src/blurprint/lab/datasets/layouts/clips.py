"""Clips: a video file ``stem.mp4``, or a folder ``stem/`` of its frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from blurprint.lab.datasets.account import Account, media, number
from blurprint.lab.datasets.layouts.folders import (
    count_media,
    few,
    holds_pictures,
    is_no_data,
    pictures,
    subfolders,
    videos,
)
from blurprint.lab.datasets.table import Sample, SampleTable, make_table

FRAME_FOLDERS: Final = ("faces", "v1faces", "frames")
"""Names tried first, in this order, among the folders that hold folders of frames."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One video, or one single picture.

    Attributes:
        name: the stem of the video or the name of the folder of frames.
        path: the video, the folder of frames, or the picture.
        files: what becomes rows: the first frames in natural order, or the video itself.
    """

    name: str
    path: Path
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A clip with its truth; `label`, `method` and `group` are those of :class:`Sample`.

    `named` is what says the label on disk, where that is not the method.
    """

    clip: Clip
    label: int
    method: str
    group: str
    named: str = ""


@dataclass(slots=True)
class Taken:
    """The first frames of clips, and how many there were.

    Attributes:
        frames: taken of each clip at most; 0 for all.
        there: number of frames of the clips that have more.
        clips: number of these clips.
    """

    frames: int
    there: int = 0
    clips: int = 0

    def of(self, folder: Path, names: Sequence[str]) -> tuple[str, ...]:
        """The first files of `folder`, of the `names` in it in their order."""
        if self.frames and len(names) > self.frames:
            self.there += len(names)
            self.clips += 1
            names = names[: self.frames]
        return tuple(str(folder / name) for name in names)

    def tell(self, account: Account) -> None:
        """Say how many frames were not taken."""
        if self.clips:
            account.infer(
                f"at most {number(self.frames, 'frame')} of each clip (--frames):"
                f" {self.clips * self.frames:,} of {self.there:,} in"
                f" {number(self.clips, 'clip')} that {'has' if self.clips == 1 else 'have'} more"
            )


@dataclass(slots=True)
class ClipSearch:
    """Clips of several folders, and a tally of what was not taken.

    Attributes:
        taken: of the frames.
    """

    taken: Taken
    _framed: Counter[str] = field(default_factory=Counter)
    _unframed: Counter[str] = field(default_factory=Counter)
    _other: Counter[str] = field(default_factory=Counter)
    _lost: Counter[str] = field(default_factory=Counter)

    def find(self, folder: Path, name: str) -> list[Clip]:
        """The clips of a folder, in natural order; folders of frames are preferred to videos.

        Clips lie in a folder within (``faces``, ``v1faces``, ``frames``, any other that holds
        folders of pictures, then ``videos``), or directly in `folder`.

        Args:
            folder: where to look.
            name: of the folder, for the tally.
        """
        inner = subfolders(folder)
        possible = [one for one in inner if _may_hold_frames(one)]
        holders = [one for one in possible if _holds_frames(one)]
        chosen = _first_named(holders)
        folders = subfolders(chosen) if chosen else possible
        clips = self._frame_clips(folders)
        held = {clip.path for clip in clips}
        loose = len(pictures(folder)) + (len(pictures(chosen)) if chosen else 0)
        inside, outside = _videos(folder / "videos"), videos(folder)
        if clips:
            self._compare(name, clips, inside or outside)
        else:
            clips = [Clip(one.stem, one, (str(one),)) for one in inside or outside]
        loose += len(outside) if inside else 0
        for one in holders:
            if one != chosen:
                self._other[one.name] += len(subfolders(one))
        for one in folders if chosen else possible:
            if one not in held:
                loose += count_media(one)
        if chosen:
            loose += sum(count_media(one) for one in possible if one not in holders)
        if loose:
            self._lost[name] += loose
        return clips

    def tell(self, account: Account) -> None:
        """Say what was not taken."""
        self.taken.tell(account)
        if lost := self._unframed.total():
            whole = self._framed.total() + lost
            account.leave_out(
                f"{number(lost, 'video')} without frames: frames are there for {whole - lost:,} of"
                f" {whole:,} videos ({_counted(self._unframed)})"
            )
        if self._other:
            account.infer(
                f"frames from the first of {', '.join(FRAME_FOLDERS)} that is there; not read:"
                f" {few(f'{name}/ ({count:,} clips)' for name, count in self._other.items())}"
            )
        if self._lost:
            account.leave_out(
                f"{media(self._lost.total())} beside the clips: {_counted(self._lost)}"
            )

    def _compare(self, name: str, clips: Sequence[Clip], there: Sequence[Path]) -> None:
        framed = {clip.name for clip in clips}
        stems = {one.stem for one in there}
        self._framed[name] += len(stems & framed)
        if without := len(stems - framed):
            self._unframed[name] += without

    def _frame_clips(self, folders: Iterable[Path]) -> list[Clip]:
        found = ((folder, [one.name for one in pictures(folder)]) for folder in folders)
        return [
            Clip(folder.name, folder, self.taken.of(folder, names))
            for folder, names in found
            if names
        ]


def has_clips(folder: Path) -> bool:
    """Whether :meth:`ClipSearch.find` finds a clip in `folder`; quick."""
    inner = [one for one in subfolders(folder) if _may_hold_frames(one)]
    if any(holds_pictures(one) or _holds_frames(one) for one in inner):
        return True
    return bool(_videos(folder / "videos") or videos(folder))


def single(picture: Path) -> Clip:
    """A picture that is a clip of its own."""
    return Clip(picture.stem, picture, (str(picture),))


def entries_table(entries: Iterable[Entry], parts: Sequence[str], account: Account) -> SampleTable:
    """The table of `entries`, each with its part: a row a frame, picture or video.

    Args:
        entries: clips with their truth.
        parts: of each.
        account: takes the names that say the labels.
    """
    samples = []
    for entry, part in zip(entries, parts, strict=True):
        account.take_label(entry.label, entry.named or entry.method, len(entry.clip.files))
        clip = str(entry.clip.path)
        samples += [
            Sample(file, entry.label, entry.method, entry.group, part, clip)
            for file in entry.clip.files
        ]
    return make_table(samples)


def _first_named(holders: Sequence[Path]) -> Path | None:
    named = {one.name: one for one in holders}
    first = next((named[name] for name in FRAME_FOLDERS if name in named), None)
    return first or next(iter(holders), None)


def _may_hold_frames(folder: Path) -> bool:
    return folder.name != "videos" and not is_no_data(folder.name)


def _holds_frames(folder: Path) -> bool:
    return any(holds_pictures(inner) for inner in subfolders(folder))


def _videos(folder: Path) -> list[Path]:
    return videos(folder) if folder.is_dir() else []


def _counted(counts: Counter[str]) -> str:
    return few(f"{name} {count:,}" for name, count in counts.items())
