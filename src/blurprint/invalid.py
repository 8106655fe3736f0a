"""Files and settings held to the types of their fields by pydantic, with errors in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import wraps
from typing import Annotated, Any, Final, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from blurprint.errors import InputError

_Settings = TypeVar("_Settings")

STRICT: Final = ConfigDict(strict=True, extra="forbid")
"""Of settings: whole numbers pass as numbers, nothing else is converted, no name is unknown."""
Names = Annotated[tuple[str, ...], Field(strict=False)]
"""Texts, also as the list that files have."""

_WORDS: Final = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list of names",
    "dict_type": "a table of names and values",
    "mapping_type": "a table of names and values",
    "model_type": "a table of names and values",
    "dataclass_type": "a table of names and values",
    "finite_number": "a finite number",
    "none_required": "nothing",
}
_BOUNDS: Final = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}
_TRIED: Final = ("int", "float", "bool", "str")
_LONGEST: Final = 60


def in_words(error: ValidationError) -> str:
    """The first field that is wrong, with what it takes and what it got.

    Checks of our own raise a ``ValueError`` that says what is expected.

    >>> from pydantic import TypeAdapter, ValidationError
    >>> try:
    ...     TypeAdapter(dict[str, int]).validate_python({"size": True}, strict=True)
    ... except ValidationError as error:
    ...     in_words(error)
    'Expected `size` to be a whole number, but got true'
    """
    found = error.errors(include_url=False)
    name = _field(found[0])
    if found[0]["type"] == "missing":
        return f"Expected `{name}`, which is missing"
    if found[0]["type"] == "unexpected_keyword_argument":
        return f"Expected settings that are known, but got `{name}`"
    # A field that may be of several types has one entry for each.
    words = " or ".join(dict.fromkeys(_expected(one) for one in found if _field(one) == name))
    return f"Expected `{name}` to be {words}, but got {shown(found[0]['input'])}"


def shown(value: Any) -> str:
    """A value as a settings file has it, shortened.

    >>> shown(True), shown("all"), shown(None)
    ('true', '"all"', 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def as_table(value: object, name: str) -> dict[str, Any]:
    """A copy of the table `value` of a settings file; empty for None.

    >>> as_table({"epochs": 3}, "settings")
    {'epochs': 3}

    Raises:
        InputError: if it is no table.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        words = _WORDS["mapping_type"]
        raise InputError(f"Expected `{name}` to be {words}, but got {shown(value)}")
    return dict(value)


def our_errors(cls: type[_Settings]) -> type[_Settings]:
    """Have the constructor of a dataclass of pydantic's raise our errors.

    Raises:
        InputError: from the constructor, naming the field, what it takes and what it got.
    """
    check = cls.__init__

    @wraps(check)
    def __init__(self: _Settings, *args: Any, **values: Any) -> None:
        try:
            check(self, *args, **values)
        except ValidationError as error:
            own = error.errors()[0].get("ctx", {}).get("error")
            raise own if isinstance(own, InputError) else InputError(in_words(error)) from None

    cls.__init__ = __init__  # type: ignore[assignment]  # a method is replaced on purpose
    return cls


def _field(problem: Any) -> str:
    """Where a problem is: names only, neither places in lists nor types that were tried."""
    names = [part for part in problem["loc"] if isinstance(part, str) and part not in _TRIED]
    return ".".join(names) or "it"


def _expected(problem: Any) -> str:
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    if problem["type"] == "literal_error":
        choices = re.findall("'(.*?)'", problem["ctx"]["expected"])
        return f"among {', '.join(choices)}"
    if bound := _BOUNDS.get(problem["type"]):
        words, name = bound
        return f"{words} {problem['ctx'][name]:g}"
    message: str = problem["msg"]
    return _WORDS.get(problem["type"], message.removeprefix("Input should be "))
