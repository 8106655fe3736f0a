"""Pictures and videos recognised by their first bytes, whatever their name says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

START: Final = 4096
"""Bytes of the start of a file that tell what it is; fewer where the file is shorter."""
_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_TIFF: Final = (b"II*\x00", b"MM\x00*")
_BRANDS: Final = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
_VIDEO_STARTS: Final = (
    b"\x1aE\xdf\xa3",  # Matroska and WebM
    b"\x06\x0e+4\x02\x05\x01\x01\r\x01\x02\x01",  # MXF (SMPTE ST 377-1)
    b"DKIF\x00\x00",  # IVF
    b"YUV4MPEG2 ",
)
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_SOUND: Final = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_ASF_VIDEO: Final = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_OGG_VIDEO: Final = (b"\x80theora", b"BBCD\x00", b"OVP80\x01", b"\x01video\x00")
"""How the first packet of a stream of Theora, Dirac, VP8 or OGM begins."""
_FLV_FLAGS: Final = (b"\0", b"\1", b"\5")
"""Not named, video, and video with sound; 4 is sound alone."""
_PACKETS: Final = ((188, 0), (192, 4), (204, 0))
"""Length of a packet of MPEG-TS, and where in it the sync byte stands."""
_LEAST_PACKETS: Final = 3
_SYNC: Final = 0x47


def is_picture_inside(path: Path) -> bool:
    """Whether a file begins as JPEG, PNG, GIF, WebP, AVIF or HEIC do; without a suffix also TIFF.

    Camera raw files begin as TIFF does, and have suffixes of their own.

    Raises:
        OSError: if the file cannot be read.
    """
    return begins_as_picture(_start_of(path), suffix=bool(path.suffix))


def begins_as_picture(start: bytes, *, suffix: bool) -> bool:
    """The same of the first bytes (16 are enough) of a file whose name has a suffix or not."""
    if start.startswith(_STARTS) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        return True
    if start[4:8] == b"ftyp":
        return start[8:12] in _BRANDS
    return not suffix and start.startswith(_TIFF)


def is_video_inside(path: Path) -> bool:
    """Whether a file begins as a video, and is no picture.

    Known are MP4, QuickTime, Matroska, WebM, AVI, MPEG (TS, PS, and MPEG-1 and -2 bare), ASF (WMV),
    FLV, Ogg, MXF, IVF and YUV4MPEG2. ASF, FLV and Ogg that hold sound alone are none.

    Raises:
        OSError: if the file cannot be read.
    """
    return begins_as_video(_start_of(path))


def begins_as_video(start: bytes) -> bool:
    """The same of the first :data:`START` bytes of a file."""
    start = start[:START]
    if start[4:8] == b"ftyp":
        return start[8:12] not in _BRANDS
    if start.startswith(_ASF):
        return _ASF_VIDEO in start or _ASF_SOUND not in start
    return (
        start.startswith(_VIDEO_STARTS)
        or (start[:4] == b"RIFF" and start[8:12] == b"AVI ")
        or (start[:4] == b"FLV\x01" and start[4:5] in _FLV_FLAGS)
        or any(_ogg_begins(start, codec) for codec in _OGG_VIDEO)
        or _is_mpeg(start)
        or _is_transport_stream(start)
    )


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(START)


def _ogg_begins(start: bytes, codec: bytes) -> bool:
    """Whether one of the first pages begins a stream of this codec (RFC 3533, 6)."""
    at = 0
    while start[at : at + 4] == b"OggS" and len(start) > at + 27 and start[at + 5] & 2:
        segments = start[at + 26]
        body = at + 27 + segments
        if start.startswith(codec, body):
            return True
        at = body + sum(start[at + 27 : body])
    return False


def _is_mpeg(start: bytes) -> bool:
    """A pack of MPEG-PS, or a sequence of MPEG-1 or MPEG-2 video (ISO/IEC 13818-1, 13818-2)."""
    if len(start) < 12 or start[:3] != b"\x00\x00\x01":
        return False
    if start[3] == 0xBA:  # the clock reference begins with 0010 in MPEG-1, with 01 in MPEG-2
        return start[4] & 0xF1 == 0x21 or start[4] & 0xC4 == 0x44
    width, height = start[4] << 4 | start[5] >> 4, (start[5] & 15) << 8 | start[6]
    aspect, rate, marker = start[7] >> 4, start[7] & 15, start[10] & 0x20
    named = 1 <= aspect <= 14 and 1 <= rate <= 8
    return start[3] == 0xB3 and width > 0 and height > 0 and named and marker > 0


def _is_transport_stream(start: bytes) -> bool:
    """Whether every packet begins as one of MPEG-TS does, and what is between is no text."""
    return b"\x00" in start and any(_has_packets(start, *one) for one in _PACKETS)


def _has_packets(start: bytes, length: int, offset: int) -> bool:
    heads = [start[at : at + 4] for at in range(offset, len(start) - 3, length)]
    # No error is flagged, and the packet says that something follows: ISO/IEC 13818-1, 2.4.3.2.
    return len(heads) >= _LEAST_PACKETS and all(
        head[0] == _SYNC and not head[1] & 0x80 and head[3] & 0x30 for head in heads
    )
