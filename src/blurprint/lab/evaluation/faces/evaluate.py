"""The whole evaluation in one call: from a folder of real faces to results, figures and a page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blurprint.errors import InputError
from blurprint.files import write_all
from blurprint.lab.evaluation.faces.ablation import ablate, added_scores
from blurprint.lab.evaluation.faces.condition_metrics import (
    condition_metrics,
    false_alarms,
    table_of,
    threshold_at,
    unsure_reasons,
)
from blurprint.lab.evaluation.faces.conditions import AS_IT_IS, ATTACK, CONDITIONS
from blurprint.lab.evaluation.faces.figures import alarm_figure, condition_figure
from blurprint.lab.evaluation.faces.held_out import people_of, sides_of
from blurprint.lab.evaluation.faces.judge import Judge
from blurprint.lab.evaluation.faces.page import MARKER, results_section
from blurprint.lab.evaluation.faces.results import Robustness, members_csv, results_json
from blurprint.lab.evaluation.faces.robustness import PairTest, judge_pairs, judge_pictures
from blurprint.lab.evaluation.faces.rows import PictureRow, Row, claim
from blurprint.lab.fakes.pairs import HELD_OUT, Recipe
from blurprint.lab.fakes.people import Person
from blurprint.lab.fakes.regenerate import Regenerator
from blurprint.lab.fakes.store import VERSION
from blurprint.lab.pages.results_page import check_page, update_page

Shown = Callable[[str, int, int], None]
RESULTS = "results.json"
MEMBERS = "members.csv"
PICTURES = "pictures"
SECTION = "results.md"


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted.

    Attributes:
        faces: folder of pictures of real faces.
        out: folder for results.
        pairs: number of pairs.
        seed: of all draws.
        autoencoders: folder of the autoencoders of the recipe "remade"; None for none.
        seen_of_a_kind: most pictures of each kind of people of training to judge; 0 for none.
        pictures: keep the pictures whose blur is measured, for other detectors to score.
        add: files of further scores by name.
        allow_seen: test also where the people are not those of the training.
        draws: resamples behind the intervals.
        page: whose section is replaced; None for none.
        workers: threads that judge.
    """

    faces: Path
    out: Path
    pairs: int = 300
    seed: int = 0
    autoencoders: Path | None = None
    seen_of_a_kind: int = 40
    pictures: bool = False
    add: Mapping[str, Path] | None = None
    allow_seen: bool = False
    draws: int = 1000
    page: Path | None = None
    workers: int = 1


def evaluate_robustness(
    judge: Judge, request: Request, *, shown: Shown | None = None
) -> Robustness:
    """Judge, count and write; what lies in the folder of results is not measured again.

    Writes ``results.json``, ``results.md``, ``members.csv`` and the figures to ``request.out``, and
    the section of the page.

    Args:
        judge: the detector.
        request: what is wanted.
        shown: called with a step of the work, what is done of it, and all of it.

    Raises:
        InputError: if the folder of faces does not fit the card, the folder of results holds
            others, an added file does not fit, or the page has no place for the section.
        OutputError: if a file cannot be written.
    """
    show = shown or (lambda step, done, of: None)
    if request.page is not None:
        check_page(request.page, MARKER)
    people = people_of(
        request.faces, request.out, each=lambda done, of: show("find faces", done, of)
    )
    sides = sides_of(people.faces, judge.card, allow_seen=request.allow_seen)
    models = _autoencoders(request.autoencoders)
    recipes: tuple[Recipe, ...] = ("blend", *(("remade",) if models else ()), "clone", HELD_OUT)
    settings = {
        "network": judge.sha256,
        "people": _people_sha256([*sides.held_out, *sides.seen]),
        "held out": len(sides.held_out),
        "seed": request.seed,
        "recipes": list(recipes),
        "recipe version": VERSION,
        "autoencoders": [hashlib.sha256(model).hexdigest()[:12] for model in models],
        "conditions": [one.name for one in CONDITIONS],
        "seen of a kind": request.seen_of_a_kind,
        "pictures": request.pictures,
    }
    claim(request.out, settings)
    test = PairTest(
        sides.held_out,
        judge.judge,
        recipes,
        Regenerator(models) if models else None,
        request.seed,
        pictures=request.out / PICTURES if request.pictures else None,
    )
    rows = judge_pairs(
        test,
        request.pairs,
        request.out / "rows",
        workers=request.workers,
        each=lambda done, of: show("judge pairs", done, of),
    )
    honest = judge_pictures(
        judge.judge,
        sides.held_out,
        sides.seen,
        request.out / "honest",
        seen_of_a_kind=request.seen_of_a_kind,
        seed=request.seed,
        workers=request.workers,
        each=lambda done, of: show("judge honest pictures", done, of),
    )
    notes = [*sides.notes, *people.notes, *_NOTES]
    if not models:
        notes.append(_NO_REMADE)
    found = summarise(
        judge,
        rows,
        honest,
        request.add or {},
        draws=request.draws,
        seed=request.seed,
        settings={**settings, "pairs": request.pairs},
        notes=notes,
    )
    _write(found, rows, request)
    return found


