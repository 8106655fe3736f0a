"""Options that take numbers take those of plain digits only."""

from __future__ import annotations

from typing import Any, Final, get_args

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
        whole = is_whole(option)
        if whole is not None:
            _check_before(option, whole)
    for inner in getattr(command, "commands", {}).values():
        take_plain_numbers_only(inner)


def is_whole(option: Any) -> bool | None:
    """Whether an option takes whole numbers, or others; None if it takes no numbers."""
    if hasattr(option, "type"):
        return _WHOLE.get(option.type.name.partition(" ")[0])
    taken = option.type_descriptor.annotation  # newer versions of Typer have no types of Click
    for kind in (taken, *get_args(taken)):
        if kind in (int, float):
            return kind is int
    return None


def _check_before(option: Any, whole: bool) -> None:
    """Look at what was typed before it becomes a number."""
    process = option.process_value

    def checked(ctx: Any, value: Any) -> Any:
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(one, str) and not is_number(one, whole=whole):
                what = "a whole number" if whole else "a number"
                raise typer.BadParameter(
                    f'expected {what} of plain digits, but got "{one}"', ctx=ctx, param=option
                )
        return process(ctx, value)

    option.process_value = checked
