"""From a frame of a video to the photograph that is measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.photos.photo import Photo
from blurprint.photos.video import VideoFrame
from blurprint.photos.video_pixels import RGB8

# Frames of one shot, seconds apart, that lie below: 0.8 % with 0.5, 1.7 here, 5.8 with 0.7; of two
# shots of talking heads above: 12, 7.7, 4.0 %: docs/thresholds.md.
SAME_SCENE: Final = 0.6
"""Correlation of two frames in little from which they show one scene."""
_LITTLE: Final = 16
"""Side of a frame in little, pixels."""


def frame_photo(
    frame: VideoFrame, clip: str, *, codec: str = "", sha256: str = "", max_side: int = 0
) -> Photo:
    """The frame as a photo, through the same door as an array.

    Its native size is that of the file, of which one field has half.

    Args:
        frame: of the clip.
        clip: name of the clip; the photo's is "CLIP at 3.2 s".
        codec: that the frame was compressed with; its strength is unknown, which a score says.
        sha256: of the clip's file.
        max_side: reduce the frame (area average) to this longer side, pixels; 0 keeps it.

    Raises:
        InputError: if the frame is too small.
    """
    photo = Photo.from_array(_reduced(frame.rgb, max_side), f"{clip} at {frame.time_s:.2f} s")
    return replace(
        photo,
        sha256=sha256,
        scale=max(photo.size) / max(frame.native_size),
        native_size=frame.native_size,
        format=f"{codec} video" if codec else None,
    )


def _reduced(rgb: RGB8, max_side: int) -> RGB8:
    height, width = rgb.shape[:2]
    if not max_side or max(height, width) <= max_side:
        return rgb
    ratio = max_side / max(height, width)
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def in_little(photo: Photo) -> FloatMap:
    """The frame as a few pixels of mean 0 and length 1, by which scenes are told apart."""
    small = cv2.resize(photo.rgb, (_LITTLE, _LITTLE), interpolation=cv2.INTER_AREA)
    small = small - small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-6), np.float32)


def is_cut(before: FloatMap | None, after: FloatMap) -> bool:
    """Whether two frames in little show different scenes."""
    return before is not None and float((before * after).sum()) < SAME_SCENE
