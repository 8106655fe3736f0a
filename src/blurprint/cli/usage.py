"""Wrong usage: one line on standard error, and exit status 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from blurprint.errors import InputError


def refuse(message: str) -> NoReturn:
    """Say what is wrong with the command itself and end with status 2."""
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(2)


@contextmanager
def usage_errors() -> Iterator[None]:
    """Within it, what is wrong is the command and not the data: see :func:`refuse`."""
    try:
        yield
    except InputError as error:
        refuse(str(error))
