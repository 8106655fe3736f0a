"""`blurprint evaluate robustness`: what a face detector still finds after changes of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.manners import command_errors, refuse
from blurprint.cli.progress import Bars


@command_errors("evaluation", interrupted="what was measured is kept; the same command goes on")
def robustness(
    faces: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Folder of pictures of real faces, as `train face` took it, with its manifest.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for all results.")],
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="CARD",
            help="Card (.json) of a face network or of an exported detector; without it, the face "
            "network that ships.",
            show_default=False,
        ),
    ] = None,
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of a real face and a fake.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    autoencoders: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder `autoencoders` that `train face` left in its --out, for the recipe "
            '"remade"; without it, that recipe is left out.',
            show_default=False,
        ),
    ] = None,
    seen: Annotated[
        int,
        typer.Option(
            min=0, help="Pictures of each kind of people seen in training to judge, at most."
        ),
    ] = 40,
    pictures: Annotated[
        bool,
        typer.Option(
            "--pictures",
            help="Keep the pictures of the comparison of inputs in --out, for --add.",
        ),
    ] = False,
    add: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FILE.csv",
            help="Further scores of the same faces, to compare and to fuse: columns `score` and "
            "`path` (of a kept picture) or `pair`, `label` and `condition`. May be repeated.",
            show_default=False,
        ),
    ] = None,
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen",
            help="Test also where the people are not those of the card's training; the results "
            "then say so.",
        ),
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Threads that judge.")] = 2,
    draws: Annotated[int, typer.Option(min=10, help="Resamples behind the intervals.")] = 1000,
    page: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Page whose results, between <!-- robustness --> and <!-- /robustness -->, are "
            "replaced.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Test a detector of faces on people held out of its training, under every condition.

    Fakes are made of the faces of people whom the card's training held out. Each pair is judged as
    it is, compressed, reduced, noisy, in other light, and with the blur of the fake matched to its
    surround; and honest pictures are judged by kind. --out receives results.json, results.md,
    members.csv (every face that was judged) and figures. What it holds already is kept.
    """
    import cv2

    from blurprint.lab.evaluation.faces.evaluate import RESULTS, Request, evaluate_robustness
    from blurprint.lab.evaluation.faces.judge import judge_of
    from blurprint.lab.pages.markdown import interval

    added: dict[str, Path] = {}
    for one in add or []:
        name, equals, file = one.partition("=")
        if not (name and equals and file):
            refuse(f"Expected --add NAME=FILE.csv, but got {one}")
        if name in added:
            refuse(f"Expected --add with distinct names, but got {name} twice")
        added[name] = Path(file)
    cv2.setNumThreads(1)  # and with it the networks: each thread of ours takes a core
    judge = judge_of(weights)
    request = Request(
        faces,
        out,
        pairs=pairs,
        seed=seed,
        autoencoders=autoencoders,
        seen_of_a_kind=seen,
        pictures=pictures,
        add=added,
        allow_seen=allow_seen,
        draws=draws,
        page=page,
        workers=workers,
    )
    with Bars() as bars:
        found = evaluate_robustness(judge, request, shown=bars.show)
    for title, measured in found.conditions.items():
        typer.echo(f"{title}: AUC {interval(measured.metrics['auc'])}")
    typer.echo(found.ablation.words)
    for note in found.notes:
        typer.echo(f"Note: {note}")
    typer.echo(f"Results: {out / RESULTS}")
