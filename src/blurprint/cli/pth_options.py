"""Options that say what a file of weights is, where it does not say so itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer


@dataclass(frozen=True, slots=True)
class PthOptions:
    """The options; None where nothing was said."""

    model: Annotated[
        str | None,
        typer.Option(
            help="For a .pth: what it sees: defocus, rgb or frequency. [default: defocus]",
            show_default=False,
        ),
    ] = None
    backbone: Annotated[
        str | None,
        typer.Option(
            help="For a .pth: its network, as timm names it. [default: legacy_xception]",
            show_default=False,
        ),
    ] = None
    estimator: Annotated[
        str | None,
        typer.Option(
            help="Method of the maps, of a .pth too: paper, paper-release, edge, net or net-float; "
            "other weights have their own. [default: paper]",
            show_default=False,
        ),
    ] = None
    size: Annotated[
        int | None,
        typer.Option(
            help="Side of the maps, of a .pth's views too, px. [default: 299]", show_default=False
        ),
    ] = None
    variant: Annotated[
        str | None,
        typer.Option(
            help="For a .pth: minmax or metric maps. [default: minmax]", show_default=False
        ),
    ] = None
    fit: Annotated[
        str | None,
        typer.Option(
            help="How pictures become square: squash or crop. [default: squash]",
            show_default=False,
        ),
    ] = None
    normalisation: Annotated[
        str | None,
        typer.Option(
            help="For a .pth: how its views are fed, none, half or timm. [default: none for maps, "
            "half for pictures]",
            show_default=False,
        ),
    ] = None

    def given(self) -> dict[str, Any]:
        """As :class:`blurprint.lab.models.detector_file.DetectorFile` takes it."""
        return asdict(self)
