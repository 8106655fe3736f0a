"""`blurprint study ...`: the paper's analyses, each beside what chance gives. Needs "lab"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from blurprint.cli.data_options import (
    Compression,
    Data,
    FakeType,
    Frames,
    Part,
    Split,
    notes_on_stderr,
    read_options,
)
from blurprint.cli.detector_options import Cache, fail, map_cache
from blurprint.cli.progress import Bars
from blurprint.errors import BlurprintError, InputError

if TYPE_CHECKING:
    from blurprint.lab.studies.study import Study

SAMPLES = 100
"""Gradients a picture, as `explain` takes them."""
COUNT = 50

app = typer.Typer(
    name="study",
    help="Study what the blur maps of fakes and reals show (needs the extra lab).",
    no_args_is_help=True,
)

Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for all results.")]
Estimator = Annotated[
    str,
    typer.Option("--estimator", help="Of the map: paper, paper-release, edge, net, net-int8."),
]
Size = Annotated[int, typer.Option("--size", help="Side of the maps, px.")]
Fit = Annotated[str, typer.Option("--fit", help="How pictures become square: squash or crop.")]
PairBy = Annotated[
    str | None,
    typer.Option(
        "--pair-by",
        metavar="COLUMN",
        help="What makes a pair: a column of the data's table, or `sort` for the order of all "
        "paths, as the paper does; without it, names of files and clips.",
        show_default=False,
    ),
]
MaxPictures = Annotated[
    int | None,
    typer.Option(
        "--max-pictures",
        metavar="N",
        min=2,
        help="Draw whole groups by the seed, up to so many pictures.",
        show_default=False,
    ),
]
Draws = Annotated[int, typer.Option("--draws", min=10, help="Of the bootstrap over groups.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of all draws.")]
Workers = Annotated[
    int, typer.Option("--workers", min=0, help="Processes that compute maps; 0 for none.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Repeat what --out holds already.")]
Page = Annotated[
    Path | None,
    typer.Option(
        "--page",
        metavar="FILE",
        help="Markdown with two lines <!-- results -->, between which the results are put.",
        hidden=True,
    ),
]
DetectorFile = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="FILE",
        help="A detector: .safetensors of `blurprint train detector`.",
        show_default=False,
    ),
]
RGBFile = Annotated[
    Path | None,
    typer.Option(
        "--rgb-weights",
        metavar="FILE",
        help="A detector that sees colours, beside that of --weights, for shapley and alignment.",
        show_default=False,
    ),
]
Samples = Annotated[
    int, typer.Option("--samples", min=1, help="Gradients a picture, for shapley and alignment.")
]
Count = Annotated[
    int,
    typer.Option(
        "--count", min=1, help="Pictures that shapley explains, and pairs that alignment does."
    ),
]
UMAP = Annotated[
    bool, typer.Option("--umap", help="Draw UMAP as well (needs the extra umap), for embedding.")
]


@dataclass(frozen=True, slots=True)
class Request:
    """What the options of a study say; see the options for what each is."""

    data: list[str]
    out: Path
    part: str
    split: str | None
    fake_type: list[str]
    compression: str | None
    frames: int | None
    estimator: str
    size: int
    fit: str
    pair_by: str | None
    max_pictures: int | None
    draws: int
    seed: int
    workers: int
    cache: Path | None
    overwrite: bool
    weights: Path | None = None
    rgb_weights: Path | None = None
    samples: int = SAMPLES
    count: int = COUNT
    umap: bool = False

    def settings(self, study: str, pictures: str) -> dict[str, Any]:
        """What the result of a study depends on; `pictures` is a digest of them."""
        out = asdict(self) | {"pictures": pictures}
        of_others = {"out", "workers", "cache", "overwrite"}
        if study not in NEED_WEIGHTS:
            of_others |= {"weights", "rgb_weights"}
        else:
            of_others |= {"estimator", "size", "fit"}  # the detector has its own
        if study != "embedding":
            of_others |= {"umap"}
        if study not in ATTRIBUTE:
            of_others |= {"rgb_weights", "samples", "count"}
        if study in ("embedding", "shapley"):
            of_others |= {"pair_by"}
        for name in of_others:
            del out[name]
        for name in ("weights", "rgb_weights"):
            if (file := out.get(name)) is not None:
                out |= {name: str(file), f"{name}_sha256": _digest(file)}
        return {name: value for name, value in out.items() if value not in (None, [], False)}


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
STUDIES = tuple(name for name in _COMMANDS if name != "all")
ATTRIBUTE = frozenset({"shapley", "alignment"})
NEED_WEIGHTS = ATTRIBUTE | {"embedding"}


def _add_command(name: str) -> None:
    """All studies take the same options, so that one line of them serves all."""

    def command(
        data: Data,
        out: Out,
        weights: DetectorFile = None,
        rgb_weights: RGBFile = None,
        samples: Samples = SAMPLES,
        count: Count = COUNT,
        umap: UMAP = False,
        estimator: Estimator = "paper",
        size: Size = 299,
        fit: Fit = "squash",
        part: Part = "test",
        split: Split = None,
        fake_type: FakeType = None,
        compression: Compression = None,
        frames: Frames = None,
        pair_by: PairBy = None,
        max_pictures: MaxPictures = None,
        draws: Draws = 1000,
        seed: Seed = 0,
        workers: Workers = 1,
        cache: Cache = None,
        overwrite: Overwrite = False,
        page: Page = None,
    ) -> None:
        request = Request(
            data=data,
            out=out,
            weights=weights,
            rgb_weights=rgb_weights,
            samples=samples,
            count=count,
            umap=umap,
            estimator=estimator,
            size=size,
            fit=fit,
            part=part,
            split=split,
            fake_type=fake_type or [],
            compression=compression,
            frames=frames,
            pair_by=pair_by,
            max_pictures=max_pictures,
            draws=draws,
            seed=seed,
            workers=workers,
            cache=cache,
            overwrite=overwrite,
        )
        _run(name, request, page)

    app.command(name, help=_COMMANDS[name])(command)


for _name in _COMMANDS:
    _add_command(_name)


def _run(name: str, request: Request, page: Path | None) -> None:
    try:
        from blurprint.lab.studies.results import write_results
        from blurprint.lab.studies.write import is_complete, write_page, write_study
    except ImportError as error:
        fail(f"studies need {error.name}: pip install 'blurprint[lab]'")
    wanted = STUDIES if name == "all" else (name,)
    try:
        if request.weights is None:
            if name in NEED_WEIGHTS:
                raise InputError(f"Expected --weights FILE, for {name} looks into a detector")
            for one in NEED_WEIGHTS.intersection(wanted):
                typer.echo(f"{one}: left out, it needs --weights FILE", err=True)
            wanted = tuple(one for one in wanted if one not in NEED_WEIGHTS)
        with notes_on_stderr():
            table = _read(request)
        pictures = _fingerprint(table)
        with Bars() as bars:
            for one in wanted:
                settings = request.settings(one, pictures)
                if not request.overwrite and is_complete(request.out, one, settings):
                    bars.say(f"{one}: complete, of the same settings; --overwrite repeats it")
                    continue
                study = _study(one, request, table, bars)
                bars.say(f"{one}: {write_study(study, request.out, settings=settings)}")
        shown = write_page(request.out)
        if page is not None:
            write_results(request.out, page)
    except BlurprintError as error:
        fail(str(error))
    except ImportError as error:
        fail(f"studies need {error.name}: pip install 'blurprint[lab]'")
    except KeyboardInterrupt:
        typer.echo("blurprint: interrupted; the same command goes on", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"Page: {shown}")


def _read(request: Request) -> Any:
    """The table of the data: the part, the column to pair by, and so many groups as are wanted."""
    from blurprint.lab.datasets.read import read_data
    from blurprint.lab.studies.pairs import SORT, sample_groups, with_column

    options = read_options(request.split, request.compression, request.frames)
    table = read_data(request.data, options, part=request.part, fake_types=request.fake_type)
    column = request.pair_by
    if column not in (None, SORT) and column not in table.columns:
        table = with_column(table, request.data, column)
    if request.max_pictures is not None:
        table = sample_groups(table, request.max_pictures, seed=request.seed)
    return table


def _study(name: str, request: Request, table: Any, bars: Bars) -> Study:
    def progress(done: int, wanted: int) -> None:
        bars.show(name, done, wanted)

    if request.weights is not None and name in NEED_WEIGHTS:
        return _study_of_detector(name, request, request.weights, table, progress)
    from blurprint.lab.datasets.pictures import ViewOptions
    from blurprint.lab.studies.binary_mask import study_binary_mask
    from blurprint.lab.studies.local_variance import study_local_variance
    from blurprint.lab.studies.maps import Maps, require_pictures

    fit = cast(Any, request.fit)  # checked there
    options = ViewOptions(size=request.size, fit=fit, estimator=request.estimator)
    maps = Maps(options, map_cache(request.cache))
    require_pictures(table)
    if request.workers:
        maps.prepare(
            table["path"].astype(str),
            request.workers,
            lambda done, wanted: bars.show("maps", done, wanted),
        )
    run = study_binary_mask if name == "binary-mask" else study_local_variance
    return run(
        table,
        maps,
        pair_by=request.pair_by,
        seed=request.seed,
        draws=request.draws,
        progress=progress,
    )


def _study_of_detector(
    name: str,
    request: Request,
    weights: Path,
    table: Any,
    progress: Callable[[int, int], None],
) -> Study:
    from blurprint.lab.models.detector_weights import load_detector

    detector = load_detector(weights)
    cache = map_cache(request.cache)
    if name == "embedding":
        from blurprint.lab.studies.embedding import study_embedding

        return study_embedding(
            detector,
            table,
            cache=cache,
            seed=request.seed,
            umap=request.umap,
            draws=request.draws,
            workers=request.workers,
            progress=progress,
        )
    colours = None if request.rgb_weights is None else load_detector(request.rgb_weights)
    shared: dict[str, Any] = {
        "count": request.count,
        "samples": request.samples,
        "seed": request.seed,
        "draws": request.draws,
        "cache": cache,
        "kept": request.out / "attributions",
        "progress": progress,
    }
    if name == "shapley":
        from blurprint.lab.studies.shapley import study_shapley

        return study_shapley(detector, colours, table, **shared)
    from blurprint.lab.studies.alignment import study_alignment

    return study_alignment(detector, colours, table, pair_by=request.pair_by, **shared)


def _fingerprint(table: Any) -> str:
    """Of the rows and of the files' sizes and times, so that a changed data set is noticed."""
    digest = hashlib.sha256()
    for row in table.itertuples(index=False):
        try:
            facts = Path(row.path).stat()
            state = (facts.st_size, facts.st_mtime_ns)
        except OSError:
            state = (0, 0)
        digest.update(repr((*map(str, row), *state)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error
