"""`blurprint benchmark reference`: how usual each value of a report is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli import complete
from blurprint.cli.analyze_options import check_method
from blurprint.cli.manners import RESULTS_LAST, command_errors
from blurprint.cli.progress import Bars


@command_errors(interrupted=RESULTS_LAST)
def reference(
    photos: Annotated[
        Path, typer.Option(metavar="DIR", help="Ordinary photographs, in it and its folders.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="JSON file for the quantiles.")],
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="Method to measure with, as often as needed. [default: net, edge]",
            autocompletion=complete.methods,
        ),
    ] = None,
    max_side: Annotated[
        int, typer.Option(metavar="PIXELS", help="Reduce larger pictures, as analyze does.")
    ] = 2048,
) -> None:
    """Measure how usual each value of a report is: quantiles over ordinary photographs.

    The file that ships is src/blurprint/evidence/reference.json; make it again after other weights.
    Groups are of like size and measured share. Needs no extra.
    """
    from blurprint.evidence.reference_table import measure_photographs
    from blurprint.files import write_atomic

    methods = method or ["net", "edge"]
    for one in methods:
        check_method(one)
    with Bars() as bars:
        found = measure_photographs(photos, methods, max_side=max_side, show=bars.show)
    write_atomic(out, found.to_json().encode())
    typer.echo(f"{found.photographs} photographs measured: {out}")
    for line in found.unread[:6]:
        typer.echo(f"not read: {line}", err=True)
    if len(found.unread) > 6:
        typer.echo(f"not read: {len(found.unread) - 6} more", err=True)
