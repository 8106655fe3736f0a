"""`blurprint study ...`: the paper's analyses, each beside what chance gives. Needs "lab"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from blurprint.cli.data_options import DataOptions, FakeType, Part, show_notes, show_reading
from blurprint.cli.detector_options import Cache, map_cache
from blurprint.cli.manners import command_errors, usage_errors
from blurprint.cli.option_groups import grouped
from blurprint.cli.progress import Bars
from blurprint.cli.pth_options import PthOptions
from blurprint.cli.study_options import Data, DetectorWeights, Page, RGBWeights, StudyOptions

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

    @grouped
    @command_errors("studying", interrupted="the same command goes on")
    def command(
        *,
        data: Data = None,
        weights: DetectorWeights = None,
        rgb_weights: RGBWeights = None,
        how: StudyOptions,
        described: PthOptions,
        part: Part = "test",
        read: DataOptions,
        fake_type: FakeType = None,
        cache: Cache = None,
        page: Page = None,
    ) -> None:
        from blurprint.lab.studies.request import make_request

        with usage_errors():
            request = make_request(
                described.given(),
                weights=weights,
                rgb_weights=rgb_weights,
                asked=read.asked(data, fake_type),
                part=part,
                cache=map_cache(cache),
                **how.given(),
            )
        _run(name, request, page)

    app.command(name, help=_COMMANDS[name])(command)


for _name in _COMMANDS:
    _add_command(_name)


def _run(name: str, request: Request, page: Path | None) -> None:
    from blurprint.lab.studies.request import wanted_studies
    from blurprint.lab.studies.results import write_results
    from blurprint.lab.studies.run import load_detectors, narrowed, run_studies

    with usage_errors():
        wanted = wanted_studies(name, request)
    for one in STUDIES if name == "all" else ():
        if one not in wanted:
            typer.echo(f"{one}: left out, it needs --weights FILE", err=True)
    detectors = load_detectors(request, wanted)
    with usage_errors():
        request.require_agreement(name, detectors)
        source, notes = request.source()
    reading = source.read(request.part)
    show_reading(reading)
    source = source.settled(reading.account).anchored()
    reading, more = narrowed(reading, request, source)
    notes = [*notes, *more]
    show_notes(notes)
    with Bars() as bars:
        shown = run_studies(
            *(wanted, request, source, reading, detectors),
            notes=notes,
            say=bars.say,
            stepped=bars.show,
        )
    if page is not None:
        write_results(request.out, page)
    typer.echo(f"Page: {shown}")
