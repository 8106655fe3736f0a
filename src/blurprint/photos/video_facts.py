"""What a video file says of itself, and what its first frame shows of it, each in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.photos.video import FrameTable
from blurprint.photos.video_file import good_frames, opened
from blurprint.photos.video_pixels import TRANSFERS, is_hdr, matrix_of, taken_for_709

_RANGES: Final = {1: "limited", 2: "full"}
_MATRICES: Final = {1: "BT.709", 4: "FCC", 5: "BT.601", 6: "BT.601", 7: "SMPTE 240M", 9: "BT.2020"}
"""By their numbers (ITU-T H.273)."""
# Steps of an even rate differ by the rounding of their time base only: docs/thresholds.md.
UNEVEN: Final = 0.1
"""Share of steps between frames that differ from their median, from which a rate is variable."""
_STEP: Final = 0.25
"""By how much a step differs from the median, as a share of it, to count as another."""
# 16 files cut to 25 to 95 % miss 6 % at least, 10 whole ones 0.06 % at most: docs/thresholds.md.
CUT_OFF: Final = 0.02
"""Share of the stated duration that is missing, from which a file may be cut off."""
_HEAD: Final = 1 << 16
"""Bytes of the first packets in which an encoder is looked for."""
_ENCODER: Final = re.compile(rb"(x264|x265)[ -][^\x00]{0,4000}?options: ([^\x00]{1,4000})")
_SETTING: Final = re.compile(rb"\b(crf|qp|bitrate)=([0-9.]+)")
_FIRST_FRAMES: Final = 5


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video file.

    Attributes:
        container: as FFmpeg names it.
        codec: as FFmpeg names it ("h264").
        pixel_format: as FFmpeg names it ("yuv420p").
        width: of its first frame as stored, pixels.
        height: of its first frame as stored, pixels.
        frames: how many were met.
        duration_s: from the first frame shown to the end of the last, in seconds; None if unknown.
        stated_s: duration that the file states; None if it states none.
        rate: frames a second, over the whole clip; None if unknown.
        variable_rate: whether steps between frames differ; None if unknown.
        bit_rate: bits a second of the video stream; None if unknown.
        encoder: that wrote its name into the stream, with its setting ("x264, CRF 23"); "" if none.
        transfer: "PQ" or "HLG" for HDR, else "SDR".
        matrix: of its colours, as named by the file; "" if it names none.
        value_range: "limited" or "full"; "" if the file names none.
        interlaced: whether its first frames are.
        pixel_aspect: width over height of a pixel; 1 for square ones.
        turned: degrees by which frames are turned clockwise to be shown.
        mirrored: whether they are mirrored to be shown.
        notes: what the user should know of it, a sentence each.
    """

    container: str
    codec: str
    pixel_format: str
    width: int
    height: int
    frames: int
    duration_s: float | None
    stated_s: float | None
    rate: float | None
    variable_rate: bool | None
    bit_rate: float | None
    encoder: str
    transfer: str
    matrix: str
    value_range: str
    interlaced: bool
    pixel_aspect: float
    turned: int
    mirrored: bool
    notes: tuple[str, ...]


def video_facts(path: str | Path, table: FrameTable) -> VideoFacts:
    """What a video file says of itself. Its first frames are decoded.

    Args:
        path: of the video.
        table: of :func:`blurprint.photos.video.frame_table`.

    Raises:
        PhotoError: if it is no video.
    """
    with opened(str(path)) as (container, stream):
        encoder = _encoder_of(stream)
        head = b"" if encoder else _head(container, stream)
    with opened(str(path)) as (container, stream):
        frames = list(islice(good_frames(container, stream), _FIRST_FRAMES))
        seconds, variable = _duration(table, float(stream.time_base or 0))
        stated = _stated(container, stream)
        shown = frames[0] if frames else None
        context = stream.codec_context
        turned, mirrored = _turn(shown)
        aspect = float(getattr(stream, "sample_aspect_ratio", None) or 1) or 1.0
        return _noted(
            VideoFacts(
                container=container.format.name,
                codec=context.name,
                pixel_format=str(context.pix_fmt or ""),
                width=shown.width if shown else context.width,
                height=shown.height if shown else context.height,
                frames=table.total,
                duration_s=seconds,
                stated_s=stated,
                rate=table.total / seconds if seconds else None,
                variable_rate=variable,
                bit_rate=_bit_rate(table, stream, seconds),
                encoder=encoder or _encoder(head),
                transfer=TRANSFERS[int(shown.color_trc)] if shown and is_hdr(shown) else "SDR",
                matrix=_MATRICES.get(int(shown.colorspace), "") if shown else "",
                value_range=_RANGES.get(int(shown.color_range), "") if shown else "",
                interlaced=any(frame.interlaced_frame for frame in frames),
                pixel_aspect=aspect,
                turned=turned,
                mirrored=mirrored,
                notes=(),
            ),
            table,
            guessed=bool(shown and taken_for_709(shown)),
        )


