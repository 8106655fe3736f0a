"""`blurprint evaluate ...`: how good detectors are. Needs the extra "lab"."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from blurprint.cli.evaluate_detector import detector
from blurprint.cli.evaluate_matrix import matrix
from blurprint.cli.evaluate_robustness import robustness
from blurprint.cli.evaluate_table import table

PLAIN = "detector"
"""The command that `blurprint evaluate --weights ...` means."""


class _WithPlainForm(TyperGroup):
    """Options without a command belong to :data:`PLAIN`, all of them, wherever they stand."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [PLAIN, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="evaluate",
    help="Test detectors (needs the extra lab). Without a command: detector.",
    cls=_WithPlainForm,
    no_args_is_help=True,
)
app.command()(detector)
app.command()(matrix)
app.command()(robustness)
app.command()(table)
