"""Options that take numbers take those of plain digits only."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Final

import typer

from blurprint.numerals import is_number

_WHOLE: Final = {"int": True, "integer": True, "float": False}
"""How the names of the types of numbers begin, and whether these are whole."""


def take_plain_numbers_only(command: Any) -> None:
    """Make all numeric options of a command, and of those within, refuse what only Python takes for
    a number: ``0.1_5`` is rather a slip of the hand than 0.15.

    Args:
        command: of Typer; changed in place.
    """
    for option in getattr(command, "params", ()):
        whole = _WHOLE.get(option.type.name.partition(" ")[0])
        if whole is not None:
            option.type = copy(option.type)  # types without bounds are shared by all programs
            option.type.convert = _plain(option.type.convert, whole)
    for inner in getattr(command, "commands", {}).values():
        take_plain_numbers_only(inner)


def _plain(convert: Callable[..., Any], whole: bool) -> Callable[..., Any]:
    def checked(value: Any, option: Any, ctx: Any) -> Any:
        if isinstance(value, str) and not is_number(value, whole=whole):
            what = "a whole number" if whole else "a number"
            raise typer.BadParameter(
                f'expected {what} of plain digits, but got "{value}"', ctx=ctx, param=option
            )
        return convert(value, option, ctx)

    return checked
