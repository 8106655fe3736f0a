"""The door of this room: from what was given to items, one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from glob import has_magic, iglob
from pathlib import Path

from blurprint.errors import InputError
from blurprint.files import natural_key
from blurprint.scan.items.account import Account
from blurprint.scan.items.addresses import address_items
from blurprint.scan.items.braces import expanded, has_braces
from blurprint.scan.items.file_systems import file_system_of, is_address
from blurprint.scan.items.folders import FolderWalk
from blurprint.scan.items.item import Item
from blurprint.scan.items.kinds import kind_of_name
from blurprint.scan.items.lists import NameList
from blurprint.scan.items.local import file_item, problem_item
from blurprint.scan.items.tars import tar_items
from blurprint.scan.items.written import listed_name
from blurprint.scan.items.zips import zip_items


def find_items(
    inputs: Sequence[str],
    lists: Sequence[NameList] = (),
    *,
    account: Account,
    out: str | None = None,
) -> Iterator[Item]:
    """Everything that `inputs` and `lists` name or hold, in a fixed order; it never raises.

    The order is that of the inputs, then of the lists; in folders natural order, files before
    folders; in archives their own. Nothing is read ahead. A path that is met again by another way
    is given again: :class:`blurprint.scan.scan_run.ScanRun` counts it.

    Args:
        inputs: paths and addresses of files, folders and archives; ``*``, ``?``, ``[...]`` and
            ``**`` match names, ``{000..123}`` and ``{a,b}`` stand for several.
        lists: of the same, taken as they are, without patterns.
        account: filled with what gets no row, and with what was asked for and is not there.
        out: folder of the results, which is not entered.
    """
    walk = FolderWalk(account, out)
    for text in inputs:
        for item in _given(text, walk, account):
            account.give(item.kind)
            yield item
    for names in lists:
        account.said.append(names.words)
        for name in names:
            for item in _named(listed_name(name, account), walk, account, asked=False):
                account.give(item.kind)
                yield item


def count_items(
    inputs: Sequence[str],
    lists: Sequence[NameList] = (),
    *,
    limit: int | None = None,
    out: str | None = None,
    stop: Callable[[], bool] = lambda: False,
    cheap: bool = False,
) -> Account:
    """The account of :func:`find_items`, without a look at any item.

    Args:
        inputs: as there.
        lists: as there.
        limit: count only the first so many.
        out: as there.
        stop: asked after each item; once it is true, the account is that of the items so far.
        cheap: as :class:`Account` has it.
    """
    account = Account(cheap=cheap)
    for number, _ in enumerate(find_items(inputs, lists, account=account, out=out), 1):
        if number == limit or stop():
            break
    return account


def can_count_aside(inputs: Sequence[str], lists: Sequence[str]) -> bool:
    """Whether the items can be counted beside the scan: no other machine is asked for names, and
    no list is a pipe, of which each name comes only once.
    """
    return not any(map(is_address, inputs)) and all(map(os.path.isfile, lists))


def may_repeat(inputs: Sequence[str], lists: Sequence[NameList]) -> bool:
    """Whether the same path can come twice: not from a single folder, archive or file."""
    return bool(lists) or len(inputs) != 1 or has_braces(inputs[0]) or has_magic(inputs[0])


def check_addresses(inputs: Sequence[str]) -> None:
    """See that there is a file system for each address, before the work.

    Raises:
        InputError: naming the package that is missing.
    """
    for text in inputs:
        if is_address(text):
            file_system_of(text)


def check_out(inputs: Sequence[str], out: str | Path) -> None:
    """See that the folder of the results is none of the inputs: it is not entered.

    Raises:
        InputError: naming the input that is.
    """
    place = os.path.realpath(out)
    for text in inputs:
        if text and not is_address(text) and os.path.realpath(text) == place:
            raise InputError(
                f"{text}: is an input and also the folder of the results, which is not scanned; "
                "give --out another folder, which may lie within"
            )


def _given(text: str, walk: FolderWalk, account: Account) -> Iterator[Item]:
    if not text:
        account.problem("", "is an empty path")
    elif _exists(text):
        yield from _named(text, walk, account, asked=True)
    elif has_braces(text):
        for name in expanded(text):
            yield from _matching(name, walk, account)
    else:
        yield from _matching(text, walk, account)


def _matching(text: str, walk: FolderWalk, account: Account) -> Iterator[Item]:
    if is_address(text) or not has_magic(text) or _exists(text):
        yield from _named(text, walk, account, asked=True)
        return
    names = sorted(iglob(text, recursive=True), key=natural_key)  # noqa: PTH207  strings
    if not names:
        account.problem(text, "matches no file")
    for name in names:
        if not (os.path.isdir(name) and _covers(text)):  # noqa: PTH112
            yield from _named(name, walk, account, asked=False)


def _covers(pattern: str) -> bool:
    """Whether a pattern names what is within folders itself, so that these are not entered."""
    return "**" in pattern


def _named(name: str, walk: FolderWalk, account: Account, *, asked: bool) -> Iterator[Item]:
    """The items of one name.

    Args:
        name: path or address.
        walk: for folders.
        account: of what gets no row.
        asked: whether the user gave this very name, so that its absence is a problem of the run.
    """
    if is_address(name):
        yield from address_items(name, account)
        return
    try:
        facts = os.stat(name)  # noqa: PTH116
    except (OSError, ValueError) as error:
        why = "no such file or folder"
        if not isinstance(error, FileNotFoundError):
            why = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        if asked:
            account.problem(name, why)
        yield problem_item(name, why)
        return
    if stat.S_ISDIR(facts.st_mode):
        before = account.items
        yield from walk.items(name)
        if asked and account.items == before:
            account.problem(name, "holds nothing that gets a row")
        return
    if not stat.S_ISREG(facts.st_mode):
        yield problem_item(name, "is a pipe, a socket or a device")
        return
    match kind_of_name(os.path.basename(name)):  # noqa: PTH119
        case "zip":
            yield from zip_items(name, account)
        case "tar":
            yield from tar_items(name, account)
        case "video":
            yield file_item(name, "video", facts)
        case "picture":
            yield file_item(name, "picture", facts)
        case _:  # it was named, whatever its name is
            yield file_item(name, "unknown", facts)


def _exists(text: str) -> bool:
    try:
        return os.path.lexists(text)
    except ValueError:
        return False
