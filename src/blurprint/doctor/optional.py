"""What optional packages are for, tried on files that are made here."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np

from blurprint.doctor.line import Line

DECODERS: Final = ("h264", "hevc", "mpeg4", "vp9", "av1")
"""Codecs of nearly all videos that people have."""
_FRAMES: Final = 12
_OFF: Final = 6.0
"""Largest difference of a gray level after a video, of 255."""


def manifest(group: str, name: str) -> Line:
    """Whether the reader of C2PA manifests runs: a file that only mentions one has none."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from blurprint.provenance.manifest import manifest_row

    file, mention = BytesIO(), PngInfo()
    mention.add_text("Comment", "jumb c2pa")
    Image.new("RGB", (32, 32)).save(file, "PNG", pnginfo=mention)
    row = manifest_row(file.getvalue(), "image/png")
    if row.details.get("reasons") == ("no whole manifest",):
        return Line(group, name, "ok", "reads files in a process of its own")
    return Line(group, name, "wrong", row.found, "install c2pa-python again")


def video(group: str, name: str) -> Line:
    """Whether a video that is written here is read again, and which codecs are there."""
    import av

    from blurprint.photos.video import read_frames

    levels = np.linspace(40, 200, _FRAMES).round().astype(np.uint8)
    with tempfile.TemporaryDirectory(prefix="blurprint-doctor-") as folder:
        clip = Path(folder) / "clip.mp4"
        with av.open(str(clip), "w") as container:
            stream = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for level in levels:
                gray = np.full((48, 64, 3), level, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(gray, format="rgb24")))
            container.mux(stream.encode())
        read = [float(frame.rgb.mean()) for frame in read_frames(clip, _FRAMES)]
    lost = [one for one in DECODERS if not _decodes(one)]
    detail = f"{len(read)} of {_FRAMES} frames read; decoders: "
    detail += ", ".join(one for one in DECODERS if one not in lost)
    advice = "install av again"
    if len(read) != _FRAMES or max(abs(np.array(read) - levels)) > _OFF:
        return Line(group, name, "wrong", f"{detail}; their pixels are wrong", advice)
    if lost:
        without = f"{detail}; without {', '.join(lost)}: such videos cannot be read"
        return Line(group, name, "missing", without, "install the wheel of av from PyPI")
    return Line(group, name, "ok", detail)


def _decodes(codec: str) -> bool:
    import av

    try:
        return bool(av.Codec(codec, "r").is_decoder)
    except (av.error.FFmpegError, ValueError):
        return False


def heic(group: str, name: str) -> Line:
    """Whether a HEIC file that is written here is read again."""
    import pillow_heif
    from PIL import Image

    from blurprint.photos.photo import read_photo

    file = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), (200, 100, 50))).save(file, quality=90)
    photo = read_photo(file.getvalue())
    off = float(np.abs(photo.rgb * 255 - (200, 100, 50)).max())
    good = photo.size == (64, 48) and off <= _OFF
    detail = "a picture is written and read again" if good else f"pixels are {off:.0f} off of 255"
    return Line(group, name, "ok" if good else "wrong", detail, "" if good else "install again")
