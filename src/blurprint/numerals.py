"""Numbers in text: read as people write them, and written so that small ones stay numbers."""

from __future__ import annotations

import re
from typing import Final

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def is_number(text: str, *, whole: bool = False) -> bool:
    """Whether a text is a number of ASCII digits; Python takes ``0.1_5``, ``nan`` and ``١`` too.

    >>> [is_number(text) for text in ("0.15", "1e-3", "0.1_5", "nan", "inf", "١", "")]
    [True, True, False, False, False, False, False]
    """
    return bool((_WHOLE if whole else _NUMBER).fullmatch(text.strip()))


def count_in_words(count: int) -> str:
    """A number of things, in millions where there is at least one.

    >>> count_in_words(10), count_in_words(150_000_000), count_in_words(1_500_001)
    ('10', '150 million', '1.500001 million')
    """
    return f"{count:,}" if count < 1_000_000 else f"{_millions(count, 6)} million"


def bytes_in_words(count: int) -> str:
    """A size in bytes, in megabytes where these are at least a hundredth.

    >>> bytes_in_words(10), bytes_in_words(50_000_000), bytes_in_words(1_500_000)
    ('10 bytes', '50 MB', '1.5 MB')
    """
    if count < 10_000:
        return f"{count:,} byte{'s' * (count != 1)}"
    return f"{_millions(count, 2)} MB"


def _millions(count: int, places: int) -> str:
    """Millions with at most so many decimal places, none of them a last zero."""
    return f"{count / 1e6:,.{places}f}".rstrip("0").rstrip(".")
