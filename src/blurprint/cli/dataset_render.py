"""`blurprint dataset render`: a data set with a known truth, to try everything on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.manners import command_errors
from blurprint.cli.progress import Bars
from blurprint.errors import OutputError


def render(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the data set.")],
    identities: Annotated[int, typer.Option(min=5, help="Textures; no two parts share one.")] = 60,
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of a real and a fake per texture.")] = 5,
    size: Annotated[int, typer.Option(min=48, help="Side of the pictures, px.")] = 160,
    photos: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Photographs for every second texture; without it, all are dead leaves.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
) -> None:
    """Render pictures with one lens's blur (real) and with a pasted oval of another (fake).

    The result is a data set of layout `folder`, with parts train, val and test that share no
    texture: what a detector finds in it is known, so that a pipeline can be tried and trusted.
    """
    with command_errors("rendering", interrupted=f"remove {out} and begin again"):
        from blurprint.lab.rendering.pasted_blur import write_pasted_blur
        from blurprint.lab.rendering.sharp_sources import SharpSources

        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"{out}: exists and is not an empty folder")
        sources = None if photos is None else SharpSources.from_folder(photos, "train")
        with Bars() as bars:
            table = write_pasted_blur(
                out,
                identities=identities,
                pairs=pairs,
                size=size,
                seed=seed,
                sources=sources,
                progress=lambda done, wanted: bars.show("render", done, wanted),
            )
    typer.echo(f"{len(table):,} pictures: --data folder:{out}")
