"""Which compression of a data set to read, where it has several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.folders import few

_USUAL: Final = "c23"
# Both names have been used by the download script of FaceForensics++ for the same videos.
_SAME: Final = {"c0": "raw"}


def choose_compression(
    where: str, there: Mapping[str, Iterable[str]], asked: str | None, account: Account
) -> str:
    """The compression to read: that asked for, else c23, else the only one there is.

    Args:
        where: the data set, for errors.
        there: the compressions of each of its sources, or labels, that have clips; one at least.
        asked: for this one; None leaves the choice.
        account: takes the choice, and which sources do not have it.

    Returns:
        "raw" where raw or c0 is meant, which are the same.

    Raises:
        InputError: if it is not there, or there are several and none is c23.
    """
    known = {source: {same(name) for name in names} for source, names in there.items()}
    everything = sorted({name for names in known.values() for name in names})
    chosen = same(asked or _USUAL)
    if chosen not in everything:
        hint = f"say --compression {' or '.join(everything)}"
        if asked:
            raise InputError(
                f"{where}: Expected clips of compression {asked}, but got"
                f" {', '.join(everything)}; {hint}"
            )
        if len(everything) != 1:
            raise InputError(
                f"{where}: Expected clips of compression {_USUAL}, or of one compression, but got"
                f" {', '.join(everything)}; {hint}"
            )
        chosen = everything[0]
        account.infer(f"compression {chosen}, the only one there")
    elif not asked and len(everything) > 1:
        others = ", ".join(name for name in everything if name != chosen)
        account.infer(f"compression {chosen}; there is {others}, too (--compression)")
    lacking = [
        f"{one} ({', '.join(sorted(has)) or 'nothing'})"
        for one, has in known.items()
        if chosen not in has
    ]
    if lacking:
        account.leave_out(f"{few(lacking)}: no clips of compression {chosen}")
    account.settle("compression", chosen)
    return chosen


def same(compression: str) -> str:
    """One name for those that mean the same: raw is also called c0."""
    return _SAME.get(compression, compression)
