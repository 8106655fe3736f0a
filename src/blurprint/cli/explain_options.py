"""Options of `blurprint explain`: what a picture is compared to, and how closely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from blurprint.cli.study_options import SAMPLES


@dataclass(frozen=True, slots=True)
class ComparedTo:
    """The real pictures that a detector's attributions are relative to."""

    background: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Real pictures to compare to: a folder of them, LAYOUT:PATH, or `card` for the "
            "data that the detector's card names. Without it, maps of even blur, and for other "
            "detectors the picture itself, heavily blurred.",
            show_default=False,
        ),
    ] = None
    samples: Annotated[
        int, typer.Option(min=1, help="Gradients; more of them add up better and take longer.")
    ] = SAMPLES
    backgrounds: Annotated[int, typer.Option(min=1, help="Pictures that it is compared to.")] = 10
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed of the choice of real pictures.")
    ] = 0
