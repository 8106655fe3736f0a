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


_ESCAPE: Final = r"u(d[89a-f][0-9a-f]{2}|0021)"
"""What an escape is after its backslash: of a surrogate, which stands for a byte, or of "!"."""
_TO_ESCAPE: Final = re.compile(rf"(?<!\\)(\\*)([\ud800-\udfff])|(?<!\\)(\\+)(?={_ESCAPE})")
# Each run of backslashes is met at its first alone: names in archives can be millions of them.
_ESCAPED: Final = re.compile(rf"(?<!\\)(\\+){_ESCAPE}")


def path_text(path: str) -> str:
    r"""The name of a file in characters that UTF-8 can carry, from which it can be read back.

    Undecodable bytes are written as :func:`printable` writes them. Where a name itself holds what
    reads as such an escape, the backslashes before it are doubled, so that no two names have the
    same text; all other names are their own text.

    >>> print(path_text("caf\udce9.jpg"), path_text(r"caf\udce9.jpg"), path_text(r"a\b.jpg"))
    caf\udce9.jpg caf\\udce9.jpg a\b.jpg
    """
    return _TO_ESCAPE.sub(_escape, path)


def path_of_text(text: str) -> str:
    r"""The name of which :func:`path_text` gives a text.

    >>> path_of_text(r"caf\udce9.jpg") == "caf\udce9.jpg"
    True
    """
    return _ESCAPED.sub(_read_escape, text)


def _escape(found: re.Match[str]) -> str:
    backslashes, surrogate, literal = found[1] or "", found[2], found[3]
    return literal * 2 if literal else f"{backslashes * 2}\\u{ord(surrogate):04x}"


def _read_escape(found: re.Match[str]) -> str:
    backslashes = "\\" * (len(found[1]) // 2)
    return backslashes + (chr(int(found[2], 16)) if len(found[1]) % 2 else f"u{found[2]}")


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
