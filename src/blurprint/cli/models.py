"""`blurprint models`: the cards of all networks, as tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.manners import command_errors, usage_errors
from blurprint.errors import InputError
from blurprint.version import __version__


@command_errors(interrupted="nothing was to be kept")
def models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...]", help="Only these.", show_default=False),
    ] = None,
    cards: Annotated[
        list[Path] | None,
        typer.Option(
            "--card",
            metavar="FILE",
            help="Card (.json) of a network of yours, shown after those that ship; as often as "
            "needed.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; null is what is not stated.")
    ] = False,
) -> None:
    """List the estimators, the face network and what finds faces, by their cards.

    Range, direction, licences, training data, measured errors with their intervals, thresholds
    with their false alarms, size, hash, and where it is documented. What no card says is "not
    stated". Exit status 1 if a file is missing or is not the one that its card describes.
    """
    from blurprint.catalogue.model import SCHEMA
    from blurprint.catalogue.models import model_of, shipped_models
    from blurprint.cli.models_table import show

    there = [*shipped_models(), *map(model_of, cards or [])]
    with usage_errors():
        known = [model.name for model in there]
        for name in names or []:
            if name not in known:
                raise InputError(f'Expected a name among {", ".join(known)}, but got "{name}"')
    chosen = [model for model in there if not names or model.name in names]
    if as_json:
        content = {
            "schema": SCHEMA,
            "version": __version__,
            "models": [model.to_dict() for model in chosen],
        }
        typer.echo(json.dumps(content, indent=2, allow_nan=False))
    else:
        show(chosen)
    wrong = {"missing", "other than stated"}
    if any(file.state in wrong for model in chosen for file in model.files):
        raise typer.Exit(1)
