"""Options that `blurprint analyze` shares with other commands or that need many words, and what is
wrong usage of any."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from blurprint.cli.complete import FORMATS, formats

DEFAULT_OUT: Final = Path("blurprint-report")

Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help=f"Folder for the results. [default: {DEFAULT_OUT}; with --json or --table: none]",
        show_default=False,
    ),
]
Table = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write a row a picture, failures included, to a .csv, .jsonl or .parquet file; in "
        ".csv text that a spreadsheet would take for a formula has an apostrophe before it.",
        show_default=False,
    ),
]
Formats = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="LIST",
        help=f"Which files to write, by commas. [default: {','.join(FORMATS)}; of folders and "
        "several pictures html,json]",
        show_default=False,
        autocompletion=formats,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Pictures at a time. [default: as many as there are cores, and memory holds]",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
MaxSide = Annotated[
    int,
    typer.Option(
        metavar="PIXELS",
        help="Reduce larger pictures to this longer side; 0 keeps the native size.",
    ),
]
MaxPixels = Annotated[
    float,
    typer.Option(metavar="MILLIONS", help="Refuse pictures that declare more pixels than this."),
]


def check_method(method: str) -> None:
    """See that there is such a method."""
    from blurprint.optics.methods import METHODS

    if method not in METHODS:
        raise typer.BadParameter(
            f'"{method}" is not one of {", ".join(METHODS)}', param_hint="'--method'"
        )


def known_formats(formats: str | None) -> tuple[str, ...]:
    """The formats asked for; none if nothing was."""
    if formats is None:
        return ()
    wanted = tuple(
        dict.fromkeys(word.strip().lower() for word in formats.split(",") if word.strip())
    )
    unknown = [word for word in wanted if word not in FORMATS]
    if unknown or not wanted:
        raise typer.BadParameter(
            f'expected some of {",".join(FORMATS)}, but got "{formats}"', param_hint="'--format'"
        )
    return wanted


def valid_side(side: int, option: str = "--max-side") -> int:
    """The longer side to which pictures are reduced, in pixels; 0 for none."""
    from blurprint.limits import MIN_SIDE

    if side != 0 and side < MIN_SIDE:
        raise typer.BadParameter(
            f"expected 0 or at least {MIN_SIDE}, but got {side}", param_hint=f"'{option}'"
        )
    return side


def valid_max_pixels(millions: float) -> int:
    """Millions of pixels as a number of pixels."""
    pixels = round(millions * 1e6) if 0 < millions <= 1e6 else 0
    if not pixels:
        raise typer.BadParameter(
            f"expected a number of millions, of at least one pixel, but got {millions:g}",
            param_hint="'--max-pixels'",
        )
    return pixels
