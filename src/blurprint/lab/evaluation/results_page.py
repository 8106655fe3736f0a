"""A page whose results are written by the command that measures them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.files import write_all

BEGIN: Final = "<!-- results -->"
END: Final = "<!-- /results -->"
IMAGES: Final = "images"
"""Folder beside the page that takes the figures."""


def check_page(page: Path) -> str:
    """The text of a page that has one place for results.

    Raises:
        InputError: if the page cannot be read or has no such place.
    """
    try:
        text = page.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{page}: cannot be read ({error})") from error
    once = text.count(BEGIN) == 1 and text.count(END) == 1
    if not once or text.index(BEGIN) > text.index(END):
        raise InputError(f"{page}: expected {BEGIN} and, after it, {END}, each once")
    return text


def update_page(page: Path, results: str, figures: Sequence[Path]) -> None:
    """Put `results` between the markers of `page`, and copies of `figures` beside it.

    Raises:
        InputError: if the page has no place for results.
        OutputError: if a file cannot be written.
    """
    text = check_page(page)
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    contents = {page: f"{before}{BEGIN}\n\n{results.strip()}\n\n{END}{after}".encode()}
    images = page.parent / IMAGES
    images.mkdir(exist_ok=True)
    contents |= {images / figure.name: figure.read_bytes() for figure in figures}
    write_all(contents)
