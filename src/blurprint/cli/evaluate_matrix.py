"""`blurprint evaluate matrix`: detectors trained on each manipulation and tested on each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.data_options import (
    Compression,
    DataOption,
    FakeType,
    Frames,
    Label,
    OutOption,
    Split,
    SplitSeed,
    show_reading,
    source_options,
)
from blurprint.cli.detector_options import Cache, fail, map_cache
from blurprint.cli.progress import Bars
from blurprint.cli.train_detector import merged_source, merged_training
from blurprint.cli.usage import refuse, usage_errors
from blurprint.errors import BlurprintError, install_extra

if TYPE_CHECKING:
    from blurprint.lab.training.detector.settings import DetectorTraining


def matrix(
    data: DataOption = None,
    out: OutOption = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Settings of the trainings and the data as TOML, as `train detector` saves them;"
            " its fake types do not count here.",
        ),
    ] = None,
    split: Split = None,
    split_seed: SplitSeed = None,
    fake_type: FakeType = None,
    compression: Compression = None,
    frames: Frames = None,
    label: Label = None,
    model: Annotated[str | None, typer.Option(help="defocus*, rgb, frequency, fusion.")] = None,
    backbone: Annotated[str | None, typer.Option(help="As timm names it.")] = None,
    estimator: Annotated[str | None, typer.Option(help="Of the map; paper*.")] = None,
    variant: Annotated[str | None, typer.Option(help="Of the map: minmax*, metric.")] = None,
    size: Annotated[int | None, typer.Option(help="Side of the views, px; 299*.")] = None,
    epochs: Annotated[int | None, typer.Option(help="10*.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="64*.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="1e-4*.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that load; 2*.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the trainings; 42*.")] = None,
    draws: Annotated[int, typer.Option(min=10, help="Of the bootstrap over groups.")] = 1000,
    cache: Cache = None,
) -> None:
    """Train on each manipulation and test on each: a table and a heat map of AUC.

    Trainings and tests that --out holds are used again where data and settings are equal: an
    interrupted matrix goes on where it was.
    """
    try:
        from blurprint.lab.experiments.matrix import train_and_test_matrix
        from blurprint.lab.experiments.matrix_page import write_matrix
        from blurprint.lab.models.backbone_names import check_backbone
        from blurprint.lab.training.detector.toml_config import read_config
    except ImportError as error:
        fail(f"evaluation needs {error.name}: {install_extra('lab')}")
    views = {"estimator": estimator, "variant": variant, "size": size}
    given = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "workers": workers,
        "seed": seed,
        "detector": {"model": model, "backbone": backbone, "views": views},
    }
    try:
        with usage_errors():
            stored = {} if config is None else read_config(config)
            asked = source_options(data, split, split_seed, compression, frames, fake_type, label)
            source = merged_source(
                {**stored, "data": {**stored.get("data", {}), "fake_types": []}}, asked
            ).checked()
            training = merged_training(stored, given)
            check_backbone(training.detector.backbone)
        if not source.data or out is None:
            refuse("Expected --data LAYOUT:PATH and --out DIR")
        reading = source.read()
        show_reading(reading)
        source = source.settled(reading.account).anchored()
        with Bars() as bars:
            cells = train_and_test_matrix(
                reading.table,
                out,
                training,
                cache=map_cache(cache),
                draws=draws,
                source=source,
                group_keys=reading.group_keys,
                spaces=reading.spaces,
                say=bars.say,
                stepped=bars.show,
            )
        about = {"data": ", ".join(source.data), "model": _described(training)}
        page = write_matrix(cells, out, about=about)
    except BlurprintError as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted; the same command goes on", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"Page: {page}")


def _described(training: DetectorTraining) -> str:
    detector = training.detector
    return f"{detector.model}, {detector.backbone}, {training.epochs} epochs, seed {training.seed}"
