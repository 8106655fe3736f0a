"""Studies from a request to a page: data once, then each study as far as it is not yet there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from blurprint.lab.datasets.pairs import SORT, sample_groups, with_column
from blurprint.lab.datasets.read import Reading
from blurprint.lab.datasets.seen import require_unseen
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.maps import Maps, Progress, require_picture_rows
from blurprint.lab.measures.few_groups import counted
from blurprint.lab.models.detector_file import DetectorFile
from blurprint.lab.models.detectors import Detector
from blurprint.lab.studies.binary_mask import study_binary_mask
from blurprint.lab.studies.local_variance import study_local_variance
from blurprint.lab.studies.request import ATTRIBUTE, Request
from blurprint.lab.studies.study import Study
from blurprint.lab.studies.write import is_complete, write_page, write_study

Stepped = Callable[[str, int, int], None]
Detectors = Mapping[Path, Detector]


def narrowed(reading: Reading, request: Request, source: DataSource) -> tuple[Reading, list[str]]:
    """The rows that are studied, with the column to pair by, and what was left out.

    Raises:
        InputError: if there is no such column.
    """
    table, notes = reading.table, []
    column = request.pair_by
    if column not in (None, SORT) and column not in table.columns:
        table = with_column(table, source.data, str(column))
    if request.max_pictures is not None and len(table) > request.max_pictures:
        few = sample_groups(table, request.max_pictures, seed=request.seed)
        notes.append(
            f"Of {counted(len(table), 'picture')} of "
            f"{counted(table['group'].nunique(), 'group')}, {len(few):,} of "
            f"{counted(few['group'].nunique(), 'group')} were drawn (at most "
            f"{request.max_pictures:,}, seed {request.seed}); the others were left out"
        )
        table = few
    return replace(reading, table=table), notes


def load_detectors(request: Request, wanted: Sequence[str]) -> Detectors:
    """The detectors that the wanted studies look into, by their files.

    Raises:
        InputError: if a file is no detector, or the card of any that was named is broken.
    """
    files = {file.weights: file for one in wanted for file in request.detectors(one)}
    loaded = {path: file.load() for path, file in files.items()}
    for file in request.files():
        file.trained()
    return loaded


def run_studies(
    wanted: Sequence[str],
    request: Request,
    source: DataSource,
    reading: Reading,
    detectors: Detectors,
    *,
    notes: Sequence[str] = (),
    say: Callable[[str], None],
    stepped: Stepped,
) -> Path:
    """Run what is not complete yet, and write the page of all.

    Args:
        wanted: names of studies.
        request: what is asked.
        source: of the data.
        reading: of :func:`narrowed`.
        detectors: of :func:`load_detectors`.
        notes: what every study says of its data, a sentence each without its full stop.
        say: takes a line for the terminal.
        stepped: takes a name, and steps done and wanted.

    Returns:
        The page.

    Raises:
        InputError: if the data do not suit, or hold what a detector was trained on.
        PhotoError: if a picture cannot be read.
        OutputError: if a file cannot be written.
    """
    trained = {file.weights: file.trained() for one in wanted for file in request.detectors(one)}
    seen = {
        path: _seen(path, reading, request, stepped, trained.get(path) == source)
        for path in detectors
    }
    told = {
        path: [f"{path.name}: {text}" if len(detectors) > 1 else text for text in found]
        for path, found in seen.items()
    }
    for sentence in dict.fromkeys(text for one in told.values() for text in one):
        say(sentence)
    pictures = _fingerprint(reading.table)
    for one in wanted:
        files = request.detectors(one)
        of_one = [text for file in files for text in told[file.weights]]
        unnamed = [text for file in files for text in seen[file.weights]]
        settings = request.settings(one, source, pictures, unnamed)
        if not request.overwrite and is_complete(request.out, one, settings):
            say(f"{one}: complete, of the same settings; --overwrite repeats it")
            continue
        study = _study(one, request, reading.table, detectors, stepped)
        study = _with_notes(study, of_one, notes)
        say(f"{one}: {write_study(study, request.out, settings=settings)}")
    return write_page(request.out)


def _seen(
    path: Path, reading: Reading, request: Request, stepped: Stepped, same_data: bool
) -> list[str]:
    return require_unseen(
        path,
        reading,
        same_data=same_data,
        allow=request.allow_seen,
        workers=request.workers,
        progress=lambda done, wanted: stepped("compare with training", done, wanted),
    )


def _with_notes(study: Study, seen: Sequence[str], notes: Sequence[str]) -> Study:
    """`study` that begins with what was seen in training, and ends with how its data were read."""
    more: dict[str, Any] = {}
    if seen:
        more["seen_in_training"] = list(seen)
    if notes:
        more["notes"] = list(notes)
    ended = [f"{text}." for text in notes]
    return replace(study, words=(*seen, *study.words, *ended), summary={**study.summary, **more})


def _study(
    name: str, request: Request, table: SampleTable, detectors: Detectors, stepped: Stepped
) -> Study:
    def progress(done: int, wanted: int) -> None:
        stepped(name, done, wanted)

    files = request.detectors(name)
    if files:
        return _study_of_detector(name, request, table, files, detectors, progress)
    maps = Maps(request.maps, request.cache)
    require_picture_rows(table)
    if request.workers:
        maps.prepare(
            table["path"].astype(str),
            request.workers,
            lambda done, wanted: stepped("maps", done, wanted),
        )
    shared: dict[str, Any] = {
        "pair_by": request.pair_by,
        "seed": request.seed,
        "draws": request.draws,
        "progress": progress,
    }
    if name == "binary-mask":
        return study_binary_mask(table, maps, **shared)
    return study_local_variance(table, maps, border=request.border, **shared)


def _study_of_detector(
    name: str,
    request: Request,
    table: SampleTable,
    files: Sequence[DetectorFile],
    detectors: Detectors,
    progress: Progress,
) -> Study:
    detector, *others = (detectors[file.weights] for file in files)
    shared: dict[str, Any] = {
        "seed": request.seed,
        "draws": request.draws,
        "cache": request.cache,
        "progress": progress,
    }
    if name not in ATTRIBUTE:
        from blurprint.lab.studies.embedding import study_embedding

        return study_embedding(
            detector, table, umap=request.umap, workers=request.workers, **shared
        )
    colours = others[0] if others else None
    shared |= {
        "count": request.count,
        "samples": request.samples,
        "kept": request.out / "attributions",
    }
    if name == "shapley":
        from blurprint.lab.studies.shapley import study_shapley

        return study_shapley(detector, colours, table, **shared)
    from blurprint.lab.studies.alignment import study_alignment

    return study_alignment(detector, colours, table, pair_by=request.pair_by, **shared)


def _fingerprint(table: SampleTable) -> str:
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
