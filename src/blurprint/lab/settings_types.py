"""Values of settings files held to the types of their fields: TOML takes any, and Python too."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from blurprint.errors import InputError

_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    type(None): "nothing",
}


def check_types(cls: type, values: Mapping[str, Any]) -> None:
    """Check that each value is of the type of the dataclass field of its name.

    Whole numbers pass as numbers; lists pass as tuples; nothing else is converted. Fields of other
    types than plain values, tuples of text and choices are not looked at.

    Raises:
        InputError: naming the field, what it takes and what it got.

    >>> from dataclasses import make_dataclass
    >>> check_types(make_dataclass("A", [("size", int)]), {"size": True})
    Traceback (most recent call last):
        ...
    blurprint.errors.InputError: Expected `size` to be a whole number, but got true
    """
    hints = get_type_hints(cls)
    for name, value in values.items():
        hint = hints[name]
        if not _fits(hint, value):
            raise InputError(f"Expected `{name}` to be {_words(hint)}, but got {_shown(value)}")


def _fits(hint: Any, value: Any) -> bool:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(one, value) for one in get_args(hint))
    if origin is Literal:
        return True  # the class knows the choices, and says them better
    if origin is tuple:
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not isinstance(hint, type) or hint not in _WORDS or isinstance(value, hint)


def _words(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_words(one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        return "a list of names"
    return _WORDS.get(hint, str(hint))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
