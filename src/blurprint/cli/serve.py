"""`blurprint serve`: the service and its page."""

from __future__ import annotations

from typing import Annotated

import typer

from blurprint.cli.manners import command_errors, fail, usage_errors

_NOT_GIVEN = "[default: the variable {}, else {}]"


@command_errors("serving", extra="serve", interrupted="results that are done are kept")
def serve(
    host: Annotated[
        str | None,
        typer.Option(
            help=f"Address to listen on. {_NOT_GIVEN.format('BLURPRINT_HOST', '127.0.0.1')}",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help=f"Port to listen on. {_NOT_GIVEN.format('BLURPRINT_PORT', '8000')}",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            "-j",
            min=1,
            metavar="N",
            help="Processes that analyse. [default: the variable BLURPRINT_WORKERS, else as many "
            "as there are cores, and memory holds]",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        str | None,  # as it was given: an empty one is refused
        typer.Option(
            metavar="DIR",
            help="Folder of uploads and results. [default: the variable BLURPRINT_FOLDER, else "
            "~/.local/state/blurprint/serve]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve a page and an API that analyse pictures, until Ctrl-C or SIGTERM.

    Every other bound is a variable of the environment, BLURPRINT_...: docs/serve.md lists them.

    Exit status: 0 ended by a signal, 1 could not start, 2 wrong usage.
    """
    from blurprint.serve import server
    from blurprint.serve.settings import read_settings

    with usage_errors():
        settings = read_settings(host=host, port=port, workers=workers, folder=folder)
    if not settings.is_loopback and not settings.token:
        typer.echo(
            f"blurprint: warning: {settings.host} can be reached by others, and without "
            "BLURPRINT_TOKEN anybody may use the service",
            err=True,
        )
    if not server.serve(settings, lambda at: typer.echo(f"Blurprint at {at} (Ctrl-C ends it)")):
        fail(f"the service could not start on {settings.host}:{settings.port}")
