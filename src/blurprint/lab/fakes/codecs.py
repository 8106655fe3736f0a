"""What a file does to a picture: JPEG, WebP, and one frame of a video."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import cv2
import numpy as np

from blurprint.faces.find import RGB8

Video = Literal["h264", "hevc"]
_ENCODERS: Final = {"h264": "libx264", "hevc": "libx265"}
# Without "cpu-independent" x264 gives another file from run to run where it looks ahead.
_FIXED: Final = {
    "h264": {"x264-params": "cpu-independent=1"},
    "hevc": {"x265-params": "log-level=none:pools=none:frame-threads=1"},
}


def jpeg(rgb: RGB8, quality: int, *, halved_colour: bool = True) -> RGB8:
    """The picture after JPEG.

    Args:
        rgb: uint8 (H, W, 3).
        quality: 1 to 100.
        halved_colour: colour at half the size (4:2:0), as most programs write it.
    """
    sampling = (
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
        if halved_colour
        else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    )
    how = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    return _through(rgb, ".jpg", how)


def webp(rgb: RGB8, quality: int) -> RGB8:
    """The picture after lossy WebP of `quality`, 1 to 100; shape as :func:`jpeg`."""
    return _through(rgb, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


@dataclass(frozen=True, slots=True)
class Clip:
    """The few frames that are encoded together with a picture.

    Attributes:
        before: number of frames before it; the first frame of all stands alone (intra-coded), every
            later one is predicted from others.
        after: number of frames after it.
        motion: by how much the picture moves from frame to frame, right and down, pixels.
        between: most frames in a row that may be predicted from both sides (B-frames).
    """

    before: int = 1
    after: int = 0
    motion: tuple[float, float] = (1.0, 0.0)
    between: int = 0


TWO_FRAMES: Final = Clip()


def video_frame(
    rgb: RGB8,
    crf: int,
    codec: Video = "h264",
    *,
    preset: str = "veryfast",
    clip: Clip = TWO_FRAMES,
) -> RGB8:
    """The picture after a video codec: one frame of a short clip in which it moves.

    Args:
        rgb: uint8 (H, W, 3); an odd last row or column is repeated for the codec.
        crf: constant rate factor: 18 hardly to be seen, 28 good, 35 coarse.
        codec: "h264" (libx264) or "hevc" (libx265).
        preset: of the encoder.
        clip: the frames around it; by default one before, which differs by a shift of a pixel.

    Returns:
        uint8 (H, W, 3).
    """
    import av

    height, width = rgb.shape[:2]
    even = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    encoder = av.CodecContext.create(_ENCODERS[codec], "w")
    encoder.width, encoder.height = even.shape[1], even.shape[0]
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"crf": str(crf), "preset": preset, "bf": str(clip.between)} | _FIXED[codec]
    packets = []
    for time in range(clip.before + 1 + clip.after):
        picture = av.VideoFrame.from_ndarray(_moved(even, clip, time), format="rgb24")
        picture.pts = time
        packets += encoder.encode(picture)
    packets += encoder.encode(None)
    decoder = av.CodecContext.create(codec, "r")
    decoder.thread_count = 1
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    frames += decoder.decode(None)
    decoded = frames[clip.before].to_ndarray(format="rgb24")
    return np.ascontiguousarray(decoded[:height, :width])


def _moved(rgb: RGB8, clip: Clip, time: int) -> RGB8:
    steps = time - clip.before
    if not steps:
        return rgb
    right, down = (steps * one for one in clip.motion)
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = (rgb.shape[1], rgb.shape[0])
    moved = cv2.warpAffine(rgb, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _through(rgb: RGB8, suffix: str, how: list[int]) -> RGB8:
    _, data = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), how)
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
