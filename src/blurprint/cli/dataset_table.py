"""`blurprint dataset table`: how a data set is read, in numbers and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.data_options import Data, DataOptions, FakeType, Part, show_reading
from blurprint.cli.manners import RESULTS_LAST, command_errors, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from blurprint.lab.datasets.table import SampleTable


@grouped
@command_errors("reading data", interrupted=RESULTS_LAST)
def table(
    *,
    data: Data,
    part: Part = "all",
    fake_type: FakeType = None,
    read: DataOptions,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File for the table, .csv or .parquet.", show_default=False
        ),
    ] = None,
) -> None:
    """Say what is inferred, count rows, clips and groups of each part, and write the table.

    A row is a picture, or a video that has not been prepared; its columns are path, label (0 real,
    1 fake), method, group, split and clip.
    """
    from rich.console import Console

    from blurprint.lab.datasets.source import DataSource
    from blurprint.lab.datasets.table import write_table
    from blurprint.scan.analyze_files import check_folder

    with usage_errors():
        _check_out(out)
        source = DataSource(()).over(read.asked(data, fake_type)).checked(part)
    reading = source.read(part)
    show_reading(reading)
    rows = reading.table
    Console().print(summary(rows))
    if out is not None:
        check_folder(out.parent)
        write_table(_anywhere(rows), out)
        typer.echo(f"Table: {out}")


def summary(rows: SampleTable) -> Table:
    """Rows, clips and groups by split, label and method, and of all."""
    from rich.table import Table

    from blurprint.lab.datasets.table import FAKE, SPLITS

    shown = Table("split", "label", "method", show_footer=True)
    shown.columns[0].footer = "all"
    for name, count in (
        ("rows", len(rows)),
        ("clips", rows["clip"].nunique()),
        ("groups", rows["group"].nunique()),
    ):
        shown.add_column(name, footer=f"{count:,}", justify="right")
    order = {name: index for index, name in enumerate(SPLITS)}
    counted = rows.groupby(["split", "label", "method"], sort=True)
    for (split, label, method), inside in sorted(
        counted, key=lambda item: (order.get(item[0][0], len(order)), item[0])
    ):
        counts = (len(inside), inside["clip"].nunique(), inside["group"].nunique())
        kind = "fake" if label == FAKE else "real"
        shown.add_row(split or "none", kind, method, *(f"{count:,}" for count in counts))
    return shown


def _anywhere(rows: SampleTable) -> SampleTable:
    """With absolute paths: a table file may lie elsewhere than where the command was run."""
    paths = [str(Path(path).absolute()) for path in rows["path"]]
    clips = [
        str(Path(clip).absolute()) if path.startswith(clip) else clip
        for path, clip in zip(rows["path"], rows["clip"], strict=True)
    ]
    return rows.assign(path=paths, clip=clips)


def _check_out(out: Path | None) -> None:
    if out is not None and out.suffix not in {".csv", ".parquet"}:
        raise InputError(f"{out}: Expected a file .csv or .parquet, but got {out.suffix or 'none'}")
