"""Chooses the decoder of a file by its content; a file without its metadata."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from blurprint.errors import PhotoError, install_extra

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_LEFT_OUT: Final = frozenset(("BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"))
"""Pillow formats that contain no photograph, or whose decoder runs another program."""

_HEIF: Final = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
)
_AVIF: Final = frozenset((b"avif", b"avis"))

_CLIP: Final = "not a picture; blurprint.analyze_clip reads videos"
_NO_PICTURES: Final = (
    (
        re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
        "a JPEG XL picture, which is not supported",
    ),
    (re.compile(rb"....ftypcrx ", re.DOTALL), "a camera's raw data (CR3); develop it first"),
    (re.compile(rb"FUJIFILMCCD-RAW"), "a camera's raw data (RAF); develop it first"),
    (re.compile(rb"....ftypM4[AB] ", re.DOTALL), "sound (MPEG-4), not a picture"),
    (
        re.compile(rb"....ftyp(?:iso[m2-9]|mp4[12]|avc1|M4V |qt  |3g[p2]|dash|MSNV)", re.DOTALL),
        f"a video (MPEG-4 or QuickTime), {_CLIP}",
    ),
    (
        re.compile(rb"....ftyp", re.DOTALL),
        "a video, or a picture in a format that cannot be read; blurprint.analyze_clip reads "
        "videos",
    ),
    (re.compile(rb"\x1aE\xdf\xa3"), f"a video (Matroska or WebM), {_CLIP}"),
    (re.compile(rb"RIFF....AVI ", re.DOTALL), f"a video (AVI), {_CLIP}"),
    (re.compile(rb"%PDF"), "a PDF document, not a picture"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "a PostScript drawing, not a picture"),
    (
        re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE svg|<svg)"),
        "an SVG drawing, not a picture",
    ),
    (re.compile(rb"PK\x03\x04"), "an archive (ZIP), not a picture"),
)


def open_picture(data: bytes, name: str) -> ImageFile:
    """An opened, not yet decoded picture. Pillow's bound of pixels, a global, is left alone.

    ``Image.open`` of Pillow compares the size with ``Image.MAX_IMAGE_PIXELS``, which belongs to the
    whole process; here its decoders are asked one after the other without that step.

    Args:
        data: of the file.
        name: for messages.

    Raises:
        PhotoError: if no decoder takes it. The message says what the file is, if that is known.
    """
    from PIL import Image

    asked: set[str] = set()
    reason = ""
    for load_plugins in (Image.preinit, Image.init):
        load_plugins()
        for kind in [kind for kind in Image.ID if kind not in asked and kind in Image.OPEN]:
            asked.add(kind)
            if kind in _LEFT_OUT:
                continue
            factory, accept = Image.OPEN[kind]
            accepted: bool | str = False
            try:
                accepted = accept(data[:16]) if accept else True
                if accepted and not isinstance(accepted, str):
                    return factory(io.BytesIO(data), name)
            except (SyntaxError, IndexError, TypeError, KeyError, EOFError, struct.error) as error:
                if accept and accepted:  # others are asked of every file
                    said = " ".join(str(error).split())[:120]
                    told = "" if "not identified" in said else f": {said}"
                    reason = f" (it begins as {kind} files do{told})"
    brands = _brands(data)
    if brands & _HEIF and not brands & _AVIF:
        return _open_heif(data, name)
    if brands & _AVIF and "AVIF" not in Image.OPEN:
        raise PhotoError(f"{name}: is an AVIF picture, which needs Pillow 11.3 or newer")
    kinds = (what for pattern, what in _NO_PICTURES if pattern.match(data[:300]))
    if not brands & (_AVIF | _HEIF) and (found := next(kinds, None)):
        raise PhotoError(f"{name}: is {found}")
    raise PhotoError(f"{name}: not a picture in a format that can be read{reason}")


def _open_heif(data: bytes, name: str) -> ImageFile:
    """HEIC by the plugin of the extra, without registering that in Pillow for all."""
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise PhotoError(
            f"{name}: is a HEIC picture, which needs the extra 'heif': {install_extra('heif')}"
        ) from None
    picture: ImageFile = HeifImageFile(io.BytesIO(data), name)
    return picture


def _brands(data: bytes) -> set[bytes]:
    """Of an ISO base media file (ISO/IEC 14496-12, 4.3): the major one and the compatible ones."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 4096)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}


def without_metadata(data: bytes) -> bytes | None:
    """The file with only its pixels and what is needed to decode them; None for other formats.

    EXIF, XMP, colour profiles and texts are removed, for files whose decoder fails because of
    them. A TIFF file is not changed here (see :mod:`blurprint.photos.tiff`).
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data[:8] + b"".join(_png_chunks(data))
    if data.startswith(b"\xff\xd8"):
        return _jpeg_segments(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp_chunks(data)
    if _brands(data) & (_HEIF | _AVIF):
        # An item's entry ("infe") names its type; of an unknown type an item is passed over.
        return re.sub(rb"(infe[\x02\x03]...(?:..|....)..)Exif", rb"\1none", data, flags=re.DOTALL)
    return None


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """Chunks that pixels need, with the checksum they should have if they are ancillary."""
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        chunk = data[at : at + 12 + length]
        if kind[:1].isupper():
            yield chunk
        elif kind in (b"tRNS", b"acTL", b"fcTL", b"fdAT") and len(chunk) == 12 + length:
            yield chunk[:-4] + struct.pack(">I", zlib.crc32(chunk[4:-4]))
        at += 12 + length
    yield data[at:]


def _jpeg_segments(data: bytes) -> bytes:
    """All but application data (APP1 to APP13, APP15) and comments; APP14 tells the colours."""
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == 0xDA:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not (0xE1 <= marker <= 0xED or marker in (0xEF, 0xFE)):
            kept.append(data[at:end])
        at = end
    return b"".join(kept) + data[at:]


def _webp_chunks(data: bytes) -> bytes:
    """All but EXIF, XMP and profile, whose flags are taken back (WebP container, VP8X)."""
    kept, at = [], 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        chunk = data[at:end]
        if chunk[:4] == b"VP8X" and len(chunk) > 8:
            chunk = chunk[:8] + bytes([chunk[8] & ~0x2C]) + chunk[9:]
        if chunk[:4] not in (b"EXIF", b"XMP ", b"ICCP"):
            kept.append(chunk)
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
