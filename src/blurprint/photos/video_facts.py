"""What a video file says of itself, and what its first frame shows of it, each in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.photos.video_file import good_frames, opened
from blurprint.photos.video_pixels import matrix_of
from blurprint.photos.video_steps import duration_and_rate, gap_sentences
from blurprint.photos.video_table import FrameTable
from blurprint.photos.video_traits import PLAIN, traits_of

_RANGES: Final = {1: "limited", 2: "full"}
_MATRICES: Final = {1: "BT.709", 4: "FCC", 5: "BT.601", 6: "BT.601", 7: "SMPTE 240M", 9: "BT.2020"}
"""By their numbers (ITU-T H.273)."""
# 16 files cut to 25 to 95 % miss 6 % at least, 10 whole ones 0.06 % at most: docs/thresholds.md.
CUT_OFF: Final = 0.02
"""Share of the stated duration that is missing, from which a file may be cut off."""
_HEAD: Final = 1 << 16
"""Bytes of the first packets in which an encoder is looked for."""
_ENCODER: Final = re.compile(rb"(x264|x265)[ -][^\x00]{0,4000}?options: ([^\x00]{1,4000})")
_SETTING: Final = re.compile(rb"\b(crf|qp|bitrate)=([0-9.]+)")
_FIRST_FRAMES: Final = 5
_BARE: Final = frozenset(("mpegvideo", "m4v", "h263", "h264", "hevc", "vvc", "vc1", "obu"))
"""Streams without a container, of which FFmpeg guesses a duration by their bit rate."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video file.

    Attributes:
        container: as FFmpeg names it.
        codec: as FFmpeg names it ("h264").
        pixel_format: as FFmpeg names it ("yuv420p").
        width: of its first frame as stored, pixels.
        height: of its first frame as stored, pixels.
        frames: how many the file has; where only a part was looked at, as it states, and None if it
            states none.
        duration_s: from the first frame shown to the end of the last, in seconds; where only a part
            was looked at, as the file states; None if unknown.
        stated_s: duration that the file states; None if it states none.
        met: how many frames were met, among which those to measure are chosen; all of the file, or
            its first ones up to a limit.
        met_s: from the first of these to the end of the last, in seconds; None if unknown.
        rate: frames a second, over those that were met; None if unknown.
        variable_rate: whether steps between frames differ; None if unknown.
        bit_rate: bits a second of the video stream; None if unknown.
        encoder: that wrote its name into the stream, with its setting ("x264, CRF 23"); "" if none.
        transfer: "PQ" or "HLG" for HDR, else "SDR".
        matrix: of its colours, as named by the file; "" if it names none.
        value_range: "limited" or "full"; "" if the file names none.
        interlaced: whether any of its first frames is, or of those that were measured.
        pixel_aspect: width over height of a pixel as stored; 1 for square ones.
        turned: degrees by which frames are turned clockwise to be shown.
        mirrored: whether they are mirrored to be shown.
        notes: what the user should know of it, a sentence each; what may change from frame to frame
            (:mod:`blurprint.photos.video_traits`) is not among them.
    """

    container: str
    codec: str
    pixel_format: str
    width: int
    height: int
    frames: int | None
    duration_s: float | None
    stated_s: float | None
    met: int
    met_s: float | None
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


def video_facts(path: str | Path, table: FrameTable, *, partial: bool = False) -> VideoFacts:
    """What a video file says of itself. Its first frames are decoded.

    Args:
        path: of the video.
        table: of :func:`blurprint.photos.video_table.frame_table`.
        partial: whether the file is known to be the beginning of a longer one.

    Raises:
        PhotoError: if it is no video.
    """
    with opened(str(path)) as (container, stream):
        encoder = _encoder_of(stream)
        head = b"" if encoder else _head(container, stream)
    with opened(str(path)) as (container, stream):
        frames = list(islice(good_frames(container, stream), _FIRST_FRAMES))
        base = float(stream.time_base or 0)
        seconds, variable = duration_and_rate(table, base)
        stated = _stated(container, stream)
        part = partial or bool(table.limit)
        shown = frames[0] if frames else None
        traits = [traits_of(frame) for frame in frames] or [PLAIN]
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
                frames=_stated_frames(stream, table) if part else table.total,
                duration_s=_longer(stated, seconds) if part else seconds,
                stated_s=stated,
                met=table.total,
                met_s=seconds,
                rate=table.total / seconds if seconds else None,
                variable_rate=variable,
                bit_rate=_bit_rate(table, stream, seconds),
                encoder=encoder or _encoder(head),
                transfer=traits[0].transfer,
                matrix=_MATRICES.get(int(shown.colorspace), "") if shown else "",
                value_range=_RANGES.get(int(shown.color_range), "") if shown else "",
                interlaced=any(one.interlaced for one in traits),
                pixel_aspect=aspect,
                turned=turned,
                mirrored=mirrored,
                notes=(),
            ),
            table,
            base=base,
            part=part,
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


def _stated_frames(stream: Any, table: FrameTable) -> int | None:
    """As the file says, where that can be true of one of which only a part was met."""
    return int(stream.frames) if stream.frames > table.total else None


def _longer(stated: float | None, met: float | None) -> float | None:
    return stated if stated is not None and stated >= (met or 0) else None


def _stated(container: Any, stream: Any) -> float | None:
    if container.format.name in _BARE:
        return None
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


def _noted(facts: VideoFacts, table: FrameTable, *, base: float, part: bool) -> VideoFacts:
    said = []
    if table.limit:
        said.append(
            f"Only its first {facts.met:,} frames{in_seconds(facts.met_s)} were looked at, the "
            f"limit of {table.limit}."
        )
    if facts.turned or facts.mirrored:
        how = f"turned by {facts.turned}°" * bool(facts.turned)
        how += " and " * bool(facts.turned and facts.mirrored) + "mirrored" * facts.mirrored
        said.append(f"Its frames are {how}, as the file says they are to be shown.")
    if facts.variable_rate:
        said.append(
            "Its rate is variable; frames are counted, not timed, where they are spread over it."
        )
    said += [*table.faults.sentences(table.total), *gap_sentences(table, base)]
    if abs(facts.pixel_aspect - 1) > 0.01:
        said.append(
            f"Its pixels are not square (as stored, {facts.pixel_aspect:.3g} times as wide as "
            "high); blur is measured in them, where faces are as much narrower or wider."
        )
    if facts.met == 1 and facts.stated_s and not part:
        said.append(f"The file states {facts.stated_s:.2f} s and holds a single frame.")
    if facts.stated_s and facts.duration_s and not part:
        missing = facts.stated_s - facts.duration_s
        if missing > max(CUT_OFF * facts.stated_s, 2 * facts.duration_s / facts.met):
            said.append(
                f"The file states {facts.stated_s:.1f} s but its frames end after "
                f"{facts.duration_s:.1f} s: it may have been cut off."
            )
    return replace(facts, notes=tuple(said))


def in_seconds(seconds: float | None) -> str:
    """The length of a clip as a part of a sentence; "" where it is unknown.

    >>> in_seconds(2.0), in_seconds(None)
    (' in 2.0 s', '')
    """
    return "" if seconds is None else f" in {seconds:,.1f} s"
