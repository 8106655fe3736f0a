"""Options of `blurprint study`, one set for all studies."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

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
Page = Annotated[
    Path | None,
    typer.Option(
        "--page",
        metavar="FILE",
        help="Markdown with two lines <!-- results -->, between which the results are put.",
        hidden=True,
    ),
]
DetectorWeights = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="FILE",
        help="A detector: .safetensors of `blurprint train detector`, or another's .pth. Its card "
        "supplies what the options on data leave open.",
        show_default=False,
    ),
]
RGBWeights = Annotated[
    Path | None,
    typer.Option(
        "--rgb-weights",
        metavar="FILE",
        help="A detector that sees colours, beside that of --weights, for shapley and alignment.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """How a study is made; named as in :class:`blurprint.lab.studies.request.Request`."""

    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for all results.")]
    samples: Annotated[
        int, typer.Option(min=1, help="Gradients a picture, for shapley and alignment.")
    ] = SAMPLES
    count: Annotated[
        int,
        typer.Option(min=1, help="Pictures that shapley explains, and pairs that alignment does."),
    ] = COUNT
    umap: Annotated[
        bool,
        typer.Option("--umap", help="Draw UMAP as well (needs the extra umap), for embedding."),
    ] = False
    border: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            help="Windows of the local variance beyond the map: inside (existing pixels alone), "
            "mirror, or zero (a plain box filter's, for numbers comparable with the authors').",
        ),
    ] = "inside"
    pair_by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="What makes a pair: a column of the data's table, or `sort` for the order of all "
            "paths, as the paper does; without it, names of files and clips.",
            show_default=False,
        ),
    ] = None
    max_pictures: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=2,
            help="Most pictures to study: whole groups drawn by the seed.",
            show_default=False,
        ),
    ] = None
    draws: Annotated[int, typer.Option(min=10, help="Bootstrap resamples over groups.")] = 1000
    seed: Annotated[int, typer.Option(min=0, help="Random seed, but for the split.")] = 0
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that compute maps; 0 for none.")
    ] = 1
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen",
            help="Study pictures that the detector was trained on all the same; every result says "
            "so.",
        ),
    ] = False
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Repeat what --out holds already.")
    ] = False

    def given(self) -> dict[str, Any]:
        """By name of the option."""
        return asdict(self)
