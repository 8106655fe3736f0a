"""The door of this room: from what was given to items, one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from blurprint.errors import InputError
from blurprint.scan.items.account import Account
from blurprint.scan.items.addresses import address_items
from blurprint.scan.items.archives import archive_items
from blurprint.scan.items.braces import expanded, has_braces
from blurprint.scan.items.file_systems import file_system_of, is_address
from blurprint.scan.items.folders import FolderWalk
from blurprint.scan.items.item import Item
from blurprint.scan.items.kinds import kind_of_name
from blurprint.scan.items.lists import NameList
from blurprint.scan.items.local import NO_FILE, file_item, is_there, problem_item
from blurprint.scan.items.patterns import LocalTree, covers, has_magic, matches
from blurprint.scan.items.written import listed_name


def find_items(
    inputs: Sequence[str],
    lists: Sequence[NameList] = (),
    *,
    account: Account,
    out: str | None = None,
) -> Iterator[Item]:
    """Everything that `inputs` and `lists` name or hold, in a fixed order.

    The order is that of the inputs, then of the lists; in folders natural order, files before
    folders; in archives their own. Nothing is read ahead. A path that is met again by another way
    is given again: :class:`blurprint.scan.scan_run.ScanRun` counts it.

    What yields nothing is a problem: an input, a list, a pattern, a name that a range stands for.

    Args:
        inputs: paths and addresses of files, folders and archives; ``*``, ``?``, ``[...]`` and
            ``**`` match names, ``{000..123}`` and ``{a,b}`` stand for several.
        lists: of the same, taken as they are, without patterns.
        account: filled with what gets no row, and with what was asked for and is not there.
        out: folder of the results, which is not entered.

    Raises:
        MachineError: if the machine keeps archives from being read; nothing else is raised.
    """
    search = _Search(account, out)
    for text in inputs:
        yield from _counted(search.given(text), account)
    for names in lists:
        account.said.append(names.words)
        yield from _counted(search.listed(names), account)


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


def _counted(items: Iterator[Item], account: Account) -> Iterator[Item]:
    for item in items:
        account.give(item.kind)
        yield item


class _Search:
    """From one input after the other to its items."""

    def __init__(self, account: Account, out: str | None) -> None:
        self._account, self._out = account, out
        self._walk = FolderWalk(account, out)

    def given(self, text: str) -> Iterator[Item]:
        """The items of an input."""
        if not text:
            self._account.problem("", "is an empty path")
        elif not has_braces(text) or is_there(text):
            yield from self._matching(text)
        else:
            for name in expanded(text):
                yield from self._matching(name)

    def listed(self, names: NameList) -> Iterator[Item]:
        """The items of a list."""
        account = self._account
        before, names_read = account.given, 0
        try:
            for name in names:
                names_read += 1
                yield from self._named(listed_name(name, account), asked=False)
        except InputError as error:
            account.problem(names.name, str(error))
        if account.given == before:
            why = "holds nothing that gets a row" if names_read else "the list holds no names"
            account.problem(names.name, why)

    def _matching(self, text: str) -> Iterator[Item]:
        if is_address(text) or not has_magic(text) or is_there(text):
            yield from self._named(text, asked=True)
            return
        account = self._account
        before = account.given
        names = matches(text, LocalTree(account, self._out))
        covered = covers(text)
        for name in names:
            if not (covered and os.path.isdir(name)):  # noqa: PTH112
                yield from self._named(name, asked=False)
        if account.given == before:
            why = "matches nothing that gets a row" if names else "matches no file"
            account.problem(text, why)

    def _named(self, name: str, *, asked: bool) -> Iterator[Item]:
        """The items of one name.

        Args:
            name: path or address.
            asked: whether the user gave this very name, so that it is a problem of the run if
                nothing is there; else this is counted.
        """
        account = self._account
        before, met = account.given, account.met
        yield from address_items(name, account) if is_address(name) else self._path(name, asked)
        if account.given > before:
            return
        if asked:
            account.problem(name, "holds nothing that gets a row")
        elif account.met == met:
            account.leave_out("folders that hold nothing", name)

    def _path(self, name: str, asked: bool) -> Iterator[Item]:
        try:
            facts = os.stat(name)  # noqa: PTH116
        except (OSError, ValueError) as error:
            why = "no such file or folder"
            if not isinstance(error, FileNotFoundError):
                why = f"cannot be read ({getattr(error, 'strerror', None) or error})"
            if asked:
                self._account.problem(name, why)
            yield problem_item(name, why)
            return
        if stat.S_ISDIR(facts.st_mode):
            yield from self._walk.items(name)
            return
        if not stat.S_ISREG(facts.st_mode):
            yield problem_item(name, NO_FILE)
            return
        match kind_of_name(os.path.basename(name)):  # noqa: PTH119
            case "zip" | "tar" as kind:
                yield from archive_items(name, kind, self._account)
            case "picture" | "video" as kind:
                yield file_item(name, kind, facts)
            case _:  # it was named, whatever its name is
                yield file_item(name, "unknown", facts)
