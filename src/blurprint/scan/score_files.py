"""The scores of many pictures: what became of each, and the table of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from blurprint.errors import OutputError
from blurprint.jobs import default_jobs
from blurprint.scan.analyze_files import in_processes
from blurprint.scan.inputs import Inputs
from blurprint.scan.interrupt import first_interrupt
from blurprint.scan.observer import Observer
from blurprint.scan.rows import Rows, row_without_results
from blurprint.scan.score_one import ScoreSettings, score_one
from blurprint.scan.settings import FAILED, SCORED, Job, Outcome
from blurprint.scan.table_file import write_table

REASONS_IN_WORDS: Final[Mapping[str, str]] = {
    "no_face": "no face",
    "doubtful": "may be no face",
    "too_small": "face too small",
    "too_little_measured": "blur measured in too little of the face",
    "compressed": "compressed too strongly",
    "not_calibrated": "size and compression not calibrated",
    "not_covered": "face unlike those of the training",
    "undecided": "between the thresholds",
    "not_stable": "label changes when the picture is passed on",
}
"""Those of :data:`blurprint.score.policy.REASONS`, for counts."""


@dataclass(frozen=True, slots=True)
class ScoreCounts:
    """What became of the pictures of a run.

    Attributes:
        pictures: number of pictures, failures included.
        labels: number of pictures of each label, "fake" and "real".
        unsure: number of pictures by the code of the reason.
        uncalibrated: number of pictures with a bare number and no label.
        failed: number of pictures, and of paths given beside pictures, that could not be read.
        unwritten: 1 if the table could not be written.
        stopped: whether Ctrl-C ended it early.
    """

    pictures: int
    labels: Mapping[str, int]
    unsure: Mapping[str, int]
    uncalibrated: int
    failed: int
    unwritten: int = 0
    stopped: bool = False

    @property
    def scored(self) -> int:
        """Number of pictures that were scored, "unsure" included."""
        return sum(self.labels.values()) + sum(self.unsure.values()) + self.uncalibrated

    def words(self) -> str:
        """All that in a sentence.

        >>> labels, unsure = {"fake": 1, "real": 2}, {"no_face": 3, "undecided": 1}
        >>> print(ScoreCounts(9, labels, unsure, uncalibrated=0, failed=1).words())
        9 pictures: 1 fake, 2 real, 4 unsure (3 no face, 1 between the thresholds), 1 unreadable,
        1 not reached.
        """
        parts = [
            f"{self.labels[name]:,} {name}" for name in ("fake", "real") if name in self.labels
        ]
        if self.unsure:
            codes = [code for code in REASONS_IN_WORDS if code in self.unsure]
            why = ", ".join(f"{self.unsure[code]:,} {REASONS_IN_WORDS[code]}" for code in codes)
            parts.append(f"{sum(self.unsure.values()):,} unsure ({why})")
        if self.uncalibrated:
            parts.append(f"{self.uncalibrated:,} with a number that is not calibrated")
        if self.failed:
            parts.append(f"{self.failed:,} unreadable")
        if missing := self.pictures - self.scored - self.failed:
            parts.append(f"{missing:,} not reached")
        pictures = f"{self.pictures:,} picture{'s' * (self.pictures != 1)}"
        return f"{pictures}: {', '.join(parts)}." if parts else f"{pictures}."


def score_files(
    inputs: Inputs,
    settings: ScoreSettings,
    observer: Observer | None = None,
    *,
    table: Path | None = None,
    jobs: int | None = None,
) -> ScoreCounts:
    """Score all pictures; one that cannot be read stops nothing.

    One picture is scored in this process, several in processes of their own; there the first Ctrl-C
    lets the pictures that are being scored finish, and the table is written. The document of each
    :class:`Outcome` is what its row in the table holds beside source, status and error.

    Args:
        inputs: of :func:`blurprint.scan.inputs.find_inputs`.
        settings: how each is scored.
        observer: receives the events.
        table: file for a row a picture; see :func:`blurprint.scan.table_file.check_table_file`.
        jobs: number of processes; None for as many as fit.

    Raises:
        KeyboardInterrupt: at Ctrl-C, where there is one picture.
    """
    with Rows() as rows:
        return _Run(inputs, settings, observer or Observer(), rows).run(table, jobs)


class _Run:
    """Goes through the pictures and counts what became of them."""

    def __init__(
        self, inputs: Inputs, settings: ScoreSettings, observer: Observer, rows: Rows
    ) -> None:
        self._inputs = inputs
        self._settings = settings
        self._observer = observer
        self._rows = rows
        self._labels: Counter[str] = Counter()
        self._unsure: Counter[str] = Counter()
        self._uncalibrated = self._failed = self._unwritten = 0
        self._stopped = False

    def run(self, table: Path | None, jobs: int | None) -> ScoreCounts:
        work = [
            Job(self._rows.expect(str(source.path)), source.path, source.path.name)
            for source in self._inputs.pictures
        ]
        for path, why in self._inputs.failures:
            self._failure(path, why, self._rows.expect(path))
        self._observer.accounted(self._inputs.account())
        if work:
            self._score(work, jobs)
        if table is not None:
            try:
                write_table(table, self._rows)
            except OutputError as error:
                self._unwritten = 1
                self._observer.not_written(str(error))
            else:
                self._observer.wrote("Table", table)
        return ScoreCounts(
            pictures=len(self._rows),
            labels=dict(self._labels),
            unsure=dict(self._unsure),
            uncalibrated=self._uncalibrated,
            failed=self._failed,
            unwritten=self._unwritten,
            stopped=self._stopped,
        )

    def _score(self, work: Sequence[Job], jobs: int | None) -> None:
        self._observer.progressed(0, len(work))
        try:
            for done, outcome in enumerate(self._outcomes(work, jobs), 1):
                self._take(outcome)
                self._observer.progressed(done, len(work))
        finally:
            self._observer.ended()

    def _outcomes(self, work: Sequence[Job], jobs: int | None) -> Iterator[Outcome]:
        if not self._inputs.several:
            yield from (score_one(self._settings, job) for job in work)
            return
        with first_interrupt(self._stop):
            yield from in_processes(
                partial(score_one, self._settings),
                work,
                jobs=jobs or default_jobs(),
                stopped=lambda: self._stopped,
            )

    def _stop(self) -> None:
        self._stopped = True
        self._observer.stopping()

    def _take(self, outcome: Outcome) -> None:
        job, found = outcome.job, outcome.document
        if outcome.status == FAILED:
            self._failure(str(job.path), outcome.error, job.index)
            return
        if "label" not in found:
            self._uncalibrated += 1
        elif found["label"] == "unsure":
            self._unsure[found["reason_code"]] += 1
        else:
            self._labels[found["label"]] += 1
        self._rows.put(job.index, {**row_without_results(str(job.path), SCORED), **found})
        self._observer.analysed(outcome, None)

    def _failure(self, path: str, why: str, index: int) -> None:
        self._failed += 1
        self._rows.put(index, row_without_results(path, FAILED, why))
        self._observer.failed(path, why)
