"""`blurprint explain`: a report of one picture with what a detector looked at in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blurprint.cli.analyze import DEFAULT_OUT
from blurprint.cli.data_options import (
    LAYOUT_NAMES,
    Compression,
    Frames,
    Label,
    Split,
    SplitSeed,
    show_notes,
    show_reading,
    source_options,
)
from blurprint.cli.detector_options import Cache, Weights, fail, map_cache
from blurprint.cli.pth_options import Backbone, Estimator, Fit, Model, Normalisation, Size, Variant
from blurprint.cli.report_there import report_there
from blurprint.cli.study_options import SAMPLES
from blurprint.cli.usage import usage_errors
from blurprint.errors import BlurprintError, InputError, install_extra
from blurprint.limits import DEFAULT_MAX_SIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blurprint.lab.datasets.table import SampleTable
    from blurprint.lab.models.detector_file import DetectorFile
    from blurprint.report.explanation import Explanation

CARD = "card"
"""In place of a background: the data that the detector was trained on."""


def explain(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The picture.", show_default=False)],
    weights: Weights,
    rgb_weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A second detector, which sees the picture's colours.",
            show_default=False,
        ),
    ] = None,
    model: Model = None,
    backbone: Backbone = None,
    estimator: Estimator = None,
    size: Size = None,
    variant: Variant = None,
    fit: Fit = None,
    normalisation: Normalisation = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Real pictures to compare to: a folder of them, LAYOUT:PATH, or `card` for the "
            "data that the detector's card names. Without it, maps of even blur, and for other "
            "detectors the picture itself, heavily blurred.",
            show_default=False,
        ),
    ] = None,
    split: Split = None,
    split_seed: SplitSeed = None,
    label: Label = None,
    compression: Compression = None,
    frames: Frames = None,
    method: Annotated[
        str | None,
        typer.Option(
            help="How the report's own map is estimated; the detector has its own. [default: that "
            "of the report that is there, or net]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")] = DEFAULT_OUT,
    samples: Annotated[
        int, typer.Option(min=1, help="Gradients; more of them add up better and take longer.")
    ] = SAMPLES,
    backgrounds: Annotated[int, typer.Option(min=1, help="Pictures that it is compared to.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw of real pictures.")] = 0,
    max_side: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS",
            min=0,
            help="Reduce a larger picture to this longer side; 0 keeps the native size. [default: "
            f"that of the report that is there, or {DEFAULT_MAX_SIDE}]",
            show_default=False,
        ),
    ] = None,
    cache: Cache = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier explanation, or other results.")
    ] = False,
) -> None:
    """Explain what a detector looked at in one picture (needs the extra lab).

    Writes DIR/NAME with report.html, report.json and defocus.npz as `analyze` does, with a section
    of the detector's attributions, and explanation.npz with the attributions themselves. Where
    DIR/NAME holds the report of this very picture already, the section is added to it, and its map
    and method stay; the report of another picture is never touched without --overwrite.
    """
    from blurprint.cli.summary import block
    from blurprint.report.write import FILE_NAMES, write_report

    folder = out / (path.stem or path.name)
    formats = tuple(FILE_NAMES)
    given = {
        "model": model,
        "backbone": backbone,
        "estimator": estimator,
        "size": size,
        "variant": variant,
        "fit": fit,
        "normalisation": normalisation,
    }
    try:
        with usage_errors():
            _require_method(method)
            how = source_options(None, split, split_seed, compression, frames, None, label)
            files = _files(weights, rgb_weights, given)
            about_data = {name: value for name, value in how.items() if value is not None}
            if about_data and not _names_data(background):
                raise InputError(
                    f"Expected --background LAYOUT:PATH or {CARD} beside options on data "
                    f"({', '.join(about_data)})"
                )
        report = report_there(path, folder, method, max_side, overwrite=overwrite)
        explanation = _explanation(
            path,
            files,
            background,
            about_data,
            {
                "samples": samples,
                "backgrounds": backgrounds,
                "seed": seed,
                "cache": map_cache(cache),
            },
        )
        score = report.score if report.score.value is not None else explanation.score()
        report = replace(report, explanation=explanation, score=score)
        write_report(report, folder, formats, overwrite=True)
    except ImportError as error:
        fail(f"explaining needs {error.name}: {install_extra('lab')}")
    except BlurprintError as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted", err=True)
        raise typer.Exit(130) from None
    if quiet:
        return
    typer.echo(block(report.to_dict(), folder, formats))
    for one in explanation.data["detectors"]:
        typer.echo(
            f"  {'Detector, ' + one['view']:<24}{one['weights']}: {one['output']:.2f} from 0 (real)"
            f" to 1 (fake), not calibrated; its parts miss the score by "
            f"{abs(one['completeness_error']):.2g} logits; {one['trained_on']}"
        )
        if one["seen_in_training"]:
            typer.echo(f"  {'':<24}{one['seen_in_training']}")


def _require_method(method: str | None) -> None:
    from blurprint.optics.methods import METHODS

    if method is not None and method not in METHODS:
        raise InputError(f'Expected --method among {", ".join(METHODS)}, but got "{method}"')


def _files(weights: Path, rgb_weights: Path | None, given: Mapping[str, Any]) -> list[DetectorFile]:
    from blurprint.lab.models.detector_file import DetectorFile

    files = [DetectorFile(weights, given)]
    if rgb_weights is not None:
        files.append(DetectorFile(rgb_weights, {**given, "model": "rgb"}))
    for file in files:
        file.config()
    return files


def _explanation(
    path: Path,
    files: list[DetectorFile],
    background: str | None,
    about_data: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Explanation:
    from blurprint.lab.datasets.seen import seen_before
    from blurprint.lab.studies.attribution import only_view
    from blurprint.lab.studies.explanation import explain_picture

    detectors = [(file, file.load()) for file in files]
    with usage_errors():
        files[0].require_agreement()
    for file, second in detectors[1:]:
        if only_view(second) != "rgb":
            raise InputError(
                f'{file.weights}: Expected a detector that sees "rgb", but this one sees '
                f'"{only_view(second)}"'
            )
    return explain_picture(
        path,
        detectors,
        None if background is None else _reals(background, files[0], about_data),
        seen=[seen_before(file.weights, path.read_bytes()) for file in files],
        **options,
    )


def _names_data(background: str | None) -> bool:
    """Whether a background is a data set, and no folder of pictures."""
    if background is None or Path(background).exists():
        return False
    return background == CARD or background.partition(":")[0] in LAYOUT_NAMES


def _reals(background: str, file: DetectorFile, about_data: Mapping[str, Any]) -> SampleTable:
    """Pictures of a folder, all taken as real, or the reals of a data set, read as in training."""
    from blurprint.cli.inputs import pictures_under
    from blurprint.lab.datasets.source import source_for
    from blurprint.lab.datasets.table import REAL, Sample, make_table

    if _names_data(background):
        data = None if background == CARD else (background,)
        source, notes = source_for(file.trained(), {"data": data, **about_data})
        reading = source.read()
        show_reading(reading)
        show_notes(notes)
        return reading.table
    return make_table(
        Sample(str(one), REAL, "real", str(one), "", str(one))
        for one in pictures_under(Path(background))
    )
