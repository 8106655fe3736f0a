"""`blurprint dataset check`: what may be wrong with a data set."""

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
from blurprint.cli.progress import Bars
from blurprint.cli.usage import usage_errors
from blurprint.errors import BlurprintError, install_extra

if TYPE_CHECKING:
    from rich.console import Console

    from blurprint.lab.audit.check_result import CheckResult

_SHOWN = 5
"""Examples of each finding that the terminal shows; the files hold all."""


def check(
    data: Data,
    split: Split = None,
    split_seed: SplitSeed = None,
    part: Part = "all",
    fake_type: FakeType = None,
    compression: Compression = None,
    frames: Frames = None,
    label: Label = None,
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
    try:
        import sklearn  # noqa: F401

        from blurprint.lab.audit.check import check_table
        from blurprint.lab.datasets.account import lacking_classes
        from blurprint.lab.datasets.source import DataSource
    except ImportError as error:
        _fail(f"checking needs {error.name}: {install_extra('lab')}")
    try:
        with usage_errors():
            given = source_options(data, split, split_seed, compression, frames, fake_type, label)
            source = DataSource(()).over(given).checked(part)
        reading = source.read(part)
        show_reading(reading)
        table = reading.table
        with Bars() as bars:
            result = check_table(
                table,
                sample=sample,
                seed=seed,
                workers=workers,
                progress=lambda done, wanted: bars.show("read", done, wanted),
            )
        if out is not None:
            result.write(out)
    except BlurprintError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted", err=True)
        raise typer.Exit(130) from None
    lacking = lacking_classes(reading.whole)
    show(result, lacking=lacking)
    if out is not None:
        typer.echo(f"Findings: {out / 'check.json'}\nCopies:   {out / 'check.csv'}")
    if strict and (result.warnings or lacking):
        raise typer.Exit(1)


def show(result: CheckResult, console: Console | None = None, *, lacking: str = "") -> None:
    """The findings as tables, then the warnings; `lacking` says which parts lack a class."""
    from rich.console import Console

    console = console or Console(highlight=False)
    _show_counts(result, console)
    _show_shortcuts(result, console)
    _show_examples(result, console)
    warnings = [*([lacking] if lacking else []), *result.warnings]
    for warning in warnings:
        console.print(f"Warning: {warning}", markup=False, soft_wrap=True)
    if not warnings:
        console.print("No warnings.")


def _show_counts(result: CheckResult, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("split", "label", "method", title="Pictures", title_justify="left")
    for name in ("pictures", "clips", "groups"):
        table.add_column(name, justify="right")
    for one in result.counts:
        table.add_row(
            one.split or "none",
            "fake" if one.label else "real",
            escape(one.method),
            f"{one.pictures:,}",
            f"{one.clips:,}",
            f"{one.groups:,}",
        )
    console.print(table)


def _show_shortcuts(result: CheckResult, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not result.shortcuts:
        console.print("Shortcuts: not measured; ten pictures of each label in a split are needed.")
        return
    table = Table(
        "split",
        "feature",
        title=f"Shortcuts: AUC of predicting the label, on {result.sampled:,} pictures",
        title_justify="left",
    )
    for name in ("AUC", "99 % interval", "real", "fake"):
        table.add_column(name, justify="right")
    for one in result.shortcuts:
        table.add_row(
            one.split or "none",
            one.feature.replace("_", " "),
            f"{one.auc:.2f}",
            f"{one.low:.2f} to {one.high:.2f}",
            escape(one.real),
            escape(one.fake),
            style="bold" if one.warns else None,
        )
    console.print(table)


def _show_examples(result: CheckResult, console: Console) -> None:
    _show_some(console, "Not readable", [one.reason for one in result.unreadable])
    for across, name in (("split", "splits"), ("label", "labels")):
        lines = [
            f"{one.kind} {one.name}: {', '.join(one.values)}"
            for one in result.straddles
            if one.across == across
        ]
        _show_some(console, f"In more than one of the {name}", lines)
    for name, copies in (
        ("Copies across splits", [copy for copy in result.copies if copy.across_splits]),
        ("Copies across labels", [copy for copy in result.copies if not copy.across_splits]),
    ):
        _show_some(
            console,
            name,
            [
                f"{copy.first} ({copy.splits[0] or 'none'}) = {copy.second}"
                f" ({copy.splits[1] or 'none'})" + (", identical" if copy.identical else "")
                for copy in copies
            ],
        )


def _show_some(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"{title}: {len(lines):,}", markup=False)
    for line in lines[:_SHOWN]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    if len(lines) > _SHOWN:
        console.print(f"  and {len(lines) - _SHOWN:,} more")


def _fail(message: str) -> NoReturn:
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(1)
