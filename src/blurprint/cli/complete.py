"""What the shell's completion offers for the values of options. It must answer at once.

Names are written out here, for whoever makes them needs OpenCV; a test compares.
"""

from __future__ import annotations

from typing import Final

METHOD_NAMES: Final = ("net", "net-float", "edge", "paper", "paper-release")
FORMATS: Final = ("html", "json", "npz")


def methods(incomplete: str) -> list[str]:
    """Methods that begin with what was typed.

    >>> methods("pa")
    ['paper', 'paper-release']
    """
    return [name for name in METHOD_NAMES if name.startswith(incomplete)]


def formats(incomplete: str) -> list[str]:
    """Lists of formats that begin with what was typed, by commas, none named twice.

    >>> formats("html,")
    ['html,json', 'html,npz']
    """
    before, comma, begun = incomplete.rpartition(",")
    left = [name for name in FORMATS if name not in before.split(",")]
    return [f"{before}{comma}{name}" for name in left if name.startswith(begun)]
