"""How every command ends when something is missing, wrong or interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import typer

from blurprint.errors import BlurprintError, InputError, install_extra

RESULTS_LAST: Final = "results are written at the end, each file whole or not at all"
"""What an interrupt leaves of a command that writes nothing before its work is done."""


def fail(message: str) -> NoReturn:
    """Say in one line on standard error what is wrong, and end with status 1."""
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(1)


def refuse(message: str) -> NoReturn:
    """Say in one line on standard error what is wrong with the command, and end with status 2."""
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(2)


@contextmanager
def usage_errors() -> Iterator[None]:
    """Within it an InputError is about the command and not about the data: see :func:`refuse`."""
    try:
        yield
    except InputError as error:
        refuse(str(error))


@contextmanager
def command_errors(doing: str = "", *, extra: str = "lab", interrupted: str) -> Iterator[None]:
    """The envelope of a command, around its work or as a decorator of its function.

    A missing package of an optional part and errors of our own end with one line and status 1,
    Ctrl-C with one line and status 130. Whatever else is raised passes: it is a bug.

    Args:
        doing: what needs the optional part, as the message begins: "training"; "" if nothing does.
        extra: name of that part.
        interrupted: what an interrupt leaves, or how to go on after it.
    """
    try:
        yield
    except BlurprintError as error:
        fail(str(error))
    except ImportError as error:
        if not doing or (error.name or "").partition(".")[0] == "blurprint":
            raise
        found = isinstance(error, ModuleNotFoundError)
        cause = str(error.name) if found else f"{error.name or 'a package'}, which fails ({error})"
        fail(f"{doing} needs {cause}: {install_extra(extra)}")
    except KeyboardInterrupt:
        typer.echo(f"blurprint: interrupted; {interrupted}", err=True)
        raise typer.Exit(130) from None
