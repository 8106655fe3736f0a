"""`blurprint study ...`: the paper's analyses, each beside what chance gives. Needs "lab"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from blurprint.cli.data_options import (
    Compression,
    FakeType,
    Frames,
    Label,
    Part,
    Split,
    SplitSeed,
    show_notes,
    show_reading,
    source_options,
)
from blurprint.cli.detector_options import Cache, fail, map_cache
from blurprint.cli.progress import Bars
from blurprint.cli.pth_options import Backbone, Estimator, Fit, Model, Normalisation, Size, Variant
from blurprint.cli.study_options import (
    COUNT,
    SAMPLES,
    UMAP,
    AllowSeen,
    BorderRule,
    Count,
    Data,
    DetectorFile,
    Draws,
    MaxPictures,
    Out,
    Overwrite,
    Page,
    PairBy,
    RGBFile,
    Samples,
    Seed,
    Workers,
)
from blurprint.cli.usage import usage_errors
from blurprint.errors import BlurprintError, InputError, install_extra

if TYPE_CHECKING:
    from blurprint.lab.studies.request import Request

app = typer.Typer(
    name="study",
    help="Study what the blur maps of fakes and reals show (needs the extra lab).",
    no_args_is_help=True,
)

_COMMANDS = {
    "binary-mask": "Where the maps of a fake and its real differ, beside where those of two reals "
    "do.",
    "local-variance": "How uneven the blur of fakes and of reals is, and what the difference is "
    "worth.",
    "embedding": "How a detector arranges fakes and reals, drawn and measured (needs --weights).",
    "shapley": "Which pixels a detector's score rests on (needs --weights).",
    "alignment": "How much blur the pixels have that a detector rests on (needs --weights).",
    "all": "All of these, as far as there is what they need, and one page.",
}
STUDIES: Final = tuple(name for name in _COMMANDS if name != "all")


def _add_command(name: str) -> None:
    """All studies take the same options, so that one line of them serves all."""

    def command(
        out: Out,
        data: Data = None,
        weights: DetectorFile = None,
        rgb_weights: RGBFile = None,
        samples: Samples = SAMPLES,
        count: Count = COUNT,
        umap: UMAP = False,
        model: Model = None,
        backbone: Backbone = None,
        estimator: Estimator = None,
        size: Size = None,
        variant: Variant = None,
        normalisation: Normalisation = None,
        fit: Fit = None,
        border: BorderRule = "inside",
        part: Part = "test",
        split: Split = None,
        split_seed: SplitSeed = None,
        fake_type: FakeType = None,
        label: Label = None,
        compression: Compression = None,
        frames: Frames = None,
        pair_by: PairBy = None,
        max_pictures: MaxPictures = None,
        draws: Draws = 1000,
        seed: Seed = 0,
        workers: Workers = 1,
        cache: Cache = None,
        allow_seen: AllowSeen = False,
        overwrite: Overwrite = False,
        page: Page = None,
    ) -> None:
        given = {
            "model": model,
            "backbone": backbone,
            "estimator": estimator,
            "size": size,
            "variant": variant,
            "normalisation": normalisation,
            "fit": fit,
        }
        with usage_errors():
            asked = source_options(data, split, split_seed, compression, frames, fake_type, label)
        with _lab_errors():
            request = _request(
                given,
                weights,
                rgb_weights,
                {
                    "out": out,
                    "asked": asked,
                    "part": part,
                    "border": border,
                    "pair_by": pair_by,
                    "max_pictures": max_pictures,
                    "samples": samples,
                    "count": count,
                    "umap": umap,
                    "draws": draws,
                    "seed": seed,
                    "workers": workers,
                    "cache": map_cache(cache),
                    "overwrite": overwrite,
                    "allow_seen": allow_seen,
                },
            )
            _run(name, request, page)

    app.command(name, help=_COMMANDS[name])(command)


for _name in _COMMANDS:
    _add_command(_name)


def _request(
    given: dict[str, Any], weights: Path | None, rgb_weights: Path | None, rest: dict[str, Any]
) -> Request:
    """The options as the studies take them; wrong ones end with status 2."""
    from blurprint.evidence.variance_map import BORDERS
    from blurprint.lab.datasets.read import parse_specification
    from blurprint.lab.datasets.source import DataSource
    from blurprint.lab.datasets.table import SPLITS
    from blurprint.lab.loading.pictures import ViewOptions
    from blurprint.lab.models.detector_file import DetectorFile as File
    from blurprint.lab.studies.request import Request

    with usage_errors():
        for option, value, known in (
            ("--border", rest["border"], BORDERS),
            ("--part", rest["part"], (*SPLITS, "all")),
        ):
            if value not in known:
                raise InputError(f'Expected {option} among {", ".join(known)}, but got "{value}"')
        asked = {name: value for name, value in rest["asked"].items() if value is not None}
        for specification in asked.get("data", ()):
            parse_specification(specification)
        DataSource(**{"data": (), **asked}).options()
        named = {
            name: given[name] for name in ("estimator", "size", "fit") if given[name] is not None
        }
        file = None if weights is None else File(weights, given)
        colours = None if rgb_weights is None else File(rgb_weights, given | {"model": "rgb"})
        for one in (file, colours):
            if one is not None:
                one.config()
        return Request(maps=ViewOptions(**named), weights=file, rgb_weights=colours, **rest)


def _run(name: str, request: Request, page: Path | None) -> None:
    from blurprint.lab.studies.request import NEED_WEIGHTS, wanted_studies
    from blurprint.lab.studies.results import write_results
    from blurprint.lab.studies.run import load_detectors, narrowed, run_studies

    with usage_errors():
        wanted = wanted_studies(name, request)
        for one in set(STUDIES if name == "all" else ()) - set(wanted):
            typer.echo(f"{one}: left out, it needs --weights FILE", err=True)
    detectors = load_detectors(request, wanted)
    for file in (request.weights, request.rgb_weights):
        if file is not None:
            file.trained()
    with usage_errors():
        # Of "all", these options are about the maps of the other studies as well.
        shared = ("estimator", "size", "fit") if name not in NEED_WEIGHTS else ()
        first = request.weights
        if first is not None and first.weights in detectors:
            first.require_agreement(shared)
        source, notes = request.source()
    reading = source.read(request.part)
    show_reading(reading)
    source = source.settled(reading.account).anchored()
    reading, more = narrowed(reading, request, source)
    show_notes([*notes, *more])
    with Bars() as bars:
        shown = run_studies(
            *(wanted, request, source, reading, detectors, [*notes, *more]),
            say=bars.say,
            stepped=bars.show,
        )
    if page is not None:
        write_results(request.out, page)
    typer.echo(f"Page: {shown}")


@contextmanager
def _lab_errors() -> Iterator[None]:
    """Within it, errors end with one line and status 1, an interrupt with 130."""
    try:
        yield
    except BlurprintError as error:
        fail(str(error))
    except ImportError as error:
        fail(f"studies need {error.name}: {install_extra('lab')}")
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted; the same command goes on", err=True)
        raise typer.Exit(130) from None
