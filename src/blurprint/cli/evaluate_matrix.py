"""`blurprint evaluate matrix`: detectors trained on each manipulation and tested on each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.data_options import (
    DataOption,
    DataOptions,
    FakeType,
    OutOption,
    show_reading,
)
from blurprint.cli.detector_options import Cache, map_cache
from blurprint.cli.manners import command_errors, refuse, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.progress import Bars

if TYPE_CHECKING:
    from blurprint.lab.training.detector.settings import DetectorTraining


@grouped
@command_errors("evaluation", interrupted="the same command goes on")
def matrix(
    *,
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
    fake_type: FakeType = None,
    read: DataOptions,
    model: Annotated[str | None, typer.Option(help="defocus*, rgb, frequency, fusion.")] = None,
    backbone: Annotated[str | None, typer.Option(help="Backbone, by its name in timm.")] = None,
    estimator: Annotated[str | None, typer.Option(help="Method of the map; paper*.")] = None,
    variant: Annotated[str | None, typer.Option(help="Kind of map: minmax*, metric.")] = None,
    size: Annotated[int | None, typer.Option(help="Side of the views, px; 299*.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Number of epochs; 10*.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Pictures in a batch; 64*.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Learning rate; 1e-4*.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that load; 2*.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the trainings; 42*.")] = None,
    draws: Annotated[int, typer.Option(min=10, help="Bootstrap resamples over groups.")] = 1000,
    cache: Cache = None,
) -> None:
    """Train on each manipulation and test on each: a table and a heat map of AUC.

    Trainings and tests that --out holds are used again where data and settings are equal: an
    interrupted matrix goes on where it was.
    """
    from blurprint.lab.experiments.matrix import train_and_test_matrix
    from blurprint.lab.experiments.matrix_page import write_matrix
    from blurprint.lab.models.backbone_names import check_backbone
    from blurprint.lab.training.detector.merge import merged_source, merged_training
    from blurprint.lab.training.detector.toml_config import read_config

    views = {"estimator": estimator, "variant": variant, "size": size}
    given = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "workers": workers,
        "seed": seed,
        "detector": {"model": model, "backbone": backbone, "views": views},
    }
    with usage_errors():
        stored = {} if config is None else read_config(config)
        source = merged_source(
            {**stored, "data": {**stored.get("data", {}), "fake_types": []}},
            read.asked(data, fake_type),
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
    typer.echo(f"Page: {page}")


def _described(training: DetectorTraining) -> str:
    detector = training.detector
    return f"{detector.model}, {detector.backbone}, {training.epochs} epochs, seed {training.seed}"