def _encoder_of(stream: Any) -> str:
    return _encoder(bytes(stream.codec_context.extradata or b""))


def _head(container: Any, stream: Any) -> bytes:
    for packet in container.demux(stream):
        if packet.size:
            return bytes(packet)[:_HEAD]
    return b""


def _encoder(data: bytes) -> str:
    """Name and setting of an encoder that wrote them into its stream, as x264 and x265 do."""
    found = _ENCODER.search(data)
    if found is None:
        return ""
    name = found[1].decode("ascii")
    setting = _SETTING.search(found[2])
    if setting is None:
        return name
    kind, value = setting[1].decode("ascii"), float(setting[2])
    words = {"crf": f"CRF {value:g}", "qp": f"QP {value:g}", "bitrate": f"{value:g} kbit/s"}
    return f"{name}, {words[kind]}"


def _duration(table: FrameTable, base: float) -> tuple[float | None, bool | None]:
    """From the first frame to the end of the last, and whether the rate is variable."""
    if table.times is None or not base:
        return None, None
    if len(table.times) < 2:
        return None, None
    steps = np.diff(np.array(table.times, np.float64)) * base
    middle = float(np.median(steps))
    seconds = float((table.times[-1] - table.times[0]) * base) + middle
    # A time base that is coarse makes steps of an even rate differ by one of its units.
    other = np.abs(steps - middle) > max(_STEP * middle, 1.5 * base)
    return seconds, bool(other.mean() > UNEVEN)


def _stated(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def _bit_rate(table: FrameTable, stream: Any, seconds: float | None) -> float | None:
    if table.stream_bytes and seconds:
        return 8 * table.stream_bytes / seconds
    return float(stream.bit_rate) if stream.bit_rate else None


def _turn(frame: Any) -> tuple[int, bool]:
    """Quarter turns clockwise, in degrees, and whether frames are mirrored."""
    if frame is None:
        return 0, False
    (a, b), (c, d) = matrix_of(frame)
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    turned = round(np.degrees(np.arctan2(b, a)) / 90) * 90 % 360
    return int(turned), mirrored


def _noted(facts: VideoFacts, table: FrameTable, *, guessed: bool) -> VideoFacts:
    said = []
    if table.limit:
        said.append(
            f"Only the first {facts.frames:,} frames were looked at, the limit of {table.limit}."
        )
    if facts.turned or facts.mirrored:
        how = f"turned by {facts.turned}°" * bool(facts.turned)
        how += " and " * bool(facts.turned and facts.mirrored) + "mirrored" * facts.mirrored
        said.append(f"Its frames are {how}, as the file says they are to be shown.")
    if facts.variable_rate:
        said.append(
            "Its rate is variable; frames are counted, not timed, where they are spread over it."
        )
    if facts.transfer != "SDR":
        said.append(
            f"HDR ({facts.transfer}): highlights were compressed by a curve to be measured as an "
            "ordinary picture; blur next to them compares less well."
        )
    if facts.interlaced:
        said.append(
            "Interlaced: one field of each frame is measured, at half its width and height, so "
            "that no line is invented."
        )
    if abs(facts.pixel_aspect - 1) > 0.01:
        said.append(
            f"Its pixels are not square ({facts.pixel_aspect:.3g} times as wide as high); blur is "
            "measured in pixels as stored, where faces are as much narrower or wider."
        )
    if guessed:
        said.append("The file does not name its colour matrix; that of HD, BT.709, was taken.")
    if facts.frames == 1 and facts.stated_s and not table.limit:
        said.append(f"The file states {facts.stated_s:.2f} s and holds a single frame.")
    if facts.stated_s and facts.duration_s and not table.limit:
        missing = facts.stated_s - facts.duration_s
        if missing > max(CUT_OFF * facts.stated_s, 2 * facts.duration_s / facts.frames):
            said.append(
                f"The file states {facts.stated_s:.1f} s but its frames end after "
                f"{facts.duration_s:.1f} s: it may have been cut off."
            )
    return replace(facts, notes=tuple(said))
