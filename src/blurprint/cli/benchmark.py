"""`blurprint benchmark ...`: how good the methods are. Needs ``blurprint[lab]``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from blurprint.cli.progress import Bars
from blurprint.errors import BlurprintError

app = typer.Typer(
    name="benchmark",
    help="Measure how good the methods are (needs the extra lab).",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Keep `estimators` a command of its own while it is the only one."""


@app.command()
def estimators(
    photos: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Photographs; those of the test split are rendered."),
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the results, replaced if there.")
    ],
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
    card: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='Card of the network behind "net"; without it, the one that ships.',
            show_default=False,
        ),
    ] = None,
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
        from blurprint.lab.evaluation.estimator_benchmark import Plan, benchmark_estimators
        from blurprint.lab.evaluation.estimator_figures import write_figures
        from blurprint.lab.evaluation.estimator_tables import render_tables
        from blurprint.lab.evaluation.results_page import IMAGES, check_page, update_page
        from blurprint.weights.card import shipped
    except ImportError as error:
        _fail(f"benchmarks need {error.name}: pip install 'blurprint[lab]'")
    try:
        if page is not None:
            check_page(page)
        _make(out)
        with Bars() as bars:
            plan = Plan(scenes=examples, seed=seed, times=times)
            result = benchmark_estimators(photos, multifocus, card, plan, bars.show)
        write_atomic(out / "estimators.json", result.to_json().encode())
        write_atomic(out / "estimators.md", render_tables(result).encode())
        figures = write_figures(result, card or shipped("estimator").path, out)
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


def _fail(message: str) -> NoReturn:
    typer.echo(f"blurprint: {message}", err=True)
    raise typer.Exit(1)


def _make(folder: Path) -> None:
    from blurprint.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from error
