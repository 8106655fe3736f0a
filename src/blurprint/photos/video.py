"""Frames of a video as upright RGB pixels, those that are wanted, few in memory at once."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError, PhotoError
from blurprint.photos.video_file import good_frames, opened
from blurprint.photos.video_pixels import RGB8, rgb_of
from blurprint.photos.video_table import FrameTable, frame_table
from blurprint.photos.video_traits import PLAIN, FrameTraits, shown_size, traits_of

VIDEO_SUFFIXES: Final = frozenset(
    {".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv"}
)
"""Files of a folder that count as videos. A file named outright may have any suffix."""
_SEEKABLE: Final = ("mov,mp4", "matroska")
"""Containers with an index. In others, decoders guess the times of frames after a seek."""


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """One frame.

    Attributes:
        index: of the frame in the clip, in the order of showing, from 0.
        time_s: since the clip's first frame, in seconds.
        rgb: uint8 (H, W, 3), upright, in the file's own pixels (not square where the file says so),
            or half as many each way where one field was taken.
        native_size: (width, height) of the upright frame in the file, pixels; left out: of `rgb`.
        traits: how it was made into a picture.
    """

    index: int
    time_s: float
    rgb: RGB8
    native_size: tuple[int, int] = (0, 0)
    traits: FrameTraits = PLAIN

    def __post_init__(self) -> None:
        if self.native_size == (0, 0):
            height, width = self.rgb.shape[:2]
            object.__setattr__(self, "native_size", (width, height))


def spread(total: int, count: int) -> list[int]:
    """Indices of `count` frames of `total`: the middles of as many equal parts; all, if too few.

    >>> spread(300, 3), spread(2, 32)
    ([50, 150, 250], [0, 1])
    """
    if count < 1:
        raise InputError(f"Expected `count` to be at least 1, but got {count}")
    count = min(count, total)
    return [(2 * part + 1) * total // (2 * count) for part in range(count)]


def read_frames(path: str | Path, count: int) -> Iterator[VideoFrame]:
    """Frames spread evenly over a video: the middles of `count` equal parts, by number of frames.

    The frames are counted in the stream itself, since headers may be wrong or missing. A damaged
    frame is replaced by the next good one. One frame is in memory at a time, decoded in one thread.

    Of several streams the one that players show is read, never a cover picture. Frames of one clip
    may differ in size. They are rotated and mirrored as the file's metadata require.

    Args:
        path: of the video.
        count: how many; a shorter clip gives each of its frames once.

    Yields:
        :class:`VideoFrame`, in the order of time.

    Raises:
        InputError: if `count` is below 1, or PyAV is not installed.
        PhotoError: if the file is no video, or none of its frames can be decoded.
    """
    if count < 1:
        raise InputError(f"Expected `count` to be at least 1, but got {count}")
    table = frame_table(path)
    yield from frames_at(path, table, spread(table.total, count))


def frames_at(
    path: str | Path, table: FrameTable, wanted: Sequence[int], *, deinterlace: bool = False
) -> Iterator[VideoFrame]:
    """Frames of a video by their indices. A damaged frame is replaced by the next good one.

    Args:
        path: of the video.
        table: of :func:`frame_table`.
        wanted: indices, rising.
        deinterlace: those frames that are interlaced; see
            :func:`blurprint.photos.video_pixels.rgb_of`.

    Raises:
        PhotoError: if none of these frames can be decoded.
    """
    name = str(path)
    yielded = False
    with opened(name) as (container, stream):
        frames = (
            _by_order(container, stream, table, wanted)
            if table.times is None
            else _by_time(container, stream, table, table.times, wanted)
        )
        for index, frame, ticks in frames:
            rgb = rgb_of(frame, deinterlace=deinterlace)
            seconds = float(ticks * stream.time_base)
            yielded = True
            yield VideoFrame(index, seconds, rgb, shown_size(frame), traits_of(frame))
    if not yielded:
        raise PhotoError(f"{name}: none of its frames can be decoded")


_Found = Iterator[tuple[int, Any, int]]
"""Index, decoded frame, and its time since the first, in the stream's time base."""


def _by_time(
    container: Any, stream: Any, table: FrameTable, times: array[int], wanted: Sequence[int]
) -> _Found:
    """Decode on to each wanted frame, or from the last key frame before it if that is nearer."""
    reader = _Reader(container, stream, times, [times[place] for place in table.keys])
    last = -1
    for place in wanted:
        frame = reader.at(times[place])
        if frame is None:
            return
        index = max(place, bisect_right(times, frame.pts) - 1)
        if index > last:  # one good frame never stands for two damaged ones
            yield index, frame, frame.pts - times[0]
            last = index


class _Reader:
    """A position in the stream that moves forward."""

    def __init__(self, container: Any, stream: Any, times: array[int], keys: list[int]) -> None:
        self._container, self._stream, self._first, self._keys = container, stream, times[0], keys
        self._frames = good_frames(container, stream)
        self._last: Any = None
        self._seekable = container.format.name.startswith(_SEEKABLE)

    def at(self, wanted: int) -> Any:
        """The first good frame shown at or after `wanted`; None at the end."""
        if self._last is not None and self._last.pts >= wanted:
            return self._last
        self._skip_to_key(wanted)
        for frame in self._frames:
            if frame.pts is not None and frame.pts >= wanted:
                self._last = frame
                return frame
        return None

    def _skip_to_key(self, wanted: int) -> None:
        keys = self._keys
        place = bisect_right(keys, wanted) - 1
        position = self._first if self._last is None else self._last.pts
        # One key frame is left between, as a seek may land on the one after the wanted.
        if not self._seekable or place < 1 or keys[place - 1] <= position:
            return
        self._container.seek(keys[place - 1], stream=self._stream)
        self._frames = good_frames(self._container, self._stream)
        first = next(self._frames, None)
        if first is None or first.pts is None or first.pts > wanted:
            self._container.seek(self._first, stream=self._stream)
            self._frames = good_frames(self._container, self._stream)
        elif first.pts == wanted:
            self._frames = _prepend(first, self._frames)


def _prepend(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _by_order(container: Any, stream: Any, table: FrameTable, wanted: Sequence[int]) -> _Found:
    """Decode everything up to the last wanted frame, and take those."""
    places, last = set(wanted), max(wanted, default=-1)
    for index, frame in enumerate(good_frames(container, stream)):
        if index in places:
            yield index, frame, 0 if table.clock is None else table.clock[index]
        if index >= last:
            return
