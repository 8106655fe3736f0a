"""Options that the benchmarks share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Out = Annotated[
    Path, typer.Option(metavar="DIR", help="Folder for the results, replaced if there.")
]
Card = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help='Card of the network behind "net"; without it, the one that ships.',
        show_default=False,
    ),
]


def page_option(marker: str, more: str = "") -> Any:
    """An option for the page between whose lines ``<!-- marker -->`` results are put."""
    return typer.Option(
        metavar="FILE",
        help=f"Page whose results, between <!-- {marker} --> and <!-- /{marker} -->, are replaced"
        f"{more}.",
        show_default=False,
    )
