"""Options of `blurprint study`, one set for all studies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.data_options import LAYOUT_NAMES

SAMPLES = 100
"""Gradients a picture, as `explain` takes them."""
COUNT = 50

Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="LAYOUT:PATH",
        help="What to study, as often as needed; without it, the data of the detector's card. "
        f"LAYOUT: {', '.join(LAYOUT_NAMES)}.",
        show_default=False,
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for all results.")]
PairBy = Annotated[
    str | None,
    typer.Option(
        "--pair-by",
        metavar="COLUMN",
        help="What makes a pair: a column of the data's table, or `sort` for the order of all "
        "paths, as the paper does; without it, names of files and clips.",
        show_default=False,
    ),
]
MaxPictures = Annotated[
    int | None,
    typer.Option(
        "--max-pictures",
        metavar="N",
        min=2,
        help="Most pictures to study: whole groups drawn by the seed.",
        show_default=False,
    ),
]
Draws = Annotated[int, typer.Option("--draws", min=10, help="Bootstrap resamples over groups.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Random seed, but for the split.")]
Workers = Annotated[
    int, typer.Option("--workers", min=0, help="Processes that compute maps; 0 for none.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Repeat what --out holds already.")]
Page = Annotated[
    Path | None,
    typer.Option(
        "--page",
        metavar="FILE",
        help="Markdown with two lines <!-- results -->, between which the results are put.",
        hidden=True,
    ),
]
DetectorFile = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="FILE",
        help="A detector: .safetensors of `blurprint train detector`, or another's .pth. Its card "
        "supplies what the options on data leave open.",
        show_default=False,
    ),
]
RGBFile = Annotated[
    Path | None,
    typer.Option(
        "--rgb-weights",
        metavar="FILE",
        help="A detector that sees colours, beside that of --weights, for shapley and alignment.",
        show_default=False,
    ),
]
Samples = Annotated[
    int, typer.Option("--samples", min=1, help="Gradients a picture, for shapley and alignment.")
]
Count = Annotated[
    int,
    typer.Option(
        "--count", min=1, help="Pictures that shapley explains, and pairs that alignment does."
    ),
]
BorderRule = Annotated[
    str,
    typer.Option(
        "--border",
        metavar="RULE",
        help="Windows of the local variance beyond the map: inside (existing pixels alone), "
        "mirror, or zero (a plain box filter's, for numbers comparable with the authors').",
    ),
]
AllowSeen = Annotated[
    bool,
    typer.Option(
        "--allow-seen",
        help="Study pictures that the detector was trained on all the same; every result says so.",
    ),
]
UMAP = Annotated[
    bool, typer.Option("--umap", help="Draw UMAP as well (needs the extra umap), for embedding.")
]
