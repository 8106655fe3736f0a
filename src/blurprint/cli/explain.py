"""`blurprint explain`: a report of one picture with what a detector looked at in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.analyze import DEFAULT_MAX_SIDE, DEFAULT_OUT
from blurprint.cli.detector_options import Cache, Weights, fail, map_cache
from blurprint.cli.study_options import SAMPLES
from blurprint.errors import BlurprintError, InputError, OutputError

if TYPE_CHECKING:
    from blurprint.lab.datasets.table import SampleTable
    from blurprint.lab.models.detectors import Detector
    from blurprint.report.explanation import Explanation
    from blurprint.report.report import Report


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
    background: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Real pictures to compare to: a folder of them, or LAYOUT:PATH. Without it, maps "
            "of even blur, and for other detectors the picture itself, heavily blurred.",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(help="How the report's own map is estimated; the detector has its own.")
    ] = "net",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")] = DEFAULT_OUT,
    samples: Annotated[
        int, typer.Option(min=1, help="Gradients; more of them add up better and take longer.")
    ] = SAMPLES,
    backgrounds: Annotated[int, typer.Option(min=1, help="Pictures that it is compared to.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw of real pictures.")] = 0,
    max_side: Annotated[
        int,
        typer.Option(
            metavar="PIXELS",
            min=0,
            help="Reduce a larger picture to this longer side; 0 keeps the native size.",
        ),
    ] = DEFAULT_MAX_SIDE,
    cache: Cache = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier results.")
    ] = False,
) -> None:
    """Explain what a detector looked at in one picture (needs the extra lab).

    Writes DIR/NAME with report.html, report.json and defocus.npz as `analyze` does, with a section
    of the detector's attributions, and explanation.npz with the attributions themselves.
    """
    from blurprint.cli.summary import block
    from blurprint.report.write import FILE_NAMES, existing_results, write_report

    folder = out / (path.stem or path.name)
    formats = tuple(FILE_NAMES)
    try:
        earlier = existing_results(folder, formats)
        if earlier and not overwrite:
            raise OutputError(f"{earlier[0]}: exists already; --overwrite replaces it")
        report = _report(path, method, max_side)
        explanation = _explanation(
            path,
            weights,
            rgb_weights,
            background,
            samples=samples,
            backgrounds=backgrounds,
            seed=seed,
            cache=cache,
        )
        report = replace(report, explanation=explanation)
        write_report(report, folder, formats, overwrite=overwrite)
    except ImportError as error:
        fail(f"explaining needs {error.name}: pip install 'blurprint[lab]'")
    except BlurprintError as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted", err=True)
        raise typer.Exit(130) from None
    if quiet:
        return
    typer.echo(block(report, folder, formats))
    for one in explanation.data["detectors"]:
        typer.echo(
            f"  {'Detector, ' + one['view']:<24}{one['output']:.2f} from 0 (real) to 1 (fake), not "
            f"calibrated; its parts miss the score by {abs(one['completeness_error']):.2g} logits"
        )


def _report(path: Path, method: str, max_side: int) -> Report:
    from blurprint.analysis import analyze
    from blurprint.photo import read_photo

    return analyze(read_photo(path, max_side=max_side), method=method)


def _explanation(
    path: Path,
    weights: Path,
    rgb_weights: Path | None,
    background: str | None,
    *,
    samples: int,
    backgrounds: int,
    seed: int,
    cache: Path | None,
) -> Explanation:
    from blurprint.lab.models.detector_weights import load_detector
    from blurprint.lab.studies.attribution import only_view
    from blurprint.lab.studies.explanation import explain_picture

    detectors: list[Detector] = [load_detector(weights)]
    if rgb_weights is not None:
        second = load_detector(rgb_weights)
        if only_view(second) != "rgb":
            raise InputError(
                f'{rgb_weights}: Expected a detector that sees "rgb", but this one sees '
                f'"{only_view(second)}"'
            )
        detectors.append(second)
    return explain_picture(
        path,
        detectors,
        None if background is None else _reals(background),
        samples=samples,
        backgrounds=backgrounds,
        seed=seed,
        cache=map_cache(cache),
    )


def _reals(background: str) -> SampleTable:
    """Pictures of a folder, all taken as real, or the reals of a data set."""
    from blurprint.cli.data_options import LAYOUT_NAMES, notes_on_stderr, read_options
    from blurprint.cli.inputs import pictures_under
    from blurprint.lab.datasets.read import read_data
    from blurprint.lab.datasets.table import REAL, Sample, make_table

    if background.partition(":")[0] in LAYOUT_NAMES and not Path(background).exists():
        with notes_on_stderr():
            return read_data([background], read_options())
    return make_table(
        Sample(str(file), REAL, "real", str(file), "", str(file))
        for file in pictures_under(Path(background))
    )
