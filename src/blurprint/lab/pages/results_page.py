"""A page whose results are written by the command that measures them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.files import write_all


def markers(name: str) -> tuple[str, str]:
    """What stands before and after the results of a name: comments, which Markdown does not show.

    >>> markers("results")
    ('<!-- results -->', '<!-- /results -->')
    """
    return f"<!-- {name} -->", f"<!-- /{name} -->"


BEGIN, END = markers("results")
HARD_INPUTS: Final = "hard-inputs"
"""Place of the results of hard inputs, where a page has one more."""
IMAGES: Final = "images"
"""Folder beside the page that takes the figures."""


def check_page(page: str | Path, name: str = "results") -> str:
    """The text of a page that has one place for the results of a name.

    Raises:
        InputError: if the page cannot be read or has no such place.
    """
    page = Path(page)
    try:
        text = page.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{page}: cannot be read ({error})") from error
    begin, end = markers(name)
    once = text.count(begin) == 1 and text.count(end) == 1
    if not once or text.index(begin) > text.index(end):
        raise InputError(f"{page}: expected {begin} and, after it, {end}, each once")
    return text


def update_page(
    page: str | Path, results: str, *, figures: Sequence[str | Path] = (), name: str = "results"
) -> None:
    """Put `results` between the markers of `page`, and copies of `figures` beside it.

    Raises:
        InputError: if the page has no place for results.
        OutputError: if a file cannot be written.
    """
    page = Path(page)
    text = check_page(page, name)
    begin, end = markers(name)
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    contents = {page: f"{before}{begin}\n\n{results.strip()}\n\n{end}{after}".encode()}
    images = page.parent / IMAGES
    if figures:
        images.mkdir(exist_ok=True)
    contents |= {images / figure.name: figure.read_bytes() for figure in map(Path, figures)}
    write_all(contents)
