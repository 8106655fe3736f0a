"""Names of folders and values of columns that say real or fake, train or test."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from blurprint.lab.datasets.table import FAKE, REAL

LABELS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "real": REAL,
        "0_real": REAL,
        "original": REAL,
        "nature": REAL,
        "fake": FAKE,
        "1_fake": FAKE,
        "generated": FAKE,
        "ai": FAKE,
    }
)
"""What names of folders mean, whatever their case."""
NUMBERS: Final[Mapping[str, int]] = MappingProxyType({"0": REAL, "1": FAKE})
"""What numbers mean where they stand for labels: in tables and in label folders of imagefolder."""
PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "train": "train",
        "training": "train",
        "val": "val",
        "valid": "val",
        "validation": "val",
        "test": "test",
        "testing": "test",
    }
)
"""What names of folders and values of columns mean as parts, whatever their case."""


def label_of(text: str, *, numbers: bool = False) -> int | None:
    """0 real, 1 fake, None if `text` is no such name.

    >>> label_of("Nature"), label_of("1_fake"), label_of("cat"), label_of("1", numbers=True)
    (0, 1, None, 1)
    """
    name = text.strip().lower()
    found = LABELS.get(name)
    return NUMBERS.get(name.removesuffix(".0")) if found is None and numbers else found


def part_of(text: str) -> str | None:
    """ "train", "val" or "test", None if `text` is no such name."""
    return PARTS.get(text.strip().lower())
