"""Clips: a video file ``stem.mp4``, or a folder ``stem/`` of its frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blurprint.lab.datasets.layouts.folders import holds_pictures, pictures, subfolders, videos
from blurprint.lab.datasets.table import Sample, SampleTable, make_table

FRAME_FOLDERS: Final = ("faces", "v1faces", "frames")
"""Names tried first, in this order, among the folders that hold folders of frames."""
_NO_FRAMES: Final = frozenset({"masks", "landmarks", "videos"})


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
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A clip with its truth; `label`, `method` and `group` are those of :class:`Sample`."""

    clip: Clip
    label: int
    method: str
    group: str


def find_clips(folder: Path, frames: int) -> list[Clip]:
    """The clips of a folder, in natural order; folders of frames are preferred to videos.

    Clips lie in a folder within (``faces``, ``v1faces``, ``frames``, any other that holds folders
    of pictures, then ``videos``), or directly in `folder`.

    Args:
        folder: where to look.
        frames: frames of each clip at most, the first ones; 0 for all.
    """
    inner = subfolders(folder)
    holders = [one for one in inner if one.name not in _NO_FRAMES and _holds_frames(one)]
    if holders:
        named = {one.name: one for one in holders}
        chosen = next((named[name] for name in FRAME_FOLDERS if name in named), holders[0])
        return _frame_clips(subfolders(chosen), frames)
    if clips := _frame_clips([one for one in inner if one.name not in _NO_FRAMES], frames):
        return clips
    inside = folder / "videos"
    return [
        Clip(video.stem, video, (video,))
        for video in (videos(inside) if inside.is_dir() else []) or videos(folder)
    ]


def frames_of(folder: Path, frames: int) -> tuple[Path, ...]:
    """The first pictures of a folder in natural order; 0 for all."""
    found = pictures(folder)
    return tuple(found[:frames] if frames else found)


def single(picture: Path) -> Clip:
    """A picture that is a clip of its own."""
    return Clip(picture.stem, picture, (picture,))


def entries_table(entries: Iterable[Entry], parts: Sequence[str]) -> SampleTable:
    """The table of `entries`, each with its part: a row a frame, picture or video."""
    return make_table(
        Sample(str(file), entry.label, entry.method, entry.group, part, str(entry.clip.path))
        for entry, part in zip(entries, parts, strict=True)
        for file in entry.clip.files
    )


def _holds_frames(folder: Path) -> bool:
    return any(holds_pictures(inner) for inner in subfolders(folder))


def _frame_clips(folders: Iterable[Path], frames: int) -> list[Clip]:
    found = ((folder, frames_of(folder, frames)) for folder in folders)
    return [Clip(folder.name, folder, files) for folder, files in found if files]
