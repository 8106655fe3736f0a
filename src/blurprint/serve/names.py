"""The name of an uploaded file, from the bytes of a form to text that can be shown."""

from __future__ import annotations

import re
from typing import Final

from blurprint.pages.text import printable, without_turns

LONGEST_NAME: Final = 200
"""Characters of a name that are shown."""
_ENDING: Final = 60
"""So many of them are the end of a longer name, with its suffix."""
_CUT: Final = "…"
_FORM_ESCAPES: Final = {b"%22": b'"', b"%0D": b"\r", b"%0A": b"\n"}
"""What browsers write instead of signs that would end a name: HTML, multipart form data."""
_WINDOWS: Final = re.compile(rb"([A-Za-z]:)?\\")


def shown_name(sent: bytes) -> str:
    r"""A name as it is shown: the last part of a path, signs that are no text as escapes, bounded.

    The path is divided before any escape is made. `/` divides it always, a backslash only where
    the name begins as Windows' paths do, with a drive or a backslash: elsewhere it is a sign that
    names may have. Bytes that are no UTF-8 are escapes, since nothing says what they were.

    >>> shown_name(b"../../etc/passwd"), shown_name(b"C:\\photos\\a.jpg"), shown_name(b"b\\c.jpg")
    ('passwd', 'a.jpg', 'b\\c.jpg')
    >>> shown_name(b"\xe9 \xfc.jpg"), shown_name(b"a %22q%22.jpg"), shown_name(b"")
    ('\\xe9 \\xfc.jpg', 'a "q".jpg', 'unnamed')
    """
    name = re.sub(b"|".join(_FORM_ESCAPES), lambda found: _FORM_ESCAPES[found[0]], sent)
    if _WINDOWS.match(name):
        name = name.replace(b"\\", b"/")
    last = name.rstrip(b"/").rpartition(b"/")[2]
    return _cut([_sign(one) for one in last.decode("utf-8", "surrogateescape").strip(" ")])


def _sign(sign: str) -> str:
    """One sign, or its escape if it is none that is printed or turns the order of reading."""
    if "\udc80" <= sign <= "\udcff":  # a byte that is no UTF-8
        return f"\\x{ord(sign) - 0xDC00:02x}"
    safe = without_turns(printable(sign))
    return safe if safe.isprintable() else safe.encode("unicode_escape").decode("ascii")


def _cut(signs: list[str]) -> str:
    """The signs as text; of more than fit the first and the last, and a mark between them."""
    name = "".join(signs)
    if len(name) <= LONGEST_NAME:
        return name or "unnamed"
    end = _first(signs[::-1], _ENDING)[::-1]
    start = _first(signs, LONGEST_NAME - len(_CUT) - sum(map(len, end)))
    return "".join((*start, _CUT, *end))


def _first(signs: list[str], most: int) -> list[str]:
    """As many whole signs as have `most` characters: none of an escape alone."""
    taken, length = 0, 0
    while taken < len(signs) and length + len(signs[taken]) <= most:
        length += len(signs[taken])
        taken += 1
    return signs[:taken]
