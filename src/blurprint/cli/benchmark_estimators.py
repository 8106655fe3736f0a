"""`blurprint benchmark estimators`: all methods on renders and real pairs, and their times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.benchmark_options import Card, Out, page_option
from blurprint.cli.manners import RESULTS_LAST, command_errors
from blurprint.cli.progress import Bars


@command_errors("benchmarking", interrupted=RESULTS_LAST)
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
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the scenes.")] = 0,
    card: Card = None,
    page: Annotated[
        Path | None, page_option("results", "; figures go to the folder images beside it")
    ] = None,
    times: Annotated[
        bool, typer.Option("--times/--no-times", help="Measure times and memory, on free cores.")
    ] = True,
) -> None:
    """Compare all methods: held-out renders, stripes, real pairs, times.

    --out receives estimators.json (all numbers), estimators.md (tables) and figures as PNG and SVG.
    """
    # That these are there is seen before the work.
    import matplotlib  # noqa: F401
    import scipy  # noqa: F401
    import skimage  # noqa: F401

    from blurprint.files import write_atomic
    from blurprint.lab.evaluation.estimators.benchmark import Plan, benchmark_estimators
    from blurprint.lab.evaluation.estimators.figures import write_figures
    from blurprint.lab.evaluation.estimators.tables import render_tables
    from blurprint.lab.pages.results_page import IMAGES, check_page, update_page
    from blurprint.optics.net import NET
    from blurprint.scan.analyze_files import check_folder
    from blurprint.weights.card import shipped

    if page is not None:
        check_page(page)
    check_folder(out)
    with Bars() as bars:
        plan = Plan(scenes=examples, seed=seed, times=times)
        result = benchmark_estimators(
            photos, multifocus=multifocus, card=card, plan=plan, progress=bars.show
        )
    write_atomic(out / "estimators.json", result.to_json().encode())
    write_atomic(out / "estimators.md", render_tables(result).encode())
    figures = write_figures(result, card or shipped(NET).path, out)
    if page is not None:
        update_page(page, render_tables(result, f"{IMAGES}/"), figures=figures)
    typer.echo(f"Results: {out / 'estimators.md'}")
    if page is not None:
        typer.echo(f"Page:    {page}")
