"""`blurprint analyze`: pictures to reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.inputs import pictures_under, result_names
from blurprint.cli.progress import progress_bar
from blurprint.cli.summary import block, line
from blurprint.errors import BlurprintError, OutputError, PhotoError
from blurprint.limits import DEFAULT_MAX_PIXELS, DEFAULT_MAX_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blurprint.report.index import IndexEntry
    from blurprint.report.report import Report

DEFAULT_OUT = Path("blurprint-report")
FORMATS = ("html", "json", "npz")

_WAYS_ON = "--overwrite replaces it, --skip-existing keeps it"


def analyze(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Pictures, or folders of pictures.", show_default=False
        ),
    ],
    method: Annotated[
        str,
        typer.Option(
            help="How blur is read: net, net-int8 (faster), edge, paper or paper-release."
        ),
    ] = "net",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=f"Folder for the results. [default: {DEFAULT_OUT}; with --json: none]",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print report.json to standard output, a line a picture.")
    ] = False,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="Which files to write, by commas.")
    ] = ",".join(FORMATS),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    max_side: Annotated[
        int,
        typer.Option(
            metavar="PIXELS",
            help="Reduce larger pictures to this longer side; 0 keeps the native size.",
        ),
    ] = DEFAULT_MAX_SIDE,
    max_pixels: Annotated[
        float,
        typer.Option(
            metavar="MILLIONS", help="Refuse pictures that declare more pixels than this."
        ),
    ] = DEFAULT_MAX_PIXELS / 1e6,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier results.")
    ] = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Keep earlier results and go on after them.")
    ] = False,
) -> None:
    """Measure the blur of pictures and write a report for each.

    Every picture gets a folder DIR/NAME with report.html, report.json and defocus.npz. Exit status:
    0 all done, 1 some input failed (the others are done), 2 wrong usage, 130 interrupted.
    """
    options = _Options(
        method=_known_method(method),
        out=out if out is not None or as_json else DEFAULT_OUT,
        formats=_known_formats(formats),
        max_side=_valid_max_side(max_side),
        max_pixels=_valid_max_pixels(max_pixels),
        overwrite=overwrite,
        skip_existing=skip_existing,
    )
    run = _Run(options, as_json=as_json, quiet=quiet)
    try:
        run.all(paths)
    except KeyboardInterrupt:
        typer.echo(
            f"blurprint: interrupted after {run.done} pictures; --skip-existing goes on", err=True
        )
        raise typer.Exit(130) from None
    raise typer.Exit(1 if run.failed else 0)


@dataclass(frozen=True)
class _Options:
    method: str
    out: Path | None
    formats: tuple[str, ...]
    max_side: int
    max_pixels: int
    overwrite: bool
    skip_existing: bool


class _Run:
    """One call of the command: goes through the pictures and counts what became of them."""

    def __init__(self, options: _Options, *, as_json: bool, quiet: bool) -> None:
        self.options = options
        self.as_json = as_json
        self.quiet = quiet
        self.done = 0
        self.failed = 0

    def all(self, paths: Sequence[Path]) -> None:
        pictures = list(self._pictures(paths))
        many = len(pictures) > 1
        overview: list[IndexEntry] | None = None
        if many and self.options.out is not None and "html" in self.options.formats:
            overview = []
        show = many and not self.quiet
        with progress_bar(show=show, transient=True, terminal_only=True) as progress:
            bar = progress.add_task("", total=len(pictures))
            for picture, name in zip(pictures, result_names(pictures), strict=True):
                progress.update(bar, description=picture.name)
                try:
                    report = self._one(picture, name, brief=many)
                    if report is not None and overview is not None:
                        overview.append(report.index_entry(name))
                except BlurprintError as error:
                    self._fail(error)
                progress.advance(bar)
        if overview and self.options.out is not None:
            self._write_overview(overview, self.options.out)
        if many and not self.quiet and not self.as_json:
            typer.echo(f"{self.done} of {len(pictures)} pictures analysed.")

    def _pictures(self, paths: Sequence[Path]) -> Iterator[Path]:
        for path in paths:
            try:
                yield from pictures_under(path)
            except PhotoError as error:
                self._fail(error)

    def _one(self, picture: Path, name: str, *, brief: bool) -> Report | None:
        """Analyse one picture, write and print what was asked for; the report, old or new."""
        from blurprint.analysis import analyze as analyze_photo
        from blurprint.photo import read_photo
        from blurprint.report.write import existing_results, write_report

        options = self.options
        folder = options.out / name if options.out is not None else None
        earlier = existing_results(folder, options.formats) if folder is not None else []
        if earlier and options.skip_existing:
            return _earlier_report(picture, earlier, options)
        if earlier and not options.overwrite:
            raise OutputError(f"{earlier[0]}: exists already; {_WAYS_ON}")
        photo = read_photo(picture, max_side=options.max_side, max_pixels=options.max_pixels)
        report = analyze_photo(photo, method=options.method)
        if folder is not None:
            write_report(report, folder, options.formats, overwrite=options.overwrite)
        self.done += 1
        if self.as_json:
            typer.echo(json.dumps(report.to_dict(), allow_nan=False))
        elif not self.quiet:
            typer.echo(line(report, folder) if brief else block(report, folder, options.formats))
        return report

    def _write_overview(self, entries: Sequence[IndexEntry], out: Path) -> None:
        from blurprint.files import write_atomic
        from blurprint.report.index import render_index

        path = out / "index.html"
        try:
            if path.exists() and not (self.options.overwrite or self.options.skip_existing):
                raise OutputError(f"{path}: exists already; {_WAYS_ON}")
            write_atomic(path, render_index(entries).encode())
        except OutputError as error:
            self._fail(error)
            return
        if not self.quiet and not self.as_json:
            typer.echo(f"Overview: {path}")

    def _fail(self, error: BlurprintError) -> None:
        self.failed += 1
        typer.echo(f"blurprint: {error}", err=True)


def _earlier_report(picture: Path, files: Sequence[Path], options: _Options) -> Report | None:
    """The report that an earlier run left, as far as an overview needs it; None if it cannot be."""
    from blurprint.evidence.measure import measure_evidence
    from blurprint.optics.defocus_map import DefocusMap
    from blurprint.photo import read_photo
    from blurprint.report.report import Report
    from blurprint.score.score import NO_SCORE

    maps = [file for file in files if file.suffix == ".npz"]
    try:
        defocus = DefocusMap.load(maps[0])
        photo = read_photo(picture, max_side=max(defocus.shape), max_pixels=options.max_pixels)
    except (IndexError, OSError, BlurprintError):
        return None
    return Report(photo, defocus, measure_evidence(defocus), NO_SCORE)


def _known_method(method: str) -> str:
    from blurprint.optics.estimate import METHODS

    if method not in METHODS:
        raise typer.BadParameter(
            f'"{method}" is not one of {", ".join(METHODS)}', param_hint="'--method'"
        )
    return method


def _known_formats(formats: str) -> tuple[str, ...]:
    wanted = tuple(
        dict.fromkeys(word.strip().lower() for word in formats.split(",") if word.strip())
    )
    unknown = [word for word in wanted if word not in FORMATS]
    if unknown or not wanted:
        raise typer.BadParameter(
            f'expected some of {",".join(FORMATS)}, but got "{formats}"', param_hint="'--format'"
        )
    return wanted


def _valid_max_side(max_side: int) -> int:
    from blurprint.limits import MIN_SIDE

    if max_side != 0 and max_side < MIN_SIDE:
        raise typer.BadParameter(
            f"expected 0 or at least {MIN_SIDE}, but got {max_side}", param_hint="'--max-side'"
        )
    return max_side


def _valid_max_pixels(millions: float) -> int:
    if not 0 < millions <= 1e6:
        raise typer.BadParameter(
            f"expected a positive number of millions, but got {millions:g}",
            param_hint="'--max-pixels'",
        )
    return int(millions * 1e6)
