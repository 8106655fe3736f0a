"""`blurprint evaluate detector`: every metric of a detector, with its interval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.data_options import (
    Compression,
    FakeType,
    Frames,
    Label,
    Part,
    Split,
    SplitSeed,
    show_notes,
    show_reading,
    source_options,
)
from blurprint.cli.detector_options import Cache, fail, fail_usage, map_cache, usage
from blurprint.cli.progress import Bars
from blurprint.errors import BlurprintError

DataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="LAYOUT:PATH",
        help="What to test on, as often as needed; see docs/datasets.md.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for all results.", show_default=False),
]


def detector(
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A detector: .safetensors, or another's .pth.", show_default=False
        ),
    ] = None,
    data: DataOption = None,
    out: OutOption = None,
    part: Part = "test",
    split: Split = None,
    fake_type: FakeType = None,
    compression: Compression = None,
    frames: Frames = None,
    baselines: Annotated[
        bool, typer.Option(help="Also test what metadata and edge density alone give.")
    ] = True,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="P(fake) from which a picture counts as fake.")
    ] = 0.5,
    draws: Annotated[int, typer.Option(min=10, help="Of the bootstrap over groups.")] = 1000,
    batch_size: Annotated[int, typer.Option(min=1)] = 32,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load pictures.")] = 2,
    device: Annotated[str, typer.Option(help="cpu, cuda, ...")] = "cpu",
    cache: Cache = None,
    model: Annotated[
        str, typer.Option(help="For a .pth: what it is: defocus, rgb, frequency.")
    ] = "defocus",
    backbone: Annotated[str, typer.Option(help="For a .pth.")] = "legacy_xception",
    size: Annotated[int, typer.Option(help="For a .pth: side of its views.")] = 299,
    estimator: Annotated[str, typer.Option(help="For a .pth: method of its maps.")] = "paper",
) -> None:
    """Test a detector: every metric with its interval, by frame and by video, and its baselines.

    --out receives metrics.json, scores.csv (path, label, group, score), one HTML page with curves,
    and the figures.
    """
    if context.invoked_subcommand is not None:
        return
    try:
        from blurprint.lab.datasets.pictures import ViewOptions
        from blurprint.lab.datasets.read import read_data
        from blurprint.lab.evaluation.detector_baselines import make_baselines
        from blurprint.lab.evaluation.detector_evaluation import evaluate_scores
        from blurprint.lab.evaluation.detector_page import write_evaluation
        from blurprint.lab.evaluation.detector_remarks import remarks
        from blurprint.lab.evaluation.scoring import score_table
        from blurprint.lab.models.detector_weights import load_detector
        from blurprint.lab.models.detectors import DetectorConfig
    except ImportError as error:
        fail(f"evaluation needs {error.name}: pip install 'blurprint[lab]'")
    try:
        if weights is None or not data or out is None:
            raise InputError("Expected --weights FILE, --data LAYOUT:PATH and --out DIR")
        config = None
        if weights.suffix != ".safetensors":
            views = ViewOptions(views=(model,), size=size, estimator=estimator)
            config = DetectorConfig(model, backbone, views=views)
        detector = load_detector(weights, config)
        options = read_options(split, compression, frames)
        with notes_on_stderr():
            table = read_data(data, options, part=part, fake_types=fake_type or ())
        with Bars() as bars:
            scores = score_table(
                detector,
                table,
                cache=map_cache(cache),
                batch_size=batch_size,
                workers=workers,
                device=device,
                progress=lambda done, wanted: bars.show("score", done, wanted),
            )
            others = (
                make_baselines(
                    table,
                    workers=max(1, workers),
                    progress=lambda done, wanted: bars.show("baselines", done, wanted),
                )
                if baselines
                else {}
            )
        about = {
            "weights": str(weights),
            "model": f"{detector.config.model}, {detector.config.backbone}",
            "data": ", ".join(data),
            "part": part,
        }
        evaluation = evaluate_scores(
            table.assign(score=scores),
            baselines=others,
            about=about,
            threshold=threshold,
            draws=draws,
        )
        page = write_evaluation(evaluation, out)
    except BlurprintError as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted; nothing was written", err=True)
        raise typer.Exit(130) from None
    level = evaluation.headline
    auc = level.overall.metrics["auc"]
    typer.echo(
        f"AUC over {level.overall.reals + level.overall.fakes:,} {level.unit}: {auc.value:.3f} "
        f"({auc.low:.3f} to {auc.high:.3f})"
    )
    for name, compared in level.baselines.items():
        title, value = evaluation.baselines[name].title, compared.measured.metrics["auc"].value
        typer.echo(f"{title}: {value:.3f}")
    for remark in remarks(evaluation):
        typer.echo(f"Note: {remark}")
    typer.echo(f"Page: {page}")


