"""`blurprint benchmark detectors`: every kind of detector trained and tested on one data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.benchmark_options import page_option
from blurprint.cli.data_options import Data, DataOptions, show_reading
from blurprint.cli.detector_options import Cache, map_cache, names
from blurprint.cli.manners import command_errors, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.progress import Bars
from blurprint.errors import InputError


@grouped
@command_errors("benchmarking", interrupted="the same command goes on")
def detectors(
    *,
    data: Data,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for trainings and results.")],
    read: DataOptions,
    backbone: Annotated[
        str, typer.Option(help="Backbone, by its name in timm.")
    ] = "mobilenetv3_small_100",
    size: Annotated[int, typer.Option(help="Side of the views, px.")] = 299,
    fit: Annotated[str, typer.Option(help="How pictures become square: squash or crop.")] = "crop",
    epochs: Annotated[int, typer.Option(min=1, help="Number of epochs.")] = 20,
    batch_size: Annotated[int, typer.Option(min=2, help="Pictures in a batch.")] = 16,
    learning_rate: Annotated[float, typer.Option(help="Learning rate of Adam.")] = 5e-4,
    augment: Annotated[
        str, typer.Option(help="Augmentations, separated by commas, or none.")
    ] = "none",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each detector.")] = 3,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load.")] = 2,
    only: Annotated[
        list[str] | None, typer.Option(help="Names of detectors, as often as needed.")
    ] = None,
    cache: Cache = None,
    page: Annotated[Path | None, page_option("results")] = None,
) -> None:
    """Train and test every kind of detector on one data set, beside the baselines.

    The best epoch is chosen on the part val, or, where there is no part test and val is tested on,
    on 15 % of the training groups. --out receives detectors.json and detectors.md; what it holds
    of equal data and settings is used again.
    """
    from blurprint.files import write_atomic
    from blurprint.lab.datasets.source import DataSource
    from blurprint.lab.experiments.compare import (
        ENTRIES,
        compare_detectors,
        comparison_json,
        comparison_tables,
    )
    from blurprint.lab.loading.pictures import ViewOptions
    from blurprint.lab.models.detectors import DetectorConfig
    from blurprint.lab.pages.results_page import check_page, update_page
    from blurprint.lab.training.detector.settings import DetectorTraining
    from blurprint.scan.analyze_files import check_folder

    if page is not None:
        check_page(page)
    views = ViewOptions(size=size, fit=fit)  # type: ignore[arg-type]  # it checks what it gets
    training = DetectorTraining(
        detector=DetectorConfig(backbone=backbone, views=views),
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        augment=names(augment),
        workers=workers,
    )
    entries = [entry for entry in ENTRIES if not only or entry.name in only]
    if not entries:
        known = ", ".join(entry.name for entry in ENTRIES)
        raise InputError(f"Expected --only among {known}")
    with usage_errors():
        source = DataSource(()).over(read.asked(data)).checked()
    reading = source.read()
    show_reading(reading)
    with Bars() as bars:
        result = compare_detectors(
            reading.table,
            out,
            training,
            entries=entries,
            seeds=seeds,
            cache=map_cache(cache),
            say=bars.say,
            stepped=bars.show,
        )
    check_folder(out)
    write_atomic(out / "detectors.json", comparison_json(result).encode())
    text = comparison_tables(result, entries)
    write_atomic(out / "detectors.md", text.encode())
    if page is not None:
        update_page(page, text)
    typer.echo(f"Results: {out / 'detectors.md'}")
