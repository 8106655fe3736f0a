"""Frames of a video as upright RGB pixels, spread evenly, few in memory at once."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError, PhotoError
from blurprint.limits import DEFAULT_MAX_PIXELS, MIN_SIDE

RGB8 = npt.NDArray[np.uint8]
Matrix = tuple[tuple[int, int], tuple[int, int]]

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
        rgb: uint8 (H, W, 3), upright, in the file's own pixels (not square where the file says so).
    """

    index: int
    time_s: float
    rgb: RGB8


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
        InputError: if `count` is below 1.
        PhotoError: if the file is no video, or none of its frames can be decoded.
    """
    if count < 1:
        raise InputError(f"Expected `count` to be at least 1, but got {count}")
    name = str(path)
    times = _timestamps(name)
    yielded = False
    with _opened(name) as (container, stream):
        frames = (
            _by_order(container, stream, name, count)
            if times is None
            else _by_time(container, stream, times, count)
        )
        for index, frame, first in frames:
            seconds = 0.0 if frame.pts is None else float((frame.pts - first) * stream.time_base)
            yielded = True
            yield VideoFrame(index, seconds, _upright(frame))
    if not yielded:
        raise PhotoError(f"{name}: none of its frames can be decoded")


@dataclass(frozen=True, slots=True)
class _Timestamps:
    """When frames are shown, in the stream's time base, in order; those of key frames apart."""

    frames: list[int]
    keys: list[int]


_Found = Iterator[tuple[int, Any, int]]
"""Index, decoded frame, and the first frame's timestamp."""


@contextmanager
def _opened(name: str) -> Iterator[tuple[Any, Any]]:
    """The container and its video stream; what the decoder raises becomes a PhotoError."""
    import av

    try:
        with av.open(name, metadata_errors="replace") as container:
            stream = _video_stream(container, name)
            width, height = stream.codec_context.width, stream.codec_context.height
            if width * height > DEFAULT_MAX_PIXELS or min(width, height) < MIN_SIDE:
                raise PhotoError(
                    f"{name}: declares frames of {width} x {height} pixels; expected at least "
                    f"{MIN_SIDE} each way and at most {DEFAULT_MAX_PIXELS / 1e6:g} million"
                )
            stream.codec_context.thread_count = 1  # clips are read in parallel, not frames
            yield container, stream
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise PhotoError(f"{name}: cannot be read as a video ({reason})") from error


def _video_stream(container: Any, name: str) -> Any:
    """The one that players show: what FFmpeg thinks best, but never a cover picture.

    Raises:
        PhotoError: if there is none.
    """
    from av.stream import Disposition

    pictures = Disposition.attached_pic | Disposition.timed_thumbnails
    moving = [stream for stream in container.streams.video if not stream.disposition & pictures]
    if not moving and container.streams.video:
        raise PhotoError(f"{name}: holds no video stream, only a picture, such as a cover")
    if not moving:
        raise PhotoError(f"{name}: holds no video stream")
    best = container.streams.best("video")
    places = [stream.index for stream in moving]
    if best is not None and best.index in places:
        return moving[places.index(best.index)]
    return max(moving, key=lambda stream: stream.codec_context.width * stream.codec_context.height)


def _timestamps(name: str) -> _Timestamps | None:
    """From the packets, without decoding; None where frames cannot be told apart by their times."""
    with _opened(name) as (container, stream):
        frames: list[int] = []
        keys: list[int] = []
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard or packet.is_corrupt:
                continue
            if packet.pts is None:
                return None
            frames.append(packet.pts)
            if packet.is_keyframe:
                keys.append(packet.pts)
    if not frames:
        raise PhotoError(f"{name}: holds no frames")
    if len(set(frames)) != len(frames):
        return None
    return _Timestamps(sorted(frames), sorted(keys))


def _by_time(container: Any, stream: Any, times: _Timestamps, count: int) -> _Found:
    """Decode on to each wanted frame, or from the last key frame before it if that is nearer."""
    reader = _Reader(container, stream, times)
    last = -1
    for wanted in spread(len(times.frames), count):
        frame = reader.at(times.frames[wanted])
        if frame is None:
            return
        index = max(wanted, bisect_right(times.frames, frame.pts) - 1)
        if index > last:  # one good frame never stands for two damaged ones
            yield index, frame, times.frames[0]
            last = index


class _Reader:
    """A position in the stream that moves forward."""

    def __init__(self, container: Any, stream: Any, times: _Timestamps) -> None:
        self._container, self._stream, self._times = container, stream, times
        self._frames = _decode(container, stream)
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
        keys = self._times.keys
        place = bisect_right(keys, wanted) - 1
        position = self._times.frames[0] if self._last is None else self._last.pts
        # One key frame is left between, as a seek may land on the one after the wanted.
        if not self._seekable or place < 1 or keys[place - 1] <= position:
            return
        self._container.seek(keys[place - 1], stream=self._stream)
        self._frames = _decode(self._container, self._stream)
        first = next(self._frames, None)
        if first is None or first.pts is None or first.pts > wanted:
            self._container.seek(self._times.frames[0], stream=self._stream)
            self._frames = _decode(self._container, self._stream)
        elif first.pts == wanted:
            self._frames = _prepend(first, self._frames)


def _prepend(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _by_order(container: Any, stream: Any, name: str, count: int) -> _Found:
    """Decode everything twice: once to count, once to take."""
    total = sum(1 for _ in _decode(container, stream))
    wanted = set(spread(total, count))
    with _opened(name) as (again, second):
        first: int | None = None
        for index, frame in enumerate(_decode(again, second)):
            first = frame.pts if first is None else first
            if index in wanted:
                yield index, frame, first or 0


def _decode(container: Any, stream: Any) -> Iterator[Any]:
    """Good frames in the order of showing; damaged packets are passed over."""
    import av

    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if not frame.is_corrupt:
                yield frame


def _upright(frame: Any) -> RGB8:
    """Turn and mirror by the display matrix, to the nearest quarter of a turn."""
    return np.ascontiguousarray(displayed(frame.to_ndarray(format="rgb24"), _matrix(frame)))


def displayed(rgb: RGB8, matrix: Matrix) -> RGB8:
    """Stored pixels as a display matrix shows them (ISO/IEC 14496-12, 8.3.2).

    A pixel at (x, y) is shown at (a x + c y, b x + d y), moved into the picture.

    Args:
        rgb: (H, W, ...).
        matrix: ((a, b), (c, d)), in any unit; zeros are taken for the identity.

    >>> displayed(np.array([[1, 2], [3, 4]]), ((0, 1), (-1, 0))).tolist()  # right becomes down
    [[3, 1], [4, 2]]
    """
    (a, b), (c, d) = matrix
    if max(abs(b), abs(c)) > max(abs(a), abs(d)):
        rgb, a, d = np.swapaxes(rgb, 0, 1), c, b
    if a < 0:
        rgb = rgb[:, ::-1]
    return rgb[::-1] if d < 0 else rgb


def _matrix(frame: Any) -> Matrix:
    """Of FFmpeg's display matrix, nine int32 in the order of this machine."""
    side_data = frame.side_data.get("DISPLAYMATRIX")
    data = b"" if side_data is None else bytes(side_data)
    if len(data) != 36:
        return ((1, 0), (0, 1))
    a, b, _, c, d, *_ = struct.unpack("=9i", data)
    return ((a, b), (c, d))
