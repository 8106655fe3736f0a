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

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="For weights of others: what they see, defocus*, rgb or frequency.",
        show_default=False,
    ),
]
BackboneName = Annotated[
    str | None,
    typer.Option(
        "--backbone",
        help="For weights of others: as timm names it; legacy_xception*.",
        show_default=False,
    ),
]
Size = Annotated[
    int | None,
    typer.Option(
        "--size", help="For weights of others: side of the views, px; 299*.", show_default=False
    ),
]
Estimator = Annotated[
    str | None,
    typer.Option(
        "--estimator", help="For weights of others: method of the maps; paper*.", show_default=False
    ),
]
Normalisation = Annotated[
    str | None,
    typer.Option(
        "--normalisation",
        help="For weights of others: none (defocus*), half (rgb*) or timm.",
        show_default=False,
    ),
]


def open_detector(
    weights: Path,
    *,
    model: str | None = None,
    backbone: str | None = None,
    size: int | None = None,
    estimator: str | None = None,
    normalisation: str | None = None,
) -> Detector:
    """The detector in `weights`; what was inferred and left out is said on stderr.

    Options describe weights of others. For ours, which say all of it themselves, they may only
    repeat what the weights say.

    Raises:
        InputError: if the weights cannot be read or do not fit, or an option contradicts them.
    """
    from blurprint.lab.datasets.pictures import ViewOptions
    from blurprint.lab.models.detector_weights import load_detector, stored_config
    from blurprint.lab.models.detectors import DetectorConfig
    from blurprint.lab.models.normalisation import resolve_normalisation, write_normalisation

    stored = stored_config(weights)
    if stored is None:
        kind = model or "defocus"
        views = ViewOptions((kind,), 299 if size is None else size, estimator=estimator or "paper")
        config = DetectorConfig(
            kind,
            backbone or "legacy_xception",
            views=views,
            normalisation=normalisation or "auto",
        )
        return say_notes(load_detector(weights, config))
    if normalisation is not None:
        views_seen = stored.views.views
        normalisation = write_normalisation(resolve_normalisation(normalisation, views_seen))
    for name, asked, said in (
        ("model", model, stored.model),
        ("backbone", backbone, stored.backbone),
        ("size", size, stored.views.size),
        ("estimator", estimator, stored.views.estimator),
        ("normalisation", normalisation, stored.normalisation),
    ):
        if asked is not None and asked != said:
            raise InputError(f"{weights}: Expected --{name} {said}, but got {asked}")
    return say_notes(load_detector(weights))


def say_notes(detector: Detector) -> Detector:
    """Say on stderr what was inferred and left out when a detector's weights were read."""
    for note in detector.notes:
        typer.echo(f"note: {note}", err=True)
    return detector


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
