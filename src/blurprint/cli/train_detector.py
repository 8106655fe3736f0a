"""`blurprint train detector`: a detector from a data set, with the paper's defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blurprint.cli.data_options import (
    LAYOUT_NAMES,
    Compression,
    FakeType,
    Frames,
    Label,
    Split,
    SplitSeed,
    show_reading,
    source_options,
)
from blurprint.cli.detector_options import Cache, fail, map_cache
from blurprint.cli.progress import Bars
from blurprint.cli.usage import refuse, usage_errors
from blurprint.errors import BlurprintError, InputError, install_extra

if TYPE_CHECKING:
    from blurprint.lab.datasets.source import DataSource
    from blurprint.lab.training.detector.epoch_keeper import EpochResult
    from blurprint.lab.training.detector.settings import DetectorTraining

_NETWORK = "The network"
_LEARNING = "How it learns"


def detector(
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYOUT:PATH",
            help=f"What to train on, as often as needed. LAYOUT: {', '.join(LAYOUT_NAMES)}.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for all results.", show_default=False),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Settings as TOML, as an earlier training saved them, or `paper` for the paper's"
            " experiment; options given beside it go first.",
        ),
    ] = None,
    fake_type: FakeType = None,
    split: Split = None,
    split_seed: SplitSeed = None,
    compression: Compression = None,
    frames: Frames = None,
    label: Label = None,
    model: Annotated[
        str | None,
        typer.Option(help="defocus*, rgb, frequency or fusion.", rich_help_panel=_NETWORK),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(help="As timm names it; legacy_xception*.", rich_help_panel=_NETWORK),
    ] = None,
    views: Annotated[
        str | None,
        typer.Option(
            help="What a fusion sees: rgb,defocus*; also frequency.", rich_help_panel=_NETWORK
        ),
    ] = None,
    fusion: Annotated[
        str | None,
        typer.Option(help="concatenate*, multiply or gated.", rich_help_panel=_NETWORK),
    ] = None,
    estimator: Annotated[
        str | None,
        typer.Option(
            help="Of the map: paper*, paper-release, edge, net, net-float, net-wide.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    variant: Annotated[
        str | None, typer.Option(help="Of the map: minmax* or metric.", rich_help_panel=_NETWORK)
    ] = None,
    frequency: Annotated[
        str | None, typer.Option(help="fft* or dct.", rich_help_panel=_NETWORK)
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Side of the views, px; 299*.", rich_help_panel=_NETWORK)
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option(help="How pictures become square: squash* or crop.", rich_help_panel=_NETWORK),
    ] = None,
    dropout: Annotated[
        float | None, typer.Option(help="Before the last layer; 0*.", rich_help_panel=_NETWORK)
    ] = None,
    normalisation: Annotated[
        str | None,
        typer.Option(
            help="Of the views before the network: none, half or timm, or VIEW=KIND between commas;"
            " auto* feeds the map as it is and pictures in [-1, 1], as the paper does.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    pretrained: Annotated[
        bool | None,
        typer.Option(
            "--pretrained/--no-pretrained",
            help="Start from ImageNet weights: of an installed package (extra pretrained), else"
            " from timm's hub.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    pretrained_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Start from ImageNet weights of the backbone in this file.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Start from these weights: .safetensors, or .pth of another training.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="10*.", rich_help_panel=_LEARNING)] = None,
    batch_size: Annotated[int | None, typer.Option(help="64*.", rich_help_panel=_LEARNING)] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Of Adam; 1e-4*.", rich_help_panel=_LEARNING)
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help="Of Adam; 0*.", rich_help_panel=_LEARNING)
    ] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            help="Any of flip,brightness,blur,resize,noise,jpeg; none*.",
            rich_help_panel=_LEARNING,
        ),
    ] = None,
    balance: Annotated[
        bool | None,
        typer.Option(
            "--balance/--no-balance",
            help="Weigh fakes so that both classes count alike.",
            rich_help_panel=_LEARNING,
        ),
    ] = None,
    monitor: Annotated[
        str | None,
        typer.Option(
            help="What the best epoch is chosen by: accuracy*, auc or loss.",
            rich_help_panel=_LEARNING,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Stop after so many epochs without a better one; 0* never.",
            rich_help_panel=_LEARNING,
        ),
    ] = None,
    accumulate: Annotated[
        int | None, typer.Option(help="Batches to one step; 1*.", rich_help_panel=_LEARNING)
    ] = None,
    clip: Annotated[
        float | None,
        typer.Option(help="Largest norm of the gradient; 0* none.", rich_help_panel=_LEARNING),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="32*, bf16 or 16 (mixed).", rich_help_panel=_LEARNING),
    ] = None,
    devices: Annotated[
        int | None,
        typer.Option(help="Graphics cards or processes; DDP beyond 1*.", rich_help_panel=_LEARNING),
    ] = None,
    accelerator: Annotated[
        str | None, typer.Option(help="auto*, cpu, cuda, mps.", rich_help_panel=_LEARNING)
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that load; 2*.", rich_help_panel=_LEARNING)
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed of weights, order and augmentation, not of the split; 42*.",
            rich_help_panel=_LEARNING,
        ),
    ] = None,
    cache: Cache = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last epoch in --out.")
    ] = False,
) -> None:
    """Train a detector of fakes. Options you omit use the paper's defaults, shown with *.

    --out receives detector.safetensors (the epoch with the best validation accuracy), its card, the
    record of the pictures seen, config.toml (which --config takes back), epochs.csv, a TensorBoard
    log and the last epoch's checkpoint; Ctrl-C leaves that, and --resume goes on from it as if
    nothing had happened.
    """
    given = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "augment": None if augment is None else names(augment),
        "balance": balance,
        "monitor": monitor,
        "patience": patience,
        "accumulate": accumulate,
        "clip": clip,
        "precision": precision,
        "pretrained": pretrained if pretrained_file is None else str(pretrained_file),
        "start_from": None if weights is None else str(weights),
        "devices": devices,
        "accelerator": accelerator,
        "workers": workers,
        "seed": seed,
        "detector": {
            "model": model,
            "backbone": backbone,
            "fusion": fusion,
            "dropout": dropout,
            "normalisation": normalisation,
            "views": {
                "views": None if views is None else names(views),
                "estimator": estimator,
                "variant": variant,
                "frequency": frequency,
                "size": size,
                "fit": fit,
            },
        },
    }
    try:
        from blurprint.lab.models.backbone_names import check_backbone
        from blurprint.lab.training.detector.toml_config import read_config
        from blurprint.lab.training.detector.train import train_detector
    except ImportError as error:
        fail(f"training needs {error.name}: {install_extra('lab')}")
    try:
        with usage_errors():
            stored = {} if config is None else read_config(config)
            asked = source_options(data, split, split_seed, compression, frames, fake_type, label)
            source = merged_source(stored, asked).checked()
            training = merged_training(stored, given)
            check_backbone(training.detector.backbone)
        if not source.data or out is None:
            refuse("Expected --data LAYOUT:PATH and --out DIR")
        reading = source.read()
        show_reading(reading)
        source = source.settled(reading.account).anchored()
        parts = {
            name: reading.table[reading.table["split"] == name].reset_index(drop=True)
            for name in ("train", "val")
        }
        for name, part in parts.items():
            if part.empty:
                raise InputError(f"Expected a part {name} in the data, but it has no rows")
        with _TrainingBars() as bars:
            best = train_detector(
                parts["train"],
                parts["val"],
                out,
                training,
                cache=map_cache(cache),
                resume=resume,
                source=source,
                group_keys=reading.group_keys,
                spaces=reading.spaces,
                report=bars.epoch,
                stepped=bars.step,
                checked=lambda done, wanted: bars.show("read", done, wanted),
                say=lambda line: bars.say(f"Note: {line}"),
            )
    except BlurprintError as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted; --resume goes on from the last whole epoch", err=True)
        raise typer.Exit(130) from None
    if os.environ.get("LOCAL_RANK", "0") == "0":  # of several processes, one speaks
        typer.echo(
            f"Weights: {best}\nCard:    {best.with_suffix('.json')}\n"
            f"Epochs:  {best.with_name('epochs.csv')}"
        )


def merged_source(stored: Mapping[str, Any], given: Mapping[str, Any]) -> DataSource:
    """The data of a file's table "data", with what was given over it.

    Files of before splits had a seed of their own split by that of the training.

    Raises:
        InputError: if a setting is unknown.
    """
    from blurprint.lab.datasets.source import DataSource

    kept = dict(stored.get("data", {}))
    if kept and "split_seed" not in kept and "frames" not in kept and "seed" in stored:
        kept["split_seed"] = stored["seed"]
    return DataSource.from_dict(kept).over(given)


def merged_training(stored: Mapping[str, Any], given: Mapping[str, Any]) -> DetectorTraining:
    """Settings of a file, then those that were given; a model brings the views that it needs.

    Raises:
        InputError: if one is unknown or out of range.
    """
    from blurprint.lab.training.detector.settings import DetectorTraining

    whole = _over({name: value for name, value in stored.items() if name != "data"}, given)
    network = whole.setdefault("detector", {})
    asked = _over({}, given).get("detector", {})
    if "normalisation" not in asked and asked.get("model", network.get("model")) != stored.get(
        "detector", {}
    ).get("model", "defocus"):
        network.pop("normalisation", None)  # it was another model's
    seen = network.setdefault("views", {})
    if "views" not in asked.get("views", {}):
        model = network.get("model", "defocus")
        before = tuple(seen.get("views", ()))
        if model != "fusion":
            seen["views"] = (model,)
        elif len(before) < 2:
            seen["views"] = ("rgb", "defocus")
    return DetectorTraining.from_dict(whole)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with what `above` has other than None, folder by folder."""
    out = dict(below)
    for key, value in above.items():
        if isinstance(value, Mapping):
            inner = _over(out.get(key, {}), value)
            if inner:
                out[key] = inner
        elif value is not None:
            out[key] = value
    return out


def names(text: str) -> tuple[str, ...]:
    """Names between commas; "none" gives none."""
    return tuple(name.strip() for name in text.split(",") if name.strip() and name != "none")


class _TrainingBars(Bars):
    """Progress of a training, a line an epoch."""

    _flat = 0

    def __enter__(self) -> _TrainingBars:
        super().__enter__()
        return self

    def step(self, done: int, wanted: int) -> None:
        """Show how many batches are done."""
        self.show("train", done, wanted)

    def epoch(self, result: EpochResult) -> None:
        """Say what an epoch gave."""
        train, val = result.train, result.val
        self.say(
            f"epoch {result.epoch}: training loss {train.loss:.4f}, validation loss "
            f"{val.loss:.4f}, accuracy {100 * val.accuracy:.1f} %, F1 {val.f1:.3f}, "
            f"AUC {val.auc:.3f}{'  (best)' if result.best else ''}"
        )
        if result.flat > self._flat:
            self._flat = result.flat
            self.say(f"Note: {result.flat:,} maps are the same everywhere (no edge was found)")
