"""`blurprint dataset ...`: what lies in folders of pictures. Needs the extra "lab"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from blurprint.cli.data_options import (
    Compression,
    Data,
    FakeType,
    Frames,
    Label,
    Part,
    Split,
    SplitSeed,
    show_reading,
    source_options,
)
from blurprint.cli.dataset_check import check
from blurprint.cli.dataset_prepare import prepare
from blurprint.cli.dataset_render import render
from blurprint.cli.usage import usage_errors
from blurprint.errors import BlurprintError, InputError, OutputError, install_extra

if TYPE_CHECKING:
    from rich.table import Table

    from blurprint.lab.datasets.table import SampleTable

app = typer.Typer(
    name="dataset",
    help="Read, prepare and check data sets (needs the extra lab).",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Keep `table` a command of its own while it is the only one."""


@app.command()
def table(
    data: Data,
    split: Split = None,
    split_seed: SplitSeed = None,
    part: Part = "all",
    fake_type: FakeType = None,
    compression: Compression = None,
    frames: Frames = None,
    label: Label = None,
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
    try:
        from blurprint.lab.datasets.source import DataSource
        from blurprint.lab.datasets.table import write_table
    except ImportError as error:
        _fail(f"data sets need {error.name}: {install_extra('lab')}")
    try:
        with usage_errors():
            _check_out(out)
        with usage_errors():
            given = source_options(data, split, split_seed, compression, frames, fake_type, label)
            source = DataSource(()).over(given).checked(part)
        reading = source.read(part)
        show_reading(reading)
        rows = reading.table
        from rich.console import Console

        Console().print(summary(rows))
        if out is not None:
            _make(out.parent)
            write_table(_anywhere(rows), out)
    except BlurprintError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted", err=True)
        raise typer.Exit(130) from None
    if out is not None:
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


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from error


def _fail(message: str) -> NoReturn:
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(1)


# --- Commands in files of their own are added below: app.command()(prepare), ... ---
app.command()(prepare)
app.command()(check)
app.command()(render)
