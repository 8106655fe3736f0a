"""Text and pictures from outside as a page can hold them."""

from __future__ import annotations

import base64
import re
from typing import Final


def printable(text: str) -> str:
    r"""The text in characters that UTF-8 can carry: undecodable bytes of a file name as ``\udcXX``.

    >>> printable("caf\udce9.jpg")
    'caf\\udce9.jpg'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


_TURNS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_turns(text: str) -> str:
    r"""Text with the marks that turn its reading order as escapes, however a name uses them.

    >>> without_turns("photo\u202egpj.exe")
    'photo\\u202egpj.exe'
    """
    return _TURNS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def data_uri(data: bytes, mime: str) -> str:
    """A file as an address that holds it.

    >>> data_uri(b"hello", "text/plain")
    'data:text/plain;base64,aGVsbG8='
    """
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
