"""`blurprint benchmark portraits`: how usual each value of a face is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.analyze_options import check_method
from blurprint.cli.complete import methods
from blurprint.cli.manners import RESULTS_LAST, command_errors
from blurprint.cli.progress import Bars


@command_errors(interrupted=RESULTS_LAST)
def portraits(
    photos: Annotated[
        Path, typer.Option(metavar="DIR", help="Ordinary portraits, in it and its folders.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="JSON file for the quantiles.")],
    method: Annotated[
        str, typer.Option(help="Method to measure with.", autocompletion=methods)
    ] = "net",
) -> None:
    """Measure how usual each value of a face is: quantiles over ordinary portraits.

    The file that ships is src/blurprint/evidence/face_reference.json; make it again after other
    weights. The largest face of each picture is measured, at the size of the file and at half of
    it; classes are by the distance of the eyes. A manifest.csv with the columns path and group says
    which pictures show one person; people count alike. Needs no extra.
    """
    from blurprint.evidence.face_reference_table import measure_portraits
    from blurprint.files import write_atomic

    check_method(method)
    with Bars() as bars:
        found = measure_portraits(photos, method, bars.show)
    write_atomic(out, found.to_json().encode())
    typer.echo(f"{found.portraits} portraits measured: {out}")
    if found.without_face:
        typer.echo(f"{found.without_face} without a face that is sure and large enough", err=True)
    for line in found.unread[:6]:
        typer.echo(f"not read: {line}", err=True)
    if len(found.unread) > 6:
        typer.echo(f"not read: {len(found.unread) - 6} more", err=True)
