"""Options and small manners of the commands that run detectors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from blurprint.errors import InputError

if TYPE_CHECKING:
    from blurprint.lab.datasets.map_cache import MapCache

Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Where defocus maps are kept; without it, blurprint/maps in the user's cache folder.",
        show_default=False,
    ),
]
Weights = Annotated[
    Path,
    typer.Option("--weights", metavar="FILE", help="A detector: .safetensors, or another's .pth."),
]


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with status 1."""
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(1)


def fail_usage(message: str) -> NoReturn:
    """Say what is wrong with the command line and end with status 2."""
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(2)


@contextmanager
def usage() -> Iterator[None]:
    """End with status 2 on an :class:`InputError`: a value that was typed is none that exists."""
    try:
        yield
    except InputError as error:
        fail_usage(str(error))


def map_cache(folder: Path | None) -> MapCache:
    """The cache in `folder`, or in the user's cache folder ($XDG_CACHE_HOME, ~/.cache)."""
    from blurprint.lab.datasets.map_cache import MapCache

    if folder is None:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "blurprint" / "maps"
    return MapCache(folder)
