"""A look at what is given, before results of an earlier scan are removed for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.scan.items.account import Account
from blurprint.scan.items.find import find_items
from blurprint.scan.items.item import Item

_LOOKED_AT: Final = 100
"""Items of which one can be read, as far as its listing says."""


def looked_at(inputs: Sequence[str], items: Iterator[Item], out: str | Path) -> Iterator[Item]:
    """All items, once each input has shown one that may be read, and lists one among the first.

    Args:
        inputs: paths and addresses.
        items: of these and of lists.
        out: folder of the results.

    Raises:
        InputError: naming the first input, or the first item, of which nothing can be read.
    """
    for text in inputs:
        account = Account()
        first: list[Item] = []
        if not _begins(find_items([text], account=account, out=str(out)), first):
            names = account.problems.names or [f"{one.path}: {one.problem}" for one in first]
            raise _refusal(names[0] if names else f"{text}: holds nothing that gets a row", out)
    first = []
    if not _begins(items, first):
        raise _refusal(f"{first[0].path}: {first[0].problem}" if first else "no names", out)
    return chain(first, items)


def _begins(items: Iterator[Item], first: list[Item]) -> bool:
    """Whether there is one without a problem among the first; these are kept."""
    for item in items:
        first.append(item)
        if not item.problem:
            return True
        if len(first) == _LOOKED_AT:
            break
    return False


def _refusal(why: str, out: str | Path) -> InputError:
    return InputError(f"{why}; so the table in {out} was not removed")
