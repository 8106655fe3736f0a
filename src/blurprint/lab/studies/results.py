"""What studies found, put into a page of the documentation between two marks."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.files import make_folder, write_all
from blurprint.lab.studies.write import FIGURES_FOLDER, found_studies

MARK: Final = "<!-- results -->"
IMAGES_FOLDER: Final = "images"
MOST_BYTES: Final = 150_000
"""Of a figure in the documentation; the studies' folders have them whole."""
_WIDTHS: Final = (1400, 1200, 1000, 800, 600, 400)


def write_results(out: str | Path, page: str | Path) -> None:
    """Replace what stands between the two :data:`MARK` of `page` by the studies in `out`.

    Figures go to ``images/`` beside the page, as PNG of at most :data:`MOST_BYTES`.

    Raises:
        InputError: if there is no study, or the page has not two marks.
        OutputError: if something cannot be written.
    """
    out = Path(out)
    page = Path(page)
    try:
        text = page.read_text("utf-8")
    except OSError as error:
        raise InputError(f"{page}: cannot be read ({error.strerror})") from error
    parts = text.split(MARK)
    if len(parts) != 3:
        raise InputError(f"{page}: Expected {MARK} twice, but found it {len(parts) - 1} times")
    studies = found_studies(out)
    if not studies:
        raise InputError(f"{out}: Expected folders of studies in it, but found none")
    contents: dict[Path, bytes] = {}
    lines: list[str] = []
    for study in studies:
        lines += [f"### {study['title']}", ""]
        for words in study["words"]:
            lines += [_plain(words), ""]
        for figure in study["figures"]:
            name = f"study-{study['name']}-{figure['name']}.png"
            png = (study["folder"] / FIGURES_FOLDER / f"{figure['name']}.png").read_bytes()
            contents[page.parent / IMAGES_FOLDER / name] = lighter(png)
            lines += [f"![{_plain(figure['name'].replace('-', ' '))}]({IMAGES_FOLDER}/{name})", ""]
            lines += [f"*{_plain(figure['caption'])}*", ""]
    contents[page] = MARK.join([parts[0], "\n\n" + "\n".join(lines), parts[2]]).encode("utf-8")
    make_folder(page.parent / IMAGES_FOLDER)
    write_all(contents)


def lighter(png: bytes) -> bytes:
    """`png` in 256 colours, as wide as :data:`MOST_BYTES` allow."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    data = png
    for width in _WIDTHS:
        share = min(1.0, width / picture.width)
        size = (round(picture.width * share), round(picture.height * share))
        buffer = io.BytesIO()
        small = picture.resize(size, Image.Resampling.LANCZOS)
        small.quantize(256, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        data = buffer.getvalue()
        if len(data) <= MOST_BYTES:
            break
    return data


def _plain(text: str) -> str:
    """Without what Markdown would take for its own."""
    return re.sub(r"([*_`\[\]<>|\\])", r"\\\1", " ".join(text.split()))
