"""`blurprint benchmark ...`: how good the methods are. Needs the extra ``lab``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from blurprint.cli.data_options import (
    Compression,
    Data,
    Frames,
    Label,
    Split,
    SplitSeed,
    show_reading,
    source_options,
)
from blurprint.cli.detector_options import Cache, map_cache
from blurprint.cli.progress import Bars
from blurprint.cli.train_detector import names
from blurprint.cli.usage import usage_errors
from blurprint.errors import BlurprintError, InputError, install_extra

app = typer.Typer(
    name="benchmark",
    help="Measure how good the methods are (needs the extra lab).",
    no_args_is_help=True,
)

Out = Annotated[
    Path, typer.Option(metavar="DIR", help="Folder for the results, replaced if there.")
]
Card = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help='Card of the network behind "net"; without it, the one that ships.',
        show_default=False,
    ),
]


@app.command()
def estimators(
    photos: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Photographs; those of the test split are rendered."),
    ],
    out: Out,
    multifocus: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Pairs NAME_A.png, NAME_B.png of one scene focused near and far.",
            show_default=False,
        ),
    ] = None,
    examples: Annotated[
        int, typer.Option(min=1, help="Scenes to render, each under ten conditions.")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Of the scenes.")] = 0,
    card: Card = None,
    page: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Page whose results, between <!-- results --> and <!-- /results -->, are replaced;"
            " figures go to the folder images beside it.",
            show_default=False,
        ),
    ] = None,
    times: Annotated[
        bool, typer.Option("--times/--no-times", help="Measure times and memory, on free cores.")
    ] = True,
) -> None:
    """Compare all methods: held-out renders, stripes, real pairs, times.

    --out receives estimators.json (all numbers), estimators.md (tables) and figures as PNG and SVG.
    """
    try:
        import matplotlib  # noqa: F401
        import scipy  # noqa: F401
        import skimage  # noqa: F401

        from blurprint.files import write_atomic
        from blurprint.lab.evaluation.estimators.benchmark import Plan, benchmark_estimators
        from blurprint.lab.evaluation.estimators.figures import write_figures
        from blurprint.lab.evaluation.estimators.tables import render_tables
        from blurprint.lab.pages.results_page import IMAGES, check_page, update_page
        from blurprint.optics.net import NET
        from blurprint.weights.card import shipped
    except ImportError as error:
        _fail(f"benchmarks need {error.name}: {install_extra('lab')}")
    try:
        if page is not None:
            check_page(page)
        _make(out)
        with Bars() as bars:
            plan = Plan(scenes=examples, seed=seed, times=times)
            result = benchmark_estimators(photos, multifocus, card, plan, bars.show)
        write_atomic(out / "estimators.json", result.to_json().encode())
        write_atomic(out / "estimators.md", render_tables(result).encode())
        figures = write_figures(result, card or shipped(NET).path, out)
        if page is not None:
            update_page(page, render_tables(result, f"{IMAGES}/"), figures)
    except BlurprintError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"Results: {out / 'estimators.md'}")
    if page is not None:
        typer.echo(f"Page:    {page}")


@app.command()
def inputs(
    photos: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Photographs; those of the test split are drawn on."),
    ],
    out: Out,
    methods: Annotated[
        str, typer.Option(help="Methods that measure in pixels, separated by commas.")
    ] = "net",
    pictures: Annotated[int, typer.Option(min=1, help="Pictures of each condition.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the pictures.")] = 0,
    card: Card = None,
    page: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Page whose results, between <!-- hard-inputs --> and <!-- /hard-inputs -->, are"
            " replaced.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Measure methods on hard inputs with known truth, each condition against a bar.

    Grain, camera shake, bars, shading, lights, dither, screens, attitudes, codecs. --out receives
    hard-inputs.json and hard-inputs.md.
    """
    try:
        import scipy  # noqa: F401

        from blurprint.files import write_atomic
        from blurprint.lab.evaluation.estimators.hard_inputs import read_hard_inputs
        from blurprint.lab.evaluation.estimators.hard_inputs_table import (
            HardInputs,
            missed,
            render_hard_inputs,
        )
        from blurprint.lab.evaluation.estimators.methods import methods_in_pixels
        from blurprint.lab.pages.results_page import HARD_INPUTS, check_page, update_page
        from blurprint.lab.rendering.sharp_sources import SharpSources
        from blurprint.optics.net import NET
        from blurprint.weights.card import read_card, shipped
    except ImportError as error:
        _fail(f"benchmarks need {error.name}: {install_extra('lab')}")
    try:
        if page is not None:
            check_page(page, HARD_INPUTS)
        described = shipped(NET) if card is None else read_card(card)
        chosen = methods_in_pixels(methods.split(","), described.path)
        sources = SharpSources.from_folder(photos, "test")
        _make(out)
        with Bars() as bars:
            outcomes = read_hard_inputs(
                chosen,
                sources,
                pictures=pictures,
                seed=seed,
                progress=lambda done, wanted: bars.show("pictures", done, wanted),
            )
        network = str(described.content["sha256"])
        result = HardInputs(outcomes, pictures, seed, len(sources.paths), network)
        text = render_hard_inputs(result)
        write_atomic(out / "hard-inputs.json", result.to_json().encode())
        write_atomic(out / "hard-inputs.md", text.encode())
        if page is not None:
            update_page(page, text, [], HARD_INPUTS)
    except BlurprintError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted", err=True)
        raise typer.Exit(130) from None
    for name in chosen:
        lost = missed(result, name)
        typer.echo(f'"{name}" misses {len(lost)} of {len(outcomes)} bars: {", ".join(lost) or "-"}')
    typer.echo(f"Results: {out / 'hard-inputs.md'}")


