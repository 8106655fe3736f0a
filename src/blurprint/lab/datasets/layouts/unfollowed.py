"""Names that may mean parts where parts are drawn: refused or said, never passed over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from blurprint.errors import InputError
from blurprint.files import natural_key
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.folders import few
from blurprint.lab.datasets.layouts.labels import part_of, parts_within


def names_with_parts(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Of `names`, those with a word for a part in them, in natural order, with these parts."""
    return {
        name: parts for name in sorted(set(names), key=natural_key) if (parts := parts_within(name))
    }


def require_no_parts(root: Path, names: Iterable[str], account: Account) -> None:
    """Check that folders whose parts are drawn, unasked, are not named after several parts.

    Args:
        root: of the data set; its own name, if that is a part, is said.
        names: of the folders.
        account: takes what is named after one part alone.

    Raises:
        InputError: if there are several parts in the names.
    """
    found = names_with_parts(names)
    if len(frozenset().union(*found.values())) > 1:
        raise InputError(
            f"{root}: Expected folders that are parts to be named train, val or test (also"
            f" train_set, testdata and the like), but got {few(found)}; rename them, or say --split"
            " identity to draw the parts whatever their names"
        )
    if found:
        account.rule(f"{few(found)} not taken for a part")
    tell_own_name(root, account)


def tell_own_name(path: Path, account: Account) -> None:
    """Say it where parts are drawn from a folder or table that is itself named as a part."""
    name = path.resolve().stem if path.is_file() else path.resolve().name
    if part_of(name):
        account.rule(f"not by the name of {path.name or name} itself")
