"""`blurprint dataset check`: what may be wrong with a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.data_options import Data, DataOptions, FakeType, Part, show_reading
from blurprint.cli.manners import RESULTS_LAST, command_errors, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.progress import Bars


@grouped
@command_errors("checking", interrupted=RESULTS_LAST)
def check(
    *,
    data: Data,
    part: Part = "all",
    fake_type: FakeType = None,
    read: DataOptions,
    sample: Annotated[
        int,
        typer.Option(
            min=1,
            help="Number of pictures of each split and label that shortcuts are measured on.",
        ),
    ] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sample and of its intervals.")] = 42,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes that read.")] = 2,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for check.json (all findings) and check.csv (copies).",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit status 1 if there is a warning.")
    ] = False,
) -> None:
    """Count, and look for leaks between splits, copies, and shortcuts to the label.

    A shortcut is a property of the files, such as their format or size, that tells fakes from reals
    better than an AUC of 0.6; a detector may learn it instead of what the pictures show.
    """
    import sklearn  # noqa: F401  that it is there is seen before the work

    from blurprint.cli.dataset_check_tables import show
    from blurprint.lab.audit.check import check_table
    from blurprint.lab.datasets.account import lacking_classes
    from blurprint.lab.datasets.source import DataSource

    with usage_errors():
        source = DataSource(()).over(read.asked(data, fake_type)).checked(part)
    reading = source.read(part)
    show_reading(reading)
    with Bars() as bars:
        result = check_table(
            reading.table,
            sample=sample,
            seed=seed,
            workers=workers,
            progress=lambda done, wanted: bars.show("read", done, wanted),
        )
    if out is not None:
        result.write(out)
    lacking = lacking_classes(reading.whole)
    show(result, lacking=lacking)
    if out is not None:
        typer.echo(f"Findings: {out / 'check.json'}\nCopies:   {out / 'check.csv'}")
    if strict and (result.warnings or lacking):
        raise typer.Exit(1)