@app.command()
def detectors(
    data: Data,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for trainings and results.")],
    split: Split = None,
    split_seed: SplitSeed = None,
    compression: Compression = None,
    frames: Frames = None,
    label: Label = None,
    backbone: Annotated[str, typer.Option(help="As timm names it.")] = "mobilenetv3_small_100",
    size: Annotated[int, typer.Option(help="Side of the views, px.")] = 299,
    fit: Annotated[str, typer.Option(help="How pictures become square: squash or crop.")] = "crop",
    epochs: Annotated[int, typer.Option(min=1)] = 20,
    batch_size: Annotated[int, typer.Option(min=2)] = 16,
    learning_rate: Annotated[float, typer.Option()] = 5e-4,
    augment: Annotated[str, typer.Option(help="Names, or none.")] = "none",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each detector.")] = 3,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load.")] = 2,
    only: Annotated[
        list[str] | None, typer.Option(help="Names of detectors, as often as needed.")
    ] = None,
    cache: Cache = None,
    page: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Page whose results, between <!-- results --> and <!-- /results -->, are"
            " replaced.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Train and test every kind of detector on one data set, beside the baselines.

    The best epoch is chosen on the part val, or, where there is no part test and val is tested on,
    on 15 % of the training groups. --out receives detectors.json and detectors.md; what it holds
    of equal data and settings is used again.
    """
    try:
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
    except ImportError as error:
        _fail(f"benchmarks need {error.name}: {install_extra('lab')}")
    try:
        if page is not None:
            check_page(page)
        views = ViewOptions(size=size, fit=fit)  # type: ignore[arg-type]
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
            given = source_options(data, split, split_seed, compression, frames, None, label)
            source = DataSource(()).over(given).checked()
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
        _make(out)
        text = comparison_tables(result, entries)
        write_atomic(out / "detectors.json", comparison_json(result).encode())
        write_atomic(out / "detectors.md", text.encode())
        if page is not None:
            update_page(page, text, [])
    except BlurprintError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted; the same command goes on", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"Results: {out / 'detectors.md'}")


@app.command()
def reference(
    photos: Annotated[
        Path, typer.Option(metavar="DIR", help="Ordinary photographs, in it and its folders.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="JSON file for the quantiles.")],
    method: Annotated[
        list[str] | None,
        typer.Option(help="Method to measure with, as often as needed. [default: net, edge]"),
    ] = None,
    max_side: Annotated[
        int, typer.Option(metavar="PIXELS", help="Reduce larger pictures, as analyze does.")
    ] = 2048,
) -> None:
    """Measure how usual each value of a report is: quantiles over ordinary photographs.

    The file that ships is src/blurprint/evidence/reference.json; make it again after other weights.
    Groups are of like size and measured share. Needs no extra.
    """
    from blurprint.evidence.reference_table import measure_photographs
    from blurprint.files import write_atomic
    from blurprint.optics.methods import METHODS

    methods = method or ["net", "edge"]
    if unknown := [name for name in methods if name not in METHODS]:
        raise typer.BadParameter(
            f'"{unknown[0]}" is not one of {", ".join(METHODS)}', param_hint="'--method'"
        )
    try:
        with Bars() as bars:
            found = measure_photographs(photos, methods, max_side, bars.show)
        write_atomic(out, found.to_json().encode())
    except BlurprintError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"{found.photographs} photographs measured: {out}")
    for line in found.unread[:6]:
        typer.echo(f"not read: {line}", err=True)
    if len(found.unread) > 6:
        typer.echo(f"not read: {len(found.unread) - 6} more", err=True)


def _fail(message: str) -> NoReturn:
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(1)


def _make(folder: Path) -> None:
    from blurprint.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from error
