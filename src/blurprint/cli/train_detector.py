"""`blurprint train detector`: a detector from a data set, with the paper's defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.data_options import LAYOUT_NAMES, DataOptions, FakeType, OutOption, show_reading
from blurprint.cli.detector_options import Cache, map_cache
from blurprint.cli.manners import command_errors, refuse, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.progress import Bars
from blurprint.cli.train_detector_options import LearningOptions, NetworkOptions

if TYPE_CHECKING:
    from blurprint.lab.training.detector.epoch_keeper import EpochResult


@grouped
@command_errors("training", interrupted="--resume goes on from the last whole epoch")
def detector(
    *,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYOUT:PATH",
            help=f"What to train on, as often as needed. LAYOUT: {', '.join(LAYOUT_NAMES)}.",
            show_default=False,
        ),
    ] = None,
    out: OutOption = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Settings as TOML, as an earlier training saved them, or `paper` for the paper's"
            " experiment; options given beside it go first.",
        ),
    ] = None,
    fake_type: FakeType = None,
    read: DataOptions,
    network: NetworkOptions,
    learning: LearningOptions,
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
    from blurprint.lab.models.backbone_names import check_backbone
    from blurprint.lab.training.detector.merge import merged_source, merged_training
    from blurprint.lab.training.detector.parts import train_and_val
    from blurprint.lab.training.detector.toml_config import read_config
    from blurprint.lab.training.detector.train import train_detector

    with usage_errors():
        stored = {} if config is None else read_config(config)
        source = merged_source(stored, read.asked(data, fake_type)).checked()
        training = merged_training(stored, {**network.given(), **learning.given()})
        check_backbone(training.detector.backbone)
    if not source.data or out is None:
        refuse("Expected --data LAYOUT:PATH and --out DIR")
    reading = source.read()
    show_reading(reading)
    with _TrainingBars() as bars:
        best = train_detector(
            *train_and_val(reading.table),
            out,
            training,
            cache=map_cache(cache),
            resume=resume,
            source=source.settled(reading.account).anchored(),
            group_keys=reading.group_keys,
            spaces=reading.spaces,
            report=bars.epoch,
            stepped=bars.step,
            checked=lambda done, wanted: bars.show("read", done, wanted),
            say=lambda line: bars.say(f"Note: {line}"),
        )
    if os.environ.get("LOCAL_RANK", "0") == "0":  # of several processes, one speaks
        typer.echo(
            f"Weights: {best}\nCard:    {best.with_suffix('.json')}\n"
            f"Epochs:  {best.with_name('epochs.csv')}"
        )


class _TrainingBars(Bars):
    """Progress of a training, a line an epoch."""

    _flat = 0

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
