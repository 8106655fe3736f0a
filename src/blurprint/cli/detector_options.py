"""Options of the commands that run detectors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from blurprint.lab.loading.map_cache import MapCache
    from blurprint.lab.models.detectors import Detector

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


def say_notes(detector: Detector) -> Detector:
    """Say on stderr what was inferred and left out when a detector's weights were read."""
    for note in detector.notes:
        typer.echo(f"blurprint: note: {note}", err=True)
    return detector


def map_cache(folder: Path | None) -> MapCache:
    """The cache in `folder`, or in the user's cache folder ($XDG_CACHE_HOME, ~/.cache)."""
    from blurprint.lab.loading.map_cache import MapCache

    if folder is None:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "blurprint" / "maps"
    return MapCache(folder)


def names(text: str) -> tuple[str, ...]:
    """Names between commas; "none" gives none.

    >>> names("flip, noise"), names("none")
    (('flip', 'noise'), ())
    """
    return tuple(name.strip() for name in text.split(",") if name.strip() and name != "none")
