"""`blurprint explain`: a report of one picture with what a detector looked at in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.analyze_options import DEFAULT_OUT, Quiet
from blurprint.cli.complete import methods
from blurprint.cli.data_options import DataOptions, show_notes
from blurprint.cli.detector_options import Cache, Weights, map_cache
from blurprint.cli.explain_options import ComparedTo
from blurprint.cli.manners import RESULTS_LAST, command_errors, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.pth_options import PthOptions
from blurprint.errors import InputError
from blurprint.limits import DEFAULT_MAX_SIDE

if TYPE_CHECKING:
    from blurprint.lab.models.detector_file import DetectorFile
    from blurprint.lab.models.detectors import Detector


@grouped
@command_errors("explaining", interrupted=RESULTS_LAST)
def explain(
    *,
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
    described: PthOptions,
    compared: ComparedTo,
    read: DataOptions,
    method: Annotated[
        str | None,
        typer.Option(
            help="How the report's own map is estimated; the detector has its own. [default: that "
            "of the report that is there, or net]",
            show_default=False,
            autocompletion=methods,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")] = DEFAULT_OUT,
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
    quiet: Quiet = False,
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
    from blurprint.lab.datasets.seen import seen_before
    from blurprint.lab.models.detector_file import DetectorFile
    from blurprint.lab.studies.background import CARD, background_pictures, names_data
    from blurprint.lab.studies.explanation import explain_picture
    from blurprint.optics.methods import METHODS
    from blurprint.photos.photo import picture_bytes
    from blurprint.report.write import FILE_NAMES, write_report
    from blurprint.scan.report_there import report_there

    folder, formats = out / (path.stem or path.name), tuple(FILE_NAMES)
    with usage_errors():
        if method is not None and method not in METHODS:
            raise InputError(f'Expected --method among {", ".join(METHODS)}, but got "{method}"')
        asked = {name: value for name, value in read.asked(None).items() if value is not None}
        files = [DetectorFile(weights, described.given())]
        if rgb_weights is not None:
            files.append(DetectorFile(rgb_weights, described.given() | {"model": "rgb"}))
        for file in files:
            file.config()
        if asked and not names_data(compared.background):
            raise InputError(
                f"Expected --background LAYOUT:PATH or {CARD} beside options on data "
                f"({', '.join(asked)})"
            )
    data = picture_bytes(path)
    report, photo = report_there(
        data, path, folder, method=method, max_side=max_side, overwrite=overwrite
    )
    detectors = _loaded(files)
    reals = None
    if compared.background is not None:
        background = background_pictures(compared.background, files[0], asked)
        for line in background.lines:
            typer.echo(line, err=True)
        show_notes(background.notes)
        reals = background.table
    explanation = explain_picture(
        photo,
        detectors,
        reals=reals,
        samples=compared.samples,
        backgrounds=compared.backgrounds,
        seed=compared.seed,
        cache=map_cache(cache),
        seen=[seen_before(file.weights, data) for file in files],
    )
    report = replace(report, explanation=explanation)
    write_report(report, folder, formats=formats, overwrite=True)
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


def _loaded(files: list[DetectorFile]) -> list[tuple[DetectorFile, Detector]]:
    from blurprint.lab.studies.attribution import only_view

    detectors = [(file, file.load()) for file in files]
    with usage_errors():
        files[0].require_agreement()
    for file, second in detectors[1:]:
        if only_view(second) != "rgb":
            raise InputError(
                f'{file.weights}: Expected a detector that sees "rgb", but this one sees '
                f'"{only_view(second)}"'
            )
    return detectors
