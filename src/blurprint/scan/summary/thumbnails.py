"""Pictures of a page in little, made in a process that may die of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Final

import cv2
import numpy as np

from blurprint.errors import BlurprintError
from blurprint.jobs import run_jobs
from blurprint.pages.text import data_uri
from blurprint.photos.photo import read_photo

_SIDE: Final = 320
_QUALITY: Final = 70


def thumbnails(paths: Sequence[str], *, max_pixels: int) -> dict[str, str]:
    """Addresses that hold the pictures in little, by path; files that are there and no others.

    Args:
        paths: of the rows; members of archives and addresses have no thumbnail.
        max_pixels: as in the scan.
    """
    there = [path for path in dict.fromkeys(paths) if os.path.isfile(path)]  # noqa: PTH113
    if not there:
        return {}
    work = partial(_thumbnail, max_pixels)
    made = run_jobs(work, there, workers=1, died=lambda path: (path, ""))
    return {path: address for path, address in made if address}


def _thumbnail(max_pixels: int, path: str) -> tuple[str, str]:
    try:
        photo = read_photo(path, max_side=_SIDE, max_pixels=max_pixels)
    except (BlurprintError, MemoryError):
        return path, ""
    bgr = np.rint(photo.rgb[..., ::-1] * np.float32(255)).astype(np.uint8)
    options = (cv2.IMWRITE_WEBP_QUALITY, _QUALITY)
    done, code = cv2.imencode(".webp", np.ascontiguousarray(bgr), options)
    return path, data_uri(code.tobytes(), "image/webp") if done else ""
