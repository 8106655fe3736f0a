"""`blurprint dataset ...`: what lies in folders of pictures. Needs the extra "lab"."""

from __future__ import annotations

import typer

from blurprint.cli.dataset_check import check
from blurprint.cli.dataset_prepare import prepare
from blurprint.cli.dataset_render import render
from blurprint.cli.dataset_table import table

app = typer.Typer(
    name="dataset",
    help="Read, prepare and check data sets (needs the extra lab).",
    no_args_is_help=True,
)
app.command()(table)
app.command()(prepare)
app.command()(check)
app.command()(render)
