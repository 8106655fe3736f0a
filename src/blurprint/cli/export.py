"""`blurprint export`: a detector as ONNX, for use without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blurprint.cli.detector_options import Weights, fail
from blurprint.errors import BlurprintError, InputError


def export(
    weights: Weights,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write, .onnx.")],
    pictures: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Real pictures, or folders of them, that the export is held to as well.",
            show_default=False,
        ),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Also write NAME.int8.onnx, a quarter of the size.")
    ] = False,
    model: Annotated[
        str, typer.Option(help="For a .pth: what it is: defocus, rgb, frequency.")
    ] = "defocus",
    backbone: Annotated[str, typer.Option(help="For a .pth.")] = "legacy_xception",
    size: Annotated[int, typer.Option(help="For a .pth: side of its views.")] = 299,
    estimator: Annotated[str, typer.Option(help="For a .pth: method of its maps.")] = "paper",
) -> None:
    """Export a detector to ONNX with its card, checked against torch.

    Inputs are the views that the card names, float32 (N, 3, S, S) in [0, 1]; the output is P(fake).
    Nothing is written if a score differs from torch's by more than 0.001.
    """
    try:
        from blurprint.cli.inputs import pictures_under
        from blurprint.lab.datasets.pictures import ViewMaker, ViewOptions
        from blurprint.lab.models.detector_weights import load_detector
        from blurprint.lab.models.detectors import DetectorConfig
        from blurprint.lab.training.detector_export import export_detector
    except ImportError as error:
        fail(f"exporting needs {error.name}: pip install 'blurprint[lab]'")
    try:
        if out.suffix != ".onnx":
            raise InputError(f"Expected --out to end in .onnx, but got {out}")
        config = None
        if weights.suffix != ".safetensors":
            views = ViewOptions(views=(model,), size=size, estimator=estimator)
            config = DetectorConfig(model, backbone, views=views)
        detector = load_detector(weights, config)
        maker = ViewMaker(detector.config.views)
        paths = [file for path in pictures or [] for file in pictures_under(path)]
        real = [maker.from_file(path) for path in paths[:MOST_PICTURES]]
        card = export_detector(detector, out, pictures=real, int8=int8)
    except BlurprintError as error:
        fail(str(error))
    for name, worst in card["differs_from_torch_by"].items():
        typer.echo(f"Differs from torch by {worst:.1e} on {name}.")
    if int8:
        for name, worst in card["int8"]["differs_from_torch_by"].items():
            typer.echo(f"In 8 bits by {worst:.1e} on {name}.")
    typer.echo(f"Model: {out}\nCard:  {out.with_suffix('.json')}")


MOST_PICTURES = 32
"""Pictures that an export is held to."""
