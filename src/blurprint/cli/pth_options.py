"""Options that say what a file of weights is, where it does not say so itself."""

from __future__ import annotations

from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="For a .pth: what it sees: defocus, rgb or frequency. [default: defocus]",
        show_default=False,
    ),
]
Backbone = Annotated[
    str | None,
    typer.Option(
        "--backbone",
        help="For a .pth: its network, as timm names it. [default: legacy_xception]",
        show_default=False,
    ),
]
Estimator = Annotated[
    str | None,
    typer.Option(
        "--estimator",
        help="Method of the maps, of a .pth too: paper, paper-release, edge, net, net-float or "
        "net-wide; other weights have their own. [default: paper]",
        show_default=False,
    ),
]
Size = Annotated[
    int | None,
    typer.Option(
        "--size",
        help="Side of the maps, of a .pth's views too, px. [default: 299]",
        show_default=False,
    ),
]
Variant = Annotated[
    str | None,
    typer.Option(
        "--variant",
        help="For a .pth: minmax or metric maps. [default: minmax]",
        show_default=False,
    ),
]
Fit = Annotated[
    str | None,
    typer.Option(
        "--fit",
        help="How pictures become square: squash or crop. [default: squash]",
        show_default=False,
    ),
]
Normalisation = Annotated[
    str | None,
    typer.Option(
        "--normalisation",
        help="For a .pth: how its views are fed, none, half or timm. [default: none for maps, half "
        "for pictures]",
        show_default=False,
    ),
]
