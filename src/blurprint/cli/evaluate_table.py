"""`blurprint evaluate table`: evaluations beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.data_options import show_notes
from blurprint.cli.manners import RESULTS_LAST, command_errors


@command_errors("evaluation", interrupted=RESULTS_LAST)
def table(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="Folders of `evaluate detector`.", show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Markdown file to write.", show_default=False),
    ] = None,
) -> None:
    """Show evaluations in one table of Markdown, with their baselines and how their data differ."""
    from blurprint.files import write_atomic
    from blurprint.lab.evaluation.detectors.evaluation_table import evaluation_table

    made = evaluation_table(folders)
    if out is not None:
        notes = "".join(f"\n- {note}" for note in made.notes)
        text = f"{made.markdown}\n{notes}\n" if notes else f"{made.markdown}\n"
        write_atomic(out, text.encode("utf-8", "backslashreplace"))
    typer.echo(made.markdown)
    show_notes(list(made.notes))
