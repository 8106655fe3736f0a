"""Videos that tests make: a public-domain portrait that moves."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import av
import numpy as np
import numpy.typing as npt
from skimage import data

RGB8 = npt.NDArray[np.uint8]
FACE = (225, 115)
"""Centre (x, y) of the face in `data.astronaut()`; it is about 100 pixels wide."""


def portrait(shift: int = 0) -> RGB8:
    """480 x 360 pixels of the astronaut, `shift` pixels further to the right."""
    return np.ascontiguousarray(np.roll(data.astronaut(), shift, axis=1)[:360, :480])


def moving(frames: int, step: int = 3) -> list[RGB8]:
    """A clip in which the face moves `step` pixels a frame."""
    return [portrait(step * index) for index in range(frames)]


def numbered(frames: int) -> list[RGB8]:
    """Up to 64 frames of six stripes, the bits of their numbers; see :func:`number_of`."""
    bits = (np.arange(frames)[:, None] >> np.arange(6)) & 1
    rows = np.repeat(np.where(bits, 220, 30).astype(np.uint8), 16, axis=1)
    return [np.ascontiguousarray(np.broadcast_to(row[None, :, None], (64, 96, 3))) for row in rows]


def number_of(rgb: RGB8) -> int:
    """Which of :func:`numbered` a decoded frame is."""
    bits = rgb.reshape(64, 6, 16, 3).mean(axis=(0, 2, 3)) > 125
    return int((bits << np.arange(6)).sum())


def write_video(
    path: Path,
    frames: Sequence[RGB8],
    *,
    codec: str = "libx264",
    times: Sequence[int] | None = None,
    options: Mapping[str, str] = MappingProxyType({"g": "12", "qp": "4"}),
    muxing: Mapping[str, str] = MappingProxyType({}),
    pixel_aspect: Fraction | None = None,
    transfer: int | None = None,
    interlaced: bool = False,
) -> Path:
    """At 25 frames a second, or shown at `times` in hundredths of a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=dict(muxing)) as container:
        stream = container.add_stream(codec, rate=25, options=dict(options))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if transfer is not None:
            stream.codec_context.color_trc = transfer
            stream.codec_context.color_primaries = stream.codec_context.colorspace = 9
        if interlaced:
            stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct
        for index, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            if times is not None:
                frame.time_base, frame.pts = Fraction(1, 100), times[index]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_with_cover(
    path: Path, cover: RGB8, frames: Sequence[RGB8] = (), *, sound: bool = False
) -> Path:
    """A video whose first stream is a cover picture of one frame; `sound` in place of a video."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mjpeg", rate=25)
        picture.height, picture.width = cover.shape[:2]
        picture.pix_fmt = "yuvj420p"
        picture.disposition = av.stream.Disposition.attached_pic
        if sound:
            audio = container.add_stream("aac", rate=8000, layout="mono")
        else:
            video = container.add_stream("libx264", rate=25)
            video.height, video.width = frames[0].shape[:2]
            video.pix_fmt = "yuv420p"
        container.mux(picture.encode(av.VideoFrame.from_ndarray(cover, format="rgb24")))
        container.mux(picture.encode())
        if sound:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
            frame.sample_rate = 8000
            container.mux(audio.encode(frame))
            container.mux(audio.encode())
        else:
            for rgb in frames:
                container.mux(video.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
            container.mux(video.encode())
    return path


def write_of_sizes(path: Path, *parts: Sequence[RGB8]) -> Path:
    """A stream (MPEG-TS) whose frames change their size from part to part."""
    data = b""
    for number, frames in enumerate(parts):
        piece = write_video(path.with_name(f"{path.stem}-{number}.ts"), frames)
        data += piece.read_bytes()
        piece.unlink()
    path.write_bytes(data)
    return path


def set_matrix(video: Path, a: int, b: int, c: int, d: int) -> None:
    """Write a display matrix of quarter turns and mirrors into the track header of an MP4 file."""
    data = bytearray(video.read_bytes())
    place = data.index(b"tkhd") + 4 + 40
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    assert data[place : place + 36] == identity
    values = (65536 * a, 65536 * b, 0, 65536 * c, 65536 * d, 0, 0, 0, 1 << 30)
    data[place : place + 36] = struct.pack(">9i", *values)
    video.write_bytes(data)
