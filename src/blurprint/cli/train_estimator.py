"""`blurprint train estimator`: the network behind method "net"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from blurprint.cli.manners import command_errors, fail
from blurprint.cli.progress import Bars

if TYPE_CHECKING:
    from blurprint.lab.training.estimator.train import Progress as Trained


@command_errors("training", interrupted="--resume goes on")
def estimator(
    photos: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of photographs to render from.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for all results.")],
    examples: Annotated[int, typer.Option(min=16, help="Pictures to render.")] = 40_000,
    validation_examples: Annotated[
        int, typer.Option(min=1, help="Pictures to render from other photographs.")
    ] = 1000,
    steps: Annotated[int, typer.Option(min=1, help="Batches to train on.")] = 15_000,
    batch_size: Annotated[int, typer.Option(min=1, help="Pictures in a batch.")] = 16,
    crop: Annotated[int, typer.Option(min=32, max=192, help="Side of a crop, px.")] = 160,
    learning_rate: Annotated[float, typer.Option(help="Largest learning rate.")] = 4e-3,
    agreement: Annotated[
        float,
        typer.Option(
            min=0,
            help="Weight of the difference between the estimates for a picture and for the same "
            "mirrored or turned; above 0, half of each batch is the other half so changed.",
        ),
    ] = 0.5,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 1000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that render.")] = 2,
    start_from: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Checkpoint, or card *.json of exported weights, that this training begins with.",
        ),
    ] = None,
    average_with: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Earlier checkpoint of the same line, mixed into the weights at the end.",
            show_default=False,
        ),
    ] = None,
    average_share: Annotated[
        float, typer.Option(min=0, max=1, help="Weight of the checkpoint of --average-with.")
    ] = 0.5,
    teacher: Annotated[
        Path | None,
        typer.Option(
            metavar="CARD",
            help="Card of a network whose estimates for plain photographs are learnt beside the "
            "truth.",
            show_default=False,
        ),
    ] = None,
    teaching: Annotated[float, typer.Option(min=0, help="Weight of --teacher.")] = 1.0,
    device: Annotated[str, typer.Option(help="Device: cpu, cuda, ...")] = "cpu",
    precision: Annotated[
        Literal["auto", "bf16", "32"], typer.Option(help="Precision of convolutions.")
    ] = "auto",
    sigma: Annotated[
        Literal["whole", "lens"],
        typer.Option(help="Blur that the network gives: with the pixel's own box, or before it."),
    ] = "whole",
    sources: Annotated[
        str, typer.Option(help="What the photographs are and their licences, for the card.")
    ] = "not stated",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")
    ] = False,
) -> None:
    """Train the network behind method "net" from a folder of photographs.

    Photographs are shrunk until they are sharp and rendered with known blur; --out receives the
    rendered examples, checkpoint.safetensors, a TensorBoard log, and the ONNX file with its card.
    Rendered examples are kept and reused; Ctrl-C leaves a checkpoint that --resume goes on from.
    """
    from blurprint.lab.training.estimator.checkpoint import CHECKPOINT
    from blurprint.lab.training.estimator.recipe import Recipe, make_estimator
    from blurprint.lab.training.estimator.train import EstimatorTraining

    training = EstimatorTraining(
        steps=steps,
        batch_size=batch_size,
        crop=crop,
        learning_rate=learning_rate,
        agreement=agreement,
        teaching=teaching,
        seed=seed,
        save_every=save_every,
        precision=precision,
        sigma=sigma,
    )
    if (out / CHECKPOINT).exists() and not resume:
        fail(f"{out / CHECKPOINT}: exists already; --resume goes on from it")
    with _TrainingBars(steps) as bars:
        card = make_estimator(
            photos,
            out,
            Recipe(
                examples,
                validation_examples,
                workers,
                sources,
                start_from,
                average_with,
                average_share,
                teacher,
            ),
            training,
            resume=resume,
            device=device,
            rendered=bars.rendered,
            trained=bars.trained,
        )
    typer.echo(f"Weights: {card.with_suffix('.onnx')}\nCard:    {card}")


class _TrainingBars(Bars):
    """Progress of rendering and training."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._steps = steps

    def rendered(self, split: str, done: int, wanted: int) -> None:
        """Show how far rendering is."""
        self.show(f"render {split}", done, wanted)

    def trained(self, progress: Trained) -> None:
        """Show how far training is, and each validation."""
        self.show("train", progress.step, self._steps)
        if progress.validation is not None:
            self.say(
                f"step {progress.step}: loss {progress.loss:.3f}, "
                f"mean error {progress.validation.mean:.3f} px, "
                f"rank correlation {progress.validation.rank_correlation:.3f}"
            )
