"""`blurprint scan`: very many pictures to a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from blurprint.cli.analyze_options import (
    MaxPixels,
    MaxSide,
    Quiet,
    check_method,
    valid_max_pixels,
    valid_side,
)
from blurprint.cli.complete import methods
from blurprint.cli.manners import command_errors, refuse, usage_errors
from blurprint.limits import (
    DEFAULT_MAP_SIDE,
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_PIXELS,
    DEFAULT_MAX_SIDE,
)

_MEGABYTE: Final = 1 << 20


@command_errors(interrupted="what was written is whole; the same command goes on after it")
def scan(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Pictures, videos, folders (with all within), .zip and .tar archives (also "
            ".tar.gz, .bz2, .xz; WebDataset), and addresses such as s3://bucket/folder; quoted "
            'patterns: "*.jpg", "**/*.png", "train-{000..123}.tar".',
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the table. One in which a scan was begun is resumed.",
            show_default=False,
        ),
    ] = None,
    lists: Annotated[
        list[str] | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="File with a name a line, or with names that end with NUL (find -print0); - is "
            "standard input. Names are taken as they are, without patterns.",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            help="Method that measures blur: net, net-float, edge, paper or paper-release.",
            autocompletion=methods,
        ),
    ] = "net",
    map_only: Annotated[
        bool, typer.Option("--map-only", help="Measure blur; search and judge no faces.")
    ] = False,
    prior: Annotated[
        float,
        typer.Option(
            metavar="P",
            help="Probability of a pasted face before a picture is looked at, above 0 and below 1.",
        ),
    ] = 0.5,
    output: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="WHICH",
            help="Table as parquet (shards of 10,000 rows), jsonl (a line a row, as they come), or "
            "both.",
        ),
    ] = "both",
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            metavar="N",
            help="Processes. [default: as many as there are cores, and memory holds]",
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            metavar="WHICH",
            help="What measures: local (processes of this machine) or ray (a Ray cluster: "
            "docs/scale.md).",
        ),
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Ray cluster that this machine is in, auto or host:6379. [default: a Ray "
            "of its own on this machine]",
            show_default=False,
        ),
    ] = None,
    ray_gpus: Annotated[
        bool,
        typer.Option("--ray-gpus", help="Run the networks on the GPUs of the Ray cluster."),
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Look at the first N items of the input only.",
            show_default=False,
        ),
    ] = None,
    recompute: Annotated[
        bool,
        typer.Option(
            "--recompute",
            "--overwrite",
            help="Remove the table of an earlier scan in DIR, and start over.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Count the input by kind; measure and write nothing."),
    ] = False,
    quiet: Quiet = False,
    max_side: MaxSide = DEFAULT_MAX_SIDE,
    map_side: Annotated[
        int,
        typer.Option(
            metavar="PIXELS",
            help="Measure the blur of pictures at this longer side; 0 at that of --max-side, as "
            "analyze does. Faces are judged at --max-side; videos have that alone.",
        ),
    ] = DEFAULT_MAP_SIDE,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS / 1e6,
    max_bytes: Annotated[
        float,
        typer.Option(metavar="MB", help="Refuse files and members of archives larger than this."),
    ] = DEFAULT_MAX_BYTES / _MEGABYTE,
    frames: Annotated[
        str,
        typer.Option(
            metavar="N",
            help="Frames of a video that are measured: a number, spread in threes; all; or key.",
        ),
    ] = "24",
) -> None:
    """Measure very many pictures and videos, and write a row for each.

    DIR gets rows-00000.parquet and so on, rows.jsonl, summary.html and run.json: docs/scan.md.
    A file that cannot be read is a row that says why. The same command goes on after any
    interruption.

    Exit status: 0 every item has its row, bad files included; 1 the table cannot be complete (an
    input is missing, matches nothing or cannot be listed to its end, a file with a row has changed,
    or DIR or a temporary file cannot be written); 2 wrong usage; 130 interrupted.
    """
    from blurprint.cli.scan_printer import ScanPrinter, say_dry_run
    from blurprint.scan.engines import engine_of
    from blurprint.scan.items.find import check_addresses, check_out, count_items
    from blurprint.scan.items.lists import NameList
    from blurprint.scan.scan_run import run_scan
    from blurprint.scan.scan_settings import ScanSettings
    from blurprint.scan.store.layout import OUTPUTS
    from blurprint.scan.store.shards import check_parquet

    inputs, lists = inputs or [], lists or []
    check_method(method)
    format_ = next((one for one in OUTPUTS if one == output), None)
    if format_ is None:
        raise typer.BadParameter(
            f'expected parquet, jsonl or both, but got "{output}"', param_hint="'--format'"
        )
    if not inputs and not lists:
        refuse("nothing to scan: give files, folders or addresses, or --list")
    if lists.count("-") > 1:
        refuse("standard input can be read once only")
    if out is None and not dry_run:
        refuse("needs --out DIR, the folder for the table (or --dry-run)")
    most_bytes = round(max_bytes * _MEGABYTE) if 0 < max_bytes <= 1e6 else 0
    if not most_bytes:
        raise typer.BadParameter(
            f"expected a number of megabytes, of at least one byte, but got {max_bytes:g}",
            param_hint="'--max-bytes'",
        )
    with usage_errors():
        settings = ScanSettings(
            method=method,
            prior=prior,
            max_side=valid_side(max_side),
            map_side=valid_side(map_side, "--map-side"),
            max_pixels=valid_max_pixels(max_pixels),
            max_bytes=most_bytes,
            faces=not map_only,
            frames=frames,
        )
        check_addresses(inputs)
        if out is not None:
            check_out(inputs, out)
        measure = engine_of(engine, jobs, ray_address=ray_address, ray_gpus=ray_gpus)
        opened = [NameList(name) for name in lists]
        if format_ != "jsonl" and not dry_run:
            check_parquet()
    if out is None or dry_run:
        account = count_items(inputs, opened, limit=limit, out=None if out is None else str(out))
        say_dry_run(account)
        raise typer.Exit(int(bool(account.problems.count)))
    printer = ScanPrinter(out, inputs, lists, quiet=quiet, limit=limit)
    totals = run_scan(
        inputs,
        out,
        settings,
        measure,
        lists=opened,
        output=format_,
        limit=limit,
        recompute=recompute,
        engine_name=engine,
        observer=printer,
    )
    printer.say_result(totals)
    raise typer.Exit(130 if totals.interrupted else int(totals.flawed))
