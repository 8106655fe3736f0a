"""Text out of a file, which may hold anything, as a sentence can quote it."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 120
"""Characters of a quoted text at most."""


def quoted(text: object, longest: int = LONGEST) -> str:
    r"""A text in quotes, in one line, shortened; signs that are not seen, or turn text, as escapes.

    >>> quoted("Photo\nEditor"), quoted("exe\u202egpj"), quoted("x" * 5, 3)
    ('“Photo\\nEditor”', '“exe\\u202egpj”', '“xxx…”')
    """
    return f"“{plain(text, longest)}”"


def plain(text: object, longest: int = LONGEST) -> str:
    """The same without quotes."""
    given = str(text).strip(" \0\t\r\n")
    cut = given[:longest]
    shown = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in cut
    )
    return f"{shown}…" if len(given) > longest else shown


def listed(words: list[str], most: int = 6) -> str:
    """Words after each other, and how many more there are.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], 2)
    ('a, b, c', 'a, b and 1 more')
    """
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
