"""Miniature data sets on disk."""

from __future__ import annotations

import json
import os
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

PICTURES = {".png": "PNG", ".jpg": "JPEG", ".JPEG": "JPEG", ".webp": "WEBP"}


@cache
def _picture(kind: str) -> bytes:
    buffer = BytesIO()
    pixels = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def grow(root: Path, *names: str) -> Path:
    """Files below `root`: pictures of 16 x 16 px, and empty ones where names are enough."""
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        kind = PICTURES.get(file.suffix)
        file.write_bytes(_picture(kind) if kind else b"")
    return root


def write_json(file: Path, content: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    return file


def noise(file: Path) -> Path:
    """A picture of 16 x 16 px like no other."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.frombuffer(os.urandom(16 * 16 * 3), np.uint8).reshape(16, 16, 3)
    Image.fromarray(pixels).save(file)
    return file
