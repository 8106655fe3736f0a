"""Options of `blurprint train detector`: the network, and how it learns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from blurprint.cli.detector_options import names

_NETWORK = "The network"
_LEARNING = "How it learns"


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """The network, and the weights that it starts from; None where nothing was said."""

    model: Annotated[
        str | None,
        typer.Option(help="defocus*, rgb, frequency or fusion.", rich_help_panel=_NETWORK),
    ] = None
    backbone: Annotated[
        str | None,
        typer.Option(
            help="Backbone, by its name in timm; legacy_xception*.", rich_help_panel=_NETWORK
        ),
    ] = None
    views: Annotated[
        str | None,
        typer.Option(
            help="What a fusion sees: rgb,defocus*; also frequency.", rich_help_panel=_NETWORK
        ),
    ] = None
    fusion: Annotated[
        str | None,
        typer.Option(help="concatenate*, multiply or gated.", rich_help_panel=_NETWORK),
    ] = None
    estimator: Annotated[
        str | None,
        typer.Option(
            help="Method of the map: paper*, paper-release, edge, net, net-float.",
            rich_help_panel=_NETWORK,
        ),
    ] = None
    variant: Annotated[
        str | None, typer.Option(help="Kind of map: minmax* or metric.", rich_help_panel=_NETWORK)
    ] = None
    frequency: Annotated[
        str | None, typer.Option(help="fft* or dct.", rich_help_panel=_NETWORK)
    ] = None
    size: Annotated[
        int | None, typer.Option(help="Side of the views, px; 299*.", rich_help_panel=_NETWORK)
    ] = None
    fit: Annotated[
        str | None,
        typer.Option(help="How pictures become square: squash* or crop.", rich_help_panel=_NETWORK),
    ] = None
    dropout: Annotated[
        float | None,
        typer.Option(help="Dropout before the last layer; 0*.", rich_help_panel=_NETWORK),
    ] = None
    normalisation: Annotated[
        str | None,
        typer.Option(
            help="Normalisation before the network: none, half or timm, or VIEW=KIND between"
            " commas; auto* feeds the map as it is and pictures in [-1, 1], as the paper does.",
            rich_help_panel=_NETWORK,
        ),
    ] = None
    pretrained: Annotated[
        bool | None,
        typer.Option(
            "--pretrained/--no-pretrained",
            help="Start from ImageNet weights: of an installed package (extra pretrained), else"
            " from timm's hub.",
            rich_help_panel=_NETWORK,
        ),
    ] = None
    pretrained_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Start from ImageNet weights of the backbone in this file.",
            rich_help_panel=_NETWORK,
        ),
    ] = None
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Start from these weights: .safetensors, or .pth of another training.",
            rich_help_panel=_NETWORK,
        ),
    ] = None

    def given(self) -> dict[str, Any]:
        """What the options say, by field of :class:`DetectorTraining`."""
        pretrained = self.pretrained if self.pretrained_file is None else str(self.pretrained_file)
        return {
            "pretrained": pretrained,
            "start_from": None if self.weights is None else str(self.weights),
            "detector": {
                "model": self.model,
                "backbone": self.backbone,
                "fusion": self.fusion,
                "dropout": self.dropout,
                "normalisation": self.normalisation,
                "views": {
                    "views": None if self.views is None else names(self.views),
                    "estimator": self.estimator,
                    "variant": self.variant,
                    "frequency": self.frequency,
                    "size": self.size,
                    "fit": self.fit,
                },
            },
        }


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """How the network learns; None where nothing was said."""

    epochs: Annotated[
        int | None, typer.Option(help="Number of epochs; 10*.", rich_help_panel=_LEARNING)
    ] = None
    batch_size: Annotated[
        int | None, typer.Option(help="Pictures in a batch; 64*.", rich_help_panel=_LEARNING)
    ] = None
    learning_rate: Annotated[
        float | None, typer.Option(help="Learning rate of Adam; 1e-4*.", rich_help_panel=_LEARNING)
    ] = None
    weight_decay: Annotated[
        float | None, typer.Option(help="Weight decay of Adam; 0*.", rich_help_panel=_LEARNING)
    ] = None
    augment: Annotated[
        str | None,
        typer.Option(
            help="Any of flip,brightness,blur,resize,noise,jpeg; none*.",
            rich_help_panel=_LEARNING,
        ),
    ] = None
    balance: Annotated[
        bool | None,
        typer.Option(
            "--balance/--no-balance",
            help="Weigh fakes so that both classes count alike.",
            rich_help_panel=_LEARNING,
        ),
    ] = None
    monitor: Annotated[
        str | None,
        typer.Option(
            help="What the best epoch is chosen by: accuracy*, auc or loss.",
            rich_help_panel=_LEARNING,
        ),
    ] = None
    patience: Annotated[
        int | None,
        typer.Option(
            help="Stop after so many epochs without a better one; 0* never.",
            rich_help_panel=_LEARNING,
        ),
    ] = None
    accumulate: Annotated[
        int | None, typer.Option(help="Batches per step; 1*.", rich_help_panel=_LEARNING)
    ] = None
    clip: Annotated[
        float | None,
        typer.Option(help="Largest norm of the gradient; 0* none.", rich_help_panel=_LEARNING),
    ] = None
    precision: Annotated[
        str | None,
        typer.Option(help="Precision in bits: 32*, bf16 or 16 (mixed).", rich_help_panel=_LEARNING),
    ] = None
    devices: Annotated[
        int | None,
        typer.Option(help="Number of GPUs or processes; DDP beyond 1*.", rich_help_panel=_LEARNING),
    ] = None
    accelerator: Annotated[
        str | None, typer.Option(help="auto*, cpu, cuda, mps.", rich_help_panel=_LEARNING)
    ] = None
    workers: Annotated[
        int | None, typer.Option(help="Processes that load; 2*.", rich_help_panel=_LEARNING)
    ] = None
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed of weights, order and augmentation, not of the split; 42*.",
            rich_help_panel=_LEARNING,
        ),
    ] = None

    def given(self) -> dict[str, Any]:
        """What the options say, by field of :class:`DetectorTraining`."""
        augment = None if self.augment is None else names(self.augment)
        return asdict(self) | {"augment": augment}