_NOTES = (
    "Fakes are pseudo-fakes: a face pasted over a real one. They are not swaps of the wild, of "
    "which detectors find fewer.",
    "The place of a face is that of the real picture, in every condition; how well faces are found "
    "is not tested.",
    "A face is judged as one whose blur is measured everywhere: the limit on that is not applied.",
)
_NO_REMADE = 'Without --autoencoders there is no recipe "remade", a face made by a network.'


def summarise(
    judge: Judge,
    rows: Sequence[Row],
    honest: Sequence[PictureRow],
    add: Mapping[str, Path],
    *,
    draws: int,
    seed: int,
    settings: Mapping[str, object],
    notes: Sequence[str],
) -> Robustness:
    """From rows to results; arguments as of :class:`Request` and :class:`Robustness`."""
    table = table_of(rows)
    conditions, recipes = condition_metrics(table, judge.fake_above, draws=draws, seed=seed)
    added = {name: added_scores(file, rows) for name, file in add.items()}
    return Robustness(
        judge.name,
        judge.sha256,
        conditions,
        recipes,
        unsure_reasons(rows),
        false_alarms(honest, threshold_at(table, 0.05)),
        ablate(rows, added, draws=draws, seed=seed),
        (_median(rows, AS_IT_IS), _median(rows, ATTACK)),
        judge.fake_above is not None,
        settings,
        tuple(notes),
    )


def _median(rows: Sequence[Row], condition: str) -> float:
    sizes = [
        abs(row.blur)
        for row in rows
        if row.condition == condition and row.label == 1 and row.blur is not None
    ]
    return float(np.median(sizes)) if sizes else float("nan")


def _people_sha256(people: Sequence[Person]) -> str:
    lines = [f"{one.path.name} {one.group} {one.face.eye_distance:.2f}" for one in people]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _autoencoders(folder: Path | None) -> tuple[bytes, ...]:
    if folder is None:
        return ()
    files = sorted(folder.glob("*.onnx"))
    if not files:
        raise InputError(f"{folder}: Expected autoencoders (*.onnx), as `train face` leaves them")
    return tuple(file.read_bytes() for file in files)


def _write(found: Robustness, rows: Sequence[Row], request: Request) -> None:
    figures = [condition_figure(found)]
    if any(found.alarms.values()):
        figures.append(alarm_figure(found))
    section = results_section(found, figures)
    files = {request.out / f"{figure.name}.svg": figure.svg for figure in figures}
    write_all(
        {
            **files,
            **{request.out / f"{figure.name}.png": figure.png for figure in figures},
            request.out / RESULTS: results_json(found).encode(),
            request.out / MEMBERS: members_csv(rows).encode("utf-8", "surrogateescape"),
            request.out / SECTION: f"{section}\n".encode(),
        }
    )
    if request.page is not None:
        update_page(request.page, section, figures=list(files), name=MARKER)
