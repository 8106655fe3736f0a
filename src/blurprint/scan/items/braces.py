"""Ranges in names, as WebDataset writes its shards: ``train-{000..123}.tar``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_RANGE: Final = re.compile(r"\{([0-9]+)\.\.([0-9]+)\}")
_WORDS: Final = re.compile(r"\{([^{}]*,[^{}]*)\}")


def has_braces(text: str) -> bool:
    """Whether there is a range of numbers, or a list of words, in a name."""
    return bool(_RANGE.search(text) or _WORDS.search(text))


def expanded(text: str) -> Iterator[str]:
    """Every name that a name with braces stands for, in order; without braces, itself.

    >>> list(expanded("a-{08..10}.tar")), list(expanded("{x,y}/{1..2}"))
    (['a-08.tar', 'a-09.tar', 'a-10.tar'], ['x/1', 'x/2', 'y/1', 'y/2'])
    """
    found = min(
        (one for one in (_RANGE.search(text), _WORDS.search(text)) if one),
        key=lambda one: one.start(),
        default=None,
    )
    if found is None:
        yield text
        return
    for word in _words(found):
        for rest in expanded(text[found.end() :]):
            yield f"{text[: found.start()]}{word}{rest}"


def _words(found: re.Match[str]) -> Iterator[str]:
    if found.re is _WORDS:
        yield from found[1].split(",")
        return
    first, last = found[1], found[2]
    step = 1 if int(first) <= int(last) else -1
    width = len(first) if first.startswith("0") or len(first) == len(last) else 0
    for number in range(int(first), int(last) + step, step):
        yield f"{number:0{width}d}"
