"""Names of folders and values of columns that say real or fake, train or test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.layouts.folders import few
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
        "dev": "val",
        "development": "val",
        "test": "test",
        "testing": "test",
        "eval": "test",
        "evaluation": "test",
    }
)
"""What names of folders and values of columns mean as parts, whatever their case."""
_BESIDE: Final = "(?:set|data|dataset|split|images|imgs|pictures|faces|frames|videos)"
_PART: Final = f"({'|'.join(sorted(PARTS, key=len, reverse=True))})"
_CLEAR: Final = re.compile(rf"(?:{_BESIDE}[ _.-]+)?{_PART}(?:[ _.-]*{_BESIDE})?")
# "dev" alone is too often another word.
_WITHIN: Final = re.compile(
    rf"(?<![a-z])(training|train|validation|valid|val|testing|test|evaluation|eval){_BESIDE}?(?![a-z])"
)
_CAMEL: Final = re.compile("(?<=[a-z])(?=[A-Z])")


def known_labels(given: Mapping[str, int], *known: Mapping[str, int]) -> dict[str, int]:
    """Meanings by name in lower case: those of `known`, and over them what was `given`.

    >>> known_labels({"Synth": 1}, LABELS)["synth"]
    1
    """
    both = (*known, given)
    return {_plain(name): label for one in both for name, label in one.items()}


def meaning(labels: Mapping[str, int], text: str) -> int | None:
    """0 real, 1 fake, None if `text` is none of `labels`, which :func:`known_labels` made."""
    name = _plain(text)
    found = labels.get(name)
    # Numbers that pandas took for floats.
    return labels.get(name.removesuffix(".0")) if found is None else found


def label_hint(names: Iterable[str]) -> str:
    """The options that say what names mean, for a person to choose.

    >>> label_hint(["cats", "my dogs"])
    '--label cats=real|fake --label "my dogs=real|fake"'
    """
    options = (f"{name}=real|fake" for name in {_plain(name): name for name in names}.values())
    return few((f'--label "{one}"' if " " in one else f"--label {one}" for one in options), " ")


def require_no_other(
    root: Path, folders: Iterable[Path], label: int, given: Mapping[str, int]
) -> None:
    """Check that no folder of a data set of one label is named with the other.

    Args:
        root: of the data set.
        folders: at or below it.
        label: of all that is in them.
        given: meanings besides :data:`LABELS`.

    Raises:
        InputError: if one is.
    """
    labels = known_labels(given, LABELS)
    for folder in folders:
        for name in folder.relative_to(root).parts:
            if meaning(labels, name) not in (None, label):
                here, there = ("fake", "real") if label == FAKE else ("real", "fake")
                raise InputError(
                    f"{root}: Expected folders of {here} pictures alone, but got one named {name},"
                    f" which means {there}; --label {name}={here} takes it all the same"
                )


def label_of(text: str, *, numbers: bool = False) -> int | None:
    """0 real, 1 fake, None if `text` is no such name.

    >>> label_of("Nature"), label_of("1_fake"), label_of("cat"), label_of("1", numbers=True)
    (0, 1, None, 1)
    """
    name = _plain(text)
    found = LABELS.get(name)
    return NUMBERS.get(name.removesuffix(".0")) if found is None and numbers else found


@lru_cache(4096)
def part_of(text: str) -> str | None:
    """ "train", "val" or "test", None if `text` is no such name.

    Beside the name there may be a word for what is in the folder.

    >>> part_of("Dev"), part_of("evaluation"), part_of("alice")
    ('val', 'test', None)
    >>> part_of("train_set"), part_of("Testdata"), part_of("images-val"), part_of("my_test")
    ('train', 'test', 'val', None)
    """
    name = _plain(text)
    if name in PARTS:
        return PARTS[name]
    found = _CLEAR.fullmatch(name)
    return PARTS[found[1]] if found else None


@lru_cache(4096)
def parts_within(text: str) -> frozenset[str]:
    """The parts that a name may mean, for having a word in it that does.

    >>> sorted(parts_within("celebTest_2")), sorted(parts_within("testament"))
    (['test'], [])
    """
    if part := part_of(text):
        return frozenset((part,))
    return frozenset(PARTS[name] for name in _WITHIN.findall(_CAMEL.sub("_", text).lower()))


def _plain(name: str) -> str:
    return name.strip().lower()
