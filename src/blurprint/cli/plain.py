"""Text for the terminal, without what would move its cursor. Needs no package."""

from __future__ import annotations


def shown(text: str) -> str:
    r"""Text in one line, whatever a file name holds: control characters as escapes.

    >>> shown("a\nb é.jpg")
    'a\\nb é.jpg'
    """
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )
