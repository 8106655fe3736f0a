"""A video file opened: one local file, at the stream that players show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError, PhotoError
from blurprint.limits import DEFAULT_MAX_PIXELS, MIN_SIDE
from blurprint.numerals import count_in_words

MISSING: Final = "videos need PyAV, which is not installed: pip install 'blurprint[video]'"
"""What is said where PyAV is missing."""
_CONTAINERS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,vvc,av1,obu,ivf,"
    "asf,flv,ogg,mxf,dv,nut,rm,yuv4mpegpipe,vc1,gxf,h263,"
    "aac,ac3,aiff,amr,caf,flac,mp3,w64,wav"  # sound alone, so that it can be called that
)
"""FFmpeg's containers of videos and sound. Playlists, which name further files and addresses, are
not among them, nor are animated pictures, of which a photo is the first frame."""
_OPTIONS: Final = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}


@contextmanager
def opened(name: str) -> Iterator[tuple[Any, Any]]:
    """The container and its video stream; what the decoder raises becomes a PhotoError.

    Nothing but this file is opened, whatever it names, and no address is fetched.

    Raises:
        PhotoError: naming the file: if it is no video, declares frames that are too large or too
            small, or cannot be decoded.
        InputError: if PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise InputError(f"{name}: {MISSING}") from error
    try:
        with av.open(
            f"file:{Path(name).absolute()}", metadata_errors="replace", container_options=_OPTIONS
        ) as container:
            stream = _video_stream(container, name)
            width, height = stream.codec_context.width, stream.codec_context.height
            if width * height > DEFAULT_MAX_PIXELS or min(width, height) < MIN_SIDE:
                raise PhotoError(
                    f"{name}: declares frames of {width} x {height} pixels; expected at least "
                    f"{MIN_SIDE} each way and at most {count_in_words(DEFAULT_MAX_PIXELS)}"
                )
            stream.codec_context.thread_count = 1  # clips are read in parallel, not frames
            yield container, stream
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        if isinstance(error, av.error.ArgumentError):
            reason = "its container is none of a video"
        elif _ends_before_its_index(name):
            reason = "it is cut off: the index of its frames, which should follow them, is missing"
        raise PhotoError(f"{name}: cannot be read as a video ({reason})") from error


def _ends_before_its_index(name: str) -> bool:
    """Whether an MPEG-4 or QuickTime file ends within a box, and none before was the index."""
    try:
        with Path(name).open("rb") as file:
            size, at = Path(name).stat().st_size, 0
            while at + 8 <= size:
                file.seek(at)
                head = file.read(16)
                if (at == 0 and head[4:8] != b"ftyp") or head[4:8] == b"moov":
                    return False
                length = int.from_bytes(head[:4], "big")
                if length == 1:  # a larger number follows (ISO/IEC 14496-12, 4.2)
                    length = int.from_bytes(head[8:16], "big")
                if length < 8:
                    return False
                at += length
            return at > size
    except (OSError, ValueError):
        return False


def good_frames(container: Any, stream: Any) -> Iterator[Any]:
    """Decoded frames in the order of showing.

    Damaged packets are passed over, and frames that are larger than any picture may be, which a
    stream that changes its size can hold whatever its head declares.
    """
    import av

    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if not frame.is_corrupt and frame.width * frame.height <= DEFAULT_MAX_PIXELS:
                yield frame


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
    if not moving and container.streams.audio:
        raise PhotoError(f"{name}: holds no video stream, only sound")
    if not moving:
        raise PhotoError(f"{name}: holds no video stream")
    moving = [stream for stream in moving if stream.codec_context is not None]
    if not moving:
        raise PhotoError(
            f"{name}: cannot be read as a video (its stream cannot be decoded: the file is cut "
            "off, or its codec unknown)"
        )
    best = container.streams.best("video")
    places = [stream.index for stream in moving]
    if best is not None and best.index in places:
        return moving[places.index(best.index)]
    return max(moving, key=lambda stream: stream.codec_context.width * stream.codec_context.height)
