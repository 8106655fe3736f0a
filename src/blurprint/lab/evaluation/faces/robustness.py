"""Judge pairs of held-out people under every condition, and honest pictures as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.files import make_folder, write_atomic
from blurprint.lab.audit.file_facts import quality_of_file
from blurprint.lab.evaluation.faces.blur import FaceBlur, Measure, even_out, measured
from blurprint.lab.evaluation.faces.conditions import (
    AS_IT_IS,
    ATTACK,
    BLUR_MEASURED,
    CONDITIONS,
    Condition,
)
from blurprint.lab.evaluation.faces.judge import Verdict, Verdicts
from blurprint.lab.evaluation.faces.rows import PictureRow, Row, keep, kept
from blurprint.lab.evaluation.faces.spectrum import spectrum_of
from blurprint.lab.fakes.pairs import HELD_OUT, Recipe, Undelivered, draw_undelivered
from blurprint.lab.fakes.people import Person, read_rgb
from blurprint.lab.fakes.regenerate import Regenerator
from blurprint.score.calibration import LOSSLESS

CHUNK: Final = 10
"""Pairs, or pictures, that are kept at once."""
Each = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PairTest:
    """What is judged, and how.

    Attributes:
        people: held out; bases and donors.
        judge: the detector.
        recipes: of the fakes; pairs take them in turn.
        regenerator: for the recipes "remade" and "clone".
        seed: of all draws; a pair depends on it and its number alone.
        conditions: changes that every pair goes through.
        measure: blur of a face and its surround.
        pictures: folder for the pictures whose blur is measured; None to keep none.
    """

    people: Sequence[Person]
    judge: Verdicts
    recipes: tuple[Recipe, ...] = ("blend", "clone", HELD_OUT)
    regenerator: Regenerator | None = None
    seed: int = 0
    conditions: tuple[Condition, ...] = CONDITIONS
    measure: Measure = measured
    pictures: Path | None = None

    def __post_init__(self) -> None:
        if len({one.group for one in self.people}) < 2:
            raise InputError("Expected people of at least 2 groups: a base and a donor")
        if not self.recipes:
            raise InputError("Expected at least one recipe")

    def pair(self, number: int) -> list[Row]:
        """All rows of a pair."""
        rng = np.random.default_rng((self.seed, number))
        recipe = self.recipes[number % len(self.recipes)]
        place = int(rng.integers(len(self.people)))
        drawn = draw_undelivered(self.people, place, rng, recipe, self.regenerator)
        members = [_eight_bits(drawn.real), _eight_bits(drawn.fake)]
        group = self.people[place].group
        rows = []
        before: FaceBlur | None = None
        for order, condition in enumerate(self.conditions):
            for label, rgb in enumerate(members):
                noise = np.random.default_rng((self.seed, number, order, label))
                changed = condition.change(rgb, noise)
                face = drawn.face.scaled(changed.shape[1] / rgb.shape[1])
                blur = self._blur(changed, face, condition.name)
                if label == 1 and condition.name == AS_IT_IS:
                    before = blur
                verdict = self.judge(changed, face, condition.jpeg_quality)
                name = self._picture(number, condition.name, label, changed)
                difference = None if blur is None else blur.difference
                about = (number, group, recipe, condition.name, label)
                row = _row(about, verdict, face, difference, name)
                if condition.name in BLUR_MEASURED:
                    row = replace(row, spectrum=spectrum_of(changed, face))
                rows.append(row)
        rows.append(self._attacked(drawn, members[1], before, (number, group, recipe, ATTACK, 1)))
        return rows

    def _attacked(
        self,
        drawn: Undelivered,
        fake: RGB8,
        before: FaceBlur | None,
        about: tuple[int, str, str, str, int],
    ) -> Row:
        blur = self.measure(fake, drawn.face) if before is None else before
        evened = even_out(fake, drawn.face, drawn.mask, blur, self.measure)
        verdict = self.judge(evened.rgb, drawn.face, LOSSLESS)
        name = self._picture(about[0], ATTACK, 1, evened.rgb)
        row = _row(about, verdict, drawn.face, evened.difference, name)
        return replace(row, spectrum=spectrum_of(evened.rgb, drawn.face))

    def _blur(self, rgb: RGB8, face: Face, condition: str) -> FaceBlur | None:
        return self.measure(rgb, face) if condition in BLUR_MEASURED else None

    def _picture(self, number: int, condition: str, label: int, rgb: RGB8) -> str:
        """Keep a picture, where that is wanted; its name."""
        if self.pictures is None or condition not in BLUR_MEASURED:
            return ""
        name = picture_name(number, condition, label)
        _, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        write_atomic(self.pictures / name, data.tobytes())
        return name


def picture_name(number: int, condition: str, label: int) -> str:
    """Of the file that shows a member of a pair.

    >>> picture_name(7, "H.264 CRF 28", 1)
    '00007-H.264-CRF-28-fake.png'
    """
    return f"{number:05}-{condition.replace(' ', '-')}-{('real', 'fake')[label]}.png"


def judge_pairs(
    test: PairTest, count: int, folder: Path, *, workers: int = 1, each: Each | None = None
) -> list[Row]:
    """Rows of `count` pairs; those that lie in `folder` are not measured again.

    Args:
        test: what is judged.
        count: pairs.
        folder: for the rows, in parts of :data:`CHUNK` pairs.
        workers: threads; the rows are the same with any number.
        each: called with the number of pairs done and of all.

    Raises:
        InputError: if a part is damaged.
        OutputError: if the folder cannot be written.
    """
    if test.pictures is not None:
        make_folder(test.pictures)
    rows: list[Row] = []
    for first in range(0, count, CHUNK):
        last = min(first + CHUNK, count)
        file = folder / f"{first:05}-{last:05}.json"
        documents = kept(file)
        if documents is None:
            found = []
            with _threads(workers) as threads:
                for done, some in enumerate(threads.map(test.pair, range(first, last)), first + 1):
                    found += some
                    if each is not None:
                        each(done, count)
            keep(file, found)
        else:
            found = [Row(**{**one, "spectrum": tuple(one["spectrum"])}) for one in documents]
        rows += found
        if each is not None:
            each(last, count)
    return rows


def judge_pictures(
    judge: Verdicts,
    held_out: Sequence[Person],
    seen: Sequence[Person],
    folder: Path,
    *,
    seen_of_a_kind: int,
    seed: int = 0,
    workers: int = 1,
    each: Each | None = None,
) -> list[PictureRow]:
    """Judge honest pictures as they are: all of held-out people, some of a kind of the others.

    Args:
        judge: the detector.
        held_out: people whom training held out.
        seen: people of training.
        folder: for the rows, kept as those of :func:`judge_pairs`.
        seen_of_a_kind: most pictures of each kind of people of training, drawn.
        seed: of that draw.
        workers: threads.
        each: called with the number of pictures done and of all.

    Raises:
        InputError: if a part is damaged.
        OutputError: if the folder cannot be written.
    """
    order = np.random.default_rng(seed).permutation(len(seen))
    counts: dict[str, int] = {}
    chosen = []
    for place in order:
        kind = kind_of(seen[int(place)])
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= seen_of_a_kind:
            chosen.append(seen[int(place)])
    todo = [(one, False) for one in held_out] + [(one, True) for one in chosen]
    rows: list[PictureRow] = []
    for first in range(0, len(todo), CHUNK):
        last = min(first + CHUNK, len(todo))
        file = folder / f"{first:05}-{last:05}.json"
        documents = kept(file)
        if documents is None:
            with _threads(workers) as threads:
                found = list(threads.map(lambda one: _picture_row(judge, *one), todo[first:last]))
            keep(file, found)
        else:
            found = [PictureRow(**one) for one in documents]
        rows += found
        if each is not None:
            each(last, len(todo))
    return rows


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that do not begin what waits when something is raised, such as Ctrl-C."""
    threads = ThreadPoolExecutor(count)
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def kind_of(person: Person) -> str:
    """The kind that the manifest states of a picture, or else the name of its folder."""
    return person.kind or f"folder {person.path.parent.name}"


def _picture_row(judge: Verdicts, person: Person, seen: bool) -> PictureRow:
    quality = quality_of_file(person.path) or LOSSLESS
    verdict = judge(read_rgb(person.path), person.face, quality)
    return PictureRow(
        str(person.path),
        person.group,
        kind_of(person),
        seen,
        verdict.logit,
        verdict.log10_lr,
        verdict.label,
        verdict.reason,
        round(person.face.eye_distance, 1),
    )


def _row(
    about: tuple[int, str, str, str, int],
    verdict: Verdict,
    face: Face,
    blur: float | None,
    picture: str,
) -> Row:
    finite = None if blur is None or not np.isfinite(blur) else round(blur, 5)
    return Row(
        *about,
        verdict.logit,
        verdict.log10_lr,
        verdict.label,
        verdict.reason,
        round(face.eye_distance, 1),
        finite,
        picture,
        round(verdict.added, 5),
    )


def _eight_bits(rgb: np.ndarray) -> RGB8:
    return np.round(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
