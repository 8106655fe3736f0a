"""`blurprint score`: pictures to scores, without reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.analyze_options import (
    Jobs,
    MaxPixels,
    Quiet,
    Table,
    valid_max_pixels,
    valid_side,
)
from blurprint.cli.manners import command_errors, usage_errors
from blurprint.errors import InputError
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE


@command_errors(interrupted="nothing was written")
def score(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Pictures, or folders of pictures.", show_default=False
        ),
    ],
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Enter the folders within folders.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="CARD",
            help="Card (.json) of another face network, or of a detector that `blurprint export` "
            "wrote; a detector gives a number that is not calibrated. [default: the face network "
            "that ships]",
            show_default=False,
        ),
    ] = None,
    prior: Annotated[
        float,
        typer.Option(
            metavar="P",
            help="Probability of a pasted face before the picture is looked at, above 0 and below "
            "1; P(fake) depends on it, the likelihood ratio and the label do not.",
        ),
    ] = 0.5,
    table: Table = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier table.")
    ] = False,
    jobs: Jobs = None,
    quiet: Quiet = False,
    max_side: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS",
            help="Reduce larger pictures to this longer side; 0 keeps the native size. [default: "
            f"{DEFAULT_MAX_SIDE}; 0 for a detector, which sees no reduced pictures]",
            show_default=False,
        ),
    ] = None,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS / 1e6,
) -> None:
    """Say how strongly each picture shows a pasted-in or regenerated face. Writes no reports.

    Prints a line for each picture: fake, real (no sign of a pasted face) or unsure, the likelihood
    ratio, and the reason; and the number of pictures of each kind.

    Exit status: 0 all done, 1 some input failed (the others are done), 2 wrong usage, 130
    interrupted.
    """
    from blurprint.cli.score_printer import ScorePrinter
    from blurprint.scan.inputs import find_inputs
    from blurprint.scan.score_files import score_files
    from blurprint.scan.score_one import score_settings
    from blurprint.scan.table_file import check_table_file
    from blurprint.weights.card import ships

    with usage_errors():
        if weights is None and not ships("face"):
            raise InputError("no face network ships with this version; give --weights CARD")
        if table is not None:
            check_table_file(table, replace=overwrite)
        settings = score_settings(
            weights,
            prior=prior,
            max_side=None if max_side is None else valid_side(max_side),
            max_pixels=valid_max_pixels(max_pixels),
        )
    inputs = find_inputs(paths, recursive=recursive)
    printer = ScorePrinter(calibrated=settings.calibrated, several=inputs.several, quiet=quiet)
    counts = score_files(inputs, settings, printer, table=table, jobs=jobs)
    printer.say_result(counts)
    raise typer.Exit(130 if counts.stopped else int(bool(counts.failed or counts.unwritten)))
