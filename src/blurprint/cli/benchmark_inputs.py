"""`blurprint benchmark inputs`: hard inputs with known truth, each condition against a bar."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.benchmark_options import Card, Out, page_option
from blurprint.cli.manners import RESULTS_LAST, command_errors
from blurprint.cli.progress import Bars


@command_errors("benchmarking", interrupted=RESULTS_LAST)
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
    page: Annotated[Path | None, page_option("hard-inputs")] = None,
) -> None:
    """Measure methods on hard inputs with known truth, each condition against a bar.

    Grain, camera shake, bars, shading, lights, dither, screens, attitudes, codecs. --out receives
    hard-inputs.json and hard-inputs.md.
    """
    import scipy  # noqa: F401  that it is there is seen before the work

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
    from blurprint.scan.analyze_files import check_folder
    from blurprint.weights.card import read_card, shipped

    if page is not None:
        check_page(page, HARD_INPUTS)
    described = shipped(NET) if card is None else read_card(card)
    chosen = methods_in_pixels(methods.split(","), described.path)
    sources = SharpSources.from_folder(photos, "test")
    check_folder(out)
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
    write_atomic(out / "hard-inputs.json", result.to_json().encode())
    text = render_hard_inputs(result)
    write_atomic(out / "hard-inputs.md", text.encode())
    if page is not None:
        update_page(page, text, name=HARD_INPUTS)
    for name in chosen:
        lost = missed(result, name)
        typer.echo(f'"{name}" misses {len(lost)} of {len(outcomes)} bars: {", ".join(lost) or "-"}')
    typer.echo(f"Results: {out / 'hard-inputs.md'}")
