"""The name of an item as its row has it, and the way back from a row to the file."""

from __future__ import annotations

import re
from typing import Final

from blurprint.pages.text import path_of_text, path_text
from blurprint.scan.items.account import Account
from blurprint.scan.items.file_systems import is_address
from blurprint.scan.items.item import Item
from blurprint.scan.items.kinds import PACKED_TAR_SUFFIXES, TAR_SUFFIXES
from blurprint.scan.items.local import is_there

_AS_MEMBER: Final = re.compile(
    f"({'|'.join(map(re.escape, ('.zip', *TAR_SUFFIXES, *PACKED_TAR_SUFFIXES)))})!",
    re.ASCII | re.IGNORECASE,
)
"""What reads as the end of an archive's name and the beginning of a member's."""


def row_path(item: Item) -> str:
    r"""The name of an item in its row, which is that of no other item.

    It is the path as it is, but for what could be read in two ways: bytes that are no UTF-8 are
    written ``\udcXX``, backslashes of the name before what reads so are doubled, and a "!" that
    would read as the end of an archive's name is ``\u0021`` in names of files and folders.

    Args:
        item: of any kind.
    """
    file = item.source.file
    return row_path_of_file(file) + path_text(item.path.removeprefix(file))


def row_path_of_file(file: str) -> str:
    """The name of a file, not of a member of one, in its row; see :func:`row_path`.

    Args:
        file: path or address.
    """
    return _AS_MEMBER.sub(r"\1\\u0021", path_text(file))


def file_of_row(path: str) -> str:
    """The file or address of which a row is; "" where it is of a member of an archive.

    Args:
        path: as :func:`row_path` gives it.
    """
    return "" if _AS_MEMBER.search(path) else path_of_text(path)


def listed_name(name: str, account: Account) -> str:
    """The name of the file that a name in a list means: one of that very name, where there is one,
    else one whose row has this name.

    Args:
        name: as the list has it.
        account: where names that mean two files are counted.
    """
    if "\\" not in name or is_address(name):
        return name
    other = path_of_text(name)
    if other == name or not is_there(other):
        return name
    if is_there(name):
        account.leave_out("files whose names in rows are those of other files, listed", other)
        return name
    return other
