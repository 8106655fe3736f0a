"""`blurprint export`: a detector as ONNX, for use without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.detector_options import Weights, say_notes
from blurprint.cli.manners import RESULTS_LAST, command_errors, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.pth_options import PthOptions


@grouped
@command_errors("exporting", interrupted=RESULTS_LAST)
def export(
    *,
    weights: Weights,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write, .onnx.")],
    pictures: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Real pictures, or folders of them (subfolders included), on which the export is "
            "checked as well.",
            show_default=False,
        ),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Also write NAME.int8.onnx, a quarter of the size.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write the 8-bit network however far its scores are off."),
    ] = False,
    described: PthOptions,
) -> None:
    """Export a detector to ONNX with its card, checked against torch.

    Inputs are the views that the card names, float32 (N, 3, S, S) in [0, 1]; the output is P(fake).
    Nothing is written if a score differs from torch's by more than 0.001, or one in 8 bits by more
    than 0.05 without --force. Of 4 pictures or more, half calibrate the 8-bit network and the
    others measure it; without pictures its error on pictures is unknown.
    """
    if out.suffix != ".onnx":
        raise typer.BadParameter(f"Expected --out to end in .onnx, but got {out}")
    if force and not int8:
        raise typer.BadParameter("Expected --force together with --int8")
    from blurprint.lab.loading.pictures import ViewMaker
    from blurprint.lab.models.detector_file import DetectorFile
    from blurprint.lab.training.detector.export import export_detector, int8_words

    file = DetectorFile(weights, described.given())
    with usage_errors():
        file.config()
    detector = say_notes(file.load())
    with usage_errors():
        file.require_agreement()
    about = {
        "weights": {
            "file": weights.name,
            "sha256": file.digest(),
            "notes": list(detector.notes),
            "card": file.card(),
        }
    }
    maker = ViewMaker(detector.config.views)
    paths = _found(pictures or [])
    taken = spread_over(paths, MOST_PICTURES)
    real = [maker.from_file(path) for path in taken]
    card = export_detector(detector, out, pictures=real, int8=int8, force=force, card=about)
    for name, worst in card["differs_from_torch_by"].items():
        typer.echo(f"Differs from torch by at most {worst:.1e} on {name}.")
    if int8:
        typer.echo(int8_words(card["int8"]))
    if paths:
        of = f" of {len(paths):,}" if len(taken) < len(paths) else ""
        typer.echo(f"Checked on {len(taken)}{of} picture{'s' * (len(paths) != 1)}.")
    typer.echo(f"Model: {out}\nCard:  {out.with_suffix('.json')}")


def _found(given: Sequence[Path]) -> list[Path]:
    """The pictures that were given, and those in folders that were given.

    Raises:
        PhotoError: if one of these folders holds no picture, or a path leads to no picture.
    """
    from blurprint.errors import PhotoError
    from blurprint.scan.inputs import find_inputs

    found = find_inputs(given, recursive=True)
    for path, why in found.failures:
        if path in map(str, given):
            raise PhotoError(f"{path}: {why}")
        typer.echo(f"note: {path}: {why}", err=True)
    for line in found.account():
        typer.echo(f"note: {line}", err=True)
    return [source.path for source in found.pictures]


MOST_PICTURES = 64
"""Pictures on which an export is checked."""


def spread_over(paths: Sequence[Path], most: int) -> list[Path]:
    """`most` of `paths` at equal distances; all where there are no more."""
    if len(paths) <= most:
        return list(paths)
    return [paths[place * len(paths) // most] for place in range(most)]
