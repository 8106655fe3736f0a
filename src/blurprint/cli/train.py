"""`blurprint train ...`: networks from data. Needs the extra "lab"."""

from __future__ import annotations

import typer

from blurprint.cli.train_detector import detector
from blurprint.cli.train_estimator import estimator
from blurprint.cli.train_face import face

app = typer.Typer(name="train", help="Train networks (needs the extra lab).", no_args_is_help=True)

for command in (detector, estimator, face):
    app.command()(command)
