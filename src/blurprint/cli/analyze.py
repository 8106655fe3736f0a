"""`blurprint analyze`: pictures to reports."""

from __future__ import annotations

from typing import Annotated

import typer

from blurprint.cli.analyze_options import (
    DEFAULT_OUT,
    Formats,
    Jobs,
    MaxPixels,
    MaxSide,
    Out,
    Quiet,
    Table,
    check_method,
    known_formats,
    valid_max_pixels,
    valid_side,
)
from blurprint.cli.complete import FORMATS, methods
from blurprint.cli.manners import command_errors, usage_errors
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE


@command_errors(interrupted="what was written is whole")
def analyze(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Pictures, videos, or folders of these.", show_default=False
        ),
    ],
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Enter the folders within folders.")
    ] = False,
    method: Annotated[
        str,
        typer.Option(
            help="Method that measures blur: net, net-float, edge, paper or paper-release.",
            autocompletion=methods,
        ),
    ] = "net",
    out: Out = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print report.json to standard output, a line a picture as it is done; a failure "
            'has "error".',
        ),
    ] = False,
    table: Table = None,
    formats: Formats = None,
    npz: Annotated[
        bool,
        typer.Option(
            "--npz", help="Write defocus.npz too; of folders and several pictures as float16."
        ),
    ] = False,
    jobs: Jobs = None,
    quiet: Quiet = False,
    max_side: MaxSide = DEFAULT_MAX_SIDE,
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS / 1e6,
    prior: Annotated[
        float,
        typer.Option(
            metavar="P",
            help="Probability of a pasted face before a picture is looked at, above 0 and below 1.",
        ),
    ] = 0.5,
    frames: Annotated[
        str,
        typer.Option(
            metavar="N",
            help="Frames of a video that are looked at: a number, spread in threes; all; or key.",
        ),
    ] = "24",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier results.")
    ] = False,
    skip_existing: Annotated[
        bool,
        typer.Option(
            "--skip-existing",
            help="Keep earlier results of the same picture (by SHA-256), method, size and version; "
            "with --overwrite replace the others.",
        ),
    ] = False,
) -> None:
    """Measure the blur of pictures and videos and write a report for each.

    Every picture gets a folder DIR/NAME with report.html, report.json and, if it is the only one or
    with --npz, defocus.npz. Of a folder DIR has the same folders within, and index.html, an
    overview. What is left out is counted and named. Videos, those of folders too, need the extra
    "video"; their faces are followed from frame to frame.

    Exit status: 0 all done, 1 some input failed (the others are done), 2 wrong usage, 130
    interrupted.
    """
    from blurprint.cli.analyze_printer import AnalyzePrinter
    from blurprint.clips.sampling import checked_frames
    from blurprint.scan.inputs import find_inputs
    from blurprint.scan.scan_pictures import scan_pictures
    from blurprint.scan.settings import Settings
    from blurprint.scan.table_file import check_table_file
    from blurprint.score.calibration import checked_prior

    check_method(method)
    with usage_errors():
        checked_prior(prior)
        looked_at = checked_frames(frames)
    known = known_formats(formats)
    if out is None and not as_json and table is None:
        out = DEFAULT_OUT
    if skip_existing and out is None:
        raise typer.BadParameter(
            "needs --out, where earlier results are", param_hint="'--skip-existing'"
        )
    with usage_errors():
        if table is not None:
            check_table_file(table, replace=overwrite or skip_existing)
    side, pixels = valid_side(max_side), valid_max_pixels(max_pixels)
    inputs = find_inputs(paths, recursive=recursive, out=out, videos=True)
    written = known or (("html", "json") if inputs.several else FORMATS)
    written += ("npz",) if npz and "npz" not in written else ()
    if skip_existing and "json" not in written:
        raise typer.BadParameter(
            "needs report.json, which names the picture: add json to --format",
            param_hint="'--skip-existing'",
        )
    settings = Settings(
        method=method,
        max_side=side,
        max_pixels=pixels,
        out=out,
        formats=written if out is not None else (),
        half=inputs.several,
        thumbnails=inputs.several and out is not None and bool({"html", "json"} & set(written)),
        overwrite=overwrite,
        skip_existing=skip_existing,
        prior=prior,
        frames=looked_at,
    )
    printer = AnalyzePrinter(settings, several=inputs.several, as_json=as_json, quiet=quiet)
    result = scan_pictures(inputs, settings, observer=printer, table=table, jobs=jobs)
    printer.say_result(result)
    raise typer.Exit(130 if result.stopped else int(bool(result.failed or result.unwritten)))
