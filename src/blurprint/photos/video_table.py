"""Which frames a video has and when they are shown, without their pixels, within limits."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from blurprint.errors import PhotoError
from blurprint.photos.video_clock import NO_FAULTS, Clock, StampFaults
from blurprint.photos.video_file import good_frames, opened


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """How much of a video is looked at; what lies beyond the first of these is left out.

    Attributes:
        frames: number of frames.
        bytes: of the video stream.
        seconds: since the first frame.
    """

    frames: int = 1_000_000
    bytes: int = 64 << 30
    seconds: float = 12 * 3600.0


NO_LIMITS: Final = VideoLimits(1 << 62, 1 << 62, float("inf"))


@dataclass(frozen=True, slots=True, eq=False)
class FrameTable:
    """Which frames a video has, without their pixels.

    Attributes:
        total: how many were met; all of the file unless a limit ended the search.
        keys: indices of those that are stored whole, in order.
        times: of each, in the stream's time base, in order; None where frames cannot be told apart
            by their times, and are counted as they are decoded.
        limit: which limit ended the search: "frames", "bytes" or "seconds"; "" for none.
        stream_bytes: of the packets that were met.
        clock: time of each since the first, in the stream's time base, where `times` is None.
        faults: of their time stamps.
    """

    total: int
    keys: Sequence[int]
    times: array[int] | None
    limit: str = ""
    stream_bytes: int = 0
    clock: array[int] | None = None
    faults: StampFaults = NO_FAULTS


def frame_table(path: str | Path, limits: VideoLimits = NO_LIMITS) -> FrameTable:
    """Which frames a video has; by its packets, without decoding, where these have times.

    Args:
        path: of the video.
        limits: beyond which nothing is looked at.

    Raises:
        PhotoError: if it is no video, or holds no frames.
        InputError: if PyAV is not installed.
    """
    name = str(path)
    table = _by_packets(name, limits)
    return _by_decoding(name, limits) if table is None else table


def _by_packets(name: str, limits: VideoLimits) -> FrameTable | None:
    """None where frames cannot be told apart, or ordered, by the times of their packets."""
    frames, keys = array("q"), array("q")
    size, limit, first = 0, "", 0
    decoded: int | None = None
    with opened(name) as (container, stream):
        most = limits.seconds / float(stream.time_base)
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard or packet.is_corrupt:
                continue
            if packet.pts is None or _goes_back(packet, decoded, keys):
                return None
            decoded = packet.dts if packet.dts is not None else decoded
            first = packet.pts if not frames else min(first, packet.pts)
            reached = _passed(limits, len(frames), size)
            if reached:
                # Frames that come later may be shown before those that were met, not before `dts`.
                if packet.dts is not None:
                    frames = array("q", (pts for pts in frames if pts < packet.dts)) or frames
                limit = limit or reached
                break
            if packet.pts - first > most:
                limit = "seconds"
                if packet.dts is None or packet.dts - first > most:
                    break
                continue  # frames that come later may be shown earlier
            size += packet.size
            frames.append(packet.pts)
            if packet.is_keyframe:
                keys.append(packet.pts)
    if not frames:
        raise PhotoError(f"{name}: holds no frames")
    times = array("q", sorted(frames))
    if any(times[place] == times[place - 1] for place in range(1, len(times))):
        return None
    places = array("q", sorted(bisect_right(times, key) - 1 for key in keys if key <= times[-1]))
    return FrameTable(len(times), places, times, limit, size)


def _goes_back(packet: Any, decoded: int | None, keys: Sequence[int]) -> bool:
    """Whether a packet is older than those before it, as where streams were joined."""
    if packet.dts is not None and decoded is not None and packet.dts < decoded:
        return True
    return bool(packet.is_keyframe and keys and packet.pts < keys[-1])


def _passed(limits: VideoLimits, frames: int, size: int) -> str:
    if frames >= limits.frames:
        return "frames"
    return "bytes" if size >= limits.bytes else ""


def _by_decoding(name: str, limits: VideoLimits) -> FrameTable:
    total, keys, limit = 0, array("q"), ""
    with opened(name) as (container, stream):
        clock = Clock(stream.time_base, stream.average_rate or stream.guessed_rate)
        most = limits.seconds / float(stream.time_base)
        for frame in good_frames(container, stream):
            limit = _passed(limits, total, 0)
            if limit:
                break
            if clock.add(frame.pts, frame.duration or 0) > most:
                clock.times.pop()
                limit = "seconds"
                break
            if frame.key_frame:
                keys.append(total)
            total += 1
    if not total:
        raise PhotoError(f"{name}: none of its frames can be decoded")
    return FrameTable(total, keys, None, limit, clock=clock.times, faults=clock.faults)
