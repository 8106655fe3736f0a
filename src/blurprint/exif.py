"""The EXIF tags that say something about a photograph's optics, in plain words."""

from __future__ import annotations

from typing import Any

import numpy as np


def exif_of_interest(exif: Any) -> dict[str, str | float]:
    """Camera, lens, exposure and software as far as `exif` (Pillow's ``Exif``) has them."""
    detail = exif.get_ifd(0x8769)
    facts: dict[str, str | float] = {}
    make, model = _text(exif.get(0x010F)), _text(exif.get(0x0110))
    camera = model if model.startswith(make) else f"{make} {model}"
    words = {
        "camera": camera.strip(),
        "lens": _text(detail.get(0xA434)),
        "taken": _text(detail.get(0x9003)),
        "software": _text(exif.get(0x0131)),
    }
    facts.update({key: value for key, value in words.items() if value})
    tags = {
        "focal_length_mm": 0x920A,
        "focal_length_35mm_mm": 0xA405,
        "f_number": 0x829D,
        "exposure_s": 0x829A,
        "iso": 0x8827,
    }
    for key, tag in tags.items():
        value = detail.get(tag)
        try:
            number = float(value[0] if isinstance(value, tuple) else value)
        except (TypeError, ValueError, ZeroDivisionError, IndexError):
            continue
        if np.isfinite(number) and number > 0:
            facts[key] = number
    return facts


def _text(value: object) -> str:
    """A tag as one printable line of at most 120 characters; anything else becomes empty."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value).strip()[:120]
