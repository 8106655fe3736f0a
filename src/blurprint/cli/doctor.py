"""`blurprint doctor`: whether this installation works."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from blurprint.cli.manners import command_errors
from blurprint.version import __version__


@command_errors(interrupted="nothing was to be kept")
def doctor(
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Also load the packages of the laboratory, of Ray and of the tests; takes up to a "
            "minute.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check this installation: packages, extras, weights, a self-test, the machine.

    Each line is ok, missing (optional, or not tried) or wrong, with what to do. Nothing is
    fetched and nothing is kept. Exit status 0 if nothing is wrong, else 1.
    """
    from blurprint.cli.doctor_table import DoctorPrinter
    from blurprint.doctor.doctor import examine
    from blurprint.doctor.line import SCHEMA, well

    began = time.perf_counter()
    printer = None if as_json else DoctorPrinter()
    lines = []
    for line in examine(full=full):
        lines.append(line)
        if printer is not None:
            printer.show(line)
    seconds = time.perf_counter() - began
    if printer is None:
        content = {
            "schema": SCHEMA,
            "version": __version__,
            "ok": well(lines),
            "seconds": round(seconds, 3),
            "lines": [line.to_dict() for line in lines],
        }
        typer.echo(json.dumps(content, indent=2, allow_nan=False))
    else:
        printer.end(lines, seconds)
    raise typer.Exit(0 if well(lines) else 1)
