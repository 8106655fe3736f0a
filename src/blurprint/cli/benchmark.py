"""`blurprint benchmark ...`: how good the methods are. Needs the extra ``lab``."""

from __future__ import annotations

import typer

from blurprint.cli.benchmark_detectors import detectors
from blurprint.cli.benchmark_estimators import estimators
from blurprint.cli.benchmark_inputs import inputs
from blurprint.cli.benchmark_portraits import portraits
from blurprint.cli.benchmark_reference import reference

app = typer.Typer(
    name="benchmark",
    help="Measure how good the methods are (needs the extra lab).",
    no_args_is_help=True,
)
app.command()(estimators)
app.command()(inputs)
app.command()(detectors)
app.command()(reference)
app.command()(portraits)
