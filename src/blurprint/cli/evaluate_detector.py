"""`blurprint evaluate detector`: every metric of a detector, with its interval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.data_options import (
    DataOption,
    DataOptions,
    FakeType,
    OutOption,
    Part,
    show_notes,
    show_reading,
)
from blurprint.cli.detector_options import Cache, map_cache, say_notes
from blurprint.cli.manners import RESULTS_LAST, command_errors, refuse, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.progress import Bars
from blurprint.cli.pth_options import PthOptions


@grouped
@command_errors("evaluation", interrupted=RESULTS_LAST)
def detector(
    *,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A detector: .safetensors, or another's .pth.", show_default=False
        ),
    ] = None,
    data: DataOption = None,
    out: OutOption = None,
    part: Part = "test",
    fake_type: FakeType = None,
    read: DataOptions,
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen",
            help="Test also on pictures and groups that training saw; every result then says so.",
        ),
    ] = False,
    baselines: Annotated[
        bool, typer.Option(help="Also test what metadata and edge density alone give.")
    ] = True,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="P(fake) from which a picture counts as fake.")
    ] = 0.5,
    draws: Annotated[int, typer.Option(min=10, help="Bootstrap resamples over groups.")] = 1000,
    batch_size: Annotated[int, typer.Option(min=1, help="Pictures in a batch.")] = 32,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load pictures.")] = 2,
    device: Annotated[str, typer.Option(help="Device: cpu, cuda, ...")] = "cpu",
    cache: Cache = None,
    described: PthOptions,
) -> None:
    """Test a detector: every metric with its interval, by frame and by video, and its baselines.

    What the card of the weights says of data, split, compression, frames and fake types counts
    where no option says otherwise. --out receives metrics.json, scores.csv (path, label, group,
    score), one HTML page with curves, and the figures.
    """
    from blurprint.lab.datasets.source import source_for
    from blurprint.lab.evaluation.detectors.evaluate_on import evaluate_on
    from blurprint.lab.evaluation.detectors.page import write_evaluation
    from blurprint.lab.evaluation.detectors.remarks import remarks
    from blurprint.lab.models.detector_file import DetectorFile
    from blurprint.lab.pages.markdown import interval

    if weights is None or out is None:
        refuse("Expected --weights FILE and --out DIR")
    file = DetectorFile(weights, described.given())
    with usage_errors():
        asked = read.asked(data, fake_type)
        file.config()
    detector = say_notes(file.load())
    with usage_errors():
        file.require_agreement()
        trained = file.trained()
        source, taken = source_for(trained, asked)
        source.checked(part)
    reading = source.read(part)
    show_reading(reading)
    source = source.settled(reading.account).anchored()
    show_notes(taken)
    with Bars() as bars:
        evaluation = evaluate_on(
            reading,
            source,
            detector,
            weights,
            part=part,
            notes=[
                *(f"{note}." for note in taken if note.startswith("Differs")),
                *(f"{note}." for note in detector.notes),
            ],
            same_data=trained is not None and not trained.differences(source),
            allow_seen=allow_seen,
            baselines=baselines,
            threshold=threshold,
            draws=draws,
            batch_size=batch_size,
            workers=workers,
            device=device,
            cache=map_cache(cache),
            stepped=bars.show,
        )
    page = write_evaluation(evaluation, out)
    level = evaluation.headline
    area = interval(level.overall.metrics["auc"])
    typer.echo(f"AUC over {level.overall.reals + level.overall.fakes:,} {level.unit}: {area}")
    for name, compared in level.baselines.items():
        area = interval(compared.measured.metrics["auc"])
        typer.echo(f"{evaluation.baselines[name].title}: {area}")
    for remark in remarks(evaluation):
        typer.echo(f"Note: {remark}")
    typer.echo(f"Page: {page}")
